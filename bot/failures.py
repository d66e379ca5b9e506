"""How the command line speaks of failures: one line that says what to do, on stderr, and never a secret."""

import errno
import traceback

import typer

from bot.logs import Redaction
from bot.sandbox.errors import WorldError
from bot.settings import Settings, SettingsError, read_settings
from storage.database import DatabaseError


class Failure(Exception):
    """A problem that the person at the terminal can solve; the text is one line that says how."""


def say(text: str) -> None:
    """Prints a line of a report."""
    typer.echo(_redacted(text))


def complain(text: str) -> None:
    """Prints what is wrong on stderr."""
    typer.echo(_redacted(f"hearthbot: {text}"), err=True)


def explain(error: Exception) -> None:
    """Says what went wrong: in a line when the person can solve it, else with the traceback, for a report."""
    if isinstance(error, (Failure, DatabaseError, SettingsError, WorldError)):
        complain(str(error))
    elif isinstance(error, OSError) and error.filename is not None:
        complain(_about_file(error))
    else:
        complain("".join(traceback.format_exception(error)) + "This is a mistake in Hearthbot: please report it.")


def of_serving(error: OSError, settings: Settings) -> Failure:
    """What to do about a server that cannot start, or a file that it cannot read."""
    where = f"port {settings.http_port} on {settings.http_host}"
    if error.errno == errno.EADDRINUSE:
        return Failure(f"{where} is in use: stop the other program or set HTTP_PORT")
    if error.filename is None:
        return Failure(f"{where} cannot be used ({error.strerror or error}): set HTTP_HOST and HTTP_PORT")
    return Failure(_about_file(error))


def _about_file(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}: check the name and the rights"


def _redacted(text: str) -> str:
    try:
        secrets = read_settings().secrets
    except Exception:  # whatever is wrong with the settings, the complaint itself must come out
        secrets = ()
    return Redaction(secrets)(text)

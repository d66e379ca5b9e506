"""The command line. Heavy imports happen inside the commands, so that `hearthbot --help` answers at once."""

import asyncio
import errno
import sys
import traceback
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Literal

import typer
from typer.exceptions import TyperException

from bot.settings import Settings, SettingsError, read_settings

WELL, PROBLEM, WRONG_USE = 0, 1, 2
"""Exit codes."""

Existing = Annotated[Path | None, typer.Option("--world", exists=True, dir_okay=False, help="Another world than the demo.")]

commands = typer.Typer(
    name="hearthbot",
    help="A self-hosted bot that keeps group chats alive.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Failure(Exception):
    """A problem that the person at the terminal can solve; the text is one line that says how."""


def main() -> None:
    """Runs one command and exits with its code; whatever fails is said in one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a terminal may not know the letters
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: Sequence[str]) -> int:
    """The exit code of a command line."""
    try:
        return commands(list(arguments), prog_name="hearthbot", standalone_mode=False) or WELL
    except TyperException as error:
        _complain(f"{error.format_message()} Try: hearthbot --help")
        return WRONG_USE
    except SettingsError as error:
        _complain(str(error))
        return WRONG_USE
    except Exception as error:
        return _explain(error)


@commands.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """A self-hosted bot that keeps group chats alive. Without a command it runs."""
    if show_version:
        typer.echo(f"hearthbot {version('hearthbot')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        run()


@commands.command()
def run() -> None:
    """Run the bot: on Telegram when BOT_TOKEN is set, else in the sandbox."""
    from bot import app

    settings = _settings()
    _serve(settings, lambda: app.run(settings))


@commands.command()
def sandbox(
    world: Existing = None,
    serve_only: Annotated[
        bool, typer.Option("--serve-only", help="Only the Bot API server and the page, without the bot.")
    ] = False,
) -> None:
    """Play on this machine, whatever the settings say about Telegram."""
    from bot import app

    settings = _settings()
    if serve_only:
        _serve(settings, lambda: app.serve_sandbox(settings, world))
    else:
        _serve(settings, lambda: app.run(settings, sandbox_world=world, always_sandbox=True))


@commands.command()
def doctor() -> None:
    """Check settings, database, clock, and the bot's rights in its groups."""
    from bot.doctor import Doctor, Finding, summary
    from bot.services.clock import system_clock

    async def examine() -> list[Finding]:
        findings = []
        async for finding in Doctor(settings, system_clock).findings():
            findings.append(finding)
            _say(f"{finding.kind.upper():<8}{finding.text}", settings)
        return findings

    settings = _settings()
    findings = asyncio.run(examine())
    _say(summary(findings), settings)
    _exit_if(any(finding.kind == "problem" for finding in findings))


@commands.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from storage.backups import embedded_file
    from storage.database import open_database
    from storage.migrate import migrate, newest_revision

    async def open_and_close() -> None:
        await (await open_database(url)).close()

    url = _database_url(_settings())
    if embedded_file(url):
        asyncio.run(open_and_close())  # the embedded one is locked meanwhile, and migrated by being opened
    else:
        migrate(url)
    typer.echo(f"The database has the newest schema ({newest_revision()}).")


@commands.command()
def audit() -> None:
    """Prove the ledger: balances against entries, streaks and counts against check-ins."""
    from bot.services.audits import Audit
    from bot.services.audits import audit as prove
    from storage.database import Database

    async def examine(database: Database) -> Audit:
        return await prove(database)

    settings = _settings()
    found = asyncio.run(_reading(settings, examine))
    for line in [*found.proved, *(f"DIFFERENCE  {difference}" for difference in found.differences)]:
        _say(line, settings)
    _say(f"{len(found.differences)} differences" if found.differences else "No differences.", settings)
    _exit_if(bool(found.differences))


@commands.command()
def backup(file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")]) -> None:
    """Copy the embedded database, also while the bot runs."""
    from storage.backups import back_up

    size = back_up(_database_url(_settings()), file)
    typer.echo(f"{file}: {size:,} bytes, checked.")


@commands.command()
def restore(file: Annotated[Path, typer.Argument(help="A file that `hearthbot backup` made.")]) -> None:
    """Put a backup in the place of the embedded database; the bot must be stopped."""
    from storage.backups import restore

    kept = restore(_database_url(_settings()), file, datetime.now(UTC))
    typer.echo(f"Restored from {file}." + (f" The former database is kept as {kept}." if kept else ""))


@commands.command()
def export(
    what: Annotated[Literal["members", "points"], typer.Argument(metavar="WHAT", help="members or points.")],
    format: Annotated[Literal["csv", "xlsx"], typer.Option("--format", help="The kind of file.")] = "csv",  # noqa: A002
    group: Annotated[str | None, typer.Option("--group", help="A group's title or chat id; all without it.")] = None,
    output: Annotated[Path | None, typer.Option("--output", dir_okay=False, help="The file to write.")] = None,
) -> None:
    """Write members or points for a spreadsheet; CSV goes to the terminal without --output."""
    from bot.services.clock import system_clock
    from bot.services.exports import CsvFile, ExportService, NoSuchGroup, XlsxFile, groups_named
    from bot.services.groups import GroupService
    from storage.database import Database

    if format == "xlsx" and output is None:
        raise typer.BadParameter("XLSX needs a file: add --output FILE.")
    settings = _settings()

    async def write(database: Database) -> int:
        defaults = {"timezone": settings.timezone, "language": settings.locale}
        groups = await GroupService(database, system_clock, defaults).all()
        try:
            groups = groups_named(groups, group) if group else groups
        except NoSuchGroup as error:
            raise typer.BadParameter(f"{error}.", param_hint="--group") from None
        with _opened(output) as file:
            sink = CsvFile(file) if format == "csv" else XlsxFile(file)
            return await ExportService(database).export(what, groups, sink, system_clock())

    rows = asyncio.run(_reading(settings, write))
    typer.echo(f"{rows} rows written{f' to {output}' if output else ''}.", err=output is None)

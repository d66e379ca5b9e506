"""The command line. Heavy imports happen inside the commands, so that `hearthbot --help` answers at once."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer
from typer.exceptions import TyperException

from bot.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from bot.playbooks.checking import Checked

T = TypeVar("T")

WELL, PROBLEM, WRONG_USE = 0, 1, 2
"""Exit codes."""

commands = typer.Typer(
    name="hearthbot",
    help="A self-hosted bot that keeps group chats alive.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Runs one command and exits with its code; whatever fails is said in one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a terminal may not know the letters
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: Sequence[str]) -> int:
    """The exit code of a command line."""
    try:
        return commands(list(arguments), prog_name="hearthbot", standalone_mode=False) or WELL
    except Exception as error:
        from bot.failures import complain, explain

        if isinstance(error, TyperException):
            complain(" ".join(f"{error.format_message()} Try: hearthbot --help".split()))
        else:
            explain(error)
        return WRONG_USE if isinstance(error, (TyperException, SettingsError)) else PROBLEM


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
    world: Annotated[
        Path | None, typer.Option("--world", exists=True, dir_okay=False, help="Another world than the demo.")
    ] = None,
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
    from bot.failures import say
    from bot.services.clock import system_clock

    async def examine() -> list[Finding]:
        findings = []
        async for finding in Doctor(settings, system_clock).findings():
            findings.append(finding)
            say(f"{finding.kind.upper():<8}{finding.text}")
        return findings

    settings = _settings()
    findings = asyncio.run(examine())
    say(summary(findings))
    _exit_if(any(finding.kind == "problem" for finding in findings))


@commands.command()
def check(
    path: Annotated[
        Path | None, typer.Argument(exists=True, help="A playbook or FAQ file, or their directory; else PLAYBOOKS_DIR.")
    ] = None,
) -> None:
    """Check playbooks and FAQ files; every mistake is one line: file, line, column, and what is wrong."""
    from bot.playbooks.checking import check as check_files

    _report(check_files(path or _settings().playbooks_dir))


@commands.command()
def rehearse(
    path: Annotated[
        Path | None, typer.Argument(exists=True, help="A playbook or a directory of them; else PLAYBOOKS_DIR.")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The first day, as 2026-11-24; today without it.")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=92, help="How many days.")] = 1,
    group: Annotated[str | None, typer.Option("--group", help="A group's title or chat id; all without it.")] = None,
    groups: Annotated[
        int, typer.Option("--groups", min=1, max=10_000, help="How many sample groups, where there are no real ones.")
    ] = 3,
    format: Annotated[Literal["text", "json", "html"], typer.Option("--format", help="The kind of output.")] = "text",  # noqa: A002
    output: Annotated[Path | None, typer.Option("--output", dir_okay=False, help="The file to write.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if there are warnings.")] = False,
) -> None:
    """Play playbooks on a virtual clock, and show every message; nothing is sent."""
    from bot.playbooks.checking import check as check_files
    from bot.rehearsing import NotRehearsed, Wish, rehearsed, written

    settings = _settings()
    checked = check_files(path or settings.playbooks_dir)
    if checked.mistakes:
        _report(checked)
    try:
        with _explained():
            found = asyncio.run(rehearsed(settings, checked.playbooks, Wish(first, days, group, groups)))
    except NotRehearsed as error:
        raise typer.BadParameter(f"{error}.", param_hint=error.option) from None
    said = written(found, format, sys.stdout if output is None else None)
    if output is None:
        typer.echo(said, nl=False)
    else:
        output.write_text(said, "utf-8")
        typer.echo(
            f"Rehearsed: {len(found.posts)} posts, {len(found.warnings)} warnings, written to {output}.", err=True
        )
    _exit_if(strict and any(not warned.is_note for warned in found.warnings))


@commands.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from storage import migrate as migrations
    from storage.backups import embedded_file
    from storage.database import open_database

    async def open_and_close() -> None:
        await (await open_database(url)).close()

    url = _database_url(_settings())
    if embedded_file(url):
        asyncio.run(open_and_close())  # the embedded one is locked meanwhile, and migrated by being opened
    else:
        migrations.migrate(url)
    typer.echo(f"The database has the newest schema ({migrations.newest_revision()}).")


@commands.command()
def audit() -> None:
    """Prove the ledger: balances against entries, streaks and counts against check-ins."""
    from bot.failures import say
    from bot.services import audits

    found = asyncio.run(_on_database(_settings(), audits.audit))
    for line in [*found.proved, *(f"DIFFERENCE  {difference}" for difference in found.differences)]:
        say(line)
    say(f"{len(found.differences)} differences" if found.differences else "No differences.")
    _exit_if(bool(found.differences))


@commands.command()
def verify(
    proof: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, metavar="PROOF.json", help="A published proof.")
    ],
) -> None:
    """Replay a lottery's draw from its published proof; no database is needed."""
    from bot.domain import proofs
    from bot.failures import say
    from bot.services.beacons import is_signed

    try:
        document = proofs.read_proof(proof.read_text("utf-8"))
        wrong = proofs.verify(document, is_signed)
    except (proofs.NotAProof, UnicodeDecodeError) as error:
        document, wrong = None, [str(error)]
    for line in [f"DIFFERENCE  {difference}" for difference in wrong] or proofs.summary(document):
        say(line)
    _exit_if(bool(wrong))


@commands.command()
def backup(file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")]) -> None:
    """Copy the embedded database, also while the bot runs."""
    from storage.backups import back_up

    size = back_up(_database_url(_settings()), file)
    typer.echo(f"{file}: {size:,} bytes, checked.")


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file that `hearthbot backup` made.")],
) -> None:
    """Put a backup in the place of the embedded database; the bot must be stopped."""
    from storage import backups

    kept = backups.restore(_database_url(_settings()), file, datetime.now(UTC))
    typer.echo(f"Restored from {file}." + (f" The former database is kept as {kept}." if kept else ""))


@commands.command()
def export(
    what: Annotated[
        Literal["members", "points", "invites", "faq"],
        typer.Argument(metavar="WHAT", help="members, points, invites or faq."),
    ],
    format: Annotated[  # noqa: A002
        Literal["csv", "xlsx", "yaml"], typer.Option("--format", help="The kind of file; YAML is for faq.")
    ] = "csv",
    group: Annotated[str | None, typer.Option("--group", help="A group's title or chat id; all without it.")] = None,
    output: Annotated[Path | None, typer.Option("--output", dir_okay=False, help="The file to write.")] = None,
) -> None:
    """Write members, points, invites or FAQ entries for a spreadsheet; without --output to the terminal."""
    from bot import porting

    if format == "xlsx" and output is None:
        raise typer.BadParameter("XLSX needs a file: add --output FILE.")
    if format == "yaml" and what != "faq":
        raise typer.BadParameter(f"YAML is for faq alone: write {what} as csv or xlsx.", param_hint="--format")
    settings = _settings()
    with _explained():
        rows = asyncio.run(_on_database(settings, lambda db: porting.export(db, settings, what, format, group, output)))
    typer.echo(f"{rows} rows written{f' to {output}' if output else ''}.", err=output is None)


@commands.command("import")
def import_(
    what: Annotated[Literal["faq"], typer.Argument(metavar="WHAT", help="faq.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV, XLSX or YAML file.")],
    group: Annotated[
        str | None, typer.Option("--group", help="The group that gets it all, by title or chat id.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Delete what these groups have and the file does not.")
    ] = False,
) -> None:
    """Bring FAQ entries from a file into groups, also while the bot runs: all, or none if there is a mistake."""
    from bot import porting
    from bot.failures import Failure, say

    if file.suffix not in {".csv", ".xlsx", ".yaml", ".yml"}:
        raise typer.BadParameter(f"{file} must end in .csv, .xlsx or .yaml.", param_hint="FILE")
    settings = _settings()
    source = porting.Source(file, group, replace)
    try:
        with _explained():
            lines = asyncio.run(
                _on_database(settings, lambda db: porting.import_faq(db, settings, source), changes=True)
            )
    except porting.NotImported as error:
        for mistake in error.mistakes:
            say(str(mistake))
        raise Failure(
            f"mistakes: {len(error.mistakes)}; nothing was imported: correct them, and import again"
        ) from None
    for line in lines:
        say(line)


@contextmanager
def _explained() -> Iterator[None]:
    """Says which groups there are when the option names none of them, and what no file can hold."""
    from bot.domain.groups import NoSuchGroup
    from bot.failures import Failure
    from bot.services.exports import TooLong

    try:
        yield
    except NoSuchGroup as error:
        raise typer.BadParameter(f"{error}.", param_hint="--group") from None
    except TooLong as error:
        raise Failure(str(error)) from None


def _report(checked: "Checked") -> None:
    """Says what is wrong with files, and exits if anything is."""
    from bot.failures import say

    for mistake in checked.mistakes:
        say(str(mistake))
    say(f"Mistakes: {len(checked.mistakes)}." if checked.mistakes else checked.summary)
    _exit_if(bool(checked.mistakes))


async def _on_database(
    settings: Settings, work: Callable[[Any], Coroutine[Any, Any, T]], *, changes: bool = False
) -> T:
    """What the work makes of the database, also while the bot runs; without `changes` it can only read."""
    from storage.backups import require_database
    from storage.database import open_beside, open_database

    url = _database_url(settings)
    require_database(url)
    database = await (open_beside(url) if changes else open_database(url, read_only=True))
    try:
        return await work(database)
    finally:
        await database.close()


def _serve(settings: Settings, serving: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs until a signal. Ctrl-C is the usual end, not a failure."""
    from bot.failures import of_serving
    from bot.logs import set_up_logging

    set_up_logging(settings)
    try:
        asyncio.run(serving())
    except KeyboardInterrupt:
        return
    except OSError as error:
        raise of_serving(error, settings) from error


def _settings() -> Settings:
    try:
        return read_settings()
    except UnicodeDecodeError:
        raise SettingsError(".env: must be UTF-8 text; save it again as UTF-8") from None


def _database_url(settings: Settings) -> str:
    return settings.database_url.get_secret_value()


def _exit_if(is_problem: bool) -> None:
    if is_problem:
        raise typer.Exit(PROBLEM)


if __name__ == "__main__":
    main()

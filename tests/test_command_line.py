import csv
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from storage.database import lock_file
from tests.conftest import run_sql

FAIR_DRAWS = Path(__file__).parent.parent / "docs/fair-draws.md"

Command = Callable[..., subprocess.CompletedProcess[str]]
SETTINGS = {"BOT_TOKEN", "DATABASE_URL", "HTTP_PORT", "LOG_LEVEL", "TIMEZONE", "WEBHOOK_URL", "PLAYBOOKS_DIR"}


@pytest.fixture
def home(tmp_path: Path, migrated_file: Path) -> Path:
    """A directory as an operator has it: with the default settings, and a database in its place."""
    (tmp_path / "data").mkdir()
    shutil.copyfile(migrated_file, tmp_path / "data" / "hearthbot.db")
    return tmp_path


@pytest.fixture
def hearthbot(home: Path) -> Command:
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot", *arguments]
        return subprocess.run(
            command, cwd=home, env=clean | environment, capture_output=True, text=True, encoding="utf-8", timeout=60
        )

    return run


@pytest.fixture
def running(home: Path) -> Iterator[None]:
    """Holds what a running bot holds."""
    lock = lock_file(make_url(f"sqlite:///{home}/data/hearthbot.db"))
    yield
    lock.release()


def _complaint(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line on stderr."""
    [line] = done.stderr.splitlines()
    assert done.returncode == code
    assert line.startswith("hearthbot: ")
    return line.removeprefix("hearthbot: ")


def test_the_version_is_the_package_s(hearthbot: Command) -> None:
    done = hearthbot("--version")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("hearthbot 0.")


@pytest.mark.parametrize(
    "arguments", [["nope"], ["--nope"], ["export"], ["export", "cakes"], ["backup"], ["audit", "x"]]
)
def test_a_wrong_use_is_answered_in_one_line(hearthbot: Command, arguments: list[str]) -> None:
    assert _complaint(hearthbot(*arguments), 2).endswith("Try: hearthbot --help")


def test_a_wrong_setting_is_named(hearthbot: Command) -> None:
    assert _complaint(hearthbot("audit", TIMEZONE="Mars/Olympus"), 2).startswith("TIMEZONE: 'Mars/Olympus' is not")


def test_settings_in_another_encoding_are_told(hearthbot: Command, home: Path) -> None:
    (home / ".env").write_bytes("PLAYBOOKS_DIR=剧本".encode("gbk"))

    assert _complaint(hearthbot("audit"), 2) == ".env: must be UTF-8 text; save it again as UTF-8"


def test_a_proof_is_verified_without_a_database(hearthbot: Command, tmp_path: Path) -> None:
    documented = re.findall(r"```json\n(.*?)```", FAIR_DRAWS.read_text("utf-8"), re.DOTALL)
    proof = tmp_path / "proof.json"
    proof.write_text(documented[0], "utf-8")
    (tmp_path / "data" / "hearthbot.db").unlink()

    done = hearthbot("verify", "proof.json")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].startswith("commitment, told at the opening: 292e6b2d")
    assert done.stdout.splitlines()[-1] == "Everything fits: 5 entrants, 3 winners, 1 redraw."


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ('"292e6b2d', '"292e6b2e', "commitment: 292e6b2e"),
        ('"Tea"', '"Toa"', "commitment: 292e6b2d"),
        ("{", "", "not a JSON document"),
        ("Tea", "\udce4", "'utf-8' codec can't decode"),
    ],
)
def test_what_does_not_fit_in_a_proof_is_named(
    hearthbot: Command, tmp_path: Path, before: str, after: str, found: str
) -> None:
    documented = re.findall(r"```json\n(.*?)```", FAIR_DRAWS.read_text("utf-8"), re.DOTALL)
    changed = documented[0].replace(before, after, 1).encode("utf-8", "surrogateescape")
    (tmp_path / "proof.json").write_bytes(changed)

    done = hearthbot("verify", "proof.json")

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(f"DIFFERENCE  {found}")


def test_no_command_but_run_needs_the_chat_library() -> None:
    program = (
        "import sys; from bot.__main__ import run_command; run_command(['doctor']); print('aiogram' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

    assert done.stdout.splitlines()[-1] == "False"


def test_a_missing_database_is_not_made_by_looking(hearthbot: Command, home: Path) -> None:
    done = hearthbot("audit", DATABASE_URL="sqlite+aiosqlite:///none.db")

    assert _complaint(done, 1) == "none.db does not exist: check DATABASE_URL, or start the bot once to create it"
    assert not (home / "none.db").exists()


def test_migrating_makes_the_database(hearthbot: Command, home: Path) -> None:
    done = hearthbot("migrate", DATABASE_URL="sqlite+aiosqlite:///fresh/bot.db")

    assert (done.returncode, done.stderr) == (0, "")
    assert "has the newest schema" in done.stdout
    assert (home / "fresh" / "bot.db").exists()


@pytest.mark.usefixtures("running")
def test_a_second_process_is_refused(hearthbot: Command) -> None:
    complaint = "data/hearthbot.db is in use by another Hearthbot process: stop that one first"

    assert _complaint(hearthbot("migrate"), 1) == complaint


@pytest.mark.usefixtures("running")
def test_reading_and_backing_up_go_on_while_the_bot_runs(hearthbot: Command) -> None:
    assert hearthbot("audit").returncode == 0
    assert hearthbot("export", "members").returncode == 0
    assert hearthbot("backup", "copy.db").returncode == 0
    assert "in use by another" in _complaint(hearthbot("restore", "copy.db"), 1)


def test_a_port_in_use_is_told_with_the_way_out(hearthbot: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = hearthbot("sandbox", "--serve-only", HTTP_PORT=port)

    assert _complaint(done, 1) == f"port {port} on 127.0.0.1 is in use: stop the other program or set HTTP_PORT"


def test_a_world_that_is_not_there_is_a_wrong_use(hearthbot: Command) -> None:
    assert "'none.yaml' does not exist" in _complaint(hearthbot("sandbox", "--world", "none.yaml"), 2)


def test_an_audit_says_what_it_proved(hearthbot: Command) -> None:
    done = hearthbot("audit")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "ledger: compared 0 balances with 0 entries"
    assert done.stdout.splitlines()[-1] == "No differences."


def test_an_audit_fails_on_a_difference(hearthbot: Command, home: Path) -> None:
    _add_group(home)
    run_sql(f"sqlite:///{home}/data/hearthbot.db", "INSERT INTO wallets VALUES (1, 7, 'points', 5, 5, 0)")
    done = hearthbot("audit")

    assert (done.returncode, done.stderr) == (1, "")
    assert "DIFFERENCE  balance: wallet 1, user 7: 5 points, its entries add up to 0" in done.stdout.splitlines()
    assert done.stdout.splitlines()[-1] == "1 differences"


def test_a_backup_comes_back(hearthbot: Command, home: Path) -> None:
    assert hearthbot("backup", "copy.db").stdout.startswith("copy.db: ")
    _add_group(home)
    done = hearthbot("restore", "copy.db")

    assert (done.returncode, done.stderr) == (0, "")
    assert "The former database is kept as data/hearthbot.db.before-restore-" in done.stdout
    assert _groups(home / "data" / "hearthbot.db") == 0
    assert [_groups(kept) for kept in (home / "data").glob("*.before-restore-*Z")] == [1]


def test_a_backup_file_that_is_not_there_is_a_wrong_use(hearthbot: Command) -> None:
    assert "'nothing.db' does not exist" in _complaint(hearthbot("restore", "nothing.db"), 2)


def test_a_server_is_not_backed_up_here(hearthbot: Command) -> None:
    done = hearthbot("backup", "copy.db", DATABASE_URL="postgresql+psycopg://me:hush@127.0.0.1/hearth")

    assert _complaint(done, 1).endswith("on a PostgreSQL server: use pg_dump")


def test_a_server_out_of_reach_is_told_without_its_password(hearthbot: Command) -> None:
    done = hearthbot("audit", DATABASE_URL="postgresql+psycopg://me:hush@127.0.0.1:1/hearth")

    assert done.returncode == 1
    assert "hush" not in done.stderr
    assert "Traceback" not in done.stderr


def test_an_export_goes_to_the_terminal_or_to_a_file(hearthbot: Command, home: Path) -> None:
    _add_group(home)
    written = hearthbot("export", "members")
    assert next(csv.reader([written.stdout.removeprefix("\ufeff")]))[:3] == ["group_id", "group", "user_id"]
    assert written.stderr == "0 rows written.\n"

    assert hearthbot("export", "points", "--format", "xlsx", "--output", "p.xlsx").returncode == 0
    assert (home / "p.xlsx").read_bytes().startswith(b"PK")


def test_an_export_says_what_it_lacks(hearthbot: Command, home: Path) -> None:
    _add_group(home)

    assert "XLSX needs a file" in _complaint(hearthbot("export", "points", "--format", "xlsx"), 2)
    assert "known: -1001 (Tea house)" in _complaint(hearthbot("export", "points", "--group", "Nowhere"), 2)
    assert _complaint(hearthbot("export", "points", "--output", "none/p.csv"), 1).startswith("none/p.csv: No such file")


def test_the_doctor_ends_with_a_summary(hearthbot: Command) -> None:
    done = hearthbot("doctor", BOT_TOKEN="42:hush-hush", BOT_API_URL="http://127.0.0.1:1")

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1] == "1 problem found"
    assert "hush-hush" not in done.stdout


def _add_group(home: Path) -> None:
    run_sql(
        f"sqlite:///{home}/data/hearthbot.db",
        "INSERT INTO groups (id, chat_id, title, created_at, presence_changed_at) VALUES (1, -1001, 'Tea house', 0, 0)",
    )


def _groups(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM groups").fetchone()[0])


def test_a_check_finds_every_mistake(hearthbot: Command, home: Path) -> None:
    folder = home / "playbooks" / "faq"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text(
        "entries:\n- {name: a, keywords: [ab], answers: [x], hours: 9}\n- {name: b}\n", "utf-8"
    )

    done = hearthbot("check")

    assert done.returncode == 1
    assert [line.rpartition(": ")[0] for line in done.stdout.splitlines()[:-1]] == [
        "playbooks/faq/a.yaml:2:50",
        "playbooks/faq/a.yaml:3:3",
        "playbooks/faq/a.yaml:3:3",
    ]


@pytest.mark.parametrize(("name", "content"), [("tips.csv", "name\nTea\n"), ("tips.yaml", "# Tips\n- Drink tea.\n")])
def test_a_library_is_checked_with_its_playbooks(hearthbot: Command, home: Path, name: str, content: str) -> None:
    (home / name).write_text(content, "utf-8")

    done = hearthbot("check", name)

    told = "this is a library; check the directory of the playbooks that take from it"
    assert (done.returncode, done.stdout) == (1, f"{name}:1:1: {told}\nMistakes: 1.\n")


def test_a_check_of_the_wrong_directory_does_not_pass(hearthbot: Command, home: Path) -> None:
    (home / "notes").mkdir()

    done = hearthbot("check", "notes")

    told = "here is no playbook and no faq/ with answers; name the directory that has them"
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, f"notes:1:1: {told}")


def test_a_check_without_mistakes_says_what_it_read(hearthbot: Command, home: Path) -> None:
    (home / "a.yaml").write_text("entries:\n- {name: a, keywords: [ab], answers: [x]}\n", "utf-8")

    done = hearthbot("check", "a.yaml")

    assert (done.returncode, done.stdout) == (0, "No mistakes. Playbooks: 0, steps: 0. FAQ files: 1, entries: 1.\n")


PLAYBOOK = """\
name: Day
steps:
  - id: morning
    at: "09:00"
    do:
      - send: {text: "Good <b>morning</b>, {{ group.title }}!", buttons: [[{text: Check in, do: checkin}]]}
"""


@pytest.fixture
def playbooks(home: Path) -> Path:
    (home / "playbooks").mkdir()
    (home / "playbooks" / "day.yaml").write_text(PLAYBOOK, "utf-8")
    return home / "playbooks"


@pytest.mark.usefixtures("playbooks", "running")
def test_a_rehearsal_shows_the_day_of_the_groups_also_while_the_bot_runs(hearthbot: Command, home: Path) -> None:
    url = make_url(f"sqlite:///{home}/data/hearthbot.db")
    added = "INSERT INTO groups (chat_id, title, created_at, presence_changed_at) VALUES (-5, '茶馆', 0, 0)"
    run_sql(str(url), added)

    done = hearthbot("rehearse", "--from", "2026-11-24", "--days", "2")

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "Rehearsal of 24 November to 25 November 2026: 1 playbook, 1 group, 2 posts. Nothing was sent."
    assert lines[2].startswith("Tuesday, 24 November 2026 ")
    assert lines[3:6] == ["09:00 morning  Day, in 茶馆", "      Good morning, 茶馆!", "      [ Check in ]"]
    assert "\x1b" not in done.stdout


@pytest.mark.usefixtures("playbooks")
def test_without_groups_a_rehearsal_makes_some_up(hearthbot: Command, home: Path) -> None:
    (home / "data" / "hearthbot.db").unlink()

    done = hearthbot("rehearse", "--groups", "1", "--from", "2026-11-24", "--format", "json")

    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found.keys() == {
        "version", "from", "days", "playbooks", "groups", "assumptions", "posts", "acts", "when_it_happens",
        "not_posted", "warnings",
    }  # fmt: skip
    [post] = found["posts"]
    assert post.keys() == {
        "at", "local", "chat_id", "playbook", "step", "delivered_at", "kind", "text", "media", "buttons", "poll",
        "silent", "topic", "pinned", "promo",
    }  # fmt: skip
    assert (post["local"], post["text"]) == ("2026-11-24T09:00", "Good <b>morning</b>, Sample group 1!")
    assert found["assumptions"][0] == "There are no groups yet: 1 sample groups of 128 members."
    assert not (home / "data" / "hearthbot.db").exists()


@pytest.mark.usefixtures("playbooks")
def test_a_rehearsal_becomes_a_page(hearthbot: Command, home: Path) -> None:
    done = hearthbot("rehearse", "--from", "2026-11-24", "--format", "html", "--output", "day.html")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "Rehearsed: 3 posts, 0 warnings, written to day.html.\n"
    page = (home / "day.html").read_text("utf-8")
    assert page.count("Good <b>morning</b>, Sample group") == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "tomorrow"], "Invalid value for --from: 'tomorrow' is not a day; write it as 2026-11-24."),
        (["--from", "2026-02-30"], "Invalid value for --from: '2026-02-30' is not a day; write it as 2026-11-24."),
        (["--group", "Nobody", "--groups", "1"], "Invalid value for --group: no group is called 'Nobody'; known: "),
        (["--days", "0"], "Invalid value for '--days': "),
        (["nowhere.yaml"], "Invalid value for 'path': path 'nowhere.yaml' does not exist."),
    ],
)
@pytest.mark.usefixtures("playbooks")
def test_what_cannot_be_rehearsed_is_told(hearthbot: Command, arguments: list[str], said: str) -> None:
    assert _complaint(hearthbot("rehearse", *arguments), 2).startswith(said)


def test_a_playbook_with_mistakes_is_not_rehearsed(hearthbot: Command, playbooks: Path) -> None:
    (playbooks / "day.yaml").write_text(PLAYBOOK.replace("group.title", "group.titel"), "utf-8")

    rehearsed, checked = hearthbot("rehearse"), hearthbot("check")

    assert (rehearsed.returncode, checked.returncode) == (1, 1)
    assert rehearsed.stdout == checked.stdout
    assert "did you mean `group.title`?" in rehearsed.stdout


def test_warnings_fail_a_rehearsal_that_is_strict(hearthbot: Command, playbooks: Path) -> None:
    second = PLAYBOOK.partition("steps:\n")[2].replace("morning", "again")
    (playbooks / "day.yaml").write_text(PLAYBOOK + second, "utf-8")

    assert hearthbot("rehearse", "--from", "2026-11-24").returncode == 0
    assert hearthbot("rehearse", "--from", "2026-11-24", "--strict").returncode == 1

"""What the documentation says, held against the program: names, links, pictures, and whole conversations."""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import commands
from bot.domain.commands import fold
from bot.domain.settings import OPTIONS
from bot.metrics import Metrics
from bot.settings import Settings
from handlers.dispatching import COMMANDS
from handlers.feature import Command
from storage.database import EmbeddedDatabase
from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, OLIVIA, OWNER, TOKEN, Group, Hearthbot, Persona, PrivateChat, Telegram

ROOT = Path(__file__).parent.parent
SKIPPED = {".venv", "node_modules", "build", "dist"}
PAGES = sorted(p for p in ROOT.rglob("*.md") if not SKIPPED.intersection(p.relative_to(ROOT).parts))
PEOPLE = {"Alice": ALICE, "Bob": BOB, "Olivia": OLIVIA, "Otto": OWNER}
OPERATORS = (ROOT / "docs/operators.md").read_text("utf-8")

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img [^>]*?src=\"([^\"]+)\"")


def prose(page: Path) -> str:
    """The page without blocks of code."""
    return _FENCE.sub("", page.read_text("utf-8"))


def rows(text: str, heading: str = "") -> Iterator[list[str]]:
    """The cells of every table row, or of those below one heading."""
    if heading:
        text = re.split(r"^#", text.partition(f"\n{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    for line in text.splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def slug(heading: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_picture_leads_somewhere(page: Path) -> None:
    broken = []
    for inline, picture in _LINK.findall(prose(page)):
        target, _, anchor = (inline or picture).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = page.parent / target if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(inline or picture)
    assert broken == []


def test_every_command_is_explained_to_operators_and_nothing_else_is() -> None:
    explained = re.findall(r"^### /(\w+)$", OPERATORS, re.MULTILINE)

    assert sorted(explained) == sorted(command.name for command in COMMANDS)


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_lists_every_command_with_its_keywords(name: str) -> None:
    listed = {
        cells[0].strip("`/"): cells[1] if len(cells) == 3 else ""
        for cells in rows((ROOT / name).read_text("utf-8"))
        if re.fullmatch(r"`/\w+`", cells[0])
    }

    assert {command: _keywords(text) for command, text in listed.items()} == {
        command.name: {fold(keyword) for keyword in command.keywords} for command in COMMANDS
    }


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.keywords], ids=lambda command: command.name)
def test_the_keywords_of_a_command_are_explained_to_operators(command: Command) -> None:
    section = OPERATORS.partition(f"\n### /{command.name}\n")[2].partition("\n### ")[0]

    assert [keyword for keyword in command.keywords if keyword not in section] == []


def test_both_readmes_give_the_same_orders() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))

    assert [code for _, code in _FENCE.findall(english)] == [code for _, code in _FENCE.findall(chinese)]
    assert _hearthbot_commands(english) == _hearthbot_commands(chinese)


def test_every_setting_of_a_group_is_documented_with_its_default() -> None:
    documented = {
        cells[0].strip("`"): cells[2].strip("`")
        for heading in (
            "### Group",
            "### Check-ins",
            "### Bonuses",
            "### Cards",
            "### Answers",
            "### Door",
            "### Moderation settings",
            "### Invites",
            "### Introductions",
            "### Newcomers",
            "### Playbook settings",
        )
        for cells in rows(OPERATORS, heading)
        if cells[0].startswith("`")
    }

    assert documented == {key: option.default for key, option in OPTIONS.items()}


def test_the_examples_of_settings_are_values_that_fit() -> None:
    examples = {cells[0].strip("`"): cells[3].strip("`") for cells in rows(OPERATORS) if cells[0].strip("`") in OPTIONS}

    assert set(examples) == set(OPTIONS)
    for key, example in examples.items():
        assert OPTIONS[key].parse(example) is not None


def test_every_setting_of_the_installation_is_documented_with_its_default() -> None:
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    documented = {
        cells[0].strip("`"): cells[2].strip("`") for cells in rows(page) if re.fullmatch("`[A-Z_]+`", cells[0])
    }

    assert list(documented) == _variables()
    for variable, default in documented.items():
        assert default in {_default(variable), "Telegram's" if variable == "BOT_API_URL" else "empty"}
        assert (default in {"empty", "Telegram's"}) == (_default(variable) == "")


def test_the_example_file_names_every_setting_with_its_default() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    named = dict(re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", example, re.MULTILINE))

    assert list(named) == _variables()
    assert named == {variable: _default(variable) for variable in _variables()}


def test_every_subcommand_is_documented_and_nothing_else_is() -> None:
    known = {command.name or getattr(command.callback, "__name__", "") for command in commands.registered_commands}

    assert _hearthbot_commands((ROOT / "docs/operations.md").read_text("utf-8")) == known
    for page in PAGES:
        assert _hearthbot_commands(page.read_text("utf-8")) <= known, page


def test_every_metric_is_documented_and_nothing_else_is() -> None:
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    documented = {cells[0].strip("`") for cells in rows(page, "## Metrics")} - {"metric", "process_…"}
    types = re.findall(r"^# TYPE (hearthbot_\w+) (\w+)$", Metrics().render().decode(), re.MULTILINE)

    assert documented == {name for name, _ in types if not name.endswith("_created")}


@dataclass
class Play:
    """Plays a transcript: what people do is done, and the bot's words are taken down in their place.

    A hash or a seed, which chance makes, is taken down as `…`; `⏎` in what somebody says is a new line.
    """

    group: Group
    clock: StoppedClock
    taken_down: list[str] = field(default_factory=list)
    latest: dict[str, Any] = field(default_factory=dict)

    async def line(self, line: str) -> None:
        """Does what a line says; the bot's own lines are left out, since they are what is compared."""
        place = len(self.taken_down)
        later = re.fullmatch(r"\((\d+) days? later\)", line)
        said = re.fullmatch(r"(\w+)(?: \(answering (\w+)\))?(?: \((in private)\))?: (/?.+)", line)
        joined = re.fullmatch(r"(\w+) joins", line)
        pressed = re.fullmatch(r"(\w+)(?: \((in private)\))? presses \[(.+)\]", line)
        came = re.fullmatch(r"(\w+)(?: and (\w+))? joins?( again)?", line)
        if came:
            await self._join([PEOPLE[name] for name in came.groups()[:2] if name], is_back=bool(came[3]))
        elif later:
            self.clock.advance(days=int(later[1]))
        elif said and said[1] in PEOPLE:
            await self._says(*said.groups())
        elif pressed:
            await self._presses(*pressed.groups())
        elif joined:
            answer = await self.group.joins(PEOPLE[joined[1]])
            self.taken_down.append(f"Hearthbot: {answer}" if answer is not None else "Hearthbot says nothing.")
        else:
            return
        self.taken_down.insert(place, line)

    async def _says(self, name: str, answering: str | None, private: str | None, text: str) -> None:
        chat = self._chat(name, private)
        update = chat.message(
            PEOPLE[name], text.replace(" ⏎ ", "\n"), answering=self.latest[answering] if answering else None
        )
        self.latest[name] = update["message"]
        before = len(self._posts(chat))
        await self.group.hearthbot.takes(update)
        answers = [f"Hearthbot: {_HASH.sub('…', answer)}" for answer in self._posts(chat)[before:]]
        self.taken_down += answers or ["Hearthbot says nothing."]
        await self.group.hearthbot.write_activity()

    async def _join(self, newcomers: list[Persona], *, is_back: bool) -> None:
        before = self.group.said
        for person in newcomers:
            if is_back:
                await self.group.leaves(person)
            await self.group.joins(person)
        await self.group.hearthbot.greet()
        greeted = [said for said in self.group.said if said not in before]
        self.taken_down.append(f"Hearthbot: {greeted[0]}" if greeted else "Hearthbot says nothing.")

    async def _presses(self, name: str, private: str | None, button: str) -> None:
        chat = self._chat(name, private)
        before = list(chat.said)
        pop_up = await chat.presses(PEOPLE[name], button)
        seen = f"Hearthbot: {chat.said[-1]}" if chat.said != before else f"Hearthbot, to {name} alone: {pop_up}"
        self.taken_down.append(seen)

    def _posts(self, chat: Group) -> list[str]:
        """What the bot has ever sent into a chat, oldest first."""
        calls = chat.telegram.made("sendMessage")
        return [call.text for call in calls if int(call.params["chat_id"]) == chat.chat_id]

    def _chat(self, name: str, private: str | None) -> Group:
        return PrivateChat.of(PEOPLE[name], self.group.hearthbot) if private else self.group


@pytest.fixture
async def play(embedded: EmbeddedDatabase, clock: StoppedClock, tmp_path: Path) -> AsyncIterator[Play]:
    """A bot with our FAQ files and the playbook that the page for operators shows."""
    files = tmp_path / "playbooks"
    shutil.copytree(ROOT / "playbooks/faq", files / "faq")
    (files / "day.yaml").write_text(next(code for language, code in _FENCE.findall(OPERATORS) if language == "yaml"))
    owners = frozenset({OWNER.id})
    settings = Settings(_env_file=None, bot_token=TOKEN, owner_ids=owners, playbooks_dir=files)  # type: ignore[arg-type]
    hearthbot = Hearthbot(embedded, clock, Telegram(clock), settings)
    await hearthbot.start()
    yield Play(Group(hearthbot), clock)
    await hearthbot.stop()


TRANSCRIPTS = [code for language, code in _FENCE.findall(OPERATORS) if language == "transcript"]


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda transcript: transcript.splitlines()[0])
async def test_what_is_said_in_the_documentation_is_what_the_bot_says(play: Play, transcript: str) -> None:
    for line in transcript.splitlines():
        await play.line(line)

    assert "\n".join(play.taken_down) == transcript.rstrip("\n")


def _keywords(cell: str) -> set[str]:
    return {fold(word) for word in re.split(r"[,、]", cell) if word.strip()}


def _hearthbot_commands(text: str) -> set[str]:
    in_code = "\n".join(re.findall(r"`[^`]+`|^    .*$|^```.*?^```", text, re.MULTILINE | re.DOTALL))
    return set(re.findall(r"(?<![\w/.])(?:\.venv/bin/)?hearthbot ([a-z]+)\b", in_code)) - {"hearthbot"}


def _variables() -> list[str]:
    return [name.upper() for name in Settings.model_fields]


def _default(variable: str) -> str:
    default = Settings.model_fields[variable.lower()].default
    if hasattr(default, "get_secret_value"):
        default = default.get_secret_value()
    return ",".join(map(str, default)) if isinstance(default, frozenset) else str(default)

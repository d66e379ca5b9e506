"""The catalogues: complete, of one mind about their placeholders, well-formed, and each key used."""

import ast
import io
import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from bot.domain.admissions import Door, JoinRequests, Step
from bot.domain.captchas import Kind
from bot.domain.deliveries import Answer, Missing
from bot.domain.faq import MODES
from bot.domain.invites import Needs
from bot.domain.leaderboards import BOARDS
from bot.domain.libraries import Pick
from bot.domain.locales import LOCALES
from bot.domain.lotteries import State
from bot.domain.lotteries_reviews import Sign
from bot.domain.moderation import Action, Rule
from bot.domain.playbook_reports import KINDS as COUNTS
from bot.domain.points import Unit
from bot.domain.refusals import Refusal
from bot.domain.settings import OPTIONS
from bot.domain.slots import FESTIVALS
from bot.domain.welcomes import SLOTS
from bot.texts import catalogue_source, load_texts
from handlers.dispatching import COMMANDS
from handlers.settings import PAGES
from tests.group import read

ROOT = Path(__file__).parent.parent.parent
CODE = [
    path.relative_to(ROOT)
    for package in ("bot", "handlers", "scheduler", "storage")
    for path in (ROOT / package).rglob("*.py")
    if path.name != "__main__.py"  # the command line speaks English
]
CONDITIONS = (
    "silent_for", "active_within", "messages_since_post", "members", "tag", "weekday", "chance", "promos_today",
    "no_live_lottery",
)  # fmt: skip
VALUES = (
    "on", "off", "none", "cycle", "continue", "message", "reaction", "merged", "invites", "all", "channels",
    *get_args(Needs), *get_args(Kind), *get_args(JoinRequests),
)  # fmt: skip
PLURAL_FORMS = {"en": 2, "zh": 1, "zh-Hant": 1}
POP_UPS = re.compile(
    r"checkin\.(done|already|off)|audit\.(undone|unknown|cannot_undo)|settings\.set|groups\.(chosen|unknown)"
    r"|errors\.failed|members\..*|top\.off|points\.not_enough|lottery\.(entered|unknown|is_closed|members_only|no_operators)|help\.unknown"
    r"|captcha\.(right|next|wrong|out|not_yours|first|nobody_waits|were_.*)"
)

NAME = "W" * 31 + "…"
SAMPLES: dict[str, object] = {
    "keyword": "k" * 64, "keywords": "k" * 60, "answer": "a" * 60, "question": "q" * 60,
    "n": 2, "name": NAME, "actor": NAME, "group": "G" * 60, "username": "u" * 32, "word": "x" * 40, "key": "k" * 40,
    "keys": ", ".join(OPTIONS), "value": "v" * 60, "example": "e" * 60, "rules": "r" * 3000, "line": "l" * 250,
    "usage": "U" * 300, "day": date(2026, 11, 22), "when": "11-22 09:00", "reason": "r" * 200, "what": "w" * 200,
}  # fmt: skip


@lru_cache
def messages(locale: str) -> dict[str, Message]:
    catalogue = read_po(io.BytesIO(catalogue_source(locale)))
    return {
        message.id if isinstance(message.id, str) else message.id[0]: message for message in catalogue if message.id
    }


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (str(message.string),)


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def values_for(key: str) -> dict[str, object]:
    names = {name for locale in LOCALES for form in forms(messages(locale)[key]) for name in placeholders(form)}
    return {name: SAMPLES.get(name, 1_234_567) for name in names}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_has_every_key_once_with_its_plural_forms(locale: str) -> None:
    assert set(messages(locale)) == set(messages("en"))
    ids = re.findall(rb'^msgid "(.+)"$', catalogue_source(locale), re.MULTILINE)
    assert len(ids) == len(set(ids))
    for key, message in messages(locale).items():
        assert message.pluralizable == messages("en")[key].pluralizable, key
        assert len(forms(message)) == (PLURAL_FORMS[locale] if message.pluralizable else 1), key
        assert all(form.strip() for form in forms(message)), key
        assert not message.fuzzy, key


@pytest.mark.parametrize("locale", LOCALES)
def test_every_form_has_the_placeholders_of_the_english_one(locale: str) -> None:
    for key, message in messages(locale).items():
        english = [placeholders(form) for form in forms(messages("en")[key])]
        everything = set().union(*english)
        for form in forms(message):
            # The singular may say "a card" where the plural says "{n} cards".
            assert placeholders(form) | {"n"} == everything | {"n"}, (key, form)
        if message.pluralizable and "n" in everything:
            assert "n" in placeholders(forms(message)[-1]), key
        for form in forms(message):
            assert not re.search(r"\{[^a-z_}]|\{[a-z_]*[^a-z_}]", form), (key, "a plain name between the braces")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("n", [0, 1, 2, 5, 11, 21, 1_000_000])
def test_every_text_renders_into_html_that_the_platform_takes(locale: str, n: int) -> None:
    texts = load_texts()
    for key in messages("en"):
        number = {"n": n} if messages("en")[key].pluralizable else {}
        said = texts.say(locale, key, **(values_for(key) | number))
        shown = read(said)
        assert 1 <= len(shown.strip()) <= 4096, key
        assert "{" not in shown, key
        assert key not in shown, key


@pytest.mark.parametrize("locale", LOCALES)
def test_what_pops_up_fits_200_characters(locale: str) -> None:
    texts = load_texts()
    for key in filter(POP_UPS.fullmatch, messages("en")):
        assert len(texts.say(locale, key, **values_for(key)).striptags()) <= 200, key


@pytest.mark.parametrize("locale", LOCALES)
def test_the_longest_check_in_fits_a_pop_up(locale: str) -> None:
    texts = load_texts()
    lines = [
        texts.say(locale, key, **values_for(key))
        for key in ("checkin.done", "checkin.bonus", "checkin.frozen", "checkin.next")
    ]

    assert sum(len(line.striptags()) + 1 for line in lines) <= 200


@pytest.mark.parametrize("locale", LOCALES)
def test_buttons_and_menus_know_no_html(locale: str) -> None:
    for key, message in messages(locale).items():
        if re.match(
            r"command\.|setting\.[a-z_]+$|settings\.(page|back)|top\.tab|value\.|language\.|audit\.undo$|checkin\.button|captcha\.(press|yes|no\.)|rules\.(button|agree)",
            key,
        ):
            assert not re.search(r"[<>&]", str(message.string)), key
            assert "\n" not in str(message.string), key


def test_chinese_is_written_in_the_script_of_its_catalogue() -> None:
    """A few characters that only one of the two scripts has."""
    simplified, traditional = set("积签这设为会员组没关闭连续"), set("積簽這設為會員組沒關閉連續")
    for locale, foreign in (("zh", traditional - simplified), ("zh-Hant", simplified - traditional)):
        for key, message in messages(locale).items():
            if key.startswith(("language.", "usage.")):
                continue  # these name the other script's words on purpose
            for form in forms(message):
                assert not set(form) & foreign, (locale, key, form)


# Keys that the code uses, and keys that nobody uses.


SKIPPED = ("late", "asked", "condition", "removed", "paused", "quiet", "gone", "operator")
"""Why a step may have been left out."""


def families() -> dict[str, list[str]]:
    """The keys that an f-string in the code stands for."""
    reasons = set()
    for path in CODE:
        reasons |= set(re.findall(r'f"([a-z-]+):\{', path.read_text("utf-8")))
    return {
        "setting.{}": [f"setting.{key}" for key in OPTIONS],
        "setting.{}.about": [f"setting.{key}.about" for key in OPTIONS],
        "settings.page.{}": [f"settings.page.{page}" for page in PAGES],
        "command.{}": [f"command.{command.name}" for command in COMMANDS],
        "usage.{}": [f"usage.{command.name}" for command in COMMANDS],
        "top.{}": [f"top.{board}" for board in BOARDS],
        "top.tab.{}": [f"top.tab.{board}" for board in BOARDS],
        "unit.{}": [f"unit.{unit}" for unit in get_args(Unit)],
        "faq.mode.{}": [f"faq.mode.{mode}" for mode in MODES],
        "audit.admission.{}": [f"audit.admission.{done}" for done in ("let_in", "removed", "forgiven")],
        "audit.{}": ["audit.held", "audit.turned_away"],
        "captcha.{}": [f"captcha.{verdict}" for verdict in ("right", "next", "out")],
        "captcha.{}.{}": [f"captcha.{what}.{door}" for what in ("yes", "no") for door in get_args(Door)],
        "captcha.review.{}": [f"captcha.review.{why}" for why in (*get_args(Door), "raid")],
        "captcha.step.{}": [f"captcha.step.{step}" for step in get_args(Step)],
        "captcha.task.{}": [f"captcha.task.{kind}" for kind in get_args(Kind)],
        "points.{}": ["points.give", "points.take"],
        "audit.playbook_paused{}": ["audit.playbook_paused", "audit.playbook_paused_everywhere"],
        "audit.playbook_resumed{}": ["audit.playbook_resumed", "audit.playbook_resumed_everywhere"],
        "playbook.pause{}": ["playbook.pause", "playbook.pause_everywhere"],
        "playbook.pause_until{}": ["playbook.pause_until", "playbook.pause_until_everywhere"],
        "playbook.reload_{}": [f"playbook.reload_{what}" for what in ("read", "new", "gone")],
        "audit.playbook_answer.{}": [f"audit.playbook_answer.{answer}" for answer in get_args(Answer)],
        "question.{}": [f"question.{answer}" for answer in get_args(Answer)],
        "question.done.{}": [f"question.done.{answer}" for answer in get_args(Answer)],
        "today.failed.{}": ["today.failed.gone", "today.failed.error"],
        "today.skipped.{}": [f"today.skipped.{note}" for note in SKIPPED],
        "playbook.weekday.{}": [f"playbook.weekday.{number}" for number in range(7)],
        "playbook.festival.{}": [f"playbook.festival.{name}" for name in FESTIVALS],
        "playbook.if.{}": [f"playbook.if.{kind}" for kind in CONDITIONS],
        "playbook.if_missed.{}": [f"playbook.if_missed.{kind}" for kind in get_args(Missing) if kind != "skip"],
        "playbook.do.{}": ["playbook.do.poll", "playbook.do.quiz"],
        "playbook.do.library.{}": [f"playbook.do.library.{pick}" for pick in get_args(Pick)],
        "playbook.do.award.{}": ["playbook.do.award.member", "playbook.do.award.checked_in"],
        "playbook.with.{}": [
            f"playbook.with.{extra}"
            for extra in (
                "photo",
                "video",
                "document",
                "animation",
                "album",
                "promo",
                "pin",
                "silent",
                "replaces",
            )
        ],
        "audit.lottery.{}": [
            f"audit.lottery.{step}" for step in ("opened", "changed", "drawn", "cancelled", "redrawn", "codes")
        ],
        "lottery.review_sign.{}": [f"lottery.review_sign.{sign}" for sign in get_args(Sign)],
        "lottery.state.{}": [f"lottery.state.{state}" for state in get_args(State)],
        "moderation.action.{}": [f"moderation.action.{action}" for action in get_args(Action)],
        "moderation.cost.{}": [f"moderation.cost.{action}" for action in get_args(Action)],
        "moderation.rule.{}": [f"moderation.rule.{rule}" for rule in get_args(Rule)],
        "moderation.why.{}": [f"moderation.why.{rule}" for rule in get_args(Rule)],
        "moderation.span.{}": [f"moderation.span.{unit}" for unit in "mhdw"],
        "moderation.cannot_{}": ["moderation.cannot_delete", "moderation.cannot_restrict"],
        "report.count.{}": [f"report.count.{count}" for count in COUNTS],
        "welcome.slot.{}": [f"welcome.slot.{slot}" for slot in SLOTS],
        "language.{}": [f"language.{locale}" for locale in LOCALES],
        "value.{}": [f"value.{word}" for word in VALUES],
        "invite.counts.{}": [f"invite.counts.{word}" for word in get_args(Needs)],
        "reason.{}": [
            f"reason.{reason}" for reason in reasons & {key.removeprefix("reason.") for key in messages("en")}
        ],
    }


def mentioned() -> Iterator[tuple[Path, str]]:
    """Every string in the code that is, or begins, a key: as it stands, `{}` for what is put in."""
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path, node.value
            elif isinstance(node, ast.JoinedStr):
                yield path, "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def said() -> Iterator[tuple[Path, str]]:
    """The first argument of every `say(…)` and `Part(…)`."""
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                first = node.args[1] if name == "plain" else node.args[0]
                if name in {"say", "Part", "plain"}:
                    for part in [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]:
                        if isinstance(part, ast.Constant) and isinstance(part.value, str):
                            yield path, part.value
                        elif isinstance(part, ast.JoinedStr):
                            yield (
                                path,
                                "".join(
                                    str(piece.value) if isinstance(piece, ast.Constant) else "{}"
                                    for piece in part.values
                                ),
                            )


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_every_key_that_is_said_exists() -> None:
    found = set(said())
    assert len(found) > 60
    for path, key in found:
        for one in families()[key] if "{}" in key else [key]:
            assert one in messages("en"), (str(path), one)


def test_whoever_says_a_text_gives_what_it_asks_for() -> None:
    """A text that asks for more would fail as it is said, and so would one with an `n` and no plural."""
    looked_at = 0
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args):
                continue
            given = {keyword.arg for keyword in node.keywords}
            key = node.args[0]
            if None in given or not isinstance(key, ast.Constant):
                continue
            looked_at += 1
            message = messages("en")[str(key.value)]
            needed = set().union(*map(placeholders, forms(message)))
            assert given >= needed, (path.name, key.value, needed - given)
            assert ("n" in given) == bool(message.pluralizable), (path.name, key.value)
    assert looked_at > 30


def test_every_refusal_has_its_sentence() -> None:
    refusals = list(Refusal.__subclasses__())
    assert len(refusals) > 15
    for refusal in refusals:
        assert refusal.text in messages("en"), refusal


def test_every_refusal_is_given_what_its_sentence_asks_for() -> None:
    refusals = {
        refusal.__name__: refusal.text for refusal in Refusal.__subclasses__() if refusal.__name__ != "WrongUse"
    }
    looked_at = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            raised = node.exc if isinstance(node, ast.Raise) else None
            called = raised.func if isinstance(raised, ast.Call) else raised
            key = refusals.get(getattr(called, "id", ""))
            if key is not None:
                looked_at.add(key)
                given = {keyword.arg for keyword in raised.keywords} if isinstance(raised, ast.Call) else set()
                needed = set().union(*map(placeholders, forms(messages("en")[key])))
                assert given >= needed, (path.name, key, needed - given)
                assert ("n" in given) == bool(messages("en")[key].pluralizable), (path.name, key)
    assert looked_at == set(refusals.values())


def test_every_wrong_use_has_its_right_one() -> None:
    for path in CODE:
        for command in re.findall(r'WrongUse\(command="(\w+)"\)', path.read_text("utf-8")):
            assert f"usage.{command}" in messages("en"), path


def test_every_reason_of_the_ledger_has_a_word() -> None:
    reasons = set()
    for path in (Path("bot/services/checkins.py"), Path("bot/services/points.py"), Path("bot/services/changes.py"),
                 Path("bot/services/invites.py"), Path("bot/services/introductions.py"), Path("storage/invites.py"),
                 Path("bot/services/groups.py"), Path("bot/services/lotteries_entries.py"),
                 Path("storage/points.py"), Path("storage/groups.py")):  # fmt: skip
        reasons |= set(re.findall(r'f"([a-z-]+):\{', path.read_text("utf-8")))
    reasons -= {"setting", "invites", "introduce"}  # a change's or a post's, not an entry's

    assert reasons >= {"checkin", "makeup", "makeup-bonus", "freeze", "frozen", "operator", "undo", "left"}
    for reason in reasons:
        assert f"reason.{reason}" in messages("en"), reason


def test_every_key_is_used() -> None:
    used = {text for _, text in mentioned()}
    for family, keys in families().items():
        if family in used:
            used |= set(keys)

    assert set(messages("en")) - used == set()

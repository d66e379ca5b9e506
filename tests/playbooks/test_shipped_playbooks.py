"""The playbooks that come with Hearthbot: they load, they say what they should, and they post nowhere unasked."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain.lotteries_terms import parse_terms
from bot.playbooks.model import CheckinReminder, Item, OpenLottery, Playbook, Poll, Send, Step
from bot.playbooks.playbook_files import PlaybookReader, mistakes_between
from bot.playbooks.rendering import post_of_poll, post_of_send
from bot.sandbox.world import default_world

ROOT = Path(__file__).parents[2] / "playbooks"
READER = PlaybookReader(ROOT)
FILES = READER.files()
PAIRS = sorted({path.stem.rpartition("-")[0] for path in FILES})
SAMPLES: Mapping[str, Any] = {
    "group": {"title": "Tea <& Co>", "members": 150},
    "today": "22 November 2026",
    "weekday": "Sunday",
    "time": "09:00",
    "checkins_today": 12,
    "member": {"name": "Ann", "mention": "Ann"},
    "streak": 7,
    "milestone": 100,
}


def shipped(path: Path) -> Playbook:
    playbook = READER.read(path).playbook
    assert playbook is not None
    return playbook


def texts_of(playbook: Playbook) -> Iterator[str]:
    """Everything that a playbook can ever say."""
    values = {**SAMPLES, "value": playbook.values.get("", {})}
    for action in (action for step in playbook.steps for action in step.actions):
        if isinstance(action, Send):
            for item in items_of(action):
                for text in [item.text] if item else action.texts:
                    post = post_of_send(action, text, item, {**values, "product": item.values if item else {}})
                    yield from (post.text, *(button.text for row in post.buttons for button in row))
        elif isinstance(action, Poll):
            post = post_of_poll(action, values)
            assert post.poll is not None
            yield from (post.poll.question, *post.poll.options)
        elif isinstance(action, CheckinReminder) and action.text:
            yield action.text.render(values)


def items_of(send: Send) -> Iterable[Item | None]:
    return send.library.items if send.library else [None]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_loads_without_a_mistake_and_is_known_to_editors(path: Path) -> None:
    assert READER.read(path).mistakes == ()
    assert path.read_text("utf-8").startswith("# yaml-language-server: $schema=./schema.json\n")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_everything_it_can_say_can_be_said(path: Path) -> None:
    said = list(texts_of(shipped(path)))
    assert said
    assert [text for text in said if not text or "{{" in text] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_group_gets_it_unasked(path: Path) -> None:
    playbook = shipped(path)
    assert playbook.audience.tags == {path.stem}
    demo = default_world().chats.values()
    assert playbook.audience.names <= {name for chat in demo for name in (str(chat.id), chat.title)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_keeps_quiet_hours_and_a_budget_for_promotions(path: Path) -> None:
    playbook = shipped(path)  # that times and budget agree is what the reader checks
    assert playbook.quiet_hours is not None
    assert playbook.promo_budget is not None or not any(step.is_promo for step in playbook.steps)


@pytest.mark.parametrize("name", PAIRS)
def test_both_languages_do_the_same_at_the_same_times(name: str) -> None:
    chinese, english = (shipped(ROOT / f"{name}-{language}.yaml") for language in ("zh", "en"))
    assert [_shape(step) for step in chinese.steps] == [_shape(step) for step in english.steps]
    assert (chinese.days, chinese.quiet_hours, chinese.promo_budget) == (
        english.days, english.quiet_hours, english.promo_budget,
    )  # fmt: skip


def _shape(step: Step) -> tuple[Any, ...]:
    return step.id, step.trigger, step.days, step.conditions, step.if_missed, [type(one) for one in step.actions]


def test_no_two_have_one_name() -> None:
    assert mistakes_between([READER.read(path) for path in FILES]) == []


def test_their_lotteries_can_be_opened() -> None:
    noon = datetime(2026, 11, 22, 4, tzinfo=UTC)
    actions = [action for path in FILES for step in shipped(path).steps for action in step.actions]
    terms = [action.terms for action in actions if isinstance(action, OpenLottery)]
    assert terms
    assert all(parse_terms(one, noon, "Asia/Shanghai").draw_at for one in terms)


def test_the_libraries_hold_enough_for_a_while() -> None:
    sizes: dict[str, int] = {}
    for path in FILES:
        sends = [action for step in shipped(path).steps for action in step.actions if isinstance(action, Send)]
        sizes |= {send.library.path.stem: len(send.library.items) for send in sends if send.library}
    least = {"tips": 20, "products": 10, "icebreakers": 10}
    assert set(sizes) == {f"{name}-{language}" for name in least for language in ("zh", "en")}
    assert {name: size for name, size in sizes.items() if size < least[name.partition("-")[0]]} == {}

"""Good and bad playbooks. What the loader refuses an editor marks as well, as far as a schema can say it."""

import json
import re
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from bot.domain.deliveries import IfMissed
from bot.domain.slots import CronTimes, Times
from bot.playbooks.model import After, On, Playbook, Poll, Send
from bot.playbooks.playbook_files import PlaybookFile, PlaybookReader, mistakes_between
from tests.playbooks.contract import A_DAY

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "playbooks" / "schema.json").read_text("utf-8")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory of playbooks with a picture and a library in it."""
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "morning.jpg").write_bytes(b"picture")
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "products.yaml").write_text(
        "- {name: Lamp, price: 9.90, text: '{{ product.name }}: {{ product.price }}'}\n"
        "- {name: Mug, price: 4, text: A mug}\n",
        "utf-8",
    )
    (tmp_path / "library" / "tips.yaml").write_text("- Drink tea.\n- {text: Eat well., weight: 3}\n", "utf-8")
    (tmp_path / "library" / "shop.csv").write_bytes(
        "name,price,photo\n茶,5,\n杯,6,media/morning.jpg\n".encode("gb18030")
    )
    return tmp_path


def load(folder: Path, text: str, name: str = "day.yaml") -> PlaybookFile:
    path = folder / name
    path.write_text(text, "utf-8")
    return PlaybookReader(folder).read(path)


def good(folder: Path, text: str) -> Playbook:
    file = load(folder, text)
    assert file.mistakes == ()
    assert file.playbook is not None
    return file.playbook


def told(folder: Path, text: str) -> list[str]:
    return [str(mistake).removeprefix(f"{folder / 'day.yaml'}:") for mistake in load(folder, text).mistakes]


def step(*lines: str) -> str:
    """A playbook with one step, whose lines begin on line 4 in column 5."""
    return "name: x\nsteps:\n  - id: one\n" + indent("\n".join(lines), "    ")


def in_editor(text: str) -> list[str]:
    """What the schema has against a document, read as editors read YAML (1.2 core)."""
    return [error.message for error in SCHEMA.iter_errors(_plain(yaml.compose(text, yaml.CSafeLoader)))]


def _plain(node: yaml.Node | None) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    assert isinstance(node, yaml.ScalarNode)
    if node.style:
        return node.value
    readers: list[tuple[str, Callable[[str], Any]]] = [
        (r"true|false", lambda word: word == "true"),
        (r"-?\d+", int),
        (r"-?\d+\.\d+", float),
    ]
    return next((read(node.value) for pattern, read in readers if re.fullmatch(pattern, node.value)), node.value)


def test_the_day_in_the_group(folder: Path) -> None:
    playbook = good(folder, A_DAY)

    assert (playbook.name, playbook.audience.tags) == ("A day in the group", frozenset({"fashion"}))
    assert playbook.zone is None
    assert playbook.days.workdays == {"CN"}
    assert playbook.quiet_hours is not None
    assert (playbook.quiet_hours.start, playbook.quiet_hours.end) == (time(22, 30), time(8))
    assert [(one.id, one.trigger) for one in playbook.steps] == [
        ("morning", Times((time(9),))),
        ("new-product", Times((time(10), time(16)))),
        ("promo", Times((time(20, 30),))),
    ]
    assert [one.if_missed for one in playbook.steps] == [
        IfMissed("skip"),
        IfMissed("skip"),
        IfMissed("within", timedelta(minutes=30)),
    ]
    assert in_editor(A_DAY) == []


GOOD = [
    step('at: "9:05"', "do: [{send: Hello}]"),
    step("at: 10:30", "do: [{send: Hello}]"),
    step('cron: "0 9 * * mon-fri"', "do: [{send: Hello}]"),
    step('cron: "*/30 9-17 1,15 jan 0"', "do: [{send: Hello}]"),
    step("every: 2h", "do: [leaderboard]"),
    step('every: {period: 1h, between: "09:00-21:00"}', "do: [checkin_reminder]"),
    step("at: 10:00", "days: [sat, mid_autumn, 2026-12-24]", "do: [{send: Hello}]"),
    step("on: member_joined", 'do: [{send: "Hi {{ member.name }}"}]'),
    step('on: {member_joined: {days: 3, at: "10:00"}}', "do: [{award: {points: 5}}]"),
    step("on: {checked_in: {streak: 7}}", 'do: [{send: "{{ streak }} days"}]'),
    step("on: {silent: 3h}", "do: [{send: {variants: [Hey, Hello]}}]"),
    step("on: {message: [优惠, promo]}", "do: [{send: Tonight}]"),
    step("on: {milestone: {members: 100}}", 'do: [{send: "{{ milestone }} of us!"}]'),
    step("every: 6h", "only_if:", "  - {active_within: 1h}", "  - {messages_since_post: {at_least: 5}}",
         "  - {members: {at_least: 20, under: 500}}", "  - {tag: vip}", "  - {weekday: [sat, sun]}", "  - {chance: 30}",
         "  - no_live_lottery", "do: [{send: Hello}]"),
    step("at: 10:00", "if_missed: next", "do: [{open_lottery: Mug x1 until 20:00}]"),
    step("at: 10:00", "if_missed: ask", "do: [{call: {url: https://shop.example/hook, values: {kind: flash}}}]"),
    step("at: 10:00", "do:",
         "  - quiz: {question: Which?, options: [a, b], correct: 2, explanation: B!, open_for: 10m}"),
    step("at: 10:00", "do:", "  - send: {text_from: library/tips.yaml, pick: weighted}"),
    step("at: 10:00", "do:", '  - send: {text_from: library/shop.csv, text: "{{ product.name }} {{ product.price }}"}'),
    step("at: 10:00", "do:", "  - send: {album: [media/morning.jpg, media/morning.jpg], silent: true, topic: 5}"),
    step("at: 10:00", "do:", '  - send: {text: Look, buttons: [[{text: Shop, url: "https://shop.example"}]]}'),
    "name: x\nvalues: {all: {shop: Main}, Fans: {shop: Second}}\nsteps:\n"
    '  - {id: one, at: "10:00", do: [{send: "{{ value.shop }}"}]}\n',
    *(f"name: x\n{playbook}\nsteps: [{{id: a, {when}, do: [{{send: x}}]}}]" for playbook, when in [
        ("from: 2097-01-01", "cron: 0 9 29 2 *, only_if: [{weekday: mon}]"),
        ("until: 2030-01-01", "at: '10:00', days: [mid_autumn, sat]"),
        ("days: weekdays", "at: '10:00', days: mid_autumn"),
        ("days: workdays CN", "at: '10:00', days: [holidays CN, sat]"),
        ("days: 2026-12-01..2026-12-06", "at: '10:00', days: 2026-12-06..2026-12-07"),
        ("days: 2019-12-01..2019-12-31", "at: '10:00', days: sun"),
    ]),
    "name: x\ndays: [mon, 2026-12-24, 2026-12-30..2027-01-02, mid_autumn, holidays CN]\nexcept: [2026-12-31]\n"
    'from: 2026-01-01\nuntil: 2027-12-31\nsteps: [{id: one, at: "10:00", do: [{send: Hello}]}]\n',
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_what_is_right_is_right_in_the_editor_too(folder: Path, text: str) -> None:
    good(folder, text)
    assert in_editor(text) == []


BAD = [
    # What is there
    ("steps: [{id: one, at: '10:00', do: [{send: x}]}]", ["1:1: `name` is missing"]),
    ("name: x", ["1:1: `steps` is missing"]),
    ("name: x\nsteps: []", ["2:8: a playbook has 1 to 200 steps"]),
    ("name: x\nsteps: {}", ["2:8: this must be a list: one item a line, each after a `-`"]),
    (step("do: [{send: x}]"), ["3:5: nothing sets this step off; write one of at, cron, every, after, on"]),
    (step("at: 10:00"), ["3:5: `do` is missing"]),
    # Lists with nothing in them, which would be all groups, every day, no condition, or a step that never comes
    *((text, [f"{place}: there is nothing in this list; take the key out, or write what belongs in it"])
      for place, text in {
          "2:16": "name: x\ngroups: {tags: []}\nsteps: [{id: one, at: '10:00', do: [{send: x}]}]",
          "2:17": "name: x\ngroups: {names: []}\nsteps: [{id: one, at: '10:00', do: [{send: x}]}]",
          "2:7": "name: x\ndays: []\nsteps: [{id: one, at: '10:00', do: [{send: x}]}]",
          "4:9": step("at: []", "do: [{send: x}]"),
          "4:19": step("on: {message: []}", "do: [{send: x}]"),
          "5:25": step("at: 10:00", "only_if: [{weekday: []}]", "do: [{send: x}]"),
          "5:21": step("at: 10:00", "only_if: [{tag: []}]", "do: [{send: x}]"),
          "5:28": step("at: 10:00", "do: [{send: {variants: []}}]"),
          "5:36": step("at: 10:00", "do: [{send: {text: x, buttons: []}}]"),
          "5:37": step("at: 10:00", "do: [{send: {text: x, buttons: [[]]}}]"),
          "5:40": step("at: 10:00", "do: [{poll: {question: a, options: []}}]"),
      }.items()),
    (step("at: 10:00", "do: []"), ["5:9: a step does 1 to 20 things"]),
    (step("at: 10:00", "every: 2h", "do: [{send: x}]"),
     ["5:12: a step is set off by one thing, and there is `at` already"]),
    # Names
    (step("at: 10:00", "only_if: []", "doo: [{send: x}]", "do: [{send: x}]"),
     ["6:5: unknown key `doo`; did you mean `do`?"]),
    (step("at: 10:00", "do: [{sned: x}]"), ["5:10: unknown action `sned`; did you mean `send`?"]),
    (step("at: 10:00", "do: [poll]"), ["5:10: `poll` needs its parameters, such as `poll: …`"]),
    (step("on: {silence: 3h}", "do: [{send: x}]"), ["4:9: nothing is called `silence`; did you mean `silent`?"]),
    (step("on: silent", "do: [{send: x}]"), ["4:9: `silent` needs more, such as `silent: …`"]),
    (step("at: 10:00", "only_if: [{silentfor: 3m}]", "do: [{send: x}]"),
     ["5:15: unknown condition `silentfor`; did you mean `silent_for`?"]),
    # Times
    (step('at: "25:00"', "do: [{send: x}]"), ["4:9: a time is like 09:00, not `25:00`"]),
    (step("at: 9", "do: [{send: x}]"), ["4:9: a time is like 09:00, not `9`"]),
    (step('every: "7 hours"', "do: [{send: x}]"), ["4:12: a duration is like 10m, 2h or 1h30m, not `7 hours`"]),
    (step('cron: "0 9 * *"', "do: [{send: x}]"),
     ["4:11: a cron line has five fields (minute hour day month weekday), this has 4"]),
    (step("at: 10:00", "if_missed: maybe", "do: [{send: x}]"),
     ["5:16: must be one of skip, next, ask, {within: 30m}, not `maybe`"]),
    ("name: x\ndays: workdays Mars\nsteps: [{id: one, at: '10:00', do: [{send: x}]}]",
     ["2:7: `workdays Mars` names no days; did you mean `workdays CN`?"]),
    ("name: x\nfrom: tomorrow\nsteps: [{id: one, at: '10:00', do: [{send: x}]}]",
     ["2:7: a day must be like 2026-01-31"]),
    ("name: x\nquiet_hours: at night\nsteps: [{id: one, at: '10:00', do: [{send: x}]}]",
     ["2:14: hours are like 22:30-08:00, not `at night`"]),
    (step("at: 10:00", "days: weekend", "do: [{send: x}]"),
     ["5:11: `weekend` names no days; did you mean `weekends`?"]),
    # Values
    (step("at: 10:00", "only_if: [{chance: 300}]", "do: [{send: x}]"),
     ["5:24: must be a whole number from 1 to 99, not `300`"]),
    (step("at: 10:00", "do: [{send: {text: x, pin: maybe}}]"), ["5:32: must be true or false, not `maybe`"]),
    (step("at: 10:00", "do: [{send: {silent: true}}]"),
     ["5:17: there is nothing to send: write `text`, `text_from`, or a `photo`"]),
    (step("at: 10:00", "do: [{poll: {question: a, options: [b]}}]"), ["5:40: a poll has 2 to 12 options"]),
    (step("at: 10:00", "only_if: [{tag: very good}]", "do: [{send: x}]"),
     ["5:21: a tag is one word, without # and commas"]),
    ("name: x\ngroups: {tags: ['#vip']}\nsteps: [{id: one, at: '10:00', do: [{send: x}]}]",
     ["2:17: a tag is one word, without # and commas"]),
    (step("at: 10:00", f"do: [{{send: {{text: x, buttons: [[{', '.join(9 * ['{text: y, do: rules}'])}]]}}}}]"),
     ["5:36: at most 8 buttons stand in a row, and 100 below a post"]),
    (step("at: 10:00", "do: [{send: {text: x, buttons: [[{text: y}]]}}]"),
     ["5:38: a button either opens a `url` or does something (`do`)"]),
    (step("at: 10:00", "do: [{send: {text: x, buttons: [[{text: y, do: dance}]]}}]"),
     ["5:52: must be one of checkin, rules, leaderboard, points, not `dance`"]),
    (step("at: 10:00", "do:", "  - send: {{ today }}"), ["6:15: a text that begins with {{ needs quotes"]),
    (step("at: 10:00", "do:", "  - send:", "    text: x"),
     ["6:9: `text` is no action; if it belongs to `send`, indent it more, or put its text in quotes"]),
    (step("at: 10:00", "do: [{send: Hello, world!}]"),
     ["5:10: `world!` is no action; if it belongs to `send`, indent it more, or put its text in quotes"]),
    (step("at: 10:00", "do: [{send: {text: x, buttons: [[{text: y, url: 'https://'}]]}}]"),
     ["5:53: `url` must be an address such as https://example.org"]),
    *((step("at: 10:00", f"do: [{{{action}}}]"),
       [f"5:{column}: this would be passed on as it stands: only texts of posts have variables"])
      for column, action in [
          (25, "open_lottery: '{{ today }} x1'"),
          (54, "award: {points: 1, to: checked_in, reason: '{{ today }}'}"),
          (23, "call: {url: 'https://a.b/{{ today }}'}"),
          (53, "call: {url: 'https://a.b/', values: {day: '{{ today }}'}}"),
      ]),
    (step("at: 10:00", "do: [{call: {url: shop}}]"),
     ["5:23: `url` must be an address such as https://shop.example/hook"]),
    (step("at: 10:00", "do: [{award: {points: 0, to: checked_in}}]"),
     ["5:27: must be a whole number from 1 to 100000, not `0`"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "mistakes"), BAD)
def test_what_is_wrong_is_told_by_its_place_and_marked_in_the_editor(
    folder: Path, text: str, mistakes: list[str]
) -> None:
    assert told(folder, text) == mistakes
    assert in_editor(text)


BEYOND_A_SCHEMA = [
    (step("at: 10:00", "at: 11:00", "do: [{send: x}]"), ["5:5: `at` is here twice, first on line 4; keep one"]),
    (step("every: 7h", "do: [{send: x}]"),
     ["4:12: a period must divide a day, such as 15m, 1h, 2h, 3h, 4h, 6h, 8h, 12h"]),
    (step("at: [10:00, 10:00]", "do: [{send: x}]"), ["4:9: the same time is here twice; keep one"]),
    (step('cron: "0 9 * * fry"', "do: [{send: x}]"), ["4:11: `fry` is not a weekday of a cron line (0 to 7)"]),
    (step("at: 10:00", 'do: [{send: "{{ group.titel }}"}]'),
     ["5:17: unknown variable `group.titel`; did you mean `group.title`?"]),
    (step("at: 10:00", "do:", "  - send: |", "      Hello", "      <b>{{ nobody }}"),
     ["8:1: <b> is never closed",
      "8:1: unknown variable `nobody`; known are group.title, group.members, today, weekday, time, checkins_today"]),
    (step("at: 10:00", "do: [{send: <b>x}]"), ["5:17: <b> is never closed"]),
    (step("at: 10:00", f"do: [{{send: {'x' * 4097}}}]"),
     ["5:17: this can have 4097 characters; at most 4096 can be sent"]),
    (step("at: 10:00", f"do: [{{send: {{photo: media/morning.jpg, text: {'x' * 1025}}}}}]"),
     ["5:50: this can have 1025 characters; at most 1024 can be sent"]),
    (step("at: 10:00", "do: [{send: {photo: media/none.jpg}}]"),
     ["5:25: there is no file media/none.jpg; paths start in the playbooks' directory"]),
    (step("at: 10:00", "do: [{send: {photo: ../secret.jpg}}]"),
     ["5:25: `../secret.jpg` is outside of the playbooks' directory"]),
    *((step("at: 10:00", f"do: [{{send: {{{media}}}}}]"), [f"5:{column}: {mistake}"]) for column, media, mistake in [
        (25, "photo: library/tips.yaml",
         "the file of `photo` ends in .jpg, .jpeg, .png, .webp; send others as `document`"),
        (25, "video: media/morning.jpg",
         "the file of `video` ends in .mp4, .mov, .m4v, .webm, .mkv; send others as `document`, a picture as `photo`"),
        (45, "album: [media/morning.jpg, library/tips.yaml]",
         "an album has pictures and videos only; send others as `document`"),
    ]),
    (step("at: 10:00", f"do: [{{quiz: {{question: a, options: [b, c], correct: {'9' * 5000}}}}}]"),
     ["5:57: must be the number of an option (1 to 2) or what one says"]),
    (step("at: 10:00", "do: [{award: {points: 5}}]"),
     ["5:18: nobody has set this step off; write `to: checked_in`, or let it start `on` what a member does"]),
    (step("after: {step: two, delay: 5m}", "do: [{send: x}]"), ["3:5: there is no step `two`; known are one"]),
    (step("after: {step: one, delay: 5m}", "do: [{send: x}]"), ["3:5: `one` never comes: it waits for itself"]),
    ("name: x\nsteps:\n  - {id: a, after: {step: b, delay: 1m}, do: [{send: x}]}\n"
     "  - {id: b, after: {step: a, delay: 1m}, do: [{send: x}]}\n",
     ["3:5: `a` never comes: it waits for itself, by way of `b`",
      "4:5: `b` never comes: it waits for itself, by way of `a`"]),
    ("name: x\nsteps:\n  - {id: a, at: '10:00', do: [{send: x}]}\n  - {id: a, at: '11:00', do: [{send: x}]}\n",
     ["4:5: the id `a` is taken, on line 3"]),
    ("name: x\nquiet_hours: 22:30-08:00\nsteps: [{id: a, at: '23:00', do: [{send: x}]}]",
     ["2:14: `a` posts at 23:00, which is within the quiet hours"]),
    ("name: x\nquiet_hours: 22:30-08:00\nsteps:\n"
     "  - {id: a, at: '21:00', do: [{send: x}, {wait: 1h}, {send: x}]}\n"
     "  - {id: b, after: {step: a, delay: 20m}, do: [{send: x}, {wait: 20m}, {send: x}]}",
     ["2:14: `b` posts at 22:40, which is within the quiet hours"]),
    ("name: x\npromo_budget: 1\nsteps: [{id: a, at: ['10:00', '11:00'], do: [{send: {text: x, promo: true}}]}]",
     ["2:15: there are 2 promotions on a day, and the budget is 1"]),
    ("name: x\nfrom: 2026-02-01\nuntil: 2026-01-01\nsteps: [{id: a, at: '10:00', do: [{send: x}]}]",
     ["3:8: `until` is before `from`"]),
    ("name: x\ntimezone: Mars/Base\nsteps: [{id: a, at: '10:00', do: [{send: x}]}]",
     ["2:11: `Mars/Base` is no time zone; write `group`, or a name such as Asia/Shanghai"]),
    ("name: x\ntimezone: asia/shanghai\nsteps: [{id: a, at: '10:00', do: [{send: x}]}]",
     ["2:11: `asia/shanghai` is no time zone; did you mean `Asia/Shanghai`?"]),
    ("name: x\ndays: 2026-12-31..2026-12-24\nsteps: [{id: a, at: '10:00', do: [{send: x}]}]",
     ["2:7: `2026-12-31..2026-12-24` is no range of days: is each a date, and the first the earlier one?"]),
    ("name: x\nvalues: {Fans: {shop: y}}\nsteps: [{id: a, at: '10:00', do: [{send: x}]}]",
     ["2:9: `shop` is missing under `all`: other groups would have none"]),
    (step("on: member_joined", "days: sat", "do: [{send: x}]"),
     ["5:11: `days` are for `at`, `cron` and `every`; `only_if` may name a `weekday`"]),
    ("name: x\ndays: 2026-01-05\nfrom: 2026-02-01\nsteps: [{id: a, at: '10:00', do: [{send: x}]}]",
     ["2:7: `days`, `except`, `from` and `until` leave no day on which it runs"]),
    ("name: x\nexcept: [2026-02-01..2026-02-28]\nfrom: 2026-02-01\nuntil: 2026-02-28\n"
     "steps: [{id: a, at: '10:00', do: [{send: x}]}]",
     ["2:9: `days`, `except`, `from` and `until` leave no day on which it runs"]),
    ("name: x\ndays: mon\nfrom: 2026-12-01\nuntil: 2026-12-05\nsteps: [{id: a, at: '10:00', do: [{send: x}]}]",
     ["2:7: `days`, `except`, `from` and `until` leave no day on which it runs"]),
    *((f"name: x\n{playbook}\nsteps:\n  - {{id: a, {when}, do: [{{send: x}}]}}",
       ["4:5: `a` never comes: none of its days is one of the playbook's days"])
      for playbook, when in [
          ("days: weekdays", "at: '10:00', days: sat"),
          ("days: weekdays", "cron: 0 9 * * sat"),
          ("days: weekdays", "at: '10:00', only_if: [{weekday: sat}]"),
          ("days: daily", "cron: 0 9 31 2 *"),
          ("days: qixi", "at: '10:00', days: mid_autumn"),
          ("until: 2026-12-31", "at: '10:00', days: 2027-01-01"),
          ("except: [2026-12-24]", "at: '10:00', days: 2026-12-24"),
          ("days: 2026-12-01..2026-12-06", "at: '10:00', days: 2026-12-07"),
      ]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "mistakes"), BEYOND_A_SCHEMA)
def test_what_only_the_loader_can_know(folder: Path, text: str, mistakes: list[str]) -> None:
    assert told(folder, text) == mistakes


def test_every_mistake_is_told_at_once(folder: Path) -> None:
    text = dedent(
        """\
        name: x
        dayz: daily
        steps:
          - id: One
            at: 10:99
            do: [{send: "{{ group.titel }}"}, {wait: long}]
        """
    )
    assert told(folder, text) == [
        "2:1: unknown key `dayz`; did you mean `days`?",
        "4:9: an id has small letters, digits, - and _ only, such as new-product",
        "5:9: a time is like 09:00, not `10:99`",
        "6:17: unknown variable `group.titel`; did you mean `group.title`?",
        "6:46: a duration is like 10m, 2h or 1h30m, not `long`",
    ]


def test_a_library_names_its_own_mistakes(folder: Path) -> None:
    (folder / "library" / "tips.yaml").write_text("- '{{ nobody }}'\n- {text: x, weight: 0}\n- {name: Lamp}\n", "utf-8")
    file = load(folder, step("at: 10:00", "do: [{send: {text_from: library/tips.yaml}}]"))

    assert [str(mistake).removeprefix(str(folder)) for mistake in file.mistakes] == [
        "/library/tips.yaml:1:3: unknown variable `nobody`; known are group.title, group.members, today, weekday, "
        "time, checkins_today",
        "/library/tips.yaml:2:21: must be a whole number from 1 to 1000, not `0`",
        "/library/tips.yaml:3:3: this has no `text`, and the step has none either",
    ]


@pytest.mark.parametrize(
    ("name", "content", "mistake"),
    [
        ("tips.yaml", "[]", "1:1: there is nothing in it; a library has at least one item"),
        ("tips.yaml", "- {name: Lamp", "2:1: this is not YAML: did not find expected ',' or '}'"),
        ("tips.csv", ",\n", "1:1: the first line must name the columns, such as name,price,link,photo"),
        ("tips.xlsx", "PK", "1:1: a library is a .yaml file, or a spreadsheet saved as .csv"),
        ("tips.csv", "name,price\n", "1:1: there is nothing in it; a library has at least one item"),
    ],
)
def test_a_library_without_items_is_told_once_and_not_by_what_texts_name_of_it(
    folder: Path, name: str, content: str, mistake: str
) -> None:
    (folder / "library" / name).write_text(content, "utf-8")
    named = "'{{ product.name }}'"
    send = f"{{text_from: library/{name}, text: {named}, buttons: [[{{text: {named}, do: rules}}]]}}"
    file = load(folder, step("at: 10:00", f"do: [{{send: {send}}}]"))

    assert [str(found).removeprefix(f"{folder}/library/{name}:") for found in file.mistakes] == [mistake]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("name: Today: tea", "1:12: this is not YAML: mapping values are not allowed in this context; "
                             "a text that holds a colon and a space needs quotes"),
        ("name:\n\t- x", "2:1: this is not YAML: found character that cannot start any token; "
                         "indent with spaces, not with tabs"),
        ("name: {{ today }} it is", "1:19: this is not YAML: did not find expected key; "
                                    "a text that begins with {{ needs quotes"),
        ("name: @all", "1:7: this is not YAML: found character that cannot start any token; "
                       "a text that begins with @ needs quotes"),
        ("name：x\nsteps: []", "2:6: this is not YAML: mapping values are not allowed in this context; "
                               "after a key write `:` and a space, not the full-width ："),
        ("days: [mon，tue", "2:1: this is not YAML: did not find expected ',' or ']'; "
                            "between items write `,` and a space, not the full-width ，"),
        ("steps:\n  -id: a\n    at: b", "3:7: this is not YAML: mapping values are not allowed in this context; "
                                       "write a space after the `-` of an item"),
        ("steps:\n  - id: a\n   at: b", "3:4: this is not YAML: did not find expected '-' indicator; are the spaces "
                                        "at the beginning of this line, or of those above, as many as they should be?"),
        ("name: [x", "2:1: this is not YAML: did not find expected ',' or ']'"),
    ],
)  # fmt: skip
def test_what_is_no_yaml_is_told_with_what_was_probably_meant(folder: Path, text: str, mistake: str) -> None:
    assert told(folder, text) == [mistake]


def of_table(folder: Path, content: str, send: str = "text: '{{ product.name }}'") -> PlaybookFile:
    (folder / "library" / "table.CSV").write_text(content, "utf-8")
    return load(folder, step("at: 10:00", f"do: [{{send: {{text_from: library/table.CSV, {send}}}}}]"))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_is_read_as_spreadsheets_write_it(folder: Path, separator: str) -> None:
    lines = ("name,price,", "Lamp,5,", ",,", "Mug,,", "")
    file = of_table(folder, "\ufeff" + "\r\n".join(lines).replace(",", separator))

    assert file.mistakes == ()
    assert file.playbook is not None
    send = file.playbook.steps[0].actions[0]
    assert isinstance(send, Send)
    assert send.library is not None
    assert [item.values for item in send.library.items] == [
        {"name": "Lamp", "price": "5"},
        {"name": "Mug", "price": ""},
    ]


def test_rows_of_a_table_that_cannot_be_meant_are_told(folder: Path) -> None:
    file = of_table(
        folder,
        "name,link,name\nLamp, with a shade,https://example.org,\nMug,example.org,\n",
        "text: '{{ product.name }}', buttons: [[{text: Look, url: '{{ product.link }}'}]]",
    )
    assert [f"{mistake.line}: {mistake.what}" for mistake in file.mistakes] == [
        "1: the column `name` is here twice; keep one",
        "2: a button opens its `link`, which must be an address such as https://example.org, not `with a shade`",
        "3: a button opens its `link`, which must be an address such as https://example.org, not `example.org`",
    ]
    file = of_table(folder, "name,price\nLamp, with a shade,5\n")
    assert [f"{mistake.line}: {mistake.what}" for mistake in file.mistakes] == [
        "2: this row has 3 cells, and the first row names 2; a text that holds a comma needs quotes"
    ]


def test_a_mistake_in_the_text_of_a_step_is_not_told_of_every_item(folder: Path) -> None:
    assert told(
        folder, step("at: 10:00", "do: [{send: {text_from: library/shop.csv, text: '{{ product.nam }}'}}]")
    ) == ["5:53: unknown variable `product.nam`; did you mean `product.name`?"]


def test_a_picture_of_a_library_is_a_picture_in_the_playbooks_directory(folder: Path) -> None:
    (folder / "library" / "tips.yaml").write_text(
        "- {text: a, photo: ../secret.jpg}\n- {text: b, photo: library/shop.csv}\n- {text: c, photo: media/no.jpg}\n",
        "utf-8",
    )
    file = load(folder, step("at: 10:00", "do: [{send: {text_from: library/tips.yaml}}]"))
    assert [f"{mistake.line}: {mistake.what}" for mistake in file.mistakes] == [
        "1: `../secret.jpg` is outside of the playbooks' directory",
        "2: the file of `photo` ends in .jpg, .jpeg, .png, .webp; send others as `document`",
        "3: there is no file media/no.jpg; paths start in the playbooks' directory",
    ]


def test_tags_are_the_same_in_any_case_and_several_countries_count(folder: Path) -> None:
    days = "days: [workdays CN, workdays US, holidays JP]\n"
    playbook = good(folder, days + step("at: 10:00", "only_if: [{tag: VIP}]", "do: [{send: x}]"))
    assert playbook.steps[0].conditions[0].value == {"vip"}
    assert playbook.days.workdays == {"CN", "US"}
    assert playbook.days.holidays == {"JP"}


def test_a_text_with_a_colon_in_a_library_is_told_as_what_it_is(folder: Path) -> None:
    (folder / "library" / "tips.yaml").write_text("- A rule: drink tea.\n- Eat: well.\n", "utf-8")
    file = load(folder, step("at: 10:00", "do: [{send: {text_from: library/tips.yaml, text: x}}]"))
    assert [mistake.what for mistake in file.mistakes] == [
        "`A rule` is read as a name, because a colon and a space follow; put the text in quotes"
    ]


def test_two_playbooks_cannot_have_one_name(folder: Path) -> None:
    files = [load(folder, A_DAY, "a.yaml"), load(folder, A_DAY, "b.yaml")]
    assert [str(mistake) for mistake in mistakes_between(files)] == [
        f"{folder / 'b.yaml'}:1:1: the name `A day in the group` is taken, by {folder / 'a.yaml'}"
    ]


def test_lines_of_cron_mean_what_they_mean_everywhere(folder: Path) -> None:
    sundays = good(folder, step('cron: "30 9 * * 0"', "do: [{send: x}]")).steps[0].trigger
    assert isinstance(sundays, CronTimes)
    assert sundays.of_day(date(2026, 11, 22)) == (time(9, 30),)  # a Sunday
    assert sundays.of_day(date(2026, 11, 23)) == ()


def test_what_a_quiz_and_an_event_are_read_as(folder: Path) -> None:
    quiz = (
        good(folder, step("at: 10:00", "do: [{quiz: {question: q, options: [a, b], correct: b}}]")).steps[0].actions[0]
    )
    assert isinstance(quiz, Poll)
    assert quiz.correct == 1
    silent = good(folder, step("on: {silent: 3h}", "do: [{send: x}]")).steps[0].trigger
    assert silent == On("silent", duration=timedelta(hours=3))


def test_a_chain_of_steps(folder: Path) -> None:
    steps = "  - {id: a, at: '10:00', do: [{send: x}]}\n  - {id: b, after: {step: a, delay: 15m}, do: [{send: x}]}\n"
    text = f"name: x\nsteps:\n{steps}"
    assert good(folder, text).steps[1].trigger == After("a", timedelta(minutes=15))


def test_a_promotion_and_a_lottery_are_made_up_for_by_default(folder: Path) -> None:
    promo = good(folder, step("at: 10:00", "do: [{send: {text: x, promo: true}}]")).steps[0]
    draw = good(folder, step("at: 10:00", "do: [{open_lottery: Mug x1 until 20:00}]")).steps[0]
    assert (promo.if_missed, draw.if_missed) == (IfMissed("within", timedelta(minutes=30)), IfMissed("next"))


def test_an_item_keeps_its_key_when_others_come_and_go(folder: Path) -> None:
    def keys() -> list[str]:
        send = good(folder, step("at: 10:00", "do: [{send: {text_from: library/tips.yaml}}]")).steps[0].actions[0]
        assert isinstance(send, Send)
        assert send.library is not None
        return [item.key for item in send.library.items]

    before = keys()
    (folder / "library" / "tips.yaml").write_text("- New.\n- Drink tea.\n- {text: Eat well., weight: 5}\n", "utf-8")
    assert keys()[1] == before[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('cron: "0 10 * * mon"', 'cron: "0 10 * * tue"'),
        ("at: 10:00\n    days: mid_autumn", "at: 10:00\n    days: qixi"),
        ("at: 10:00\n    days: 2026-12-24", "at: 10:00\n    days: 2026-12-25..2026-12-31"),
    ],
)
def test_promotions_on_different_days_are_within_a_budget_of_one(folder: Path, one: str, other: str) -> None:
    def with_days(second: str) -> list[str]:
        steps = "".join(
            f"  - id: {name}\n    {when}\n    do: [{{send: {{text: x, promo: true}}}}]\n"
            for name, when in {"a": one, "b": second}.items()
        )
        return told(folder, f"name: x\npromo_budget: 1\nsteps:\n{steps}")

    assert with_days(other) == []
    assert with_days(one) == ["2:15: there are 2 promotions on a day, and the budget is 1"]

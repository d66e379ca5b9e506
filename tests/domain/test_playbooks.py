from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.domain.playbooks import (
    NoPlaybooks,
    PauseOrder,
    PlaybookMeant,
    SeveralPlaybooks,
    StepMeant,
    UnknownPlaybook,
    UnknownStep,
    WrongUntil,
    chosen_playbook,
    chosen_step,
    parse_pause,
    parse_quiet_hours,
)
from bot.domain.slots import QuietHours

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NAMES = ["A day", "Newcomers", "News", "三月 campaign"]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [("A day", "A day"), ("a  DAY", "A day"), ("1", "A day"), ("4", "三月 campaign"), ("newc", "Newcomers"),
     ("news", "News"), ("三", "三月 campaign")],
)  # fmt: skip
def test_a_playbook_is_chosen_by_its_name_its_beginning_or_its_number(text: str, chosen: str) -> None:
    assert chosen_playbook(text, NAMES) == chosen


def test_a_name_that_is_a_number_wins_over_the_number() -> None:
    assert chosen_playbook("2", ["2", "A day"]) == "2"


@pytest.mark.parametrize(
    ("text", "names", "refusal"),
    [("new", NAMES, SeveralPlaybooks), ("a dya", NAMES, PlaybookMeant), ("xyz", NAMES, UnknownPlaybook),
     ("0", NAMES, UnknownPlaybook), ("5", NAMES, UnknownPlaybook), ("9" * 40, NAMES, UnknownPlaybook),
     ("٣", NAMES, UnknownPlaybook), ("", NAMES, UnknownPlaybook), ("A day", [], NoPlaybooks)],
)  # fmt: skip
def test_who_means_none_or_several_is_told_so(text: str, names: list[str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        chosen_playbook(text, names)


def test_of_very_many_names_a_few_are_told() -> None:
    with pytest.raises(UnknownPlaybook) as refused:
        chosen_playbook("xyz", [f"p{n}" for n in range(20)])

    assert str(refused.value.values["names"]).endswith("p9, …")


def test_a_step_is_chosen_likewise() -> None:
    steps = ["morning", "promo", "promo-late"]

    assert [chosen_step(text, "A day", steps) for text in ("promo", "promo-l", "Morn")] == [
        "promo", "promo-late", "morning",
    ]  # fmt: skip
    with pytest.raises(StepMeant):
        chosen_step("mornign", "A day", steps)
    with pytest.raises(UnknownStep):
        chosen_step("xyz", "A day", steps)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("A day", PauseOrder("A day", None, False)),
        ("A day everywhere", PauseOrder("A day", None, True)),
        ("A day today", PauseOrder("A day", datetime(2026, 11, 22, 16, tzinfo=UTC), False)),
        ("A day everywhere today", PauseOrder("A day", datetime(2026, 11, 22, 16, tzinfo=UTC), True)),
        ("A day until 2026-11-24", PauseOrder("A day", datetime(2026, 11, 23, 16, tzinfo=UTC), False)),
        ("A day until 2026-11-24 9:30", PauseOrder("A day", datetime(2026, 11, 24, 1, 30, tzinfo=UTC), False)),
        ("A day until 18:00", PauseOrder("A day", datetime(2026, 11, 22, 10, tzinfo=UTC), False)),
        ("A day until 9:00", PauseOrder("A day", datetime(2026, 11, 23, 1, tzinfo=UTC), False)),
        ("today", PauseOrder("today", None, False)),
        ("", PauseOrder("", None, False)),
    ],
)
def test_a_pause_lasts_as_long_as_was_said_in_the_groups_time(text: str, order: PauseOrder) -> None:
    assert parse_pause(text, NOW, SHANGHAI) == order


@pytest.mark.parametrize(
    "until", ["2026-11-01", "2026-13-01", "soon", "25:00", "2026-11-24 25:00", "2028-01-01", "9999-12-31", "0001-01-01"]
)
def test_a_pause_ends_at_a_time_to_come_within_a_year(until: str) -> None:
    with pytest.raises(WrongUntil):
        parse_pause(f"A day until {until}", NOW, SHANGHAI)


def test_quiet_hours_are_from_one_time_to_another() -> None:
    assert parse_quiet_hours("off") is None
    assert parse_quiet_hours("23:00-8:00") == QuietHours(time(23), time(8))
    for wrong in ("23-8", "8:00-8:00", "25:00-08:00", "night"):
        with pytest.raises(ValueError, match=r".*"):
            parse_quiet_hours(wrong)

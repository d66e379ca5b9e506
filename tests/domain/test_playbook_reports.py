from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.deliveries import Note, State
from bot.domain.playbook_reports import (
    GRACE,
    KINDS,
    Outcome,
    Report,
    by_need,
    evening_of,
    parse_report_time,
    report_of,
    total_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
EVENING = time(21, 30)

outcomes = st.builds(
    Outcome,
    st.just(1),
    st.just("day"),
    st.sampled_from(["morning", "promo"]),
    st.sampled_from(["queued", "sending", "sent", "unknown", "failed", "skipped"]),
    st.sampled_from(["", "late", "removed", "paused", "operator", "gone"]),
    st.integers(0, 50),
)
reports = st.builds(
    report_of, st.sampled_from("abc"), st.lists(outcomes, max_size=4), st.integers(0, 9), is_silent=st.booleans()
)


def outcome(state: State, note: Note = "", replies: int = 0, step: str = "morning") -> Outcome:
    return Outcome(1, "day", step, state, note, replies)


@pytest.mark.parametrize(("text", "at"), [("21:30", EVENING), ("9:05", time(9, 5)), ("off", None), ("OFF", None)])
def test_the_time_of_a_report_is_read_from_its_text(text: str, at: time | None) -> None:
    assert parse_report_time(text) == at


@pytest.mark.parametrize("text", ["on", "21", "25:00", "21:60", "9pm", "21:30:00", "121:30"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"{text}|must be in"):
        parse_report_time(text)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-22T20:29", None),
        ("2026-11-22T20:30", date(2026, 11, 22)),
        ("2026-11-22T22:29", date(2026, 11, 22)),
        ("2026-11-22T22:30", None),
        ("2026-11-23T20:30", date(2026, 11, 23)),
    ],
)
def test_a_report_is_due_in_the_evening_of_the_group_and_not_the_day_after(now: str, day: date | None) -> None:
    evening = evening_of(datetime.fromisoformat(now).replace(tzinfo=UTC), EVENING, BERLIN)

    assert (evening.day if evening else None) == day


def test_an_evening_may_reach_past_midnight() -> None:
    evening = evening_of(datetime(2026, 11, 23, 0, 10, tzinfo=UTC), time(23, 50), ZoneInfo("UTC"))

    assert evening is not None
    assert evening.day == date(2026, 11, 22)


@given(st.integers(0, 365 * 24), st.times())
def test_each_evening_goes_on_where_the_one_before_ended(hour: int, at: time) -> None:
    at = at.replace(second=0, microsecond=0)
    now, found = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour), []
    for _ in range(60):
        evening = evening_of(now, at, BERLIN)
        assert evening is None or evening.at <= now < evening.at + GRACE
        found += [evening] if evening and evening not in found else []
        now += timedelta(hours=1)

    assert [later.since for later in found[1:]] == [earlier.at for earlier in found[:-1]]
    assert len({evening.day for evening in found}) == len(found) >= 2


def test_what_people_kept_back_is_cancelled_and_what_the_rules_kept_back_is_skipped() -> None:
    notes: list[Note] = ["operator", "paused", "removed", "late", "condition"]
    report = report_of("Hearth", [outcome("skipped", note) for note in notes], 0, is_silent=False)

    assert report.counts == (("skipped", 2), ("cancelled", 3))


def test_the_best_post_has_the_most_answers_and_the_worst_is_the_last_that_failed() -> None:
    said = [outcome("sent", replies=3), outcome("sent", replies=7, step="promo"), outcome("failed", "gone")]
    report = report_of("Hearth", [*said, outcome("failed", step="last"), outcome("queued")], 4, is_silent=False)

    assert (report.best, report.worst) == (said[1], outcome("failed", step="last"))
    assert (report.replies, report.check_ins, report.trouble) == (10, 4, (2, 0, False))


def test_what_nobody_answered_is_not_the_best_and_what_is_under_way_does_not_count() -> None:
    unanswered = report_of("Hearth", [outcome("sent")], 0, is_silent=False)
    assert (unanswered.best, unanswered.is_empty) == (None, False)
    under_way = [outcome("queued", replies=2), outcome("sending", replies=1)]
    nothing_yet = report_of("Hearth", under_way, 0, is_silent=False)
    assert (nothing_yet, nothing_yet.is_empty) == (Report("Hearth"), True)


@given(st.lists(reports, max_size=4))
def test_a_total_adds_up_and_has_the_best_of_all(several: list) -> None:  # type: ignore[type-arg]
    total = total_of(several)

    for kind in KINDS:
        assert dict(total.counts).get(kind, 0) == sum(dict(one.counts).get(kind, 0) for one in several)
    assert (total.replies, total.check_ins) == (sum(r.replies for r in several), sum(r.check_ins for r in several))
    best = [one.best.replies for one in several if one.best]
    assert (total.best.replies if total.best else None) == max(best, default=None)


def test_a_single_answer_is_the_best_where_nobody_else_has_any() -> None:
    quiet, lively = (report_of(f"{n}", [outcome("sent", replies=n)], 0, is_silent=False) for n in (0, 1))

    assert (total_of([quiet, lively]).group, total_of([quiet, lively]).best) == ("1", outcome("sent", replies=1))


def test_who_needs_attention_comes_first() -> None:
    well = report_of("well", [outcome("sent", replies=1)], 0, is_silent=False)
    lively = report_of("lively", [outcome("sent", replies=9)], 0, is_silent=False)
    silent = report_of("silent", [outcome("sent")], 0, is_silent=True)
    unknown = report_of("unknown", [outcome("unknown")], 0, is_silent=False)
    failed = report_of("failed", [outcome("failed")], 0, is_silent=False)

    order = [one.group for one in by_need([well, silent, lively, failed, unknown])]
    assert order == ["failed", "unknown", "silent", "lively", "well"]

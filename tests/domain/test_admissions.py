"""Newcomers: what they have to do, in which order, and how it ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.admissions import (
    AGREE_WITHIN,
    ANSWER_A_REQUEST_WITHIN,
    LEASE,
    Admission,
    Entrance,
    asks_for_captcha,
    steps_of_join,
    steps_of_request,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OPEN = Entrance("off", rules=False, join_requests="off")
STRICT = Entrance("sum", rules=True, join_requests="captcha")
NEW = Admission(1, 1001)
HELD = NEW.stopped("join", ("captcha", "rules"), 7, 5001, NOW)
ASKING = NEW.stopped("request", ("captcha", "rules"), 7, 5001, NOW)


@pytest.mark.parametrize(
    ("entrance", "done", "is_suspicious", "steps"),
    [
        (OPEN, set(), False, ()),
        (OPEN, set(), True, ("review",)),
        (STRICT, set(), True, ("review",)),
        (STRICT, {"review", "captcha"}, True, ("rules",)),
        (STRICT, set(), False, ("captcha", "rules")),
        (STRICT, {"captcha"}, False, ("rules",)),
        (STRICT, {"captcha", "rules"}, False, ()),
        (replace(STRICT, captcha="off"), set(), False, ("rules",)),
        (replace(STRICT, rules=False), set(), False, ("captcha",)),
    ],
)
def test_what_somebody_does_who_has_come_in(
    entrance: Entrance, done: set[str], is_suspicious: bool, steps: tuple[str, ...]
) -> None:
    assert steps_of_join(entrance, done, is_suspicious=is_suspicious) == steps


@pytest.mark.parametrize(
    ("entrance", "done", "is_suspicious", "steps"),
    [
        (replace(OPEN, join_requests="approve"), set(), False, ()),
        (replace(OPEN, join_requests="approve"), set(), True, ("review",)),
        (replace(OPEN, join_requests="operators"), set(), False, ("review",)),
        (replace(OPEN, join_requests="operators"), {"review"}, False, ()),
        (replace(OPEN, join_requests="captcha"), set(), False, ("captcha",)),
        (STRICT, set(), False, ("captcha", "rules")),
        (STRICT, {"captcha", "rules"}, False, ()),
        (STRICT, {"captcha", "rules"}, True, ("review",)),
    ],
)
def test_what_somebody_does_who_asks_to_come_in(
    entrance: Entrance, done: set[str], is_suspicious: bool, steps: tuple[str, ...]
) -> None:
    assert steps_of_request(entrance, done, is_suspicious=is_suspicious) == steps


def test_time_runs_from_the_moment_in_which_one_is_asked() -> None:
    assert (HELD.due_at, HELD.owed) == (None, "restrict")
    assert (ASKING.due_at, ASKING.owed) == (None, "ask")

    assert HELD.asked(120, NOW).due_at == NOW + timedelta(seconds=120)
    assert ASKING.asked(3600, NOW).due_at == NOW + ANSWER_A_REQUEST_WITHIN
    assert NEW.stopped("join", ("review",), 7, 5001, NOW).asked(120, NOW).due_at is None
    assert NEW.stopped("join", ("rules",), 7, 5001, NOW).asked(120, NOW).due_at == NOW + AGREE_WITHIN


def test_step_by_step_one_comes_in() -> None:
    agreeing = HELD.asked(120, NOW).completed(5002, NOW)
    assert (agreeing.state, agreeing.steps, agreeing.due_at) == ("rules", ("rules",), NOW + AGREE_WITHIN)

    inside = agreeing.completed(5003, NOW)
    assert (inside.state, inside.steps, inside.due_at) == ("passed", (), None)
    assert (inside.owed, inside.owed_at) == ("lift", NOW + LEASE)
    assert inside.done == {"captcha", "rules"}
    assert not inside.is_pending
    assert inside.settled().owed is None


def test_who_asks_to_come_in_is_approved_or_declined() -> None:
    agreeing = ASKING.asked(120, NOW).completed(5002, NOW)
    assert agreeing.due_at == NOW + ANSWER_A_REQUEST_WITHIN
    assert agreeing.completed(5003, NOW).owed == "approve"
    assert agreeing.turned_away(NOW).owed == "decline"
    assert agreeing.turned_away(NOW, for_good=True).owed == "decline"


def test_the_last_wrong_answer_ends_it_and_the_same_press_counts_once() -> None:
    once = HELD.missed(2, 5002, NOW)
    assert (once.tries, once.state) == (1, "captcha")
    assert once.missed(2, 5002, NOW) == once

    twice = once.missed(2, 5003, NOW)
    assert (twice.state, twice.owed, twice.steps) == ("failed", "kick", ())


def test_operators_decide() -> None:
    assert HELD.vouched_for(5002, NOW).done == {"review", "captcha"}
    assert HELD.vouched_for(5002, NOW).state == "passed"
    banned = HELD.turned_away(NOW, for_good=True)
    assert banned.owed == "ban"

    forgiven = banned.forgiven(NOW)
    assert (forgiven.state, forgiven.owed) == ("left", "unban")
    assert forgiven.done == {"review", "captcha"}


def test_who_has_left_owes_nothing() -> None:
    gone = HELD.asked(120, NOW).gone()
    assert (gone.state, gone.steps, gone.owed, gone.due_at) == ("left", (), None, None)


@given(st.lists(st.sampled_from(["completed", "missed", "let in", "away", "gone"]), max_size=8))
def test_who_waits_has_a_step_and_who_does_not_has_no_time_to_run_out(deeds: list[str]) -> None:
    admission = HELD.asked(120, NOW)
    for number, deed in enumerate(deeds):
        if not admission.is_pending:
            break
        match deed:
            case "completed":
                admission = admission.completed(number, NOW)
            case "missed":
                admission = admission.missed(3, number, NOW)
            case "let in":
                admission = admission.let_in(NOW)
            case "away":
                admission = admission.turned_away(NOW)
            case _:
                admission = admission.gone()
        assert admission.is_pending == (admission.state in {"captcha", "rules"}) == (admission.due_at is not None)


@pytest.mark.parametrize(
    ("captcha", "join_requests", "asks"),
    [("off", "off", False), ("off", "approve", False), ("sum", "off", True), ("off", "captcha", True)],
)
def test_a_captcha_can_be_passed_at_either_door(captcha: Any, join_requests: Any, asks: bool) -> None:
    assert asks_for_captcha(Entrance(captcha, rules=False, join_requests=join_requests)) is asks


def test_a_join_that_led_nowhere_is_known_from_one_that_let_them_in() -> None:
    sent_away = HELD.turned_away(NOW)

    assert NEW.has_let_in(5001), "who was never asked anything is in"
    assert not sent_away.has_let_in(5001)
    assert not HELD.gone().has_let_in(5001)
    assert not replace(sent_away, update_id=5003).has_let_in(5001), "moved by an answer after the join"
    assert HELD.let_in(NOW).has_let_in(5001)
    assert sent_away.has_let_in(5002), "nobody was asked at a later join"
    assert replace(sent_away, update_id=None).has_let_in(5002)


def test_who_may_stay_after_their_time_waits_for_an_operator_and_for_no_clock() -> None:
    kept = HELD.asked(60, NOW).kept_waiting()

    assert kept.is_pending
    assert (kept.state, kept.due_at, kept.challenge_id, kept.owed) == ("captcha", None, None, None)
    assert kept.vouched_for(5002, NOW).owed == "lift"

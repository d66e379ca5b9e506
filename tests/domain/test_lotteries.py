"""Who may enter with how many tickets, and when it is time to draw."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lotteries import CannotEnter, OperatorsLeftOut, is_due, is_fit, require_fit, tickets_for, with_invites
from bot.domain.members import Status

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(("streak", "tickets"), [(0, 1), (6, 1), (7, 2), (27, 4), (28, 5), (1000, 5)])
def test_a_streak_is_worth_tickets_up_to_a_cap(streak: int, tickets: int) -> None:
    assert tickets_for(streak) == tickets


@pytest.mark.parametrize(
    ("base", "invites", "each", "tickets"), [(1, 0, 1, 1), (1, 3, 1, 4), (2, 1, 2, 4), (3, 9, 1, 5)]
)
def test_invites_are_worth_tickets_up_to_the_same_cap(base: int, invites: int, each: int, tickets: int) -> None:
    assert with_invites(base, invites, each) == tickets


@pytest.mark.parametrize("status", [None, "left", "kicked"])
def test_only_members_enter_and_win(status: Status | None) -> None:
    with pytest.raises(CannotEnter):
        require_fit(status, no_operators=False)
    assert not is_fit(status, no_operators=False)


def test_operators_are_left_out_where_that_was_announced() -> None:
    require_fit("member", no_operators=True)
    require_fit("operator", no_operators=False)
    assert is_fit("operator", no_operators=False)
    assert is_fit("member", no_operators=True)
    assert not is_fit("operator", no_operators=True)
    with pytest.raises(OperatorsLeftOut):
        require_fit("operator", no_operators=True)


@pytest.mark.parametrize(
    ("draw_at", "at_entrants", "entrants", "due"),
    [
        (None, None, 10**6, False),
        (NOW, None, 0, True),
        (NOW + timedelta(microseconds=1), None, 0, False),
        (None, 3, 2, False),
        (None, 3, 3, True),
        (None, 3, 4, True),
        (NOW + timedelta(days=1), 3, 3, True),
    ],
)
def test_a_draw_is_due_at_a_time_or_with_so_many_whichever_comes_first(
    draw_at: datetime | None, at_entrants: int | None, entrants: int, due: bool
) -> None:
    assert is_due(draw_at, at_entrants, entrants, NOW) is due

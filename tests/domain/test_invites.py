"""When invites count."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.invites import (
    LONGEST_LINK_NAME,
    PATIENCE,
    Invited,
    InviteRules,
    Needs,
    Tally,
    is_valid,
    link_name,
    look_again_at,
)

JOINED = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = timedelta(days=1)

needs = st.sampled_from(["nothing", "speaking", "checkin"])
rules = st.builds(InviteRules, st.integers(0, 30), needs, st.integers(0, 100), st.integers(0, 20))
invited = st.builds(Invited, st.just(JOINED), st.booleans(), st.booleans(), st.booleans(), st.booleans())
moments = st.integers(0, 90 * 24 * 60).map(lambda minutes: JOINED + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("needed", "silent", "speaker", "regular"),
    [("nothing", True, True, True), ("speaking", False, True, True), ("checkin", False, False, True)],
)
def test_what_is_needed(needed: Needs, silent: bool, speaker: bool, regular: bool) -> None:
    terms = InviteRules(1, needed, 0, 0)
    facts = (
        Invited(JOINED, True, False, False),
        Invited(JOINED, True, True, False),
        Invited(JOINED, True, False, True),
    )

    assert tuple(is_valid(terms, one, JOINED + DAY) for one in facts) == (silent, speaker, regular)


@given(rules, invited, moments)
def test_nobody_counts_before_the_probation_is_over_nor_once_gone_nor_unproved(
    rules: InviteRules, invited: Invited, now: datetime
) -> None:
    if is_valid(rules, invited, now):
        assert now >= JOINED + DAY * rules.days
        assert invited.is_here
        assert invited.is_proved


@given(rules, invited, moments)
def test_an_invite_is_looked_at_later_and_not_for_ever(rules: InviteRules, invited: Invited, now: datetime) -> None:
    looks = 0
    look: datetime | None = now
    while look is not None and looks < 200:
        later = look_again_at(rules, invited, look)
        assert later is None or later > look
        look, looks = later, looks + 1

    assert look is None
    assert looks < 60


def test_who_has_left_or_waited_too_long_is_not_looked_at_any_more() -> None:
    terms = InviteRules(1, "speaking", 0, 0)
    silent, gone = Invited(JOINED, True, False, False), Invited(JOINED, False, True, True)

    assert look_again_at(terms, silent, JOINED) == JOINED + DAY
    assert look_again_at(terms, silent, JOINED + DAY) == JOINED + DAY + timedelta(hours=1)
    assert look_again_at(terms, silent, JOINED + DAY * 9) == JOINED + DAY * 11
    assert look_again_at(terms, silent, JOINED + DAY + PATIENCE) is None
    assert look_again_at(terms, gone, JOINED + DAY) is None


@pytest.mark.parametrize(("paid", "reward"), [(0, 30), (4, 30), (5, 0), (99, 0)])
def test_a_day_pays_so_many_and_no_more(paid: int, reward: int) -> None:
    assert InviteRules(1, "nothing", 30, 5).reward(paid) == reward
    assert InviteRules(1, "nothing", 30, 0).reward(paid) == 30


@pytest.mark.parametrize(
    ("tally", "is_suspicious"),
    [
        (Tally(4, 4, 0, 4), False),
        (Tally(5, 5, 0, 3), True),
        (Tally(6, 6, 0, 3), False),
        (Tally(6, 2, 0, 0), True),
        (Tally(6, 3, 0, 0), False),
    ],
)
def test_many_who_never_spoke_or_left_are_suspicious(tally: Tally, is_suspicious: bool) -> None:
    assert tally.is_suspicious is is_suspicious


@given(st.text(max_size=64), st.integers(1, 2**52))
def test_a_links_name_fits_and_names_the_account(name: str, user_id: int) -> None:
    made = link_name(name, user_id)

    assert len(made) <= LONGEST_LINK_NAME
    assert made.endswith(f"#{user_id}")

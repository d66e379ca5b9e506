"""What may be announced, and who may enter."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lotteries import (
    LONGEST_PRIZE,
    CannotEnter,
    OperatorsLeftOut,
    Prize,
    Terms,
    WrongClaim,
    WrongEntryKeyword,
    WrongPrizes,
    WrongTime,
    draw_time,
    is_due,
    is_fit,
    parse_terms,
    require_fit,
    terms_of,
    tickets_for,
    with_invites,
)
from bot.domain.members import Status
from bot.domain.usage import WrongUse

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def parsed(text: str) -> Terms:
    return parse_terms(text, NOW, "Asia/Taipei")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Tea x1", Terms([Prize("Tea", 1)])),
        ("A x1, B X3", Terms([Prize("A", 1), Prize("B", 3)])),
        ("奶茶 ×2，马克杯 x3、贴纸 *10", Terms([Prize("奶茶", 2), Prize("马克杯", 3), Prize("贴纸", 10)])),
        ("Red   tea  x2", Terms([Prize("Red tea", 2)])),
        ("Box x2 x3", Terms([Prize("Box x2", 3)])),
        ("Tea x1 cost 10 at 50 entrants until 30m",
         Terms([Prize("Tea", 1)], NOW + timedelta(minutes=30), 50, 10)),
        ("Tea x1 UNTIL 2026-12-24 20:00 AT 1 entrant NO OPERATORS",
         Terms([Prize("Tea", 1)], datetime(2026, 12, 24, 12, tzinfo=UTC), 1, 0, no_operators=True)),
        ("Tea x1 keyword 要奶茶", Terms([Prize("Tea", 1)], keyword="要奶茶")),
        ("Tea x1 claim 24h", Terms([Prize("Tea", 1)], claim=timedelta(days=1))),
        ("Safety pin x1 claim 5m no operators",
         Terms([Prize("Safety pin", 1)], no_operators=True, claim=timedelta(minutes=5))),
        ("Tea until noon x1", Terms([Prize("Tea until noon", 1)])),
    ],
)  # fmt: skip
def test_what_is_announced(text: str, terms: Terms) -> None:
    assert parsed(text) == terms
    assert terms_of(terms.rules(7, "", NOW)) == terms


@pytest.mark.parametrize(
    "text", ["", "Tea", "x1", "Tea x", "Tea x1,", "Tea x1 at many entrants", "Tea x1 cost 0", "Tea x1 cost 1.5",
             "Tea x1 cost 99999999", "Tea x1 cost 1 cost 2", "Tea x1 hurry"],
)  # fmt: skip
def test_what_is_not_written_so(text: str) -> None:
    with pytest.raises(WrongUse):
        parsed(text)


@pytest.mark.parametrize(
    "text", ["Tea x0", "Tea x999, Mug x2", "T" * (LONGEST_PRIZE + 1) + " x1", ",".join(["Tea x1"] * 11)]
)
def test_what_is_too_much(text: str) -> None:
    with pytest.raises(WrongPrizes):
        parsed(text)


def test_whether_the_post_is_pinned_is_no_rule_of_the_draw() -> None:
    pinned = parsed("Tea x1 PIN")

    assert pinned == Terms([Prize("Tea", 1)], pin=True)
    assert pinned.rules(7, "", NOW) == parsed("Tea x1").rules(7, "", NOW)


def test_rules_of_before_there_were_claims_have_none() -> None:
    rules = parsed("Tea x1").rules(7, "", NOW)
    del rules["claim"]

    assert terms_of(rules) == Terms([Prize("Tea", 1)])


@pytest.mark.parametrize("span", ["4m", "0d", "20:00", "soon", "9999d"])
def test_a_span_in_which_nobody_could_claim(span: str) -> None:
    with pytest.raises(WrongClaim):
        parsed(f"Tea x1 claim {span}")


@pytest.mark.parametrize("word", ["Check-In", "!!!", "w" * 33, "/checkin"])
def test_a_word_that_nobody_could_enter_with(word: str) -> None:
    with pytest.raises(WrongEntryKeyword):
        parse_terms(f"Tea x1 keyword {word}", NOW, "UTC", {"check-in"})


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("20:00", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("17:00", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-22 17:01", datetime(2026, 11, 22, 9, 1, tzinfo=UTC)),
        ("90m", datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
        ("12H", datetime(2026, 11, 22, 21, tzinfo=UTC)),
        ("366d", datetime(2027, 11, 23, 9, tzinfo=UTC)),
    ],
)
def test_when_a_draw_is_to_be(text: str, at: datetime) -> None:
    assert draw_time(text, NOW, "Asia/Taipei") == at


@pytest.mark.parametrize(
    "text", ["soon", "25:00", "2026-11-22 17:00", "2026-02-30 10:00", "0m", "367d", "2030-01-01 10:00", "１0:00"]
)
def test_what_is_no_time_to_come(text: str) -> None:
    with pytest.raises(WrongTime):
        draw_time(text, NOW, "Asia/Taipei")


def test_the_next_day_at_the_same_hour_is_one_of_the_clock() -> None:
    before_the_change = datetime(2026, 3, 28, 19, tzinfo=UTC)  # 20:00 in Berlin, where the clocks go on that night

    assert draw_time("20:00", before_the_change, "Europe/Berlin") == datetime(2026, 3, 29, 18, tzinfo=UTC)


@pytest.mark.parametrize(("streak", "tickets"), [(0, 1), (6, 1), (7, 2), (27, 4), (28, 5), (1000, 5)])
def test_a_streak_is_worth_tickets_up_to_a_cap(streak: int, tickets: int) -> None:
    assert tickets_for(streak) == tickets


@pytest.mark.parametrize(
    ("base", "invites", "each", "tickets"), [(1, 0, 1, 1), (1, 3, 1, 4), (2, 1, 2, 4), (3, 9, 1, 5)]
)
def test_invites_are_worth_tickets_up_to_the_same_cap(base: int, invites: int, each: int, tickets: int) -> None:
    assert with_invites(base, invites, each) == tickets


def test_every_lottery_counts_invites_unless_it_says_otherwise() -> None:
    assert parse_terms("Tea x1", NOW, "UTC").invites == 1
    terms = parse_terms("Tea x1 invites 0 cost 3", NOW, "UTC")
    assert (terms.invites, terms.cost) == (0, 3)
    assert terms_of(terms.rules(7, "", NOW)) == terms
    rules = terms.rules(7, "", NOW)
    assert terms_of(rules | {"tickets": {"base": 1}}).invites == 0, "as lotteries of before said nothing of it"


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

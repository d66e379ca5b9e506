"""How operators write a lottery, and what is said of what they cannot have meant."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lotteries import Prize, Terms, terms_of
from bot.domain.lotteries_terms import (
    LONGEST_PRIZE,
    OptionTwice,
    WrongClaim,
    WrongEntryKeyword,
    WrongNumber,
    WrongPrizes,
    WrongTime,
    WrongWords,
    draw_time,
    parse_terms,
)
from bot.domain.refusals import Refusal
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
    ("text", "refusal", "values"),
    [
        ("Tea x1 at many entrants", WrongNumber, {"option": "at many entrants", "least": 1, "most": 1_000_000}),
        ("Tea x1 cost 0", WrongNumber, {"option": "cost 0", "least": 1, "most": 1_000_000}),
        ("Tea x1 cost  1.5 pin", WrongNumber, {"option": "cost 1.5", "least": 1, "most": 1_000_000}),
        ("Tea x1 cost 99999999", WrongNumber, {"option": "cost 99999999", "least": 1, "most": 1_000_000}),
        ("Tea x1 invites 12", WrongNumber, {"option": "invites 12", "least": 0, "most": 9}),
        ("Tea x1 level 9999", WrongNumber, {"option": "level 9999", "least": 1, "most": 1_000}),
        ("Tea x1 cooldown soon", WrongNumber, {"option": "cooldown soon", "least": 1, "most": 3_650}),
        ("Tea x1 cost 1 pin cost 2", OptionTwice, {"option": "cost 1"}),
        ("Tea x1 PIN pin", OptionTwice, {"option": "PIN"}),
        ("Tea x1 hurry", WrongWords, {"words": "hurry"}),
        ("Tea x1 channel news pin", WrongWords, {"words": "channel news"}),
        ("Tea x1, Mug", WrongWords, {"words": "Mug"}),
        ("Tea", WrongWords, {"words": "Tea"}),
        ("x1", WrongWords, {"words": "x1"}),
        ("Tea x", WrongWords, {"words": "Tea x"}),
        ("Tea x1,", WrongWords, {"words": "Tea x1,"}),
        ("T" * 99, WrongWords, {"words": "T" * 40}),
    ],
)
def test_what_is_wrong_is_named(text: str, refusal: type[Refusal], values: dict[str, object]) -> None:
    with pytest.raises(refusal) as refused:
        parsed(text)

    assert refused.value.values == values


@pytest.mark.parametrize("text", ["", "  ", "cost 10 pin"])
def test_no_prize_at_all_asks_how_it_is_written(text: str) -> None:
    with pytest.raises(WrongUse):
        parsed(text)


@pytest.mark.parametrize("prize", ["Bonus level", "Free days", "Cost", "Level cost", "Two messages"])
def test_a_prize_may_be_called_as_an_option_is(prize: str) -> None:
    assert parsed(f"{prize} x2 cost 3") == Terms([Prize(prize, 2)], cost=3)


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


def test_every_lottery_counts_invites_unless_it_says_otherwise() -> None:
    assert parse_terms("Tea x1", NOW, "UTC").invites == 1
    terms = parse_terms("Tea x1 invites 0 cost 3", NOW, "UTC")
    assert (terms.invites, terms.cost) == (0, 3)
    assert terms_of(terms.rules(7, "", NOW)) == terms
    rules = terms.rules(7, "", NOW)
    assert terms_of(rules | {"tickets": {"base": 1}}).invites == 0, "as lotteries of before said nothing of it"

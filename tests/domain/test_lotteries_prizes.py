"""Which codes are taken, which prize is meant, and until when one claims."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lotteries import Prize
from bot.domain.lotteries_prizes import (
    AWAKE,
    GRACE,
    LONGEST_CODE,
    MOST_CODES,
    MOST_ROUNDS,
    NoCodes,
    TooManyCodes,
    UnknownPrize,
    WrongCode,
    claim_until,
    is_over,
    parse_codes,
    prize_called,
    was_slept_over,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("A1\nB2", ["A1", "B2"]),
        ("  A1 \r\n\n\tB2\t\n", ["A1", "B2"]),
        ("A1\nB2\nA1", ["A1", "B2"]),
        ("card 1234\tPIN 99", ["card 1234\tPIN 99"]),
        ("x" * LONGEST_CODE, ["x" * LONGEST_CODE]),
    ],
)
def test_codes_stand_one_a_line_and_count_once(text: str, codes: list[str]) -> None:
    assert parse_codes(text) == codes


@pytest.mark.parametrize("text", ["A\n" + "x" * (LONGEST_CODE + 1), "A\nB\x00C", "A\nB\u200bC"])
def test_a_line_that_is_no_code_is_named(text: str) -> None:
    with pytest.raises(WrongCode) as refused:
        parse_codes(text)
    assert refused.value.values["line"] == 2


def test_none_and_too_many_are_refused() -> None:
    with pytest.raises(NoCodes):
        parse_codes(" \n\n")
    with pytest.raises(TooManyCodes):
        parse_codes("\n".join(map(str, range(MOST_CODES + 1))))


PRIZES = [Prize("Tea", 1), Prize("2", 1), Prize("Mug", 1), Prize("mug", 1)]


@pytest.mark.parametrize(("name", "prize"), [("Tea", 0), ("TEA!", 0), ("1", 0), ("2", 1), ("3", 2), ("4", 3)])
def test_a_prize_is_meant_by_its_name_or_its_number(name: str, prize: int) -> None:
    assert prize_called(PRIZES, name) == prize


@pytest.mark.parametrize("name", ["", "Mug", "Cup", "0", "5", "③", "99999999", "00011"])
def test_what_could_be_several_prizes_or_none_is_refused(name: str) -> None:
    with pytest.raises(UnknownPrize) as refused:
        prize_called(PRIZES, name)
    assert refused.value.values["prizes"] == "1 Tea, 2 2, 3 Mug, 4 mug"


def test_the_only_prize_needs_no_name() -> None:
    assert prize_called(PRIZES[:1], "") == 0


def test_there_is_an_end_of_claiming_until_a_place_was_drawn_often_enough() -> None:
    assert claim_until(None, NOW) is None
    assert claim_until(timedelta(hours=1), NOW) == NOW + timedelta(hours=1)
    assert claim_until(timedelta(hours=1), NOW, MOST_ROUNDS - 1) is not None
    assert claim_until(timedelta(hours=1), NOW, MOST_ROUNDS) is None


def test_a_claim_is_over_after_a_grace_and_slept_over_much_later() -> None:
    assert not is_over(NOW, NOW + GRACE - SECOND)
    assert is_over(NOW, NOW + GRACE)
    assert not was_slept_over(NOW, NOW + AWAKE)
    assert was_slept_over(NOW, NOW + AWAKE + SECOND)

"""Flooding: one offence a burst, however long."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.moderation import Pace, Rules
from bot.domain.moderation_floods import Recent, Said

FLOOD = Rules(flood=Pace(3, 10))
REPEATS = Rules(repeats=Pace(3, 60))


def seen(recent: Recent, rules: Rules, *said: Said) -> list[tuple[str, int, list[int]] | None]:
    """For each message the rule, the burst that it is a part of, and the messages that are to go."""
    found = [recent.add(rules, one) for one in said]
    return [(one[0].rule, one[0].first_id, list(one[1])) if one else None for one in found]


def test_the_message_that_is_one_too_many_takes_those_before_it_along() -> None:
    said = [Said(100 + n, n) for n in range(1, 6)]

    assert seen(Recent(), FLOOD, *said) == [
        None, None, ("flood", 1, [1, 2, 3]), ("flood", 1, [4]), ("flood", 1, [5]),
    ]  # fmt: skip


def test_slow_talk_is_no_flood() -> None:
    assert seen(Recent(), FLOOD, *(Said(5 * n, n) for n in range(1, 30))) == [None] * 29


def test_who_goes_on_begins_another_burst() -> None:
    recent = Recent()
    seen(recent, FLOOD, *(Said(100, n) for n in (1, 2, 3)))

    assert seen(recent, FLOOD, Said(109, 4), Said(110, 5), Said(111, 6), Said(112, 7)) == [
        ("flood", 1, [4]), None, None, ("flood", 5, [5, 6, 7]),
    ]  # fmt: skip


def test_the_same_message_again_is_counted_once_and_answered_alike() -> None:
    recent = Recent()
    assert seen(recent, FLOOD, Said(100, 1), Said(100, 1), Said(100, 1)) == [None] * 3
    seen(recent, FLOOD, Said(100, 2))

    assert seen(recent, FLOOD, Said(100, 3), Said(100, 3)) == [("flood", 1, [1, 2, 3])] * 2
    assert seen(recent, FLOOD, Said(101, 4), Said(101, 4)) == [("flood", 1, [4])] * 2


def test_an_album_is_one_message() -> None:
    album = [Said(100, n, album="a") for n in range(1, 11)]
    recent = Recent()

    assert seen(recent, FLOOD, *album) == [None] * 10
    assert seen(recent, FLOOD, Said(101, 11)) == [None]
    assert seen(recent, FLOOD, Said(101, 12)) == [("flood", 1, list(range(1, 13)))]


def test_the_same_text_again_and_again() -> None:
    advert = [Said(100 + 20 * n, n, "buy-my-watch") for n in (1, 2)]
    other = Said(150, 9, "good-morning")

    assert seen(Recent(), REPEATS, *advert, other, Said(155, 3, "buy-my-watch")) == [
        None, None, None, ("repeats", 1, [1, 2, 3]),
    ]  # fmt: skip


def test_what_was_repeated_is_not_a_flood_as_well() -> None:
    rules = Rules(flood=Pace(4, 10), repeats=Pace(2, 60))
    repeated = [Said(100, 1, "buy-my-watch"), Said(101, 2, "buy-my-watch")]
    talk = [Said(102 + n, n, f"sorry, number {n}") for n in range(3, 7)]

    assert seen(Recent(), rules, *repeated, *talk) == [
        None, ("repeats", 1, [1, 2]), None, None, None, ("flood", 3, [3, 4, 5, 6]),
    ]  # fmt: skip


def test_short_texts_and_no_text_may_be_repeated() -> None:
    for text in ("", "haha"):
        assert seen(Recent(), REPEATS, *(Said(100, n, text) for n in range(9))) == [None] * 9


@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["", "hello-there"])), max_size=60))
def test_nothing_is_flagged_while_the_rules_are_off(said: list[tuple[int, str]]) -> None:
    recent = Recent()

    assert seen(recent, Rules(), *(Said(at, n, text) for n, (at, text) in enumerate(said))) == [None] * len(said)


@given(st.lists(st.integers(0, 30), max_size=300))
def test_memory_stays_flat_and_every_message_is_in_one_burst_at_most(pauses: list[int]) -> None:
    recent, at, gone = Recent(), 0, list[int]()
    for n, pause in enumerate(pauses):
        at += pause
        found = recent.add(Rules(flood=Pace(3, 10), repeats=Pace(3, 60)), Said(at, n))
        gone += found[1] if found else ()

    assert len(gone) == len(set(gone))
    assert len(recent._said) <= 101
    assert len(recent._bursts) <= 2

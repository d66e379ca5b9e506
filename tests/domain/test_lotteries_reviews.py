"""Who of a lottery's entrants may be one person."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.faq import normal
from bot.domain.lotteries_reviews import Lookalikes, Suspect, name_key, reviewed, stem_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def folded(text: str) -> str:
    return normal(text, lambda traditional: traditional.replace("龍", "龙"))


def seconds(number: int) -> datetime:
    return NOON + timedelta(seconds=number)


def found(*suspects: Suspect) -> list[tuple[list[int], tuple[str, ...]]]:
    groups = reviewed(suspects, folded).groups
    return [([one.user_id for one in group.suspects], group.signs) for group in groups]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Anna Lee", "ＡＮＮＡ  lee 🔥"), ("Anna 1", "Anna_22"), ("Lee Anna", "anna lee"), ("Annnna", "Ana"),
     ("小龍", "小龙 2"), ("🔥🔥", "🔥 🔥"), ("12345", "12345"), ("A1", "a1")],
)  # fmt: skip
def test_names_are_alike_whatever_stands_around_their_letters(one: str, other: str) -> None:
    assert name_key(one, folded) == name_key(other, folded) is not None


@pytest.mark.parametrize(("one", "other"), [("Anna", "Anne"), ("A1", "A2"), ("🔥", "🌊"), ("小龙", "小虎"), ("1", "2")])
def test_other_names_are_not_alike(one: str, other: str) -> None:
    assert name_key(one, folded) != name_key(other, folded)


def test_a_name_that_shows_nothing_is_like_no_other() -> None:
    assert name_key(" ", folded) is None
    assert found(Suspect(1, ""), Suspect(2, " ")) == []


@pytest.mark.parametrize(
    ("username", "stem"), [("tea_1", "tea_"), ("T1ea22", "tea"), (None, None), ("a_1_23", None), ("te12345", None)]
)
def test_usernames_are_alike_but_for_digits_if_enough_is_left(username: str | None, stem: str | None) -> None:
    assert stem_of(username) == stem


def test_what_holds_of_all_in_a_group_stands_with_it() -> None:
    farm = [
        Suspect(n, f"Anna {n}", f"anna{n}", seconds(20 * n), inviter_id=7, is_silent=True, lacks_captcha=True)
        for n in (1, 2, 3)
    ]

    assert found(*farm, Suspect(4, "Bob", "bob", seconds(40))) == [
        ([1, 2, 3], ("name", "username", "inviter", "at_once", "captcha", "silent"))
    ]
    assert found(replace(farm[0], is_silent=False), *farm[1:])[-1][1] == ("name", "username", "at_once", "captcha")
    assert found(replace(farm[0], joined_at=None), *farm[1:])[-1] == (
        [1, 2, 3],
        ("name", "username", "captcha", "silent"),
    )


def test_many_brought_by_one_member_within_minutes_who_never_wrote_are_a_sign() -> None:
    brought = [
        Suspect(n, name, None, seconds(500 * n), 7, is_silent=True) for n, name in enumerate(("A b", "C d", "E f"))
    ]

    assert found(*brought) == [([0, 1, 2], ("inviter", "silent"))]
    assert found(replace(brought[1], user_id=9, joined_at=seconds(700)), *brought)[0][0] == [0, 1, 2, 9], (
        "a pair in it adds nobody"
    )
    assert found(*brought[1:]) == [], "two are not many"
    assert found(*brought[:2], replace(brought[2], inviter_id=8)) == []
    assert found(*brought[:2], replace(brought[2], joined_at=seconds(5000))) == [], "not in one burst"
    assert found(*(replace(one, is_silent=False) for one in brought)) == []


def test_joining_at_once_is_a_sign_with_others_alone() -> None:
    people = [
        Suspect(1, "Anna", None, seconds(0)),
        Suspect(2, "Bob", None, seconds(60)),
        Suspect(3, "Eve", None, seconds(121)),
    ]

    assert found(*people) == []
    assert found(*(replace(one, is_silent=True) for one in people)) == [([1, 2], ("at_once", "silent"))]
    assert found(*(replace(one, lacks_captcha=True) for one in people)) == [([1, 2], ("at_once", "captcha"))]


def test_of_many_who_are_called_alike_those_who_came_together_come_first() -> None:
    early = [Suspect(n, "Anna", None, seconds(n)) for n in (3, 4)]
    others = [Suspect(n, "Anna", None, seconds(5000 * n)) for n in (1, 2)]
    bobs = [Suspect(n, "Bob") for n in (5, 6)]

    assert found(*others, *early, *bobs) == [
        ([3, 4], ("name", "at_once")), ([1, 2, 3, 4], ("name",)), ([5, 6], ("name",))
    ]  # fmt: skip


def test_what_holds_of_single_entrants_is_counted() -> None:
    review = reviewed(
        [Suspect(1, "Anna", is_silent=True), Suspect(2, "Bob", lacks_captcha=True), Suspect(3, "Eve")], folded
    )

    assert (review.entrants, review.silent, review.lacking_captcha) == (3, 1, 1)


suspects = st.lists(
    st.builds(
        Suspect,
        user_id=st.integers(1, 99),
        name=st.sampled_from(["Anna", "anna 2", "Bob", "小龙", "", "🔥"]),
        username=st.sampled_from([None, "anna1", "anna22", "bob"]),
        joined_at=st.none() | st.integers(0, 1000).map(seconds),
        inviter_id=st.sampled_from([None, 7, 8]),
        is_silent=st.booleans(),
        lacks_captcha=st.booleans(),
    ),
    unique_by=lambda one: one.user_id,
)


@given(suspects, st.randoms())
def test_groups_are_of_several_ranked_and_the_same_in_whatever_order_people_entered(
    entrants: list[Suspect], rng: Random
) -> None:
    groups = list(reviewed(entrants, folded).groups)
    shuffled = sorted(entrants, key=lambda _: rng.random())

    assert reviewed(shuffled, folded).groups == groups
    assert all(len(group.suspects) > 1 and group.signs for group in groups)
    assert len({group.suspects for group in groups}) == len(groups)
    assert [len(group.signs) for group in groups] == sorted((len(group.signs) for group in groups), reverse=True)


@given(suspects)
def test_all_who_are_called_alike_stand_together_in_a_group(entrants: list[Suspect]) -> None:
    named = {one for one in entrants if name_key(one.name, folded) == "ana"}

    groups: list[Lookalikes] = list(reviewed(entrants, folded).groups)

    assert len(named) < 2 or any(named <= set(group.suspects) for group in groups)

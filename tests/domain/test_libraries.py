from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.libraries import Pick, choose

PICKS: list[Pick] = ["next", "random", "weighted"]


def run(weights: dict[str, int], pick: Pick, times: int) -> list[str]:
    taken: set[str] = set()
    found = []
    for n in range(times):
        key, is_new_turn = choose(weights, taken, pick, f"seed {n}")
        taken = {key} if is_new_turn else taken | {key}
        found.append(key)
    return found


def test_next_goes_through_the_file_and_begins_anew() -> None:
    assert run({"lamp": 1, "mug": 1, "scarf": 1}, "next", 7) == ["lamp", "mug", "scarf", "lamp", "mug", "scarf", "lamp"]


def test_an_item_that_was_put_in_has_its_turn_before_any_comes_again() -> None:
    assert choose({"new": 1, "lamp": 1, "mug": 1}, {"lamp", "mug"}, "next", "") == ("new", False)


def test_an_item_that_was_taken_out_is_not_waited_for() -> None:
    assert choose({"lamp": 1}, {"lamp", "gone"}, "next", "") == ("lamp", True)


@given(st.dictionaries(st.text("abc", min_size=1), st.integers(1, 9), min_size=1, max_size=8), st.sampled_from(PICKS))
def test_none_comes_again_before_all_have_come(weights: dict[str, int], pick: Pick) -> None:
    found = run(weights, pick, 3 * len(weights))
    for turn in range(3):
        assert set(found[turn * len(weights) : (turn + 1) * len(weights)]) == set(weights)


def test_the_same_seed_takes_the_same() -> None:
    weights = {"a": 1, "b": 1, "c": 1}
    assert choose(weights, set(), "random", "x") == choose(weights, set(), "random", "x")


def test_weights_are_odds() -> None:
    # 4,000 draws at 3 in 4: five standard deviations are 137.
    counts = Counter(choose({"often": 3, "seldom": 1}, set(), "weighted", str(n))[0] for n in range(4_000))
    assert abs(counts["often"] - 3_000) < 137

"""Did you mean: which entries a question may mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.faq import Entry, Keyword, Mode
from bot.domain.faq_suggestions import LEAST_SCORE, MOST_LOOKED_AT, MOST_SUGGESTIONS, SuggestionIndex, suggest


def entry(name: str, *phrasings: str, mode: Mode = "contains") -> Entry:
    return Entry(name, tuple(Keyword(text, mode) for text in phrasings), ("answer",))


SHOP = [
    entry("refund", "how long does a refund take", "退款多久"),
    entry("return", "can i return it", "可以退货"),
    entry("hours", "opening hours", "几点开门"),
    entry("coupon", "coupon does not work", "优惠券用不了"),
    entry("size", "size chart", "尺码表"),
    entry("wash", "machine wash", "可以机洗"),
]


def meant(question: str, entries: list[Entry] = SHOP) -> list[str]:
    return [found.entry.id for found in suggest(question, SuggestionIndex.of(entries, str.lower))]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("when does the refund come", "refund"),
        ("refnud how long", "refund"),
        ("are these returnable", "return"),
        ("my coupons dont work", "coupon"),
        ("这个券为什么用不了", "coupon"),
        ("尺码怎么看", "size"),
        ("你们早上几点开", "hours"),
        ("机洗会坏吗", "wash"),
    ],
)
def test_a_question_that_is_put_in_other_words_means_the_likeliest_entry(question: str, name: str) -> None:
    assert meant(question)[0] == name


@pytest.mark.parametrize(
    "question", ["what is this", "how do you do", "", "请问怎么办", "月亮有多大", "why is the moon so far"]
)
def test_nothing_is_meant_when_unsure(question: str) -> None:
    assert meant(question) == []


def test_an_entry_is_suggested_once_by_its_likeliest_phrasing() -> None:
    [found] = suggest("gift wrapping", SuggestionIndex.of([entry("gift", "gift", "gift wrapping")], str))

    assert (found.keyword.text, round(found.score, 6)) == ("gift wrapping", 1)


def test_at_most_three_are_suggested_and_none_that_falls_behind_the_best() -> None:
    alike = [entry(f"{n}", f"gift box {n}") for n in range(5)]

    assert meant("gift box", alike) == ["0", "1", "2"]
    assert meant("gift box 1", alike)[0] == "1"
    longer = "opening hours christmas eve london branch"
    assert meant(longer, [*SHOP, entry("longer", longer)]) == ["longer"]


def test_only_what_fits_is_suggested() -> None:
    found = suggest("refund", SuggestionIndex.of(SHOP, str), lambda entry: entry.id != "refund")

    assert found == []


def test_patterns_and_phrasings_of_fillers_alone_are_never_meant() -> None:
    assert meant("refund it", [entry("pattern", "refund", mode="regex"), entry("filler", "how is it")]) == []


def test_a_term_of_very_many_phrasings_is_not_looked_at() -> None:
    crowd = [entry(f"{n}", f"tea {n}") for n in range(MOST_LOOKED_AT + 1)]

    assert meant("tea", crowd) == []
    assert meant("tea 999", crowd)[0] == "999"


@given(
    st.lists(st.text(alphabet="ab退货 ", min_size=1, max_size=12), max_size=8),
    st.text(alphabet="abc退货了 ", max_size=20),
)
def test_suggestions_are_few_ordered_and_repeatable(phrasings: list[str], question: str) -> None:
    index = SuggestionIndex.of([entry(f"{n}", text) for n, text in enumerate(phrasings)], str)

    found = suggest(question, index)

    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert all(LEAST_SCORE <= score <= 1.000001 for score in scores)
    assert len(found) == len({one.entry.id for one in found}) <= MOST_SUGGESTIONS
    assert found == suggest(question, index)


def test_the_words_of_a_pattern_are_its_entrys_shown_by_a_phrasing() -> None:
    words = Keyword(r"\b(repay|money|cash)\b.{0,9}back", "regex")
    refund = Entry("refund", (words, Keyword("refund", "word")), ("answer",))

    index = SuggestionIndex.of([refund, *SHOP], str.lower)
    found = suggest("refund money cash repay back", index)

    assert found[0].keyword.text == "refund"
    [shown] = [one for one in suggest("repay money cash back refundable", index) if one.entry.id == "refund"][:1]
    assert shown.keyword.mode == "word"

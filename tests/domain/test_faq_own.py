"""What operators write, how it is written down again, and whom an entry is for."""

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.faq import MODES, Entry, Hours, Keyword, parse_keyword, ref_of, written_keyword
from bot.domain.faq_own import Missed, UnknownMark, own_about, own_id, own_key, parse_addition, with_keyword
from bot.domain.hand_overs import message_link

KEYWORDS = st.builds(
    Keyword, st.text(min_size=1, max_size=30).map(str.strip).filter(bool), st.sampled_from(MODES)
) | st.builds(
    Keyword, st.text(min_size=1, max_size=30).map(str.strip).filter(bool), st.just("fuzzy"), st.integers(50, 100)
)


@given(KEYWORDS)
def test_a_keyword_is_read_as_it_was_written_down(keyword: Keyword) -> None:
    assert parse_keyword(written_keyword(keyword)) == keyword


def test_marks_say_what_is_special() -> None:
    found = parse_addition("人工 | +Person | talk to a person | +private | +1 = Somebody comes.")

    assert found is not None
    assert [keyword.text for keyword in found.keywords] == ["人工", "talk to a person", "+1"]
    assert (found.hands_over, found.is_private) == (True, True)


@pytest.mark.parametrize("mark", ["+privat", "+privat mark", "+quiet"])
def test_what_looks_like_a_mark_and_is_none_is_no_keyword(mark: str) -> None:
    with pytest.raises(UnknownMark):
        parse_addition(f"my order | {mark} = Secret")

    found = parse_addition(f"my order | word:{mark} | +86 | +微信 = Public")

    assert found is not None
    assert [keyword.text for keyword in found.keywords] == ["my order", mark, "+86", "+微信"]


@pytest.mark.parametrize(
    ("words", "keywords"),
    [
        ("regex:(refund|money back) soon|hi", ["(refund|money back) soon", "hi"]),
        (r"regex:\(refund|hi", [r"\(refund", "hi"]),
        ("regex:refund|hi", ["refund", "hi"]),
        ("a (b|c) d", ["a (b", "c) d"]),
        ("regex:((a|b)|c) | regex:(d|e)", ["((a|b)|c)", "(d|e)"]),
    ],
)
def test_a_bar_inside_the_parentheses_of_a_pattern_separates_nothing(words: str, keywords: list[str]) -> None:
    found = parse_addition(f"{words} = yes")

    assert found is not None
    assert [keyword.text for keyword in found.keywords] == keywords


def test_a_picture_needs_no_words() -> None:
    found = parse_addition("sizes", needs_answer=False)

    assert found is not None
    assert (found.keywords[0].text, found.answer) == ("sizes", "")
    assert parse_addition("= words", needs_answer=False) is None


def test_an_own_entry_is_named_by_its_first_keyword_and_gets_more() -> None:
    keyword = Keyword("hi", "exact")
    own = Entry(own_id("hi"), (keyword,), ("hello",), hands_over=True)

    assert (own.is_own, own_key(own)) == (True, "hi")
    assert with_keyword(own, keyword) is own
    assert with_keyword(own, Keyword("hey", "exact")).keywords == (keyword, Keyword("hey", "exact"))


def test_an_entry_of_a_file_gets_a_companion_for_one_keyword() -> None:
    keyword = Keyword("do you ship abroad", "word")
    shared = Entry(
        "shop.yaml:abroad", (Keyword("abroad", "word"),), ("Yes.", "Sure."), priority=3, unless=("ship",), lifetime=9,
        groups=frozenset({"Hearth"}), tags=frozenset({"vip"}),
    )  # fmt: skip

    assert own_about(shared, keyword, "do you ship abroad") == Entry(
        own_id("do you ship abroad"), (keyword,), ("Yes.", "Sure."), priority=10, lifetime=9
    )


def test_short_names_are_of_the_whole_name() -> None:
    assert Missed("怎么退货", "怎么 退货?", 1).ref == ref_of("怎么退货")
    assert len(Entry("x" * 300, (), ()).ref) == 12


@pytest.mark.parametrize(
    ("groups", "tags", "is_for"),
    [((), (), True), (("Hearth",), (), True), (("-5",), (), True), ((), ("vip",), True), ((), ("fashion",), False)],
)
def test_an_entry_is_for_groups_and_for_tags(groups: tuple[str, ...], tags: tuple[str, ...], is_for: bool) -> None:
    entry = Entry("e", (), (), groups=frozenset(groups), tags=frozenset(tags))

    assert entry.is_for(-5, "Hearth", ("vip", "shop")) is is_for


def test_an_entry_keeps_to_its_topics_and_hours() -> None:
    entry = Entry("e", (), ("a",), topics=frozenset({3}), hours=Hours(time(9), time(18)))

    assert [entry.answers_in(topic) for topic in (3, 4, None)] == [True, False, False]
    assert [entry.is_open_at(datetime(2026, 1, 1, hour, tzinfo=UTC)) for hour in (8, 9)] == [False, True]
    assert Entry("e", (), ()).answers_in(None)


def test_links_to_messages() -> None:
    assert message_link(-1001234, 5) == "https://t.me/c/1234/5"
    assert message_link(-1001234, 5, "hearth") == "https://t.me/hearth/5"
    assert message_link(-1234, 5) == ""

"""How texts are compared, and which entry answers."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.faq import (
    Entry,
    Hit,
    Hours,
    Keyword,
    Mode,
    best_first,
    default_mode,
    filled,
    is_question,
    normal,
    parse_keyword,
    rivals,
    stands_alone,
    variables_of,
)
from bot.domain.faq_own import parse_addition


def same(text: str) -> str:
    return text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("How do I RETURN it?", "how do i return it"),
        ("what's up", "whats up"),
        ("what’s up", "whats up"),
        ("ＶＩＰ 会员！", "vip会员"),
        ("怎么 退货？？ 😀", "怎么退货"),
        ("我要 return 一个", "我要return一个"),
        ("...", ""),
        ("__", ""),
        ("Straße", "strasse"),
    ],
)
def test_normal_forms(text: str, folded: str) -> None:
    assert normal(text, same) == folded


@given(st.text(max_size=60))
def test_a_normal_form_is_its_own(text: str) -> None:
    once = normal(text, same)

    assert once == once.strip()
    assert "  " not in once
    assert normal(once, same).replace(" ", "") == normal(normal(once, same), same).replace(" ", "")


@pytest.mark.parametrize(
    ("text", "start", "end", "alone"),
    [
        ("viper", 0, 3, False),
        ("a vip", 2, 5, True),
        ("我是vip吗", 2, 5, True),
        ("vips", 0, 3, False),
        ("xvip", 1, 4, False),
    ],
)
def test_words_are_not_cut(text: str, start: int, end: int, alone: bool) -> None:
    assert stands_alone(text, start, end) is alone


def test_the_mode_is_the_scripts() -> None:
    assert [default_mode(word) for word in ("return", "退货", "VIP会员", "ส่ง")] == [
        "word",
        "contains",
        "contains",
        "contains",
    ]


@pytest.mark.parametrize(
    ("written", "keyword"),
    [
        ("exact: hi", Keyword("hi", "exact")),
        ("REGEX：a=b", Keyword("a=b", "regex")),
        ("note: this", Keyword("note: this", "word")),
        ("exact:", Keyword("exact:", "word")),
        ("退货", Keyword("退货", "contains")),
    ],
)
def test_keywords_as_they_are_written(written: str, keyword: Keyword) -> None:
    assert parse_keyword(written) == keyword


@pytest.mark.parametrize(
    ("words", "parsed"),
    [
        ("a=b", (("a",), (), "b")),
        ("退货＝七天", (("退货",), (), "七天")),
        ("a | b |-c = d = e", (("a", "b"), ("c",), "d = e")),
        ("regex:x=y = z", (("x=y",), (), "z")),
        ("a | | - = b", (("a",), (), "b")),
        ("no answer", None),
        ("= b", None),
        ("a =", None),
        ("-a = b", None),
    ],
)
def test_additions_as_they_are_written(words: str, parsed: tuple[tuple[str, ...], tuple[str, ...], str] | None) -> None:
    found = parse_addition(words)

    shown = (tuple(keyword.text for keyword in found.keywords), found.unless, found.answer) if found else None
    assert shown == parsed


def hit(name: str, mode: Mode, keyword: str = "keyword", priority: int = 0) -> Hit:
    found = Keyword(keyword, mode)
    return Hit(Entry(name, (found,), ("answer",), priority=priority), found)


def test_priority_then_exact_then_pattern_then_inside_then_nearly_then_the_longest_keyword() -> None:
    in_order = [
        hit("first", "fuzzy", priority=1),
        hit("exact", "exact"),
        hit("pattern", "regex"),
        hit("long", "contains", "a longer keyword"),
        hit("word", "word"),
        hit("nearly", "fuzzy", "the longest keyword of all"),
    ]

    assert best_first(reversed(in_order)) == in_order


def test_between_patterns_of_one_priority_it_is_unsure() -> None:
    patterns = [hit("long", "regex", "a long pattern"), hit("short", "regex", "short")]

    assert rivals([*patterns, hit("word", "word")]) == patterns


@pytest.mark.parametrize(
    "ranked",
    [
        [hit("alone", "regex"), hit("word", "word")],
        [hit("special", "regex", priority=1), hit("general", "regex")],
        [hit("exact", "exact"), hit("one", "regex"), hit("other", "regex")],
        [hit("long", "contains", "a longer keyword"), hit("short", "contains")],
    ],
)
def test_else_the_best_is_surely_meant(ranked: list[Hit]) -> None:
    assert rivals(ranked) == []


def test_an_entry_answers_by_its_best_keyword_once() -> None:
    entry = Entry("e", (), ("answer",))
    hits = [Hit(entry, Keyword("a", "fuzzy")), Hit(entry, Keyword("a", "exact")), Hit(entry, Keyword("a", "word"))]

    assert [found.keyword.mode for found in best_first(hits)] == ["exact"]


def test_scope() -> None:
    entry = Entry("e", (), ("a",), groups=frozenset({"-100", "Shop"}))

    assert entry.is_for(-100, "x")
    assert entry.is_for(-7, "Shop")
    assert not entry.is_for(-7, "shop 2")
    assert Entry("e", (), ("a",)).is_for(-7, "x")


def test_hours_and_days() -> None:
    by_day, by_night = Hours(time(9), time(18)), Hours(time(22), time(6))
    assert [by_day.include(time(hour)) for hour in (8, 9, 17, 18)] == [False, True, True, False]
    assert [by_night.include(time(hour)) for hour in (21, 22, 5, 6)] == [False, True, True, False]

    entry = Entry(
        "e", (), ("open",), hours=by_day, otherwise="closed", valid_from=date(2026, 1, 2), valid_until=date(2026, 1, 3)
    )
    assert entry.answers_at(datetime(2026, 1, 1, 12)) == ()  # noqa: DTZ001 - local
    assert entry.answers_at(datetime(2026, 1, 2, 12)) == ("open",)  # noqa: DTZ001
    assert entry.answers_at(datetime(2026, 1, 3, 20)) == ("closed",)  # noqa: DTZ001
    assert entry.answers_at(datetime(2026, 1, 4, 12)) == ()  # noqa: DTZ001
    assert Entry("e", (), ("open",), hours=by_day).answers_at(datetime(2026, 1, 1, 20)) == ()  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("有人知道几点开门吗", True),
        ("How long does it take", True),
        ("really?", True),
        ("怎么退货", True),
        ("good morning everyone", False),
        ("谢谢店长", False),
        ("x" * 501 + "?", False),
    ],
)
def test_questions(text: str, asks: bool) -> None:
    assert is_question(text) is asks


def test_variables() -> None:
    assert variables_of("{{ name }} {{x y}} {z}") == {"name", "x y"}
    assert filled("{{ name }}/{{x}}", lambda name: f"<{name}>") == "<name>/<x>"

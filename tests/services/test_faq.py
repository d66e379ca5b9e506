"""The index, and what the service makes of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.faq import MODES, Entry, Keyword, Mode
from bot.services.faq_index import FaqIndex, KeywordError, check_keyword, normal_form


def found(text: str, *keywords: Keyword, unless: tuple[str, ...] = ()) -> list[str]:
    index = FaqIndex.of([Entry(keyword.text, (keyword,), ("a",), unless=unless) for keyword in keywords])
    return [hit.keyword.text for hit in index.hits(normal_form(text))]


@pytest.mark.parametrize(
    ("mode", "keyword", "hits", "misses"),
    [
        ("exact", "退貨", ["退货", "退货！", "退 貨"], ["怎么退货", "退"]),
        ("contains", "退货", ["怎么退货呀", "我要退貨"], ["退", "退不退货物"[:2]]),
        ("contains", "ship", ["worshipping"], ["sh ip"]),
        ("word", "VIP", ["am I a vip?", "我是vip吗", "vip"], ["viper", "vips"]),
        ("word", "size chart", ["the Size-Chart please"], ["size charts"]),
        ("prefix", "怎么", ["怎么退货"], ["请问怎么退货"]),
        ("prefix", "how", ["how to"], ["however", "and how"]),
        ("regex", "发货.{0,4}多久", ["发货要多久", "發貨多久"], ["多久发货"]),
        ("regex", r"^order \d+$", ["Order 12", "order #12"], ["my order 12"]),
        ("fuzzy", "redeem", ["reedem", "how to reedem it"], ["read them", "x" * 49 + " reedem"]),
        ("fuzzy", "怎么退货流程", ["怎么退货流成"], ["怎么签到"]),
    ],
)
def test_modes(mode: Mode, keyword: str, hits: list[str], misses: list[str]) -> None:
    for text in hits:
        assert found(text, Keyword(keyword, mode)) == [keyword], text
    for text in misses:
        assert found(text, Keyword(keyword, mode)) == [], text


def test_the_threshold_of_a_fuzzy_keyword_decides() -> None:
    assert found("reedem", Keyword("redeem", "fuzzy", threshold=90)) == []
    assert found("reedem", Keyword("redeem", "fuzzy", threshold=70)) == ["redeem"]


def test_overlapping_keywords_are_all_found() -> None:
    words = [Keyword(text, "contains") for text in ("退货", "退货运费", "运费")]

    assert set(found("退货运费谁出", *words)) == {"退货", "退货运费", "运费"}


def test_negative_keywords_follow_their_script() -> None:
    assert found("return of the king", Keyword("return", "word"), unless=("king",)) == []
    assert found("return a kingfisher", Keyword("return", "word"), unless=("king",)) == ["return"]
    assert found("退群怎么退", Keyword("怎么退", "contains"), unless=("退群",)) == []


@pytest.mark.parametrize(
    ("keyword", "reason"),
    [
        (Keyword("退", "contains"), "needs 2 to 64"),
        (Keyword("", "exact"), "needs 1 to 64"),
        (Keyword("a" * 65, "word"), "needs 1 to 64"),
        (Keyword("[", "regex"), "no pattern that RE2 understands: missing ]"),
        (Keyword("(?=a)", "regex"), "no pattern"),
        (Keyword(r"(a)\1", "regex"), "no pattern"),
        (Keyword("a|", "regex"), "fits every message"),
        (Keyword("a" * 201, "regex"), "at most 200"),
    ],
)
def test_keywords_that_cannot_be_looked_for(keyword: Keyword, reason: str) -> None:
    with pytest.raises(KeywordError, match=re.escape(reason)):
        check_keyword(keyword)


@given(st.text(max_size=60) | st.text(alphabet="退貨货a ！？🚚", max_size=12))
def test_whatever_the_text_a_keyword_is_found_where_it_stands(text: str) -> None:
    asked, modes = normal_form(text), MODES[:-1]
    index = FaqIndex.of([Entry(mode, (Keyword("退货", mode),), ("a",)) for mode in modes])

    stands = {
        "exact": asked == "退货",
        "contains": "退货" in asked,
        "word": "退货" in asked,
        "prefix": asked.startswith("退货"),
        "regex": "退货" in asked,
    }
    assert {hit.entry.id for hit in index.hits(asked)} == {mode for mode, is_there in stands.items() if is_there}


def test_an_evil_pattern_takes_no_longer_than_its_text() -> None:
    assert found("a" * 400 + "!", Keyword("(a+)+b", "regex")) == []

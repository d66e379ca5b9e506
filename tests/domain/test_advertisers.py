"""Names that look like advertisers', and names that do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.advertisers import LONGEST_PATTERN, MOST_PATTERNS, looks_like_advertiser, parse_patterns


@pytest.mark.parametrize(
    "name",
    [
        "AAA建材批发", "aaa cheap loans", "ＡＡＡ 贷款", "🔥AAA", "AAAA", "000 first", "a\u200baa loans",
        "Join t.me/cheapstuff", "https://x.example", "www.shop", "deals123.com", "BestShop.top daily",
        "加微信 abc", "＋VX tea888", "➕V信", "加V", "加wx", "微信：tea888", "薇信tea_88", "vx:tea", "WeChat tea99",
        "QQ 123456", "飞机加飞机 @x 加电报", "WhatsApp +49 170 1234567", "138 0013 8000",
        "+86-138-0013-8000", "Tea 13800138000", "A A A 贷款", "a.a.a loans", "ААА займы",
        "加我微信", "加我v", "飞机号 tea99", "💰💰💰💰 easy", "🔥Win🎁Big💰Now🚀",
    ],
)  # fmt: skip
def test_names_that_advertise(name: str) -> None:
    assert looks_like_advertiser(name)


@pytest.mark.parametrize(
    "name",
    [
        "Alice", "Aaron", "Aaltje van der A", "AA", "A. A. Milne", "李微信的朋友", "王小明", "加藤 明", "Vivian", "V",
        "Maya 🌻", "Ann 🐈🐈🐈", "🇩🇪 Uli", "R2-D2", "Agent 007", "Lee 1984", "Tom 2024-2025", "عائشة", "Ольга", "Zoë",
        "T. Me", "Dr. Com",
        "Анна А. А.", "A, a and a half", "飞机迷",
        "👩‍👩‍👧 Family", "加拿大小李", "电报员", "Queen", "#1001", "",
    ],
)  # fmt: skip
def test_names_that_do_not(name: str) -> None:
    assert not looks_like_advertiser(name)


def test_an_operators_own_words_count_whatever_their_case_and_width() -> None:
    patterns = parse_patterns("casino | 代购")

    assert patterns == ("casino", "代购")
    assert looks_like_advertiser("Grand ＣＡＳＩＮＯ", patterns)
    assert looks_like_advertiser("小王代购", patterns)
    assert not looks_like_advertiser("Alice", patterns)


def test_none_is_no_pattern() -> None:
    assert parse_patterns("NONE") == ()


@pytest.mark.parametrize(
    "written", ["", " | ", "a | ", "\u200b", "x" * (LONGEST_PATTERN + 1), " | ".join(["x"] * (MOST_PATTERNS + 1))]
)
def test_patterns_that_make_no_sense(written: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        parse_patterns(written)


@given(st.text(max_size=300))
def test_any_name_gets_an_answer(name: str) -> None:
    assert looks_like_advertiser(name) in {True, False}


@given(st.text(st.characters(whitelist_categories=["Lu", "Ll"], max_codepoint=0x17F), max_size=40))
def test_a_name_in_front_of_which_there_are_letters_to_sort_by_advertises(name: str) -> None:
    assert looks_like_advertiser(f"AAA {name}")

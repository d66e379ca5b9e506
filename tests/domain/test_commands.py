import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.commands import Request, fold, parse_command


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("/checkin", Request("checkin")),
        ("/CheckIn", Request("checkin")),
        ("/checkin  ", Request("checkin")),
        ("/checkin@Hearth_bot", Request("checkin", mentioned=True)),
        ("/checkin@HEARTH_BOT now", Request("checkin", "now", mentioned=True)),
        ("/makeup 2026-11-21", Request("makeup", "2026-11-21")),
        ("/makeup　昨天", Request("makeup", "昨天")),
        ("/rules set\n1. Be kind.\n\n2. No spam.\n", Request("rules", "set\n1. Be kind.\n\n2. No spam.")),
        ("/a_1", Request("a_1")),
        ("/" + "x" * 32, Request("x" * 32)),
    ],
)
def test_a_command_is_its_name_in_lower_case_and_what_comes_after(text: str, request_: Request) -> None:
    assert parse_command(text, "hearth_bot") == request_


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "//",
        "/ checkin",
        " /checkin",
        "checkin",
        "please /checkin",
        "/checkin@other_bot",
        "/checkin@",
        "/checkin@hearth_bot!",
        "/checkin!",
        "/签到",
        "/😀",
        "/checkin😀",
        "/" + "x" * 33,
        "/checkin@hearth_bot@hearth_bot",
        "/checkın",
    ],
)
def test_what_is_no_command_or_names_another_bot_asks_for_nothing(text: str) -> None:
    assert parse_command(text, "hearth_bot") is None


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    for request in (parse_command(text, "hearth_bot"), parse_command(f"/x {text}", "hearth_bot")):
        assert request is None or request.arguments == request.arguments.strip()


@given(st.text(min_size=1))
def test_what_is_written_after_a_command_arrives_as_it_was_written(text: str) -> None:
    request = parse_command(f"/say {text}", "hearth_bot")

    assert request == Request("say", text.strip())


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("签到", "签到"),
        ("签到!", "签到"),
        ("签到！！", "签到"),
        (" 打卡 。", "打卡"),
        ("【打卡】", "打卡"),
        ("签到👍", "签到"),
        ("❤️签到❤️", "签到"),
        ("ＣＨＥＣＫ　ｉｎ", "check in"),
        ("Check   In?", "check in"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("don't", "don't"),
        ("", ""),
        ("!?。 👍", ""),
    ],
)
def test_keywords_are_compared_without_width_case_and_outer_signs(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_keyword_inside_a_sentence_is_not_the_keyword() -> None:
    assert fold("我要签到") != fold("签到")


@given(st.text(max_size=32))
def test_folding_leaves_no_outer_spaces_and_no_runs_of_them(text: str) -> None:
    assert fold(text) == " ".join(fold(text).split())


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20))
def test_full_width_and_capital_letters_fold_to_the_plain_ones(word: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in word.upper())

    assert fold(f"「{wide}」") == fold(word) == word.lower()

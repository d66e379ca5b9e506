import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.errors import BadRequest
from bot.sandbox.markdown_markup import parse_markdown
from bot.sandbox.wire import Json


def mark(kind: str, offset: int, length: int, **more: object) -> Json:
    return {"type": kind, **more, "offset": offset, "length": length}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_survives_escaping(text: str) -> None:
    escaped = re.sub(r"([_*\[\]()~`>#+\-=|{}.!\\])", r"\\\1", text)

    assert parse_markdown(escaped) == (text, [])


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        (
            "*b* _i_ __u__ ~s~",
            "b i u s",
            [mark(kind, 2 * n, 1) for n, kind in enumerate(("bold", "italic", "underline", "strikethrough"))],
        ),
        ("*a_b_*", "ab", [mark("italic", 1, 1), mark("bold", 0, 2)]),
        ("||🔥||", "🔥", [mark("spoiler", 0, 2)]),
        ("`a*\\``", "a*`", [mark("code", 0, 3)]),
        ("```py\nx = 1```", "x = 1", [mark("pre", 0, 5, language="py")]),
        ("[x](https://a.b/\\)c)", "x", [mark("text_link", 0, 1, url="https://a.b/)c")]),
        ("[x](tg://user?id=3)", "x", [mark("text_mention", 0, 1, user={"id": 3})]),
        ("![👍](tg://emoji?id=5)", "👍", [mark("custom_emoji", 0, 2, custom_emoji_id="5")]),
        (">a\n>b\nc", "a\nb\nc", [mark("blockquote", 0, 3)]),
        ("**>a\n>b||", "a\nb", [mark("expandable_blockquote", 0, 3)]),
        (">a||", "a", [mark("expandable_blockquote", 0, 1)]),
    ],
)
def test_markdown_becomes_text_and_entities(source: str, text: str, entities: list[Json]) -> None:
    assert parse_markdown(source) == (text, entities)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("1.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("é*b", "Can't find end of Bold entity at byte offset 2"),
        ("*a_b*", "Can't find end of Italic entity at byte offset 2"),
        ("`a", "Can't find end of Code entity at byte offset 0"),
        ("[a", "Can't find end of TextUrl entity at byte offset 0"),
        ("[a](b", "Can't find end of a URL at byte offset 3"),
        ("]", "Character ']' is reserved and must be escaped with the preceding '\\'"),
    ],
)
def test_bad_markdown_is_complained_about_in_the_words_of_the_platform(source: str, complaint: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        parse_markdown(source)

    assert refusal.value.description == f"Bad Request: can't parse entities: {complaint}"

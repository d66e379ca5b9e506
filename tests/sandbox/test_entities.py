import re
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.entities import find, piece, tidy, utf16_length
from bot.sandbox.errors import BadRequest
from bot.sandbox.html_markup import parse_html
from bot.sandbox.rendering import render
from bot.sandbox.wire import Json

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
tags = st.sampled_from(["b", "i", "u", "s", "code", "pre", "tg-spoiler", "blockquote"])


@st.composite
def markup(draw: st.DrawFn, depth: int = 3) -> str:
    """Well-formed HTML of nested tags."""
    pieces = []
    for _ in range(draw(st.integers(0, 3))):
        inner = draw(markup(depth - 1)) if depth and draw(st.booleans()) else escape(draw(texts))
        tag = draw(tags)
        pieces.append(f"<{tag}>{inner}</{tag}>")
        pieces.append(escape(draw(texts)))
    return "".join(pieces)


@given(texts)
def test_any_text_survives_escaping(text: str) -> None:
    assert parse_html(escape(text, quote=False)) == (text, [])


@given(markup())
def test_entities_of_markup_lie_inside_the_text(source: str) -> None:
    text, entities = tidy(*parse_html(source))

    assert all(entity["offset"] >= 0 and entity["length"] > 0 for entity in entities)
    assert all(entity["offset"] + entity["length"] <= utf16_length(text) for entity in entities)
    assert entities == sorted(entities, key=lambda entity: entity["offset"])


@given(
    texts,
    st.lists(st.tuples(st.sampled_from(["bold", "italic", "text_link", "code"]), st.integers(0, 9), st.integers(1, 9))),
)
def test_whatever_the_entities_the_page_gets_well_formed_html(text: str, marks: list[tuple[str, int, int]]) -> None:
    entities: list[Json] = [
        {"type": kind, "offset": offset, "length": length, "url": "https://example.com"}
        for kind, offset, length in marks
        if offset + length <= utf16_length(text)
    ]

    html = render(text, entities)

    assert "".join(_texts_of(html)) == escape(
        text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    ) or any(ord(character) > 0xFFFF for character in text)


def _texts_of(html: str) -> list[str]:
    """The text between tags, checking on the way that they nest."""
    open_tags: list[str] = []
    for closing, name in re.findall(r"<(/?)(\w+)[^>]*>", html):
        if closing:
            assert open_tags.pop() == name
        else:
            open_tags.append(name)
    assert not open_tags
    return re.split(r"<[^>]*>", html)


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>hi</b>", "hi", [{"type": "bold", "offset": 0, "length": 2}]),
        ("🔥<STRONG>x</strong>", "🔥x", [{"type": "bold", "offset": 2, "length": 1}]),
        (
            "<b>a<i>b</i></b>",
            "ab",
            [{"type": "italic", "offset": 1, "length": 1}, {"type": "bold", "offset": 0, "length": 2}],
        ),
        ("<span class='tg-spoiler'>x</span>", "x", [{"type": "spoiler", "offset": 0, "length": 1}]),
        (
            "<a href='https://a.b/?c=1&amp;d'>x</a>",
            "x",
            [{"type": "text_link", "url": "https://a.b/?c=1&d", "offset": 0, "length": 1}],
        ),
        (
            '<a href="tg://user?id=3">x</a>',
            "x",
            [{"type": "text_mention", "user": {"id": 3}, "offset": 0, "length": 1}],
        ),
        ("<a href='nonsense'>x</a>", "x", []),
        (
            "<a>a.example</a>",
            "a.example",
            [{"type": "text_link", "url": "http://a.example/", "offset": 0, "length": 9}],
        ),
        (
            "<pre><code class='language-py'>x</code></pre>",
            "x",
            [{"type": "pre", "language": "py", "offset": 0, "length": 1}],
        ),
        ("<pre>x</pre>", "x", [{"type": "pre", "offset": 0, "length": 1}]),
        ("<code class='language-py'>x</code>", "x", [{"type": "code", "offset": 0, "length": 1}]),
        ("<blockquote expandable>x</blockquote>", "x", [{"type": "expandable_blockquote", "offset": 0, "length": 1}]),
        (
            "<tg-emoji emoji-id='5'>👍</tg-emoji>",
            "👍",
            [{"type": "custom_emoji", "custom_emoji_id": "5", "offset": 0, "length": 2}],
        ),
        (
            "<tg-time unix='60' format='f'>x</tg-time>",
            "x",
            [{"type": "date_time", "unix_time": 60, "date_time_format": "f", "offset": 0, "length": 1}],
        ),
        ("&lt;&#65;&#x42;&quot;&nbsp;&amp", '<AB"&nbsp;&', []),
        ("<b></b>x", "x", []),
        ("&#xD83D;&#xDD25;", "🔥", []),
    ],
)
def test_html_becomes_text_and_entities(source: str, text: str, entities: list[Json]) -> None:
    assert parse_html(source) == (text, entities)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("<div>x</div>", 'Unsupported start tag "div" at byte offset 0'),
        ("é<{x}>", 'Unsupported start tag "{x}" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ("<a =x>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=a/b>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<a href='x>x</a>", "Unclosed start tag at byte offset 0"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_bad_html_is_complained_about_in_the_words_of_the_platform(source: str, complaint: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        parse_html(source)

    assert refusal.value.description == f"Bad Request: can't parse entities: {complaint}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start@hearth_bot now", [("bot_command", "/start@hearth_bot")]),
        ("try /help or a/b", [("bot_command", "/help")]),
        ("/签到", []),
        ("ask @maya, not me@home", [("mention", "@maya")]),
        ("me@example.com", [("email", "me@example.com")]),
        ("see https://example.com/a?b=c#d.", [("url", "https://example.com/a?b=c#d")]),
        ("see example.com today", [("url", "example.com")]),
        ("🔥 #签到 #1", [("hashtag", "#签到")]),
        ("v1.2 and 3/4", []),
    ],
)
def test_the_platform_finds_commands_links_and_mentions(text: str, found: list[tuple[str, str]]) -> None:
    assert [(entity["type"], piece(text, entity)) for entity in find(text)] == found


def test_texts_are_trimmed_and_their_entities_with_them() -> None:
    bold = {"type": "bold", "offset": 2, "length": 6}

    assert tidy("  hi   \n", [bold]) == ("hi", [{"type": "bold", "offset": 0, "length": 2}])
    assert tidy(" \n ", []) == ("", [])


def test_neighbours_of_one_kind_are_one_entity_and_nothing_is_found_in_code() -> None:
    text, entities = tidy(*parse_html("<b>a</b><b>b</b> <code>/start</code>"))

    assert text == "ab /start"
    assert entities == [{"type": "bold", "offset": 0, "length": 2}, {"type": "code", "offset": 3, "length": 6}]


def test_the_page_is_never_given_live_markup() -> None:
    link: Json = {"type": "text_link", "offset": 0, "length": 3, "url": "javascript:alert(1)"}

    assert render("<b>", [link]) == "&lt;b&gt;"
    assert 'href="https://a.b/&quot;onclick"' in render("x", [{**link, "length": 1, "url": 'https://a.b/"onclick'}])

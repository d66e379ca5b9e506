"""Links and forwards: what is advertising, and what is not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.moderation import Rules
from bot.domain.moderation_links import (
    Address,
    address_of,
    has_forbidden_link,
    is_forbidden_forward,
    links_in,
    mentions_in,
    text_of,
)

CHAT = {"id": -1001234567890, "type": "supergroup", "title": "Hearth", "username": "Hearth_Group"}
CHANNEL = {"id": -1009, "type": "channel", "title": "News", "username": "Hearth_News"}


def message(text: str = "", *entities: dict[str, Any], **fields: Any) -> dict[str, Any]:
    said = {"text": text, "entities": list(entities)} if text else {}
    return {"message_id": 1, "chat": CHAT, **said, **fields}


def with_url(url: str) -> dict[str, Any]:
    return message(f"看 {url} 👍", {"type": "url", "offset": 2, "length": len(url.encode("utf-16-le")) // 2})


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("example.com", Address("example.com")),
        ("HTTPS://www.Example.com:8443/Shop/?a=b#c", Address("example.com", "shop/")),
        ("http://user:pass@example.com\\x", Address("example.com", "x")),
        ("https:/\\example.com", Address("example.com")),
        ("t.me/+AbC", Address("t.me", "+abc")),
        ("telegram.me/joinchat/AbC", Address("t.me", "joinchat/abc")),
        ("https://t.me/s/hearth_news/7", Address("t.me", "hearth_news/7")),
        ("hearth_news.t.me/7", Address("t.me", "hearth_news/7")),
        ("tg://resolve?domain=Hearth_News", Address("t.me", "hearth_news")),
        ("tg://join?invite=AbC", Address("t.me", "+abc")),
        ("tg:resolve?domain=x&start=1", Address("t.me", "x")),
        ("tg://user?id=5", None),
        ("mailto:a@example.com", None),
        ("tel:+4912345", None),
        ("", None),
    ],
)
def test_where_a_link_leads(url: str, address: Address | None) -> None:
    assert address_of(url) == address


@given(st.text())
def test_no_link_upsets_it(url: str) -> None:
    address = address_of(url)
    assert address is None or address.host == address.host.casefold()


@pytest.mark.parametrize(
    "url",
    ["t.me/+AbCdEf", "https://t.me/joinchat/AbC", "t.me/addlist/x", "t.me/some_channel", "tg://join?invite=x",
     "telegram.dog/some_channel/15", "some_channel.t.me", "t.me/s/some_channel", "https://discord.gg/x",
     "https://chat.whatsapp.com/x"],
)  # fmt: skip
def test_links_into_other_chats_are_invitations(url: str) -> None:
    assert has_forbidden_link(Rules(links="invites"), with_url(url))


@pytest.mark.parametrize(
    "url",
    ["example.com", "https://example.com/t.me/some_channel", "t.me", "https://t.me/", "t.me/addstickers/Cats",
     "t.me/share/url?url=x", "https://t.me/c/1234567890/15", "t.me/hearth_group/15", "HEARTH_GROUP.t.me",
     "tg://user?id=5", "not-t.me/x", "xt.me/x"],
)  # fmt: skip
def test_other_links_are_none(url: str) -> None:
    assert not has_forbidden_link(Rules(links="invites"), with_url(url))


def test_links_of_every_kind_are_seen() -> None:
    hidden = message("​ 你好", {"type": "text_link", "offset": 0, "length": 1, "url": "https://hidden.example/x"})
    caption = message(caption="see a.example", caption_entities=[{"type": "url", "offset": 4, "length": 9}], photo=[{}])
    preview = message("hello", link_preview_options={"url": "https://preview.example"})
    buttons = message(
        "hi", reply_markup={"inline_keyboard": [[{"text": "x", "url": "https://button.example"}, {"text": "y"}]]}
    )

    for one, host in ((hidden, "hidden"), (caption, "a"), (preview, "preview"), (buttons, "button")):
        assert [link.host for link in links_in(one)] == [f"{host}.example"]
        assert has_forbidden_link(Rules(links="all"), one)
        assert not has_forbidden_link(Rules(links="invites"), one)


def test_offsets_are_counted_as_the_platform_counts() -> None:
    assert list(links_in(with_url("a.example"))) == [Address("a.example")]
    said = message("👍👍 @Some_One", {"type": "mention", "offset": 5, "length": 9})
    assert mentions_in(said) == {"some_one"}
    assert mentions_in(message("hello")) == set()


@pytest.mark.parametrize(
    ("url", "is_forbidden"),
    [("example.com/x", False), ("shop.example.com", False), ("notexample.com", True), ("example.com.evil.org", True),
     ("example.com@evil.org", True), ("evil.org/example.com", True), ("com", True),
     ("t.me/hearth_news/5", False), ("t.me/s/hearth_news", False), ("t.me/other_news", True)],
)  # fmt: skip
def test_what_is_allowed_is_allowed_as_a_whole(url: str, is_forbidden: bool) -> None:
    rules = Rules(links="all", allowed=frozenset({"example.com", "@hearth_news"}))

    assert has_forbidden_link(rules, with_url(url)) is is_forbidden


USER = {"type": "user", "sender_user": {"id": 5}}
HIDDEN = {"type": "hidden_user", "sender_user_name": "x"}
FROM_CHANNEL = {"type": "channel", "chat": CHANNEL, "message_id": 7}
FROM_GROUP = {"type": "chat", "sender_chat": {"id": -1008, "type": "supergroup", "title": "Other"}}


@pytest.mark.parametrize(
    ("fields", "forbids"),
    [
        ({"forward_origin": USER}, {"all"}),
        ({"forward_origin": HIDDEN}, {"all"}),
        ({"forward_origin": FROM_CHANNEL}, {"all", "channels"}),
        ({"forward_origin": FROM_GROUP}, {"all", "channels"}),
        ({"forward_origin": {"type": "chat", "sender_chat": CHAT}}, set()),
        ({"external_reply": {"origin": FROM_CHANNEL, "chat": CHANNEL}}, {"all", "channels"}),
        ({"external_reply": {"origin": USER, "chat": CHAT}}, set()),
        ({"external_reply": {"origin": USER}}, {"all"}),
        ({"story": {"chat": CHANNEL, "id": 1}}, {"all", "channels"}),
        ({"story": {"chat": {"id": 5, "type": "private"}, "id": 1}}, {"all"}),
        ({}, set()),
    ],
)
def test_what_comes_from_elsewhere(fields: dict[str, Any], forbids: set[str]) -> None:
    said = message("look", **fields)

    assert {how for how in ("off", "channels", "all") if is_forbidden_forward(Rules(forwards=how), said)} == forbids


def test_an_allowed_channel_may_be_forwarded_from() -> None:
    rules = Rules(forwards="channels", allowed=frozenset({"@hearth_news"}))

    assert not is_forbidden_forward(rules, message("look", forward_origin=FROM_CHANNEL))
    assert is_forbidden_forward(rules, message("look", forward_origin=FROM_GROUP))


def test_what_a_message_says() -> None:
    assert text_of(message("a")) == "a"
    assert text_of(message(caption="b")) == "b"
    assert text_of(message(poll={"question": "c", "options": [{"text": "d"}, {"text": "e"}]})) == "c\nd\ne"
    assert text_of(message(sticker={})) == ""


@given(st.text(min_size=1), st.lists(st.sampled_from(["url", "mention", "text_link", "bold"]), max_size=3))
def test_nothing_is_flagged_while_the_rules_are_off(text: str, kinds: list[str]) -> None:
    entities = [{"type": kind, "offset": 0, "length": len(text), "url": "t.me/+x"} for kind in kinds]
    said = message(text, *entities, forward_origin=FROM_CHANNEL)

    assert not has_forbidden_link(Rules(), said)
    assert not is_forbidden_forward(Rules(), said)

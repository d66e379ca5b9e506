import pytest

from bot.domain.messages import is_said


@pytest.mark.parametrize("content", ["text", "photo", "sticker", "poll", "something the platform will bring one day"])
def test_what_somebody_writes_shows_or_asks_is_said(content: str) -> None:
    assert is_said({"message_id": 1, "from": {}, content: "…"})


@pytest.mark.parametrize("news", ["new_chat_members", "left_chat_member", "pinned_message", "forum_topic_created"])
def test_what_has_happened_is_not_said(news: str) -> None:
    assert not is_said({"message_id": 1, "from": {}, news: "…"})

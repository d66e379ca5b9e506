"""What the platform brings as messages: most of them somebody has said, some only tell what has happened."""

from collections.abc import Mapping
from typing import Any

_NEWS = frozenset(
    {"boost_added", "channel_chat_created", "chat_background_set", "chat_shared", "checklist_tasks_added",
     "checklist_tasks_done", "connected_website", "delete_chat_photo", "direct_message_price_changed",
     "forum_topic_closed", "forum_topic_created", "forum_topic_edited", "forum_topic_reopened",
     "general_forum_topic_hidden", "general_forum_topic_unhidden", "gift", "giveaway_completed", "giveaway_created",
     "group_chat_created", "left_chat_member", "message_auto_delete_timer_changed", "migrate_from_chat_id",
     "migrate_to_chat_id", "new_chat_members", "new_chat_photo", "new_chat_title", "paid_message_price_changed",
     "pinned_message", "proximity_alert_triggered", "supergroup_chat_created", "unique_gift", "users_shared",
     "video_chat_ended", "video_chat_participants_invited", "video_chat_scheduled", "video_chat_started",
     "write_access_allowed"}
)  # fmt: skip
"""The fields of service messages (Bot API, Message)."""


def is_said(message: Mapping[str, Any]) -> bool:
    """Whether somebody has said something; whoever joins, pins or adds a friend has not."""
    return "text" in message or _NEWS.isdisjoint(message)

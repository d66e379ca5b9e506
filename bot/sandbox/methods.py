"""All methods of the Bot API that the sandbox knows: importing them registers them."""

from bot.sandbox import (
    methods_callbacks,
    methods_chats,
    methods_contents,
    methods_copies,
    methods_ephemeral,
    methods_invites,
    methods_media,
    methods_members,
    methods_messages,
    methods_pins,
    methods_profile,
    methods_topics,
    methods_updates,
)

__all__ = [
    "methods_callbacks",
    "methods_chats",
    "methods_contents",
    "methods_copies",
    "methods_ephemeral",
    "methods_invites",
    "methods_media",
    "methods_members",
    "methods_messages",
    "methods_pins",
    "methods_profile",
    "methods_topics",
    "methods_updates",
]

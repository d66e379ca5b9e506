"""A chat's members: their status and what it lets them do."""

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Literal

from bot.sandbox.people import User
from bot.sandbox.wire import Json, without_blanks

Status = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]

COMMON_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
)
GROUP_RIGHTS = ("can_pin_messages", "can_manage_topics", "can_manage_tags")
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
ALL_RIGHTS = frozenset((*COMMON_RIGHTS, *GROUP_RIGHTS, *CHANNEL_RIGHTS))

PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)


@dataclass(frozen=True, slots=True)
class Member:
    """What somebody is in a chat.

    `rights` are an administrator's, `permissions` what is left to a restricted member. `until_date` (unix seconds) ends
    a restriction or a ban; 0 is for ever. A restricted member may have left: `is_present` says so.
    """

    user: User
    status: Status = "member"
    custom_title: str | None = None
    is_anonymous: bool = False
    rights: Set[str] = ALL_RIGHTS
    permissions: Set[str] = frozenset()
    until_date: int = 0
    tag: str | None = None
    is_present: bool = True

    @property
    def is_inside(self) -> bool:
        """Whether they see the chat."""
        return self.status in ("creator", "administrator", "member") or (
            self.status == "restricted" and self.is_present
        )

    @property
    def is_administrator(self) -> bool:
        """The owner is one, too."""
        return self.status in ("creator", "administrator")

    def may(self, right: str) -> bool:
        """Whether they hold an administrator's right."""
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)

    def may_send(self, permission: str = "can_send_messages") -> bool:
        """Whether they may say something here."""
        return self.is_inside and (self.status != "restricted" or permission in self.permissions)

    def at(self, now: int) -> "Member":
        """The same member once a ban or restriction has run out."""
        if not self.until_date or now < self.until_date:
            return self
        present = self.status == "restricted" and self.is_present
        return replace(self, status="member" if present else "left", until_date=0, permissions=frozenset())

    def json(self, chat_type: str) -> Json:
        """As the Bot API's ChatMember of this status."""
        shown: Json = {"user": self.user.json(), "status": self.status}
        match self.status:
            case "creator":
                shown |= without_blanks(is_anonymous=self.is_anonymous, custom_title=self.custom_title)
            case "administrator":
                shown |= self._rights_json(chat_type)
            case "restricted":
                shown |= {name: name in self.permissions for name in PERMISSIONS}
                shown |= without_blanks(is_member=self.is_present, until_date=self.until_date, tag=self.tag)
            case "member":
                shown |= without_blanks(tag=self.tag)
            case "kicked":
                shown["until_date"] = self.until_date
            case "left":
                pass
        return shown

    def _rights_json(self, chat_type: str) -> Json:
        named = rights_json(self.rights, chat_type)
        return named | without_blanks(
            can_be_edited=False, is_anonymous=self.is_anonymous, custom_title=self.custom_title
        )


def rights_json(rights: Set[str], chat_type: str) -> Json:
    """Every right that a chat of this type knows, held or not."""
    special = CHANNEL_RIGHTS if chat_type == "channel" else GROUP_RIGHTS
    return {name: name in rights for name in (*COMMON_RIGHTS, *special)}

"""Whom a command is about."""

from aiogram.types import Message

from bot.domain.groups import Group
from bot.domain.members import NobodyNamed, Person, UnknownMember
from bot.services.members import MemberService
from handlers.context import person_of


async def named(message: Message, group: Group, words: list[str], members: MemberService) -> Person:
    """The member that a command is about: its next word @NAME or @ID (taken off), else whose message it answers."""
    if words and words[0].startswith("@"):
        return await members.named(group, words.pop(0)[1:])
    for entity in message.entities or ():
        if entity.type == "text_mention" and entity.user is not None:
            _drop_mention(words, entity.extract_from(message.text or ""))
            return person_of(entity.user)
    original = answered(message)
    if original is None or original.from_user is None:
        raise NobodyNamed
    if original.from_user.is_bot or original.sender_chat is not None:
        raise UnknownMember(username=original.from_user.full_name[:32])
    return person_of(original.from_user)


def answered(message: Message) -> Message | None:
    """The message that one answers. Every message of a topic answers the one that opened it, which nobody means."""
    original = message.reply_to_message
    return original if original is not None and original.forum_topic_created is None else None


def _drop_mention(words: list[str], mention: str) -> None:
    del words[: len(mention.split())]

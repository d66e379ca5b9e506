"""Self-introductions: paid once, and newcomers reminded of theirs once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.domain.groups import Group
from bot.domain.introductions import (
    LONGEST_TEMPLATE,
    MOST_MENTIONED,
    IntroductionsOff,
    TemplateTooLong,
    is_too_late,
    remind_at,
)
from bot.domain.joins import Join
from bot.domain.members import Actor, Person
from bot.domain.points import Entry, Owner
from bot.services.clock import Clock
from bot.services.groups import GroupService
from storage.database import Database
from storage.introductions import Silent
from storage.outbox import Post
from storage.transaction import Transaction

Reminder = Callable[[Sequence[Silent], int], str]
"""Says the reminder to some by name, and to so many others."""


@dataclass(frozen=True, slots=True)
class IntroductionService:
    """Knows introductions when it sees them, and who has not made theirs."""

    database: Database
    groups: GroupService
    clock: Clock

    def hears(self, message: Mapping[str, Any], text: str) -> bool:
        """Whether a raw message means to be an introduction, in a group that wants them. Costs no I/O."""
        group = self.groups.in_memory(message["chat"]["id"])
        if group is None or not group.settings.introductions or "sender_chat" in message:
            return False
        return group.settings.introduction_rules.verdict(text, message.get("message_thread_id")) != "none"

    async def introduce(
        self, group: Group, person: Person, text: str, topic: int | None, at: datetime
    ) -> Literal["short", "again"] | int:
        """Takes an introduction and returns the points it earned, unless it is too short or not the first one."""
        if group.settings.introduction_rules.verdict(text, topic) != "introduction":
            return "short"
        points = group.settings.intro_points

        def work(tx: Transaction) -> Literal["again"] | int:
            introduced_at = tx.introductions.introduce(group.id, person.id, at)
            if introduced_at != at:
                return "again"
            if points:
                reason = f"introduction:{group.id}:{person.id}"
                tx.points.add(Entry(Owner(group.wallet_id, person.id), group.id, "points", points, reason, at))
            return points

        return await self.database.write(work)

    async def template(self, group: Group) -> str | None:
        """What an introduction looks like here, as HTML. Raises `IntroductionsOff`."""
        if not group.settings.introductions:
            raise IntroductionsOff
        return await self.database.read(lambda tx: tx.introductions.template(group.id))

    async def set_template(self, group: Group, template: str | None, actor: Actor, update_id: int) -> None:
        """Replaces the template, or takes it away (None). Raises `TemplateTooLong`."""
        if template is not None and len(template) > LONGEST_TEMPLATE:
            raise TemplateTooLong(longest=LONGEST_TEMPLATE, length=len(template))
        now = self.clock()

        def work(tx: Transaction) -> None:
            if tx.changes.was_made_by(group.id, update_id):
                return
            before = tx.introductions.set_template(group.id, template)
            tx.changes.add(group.id, update_id, actor, "intro", before, template, now)

        await self.database.write(work)

    async def due(self) -> Sequence[Group]:
        """The groups in which newcomers are to be reminded."""
        now = self.clock()
        found = [
            await self.groups.known(chat_id)
            for chat_id in await self.database.read(lambda tx: tx.introductions.due(now))
        ]
        return [group for group in found if group is not None]

    async def remind(self, group: Group, words: Reminder) -> None:
        """Writes one reminder down for all whose time has come; whoever has left, or came long ago, gets none."""
        now = self.clock()

        def work(tx: Transaction) -> None:
            taken = tx.introductions.take_silent(group.id, now)
            if not (group.settings.introductions and group.settings.intro_reminder):
                return
            silent = [one for one in taken if one.is_here and not is_too_late(one.joined_at, now)]
            if silent:
                text = words(silent[:MOST_MENTIONED], len(silent[MOST_MENTIONED:]))
                tx.outbox.add(group.id, [Post(f"introduce:{silent[0].user_id}", text)], now)

        await self.database.write(work)


def expect(tx: Transaction, group: Group, join: Join) -> None:
    """Notes a newcomer, to remind them if they say nothing about themselves. Twice is the same as once."""
    if join.is_first and group.settings.introductions:
        tx.introductions.expect(group.id, join.user_id, join.at, remind_at(join.at))

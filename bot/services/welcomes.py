"""The texts of the welcome, and which welcome stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.groups import Group
from bot.domain.members import Actor
from bot.domain.welcomes import WelcomeText
from bot.services.clock import Clock
from bot.services.groups import GroupService
from storage.database import Database
from storage.transaction import Transaction
from storage.welcomes import as_json


@dataclass(frozen=True, slots=True)
class WelcomeService:
    """Keeps what operators wrote; a text that is set switches the welcome on."""

    database: Database
    groups: GroupService
    clock: Clock

    async def texts(self, group: Group) -> Mapping[str, WelcomeText]:
        """The group's texts by slot."""
        return await self.database.read(lambda tx: tx.welcomes.of_group(group.id))

    async def set(self, group: Group, slot: str, text: WelcomeText | None, actor: Actor, update_id: int) -> None:
        """Replaces the text of a slot, or takes it away (None)."""
        stored = as_json(text) if text else None

        def work(tx: Transaction) -> None:
            if tx.changes.was_made_by(group.id, update_id):
                return
            before = tx.welcomes.put(group.id, slot, stored)
            tx.changes.add(group.id, update_id, actor, f"welcome:{slot}", before, stored, self.clock())
            if text is not None and not group.settings.welcome:
                was = tx.groups.set_setting(group.id, "welcome", "on")
                tx.changes.add(group.id, update_id, actor, "setting:welcome", was, "on", self.clock())

        await self.database.write(work)
        self.groups.forget(group.chat_id)

    async def posted(self, group: Group, chat_id: int, message_id: int) -> None:
        """Notes the welcome that stands now: the one before disappears, and so does this one after its time."""
        now, lifetime = self.clock(), group.settings.welcome_lifetime

        def work(tx: Transaction) -> None:
            tx.welcomes.posted(group.id, chat_id, message_id, now)
            if lifetime:
                tx.deletions.add(chat_id, message_id, now + timedelta(seconds=lifetime))

        await self.database.write(work)

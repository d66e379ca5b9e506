"""Who changed what, and undoing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.changes import CannotUndo, UnknownChange
from bot.domain.faq_own import own_key
from bot.domain.groups import Group
from bot.domain.members import Actor
from bot.domain.points import Entry, Owner
from bot.services.clock import Clock
from bot.services.faq import FaqService
from bot.services.faq_index import normal_form
from bot.services.groups import GroupService
from bot.services.moderation_lists import ModerationLists
from storage.changes import Change
from storage.database import Database
from storage.faq_json import as_json, from_json
from storage.playbooks import pause_from, pause_json
from storage.transaction import Transaction

LENGTH = 10
"""Changes that `/audit` shows."""


@dataclass(frozen=True, slots=True)
class ChangeService:
    """The log of what operators changed in a group."""

    database: Database
    groups: GroupService
    faq: FaqService
    moderation_lists: ModerationLists
    clock: Clock

    async def latest(self, group: Group) -> Sequence[Change]:
        """The latest changes, newest first."""
        return await self.database.read(lambda tx: tx.changes.latest(group.id, LENGTH))

    async def undo(self, group: Group, change_id: int, actor: Actor, update_id: int) -> Change:
        """Puts back what was before a change; the undo is a change as well.

        Raises `UnknownChange`, `CannotUndo` when it was undone already or something newer replaced it, and
        `NotEnoughPoints` when points that were given have been spent.
        """

        def work(tx: Transaction) -> Change:
            change = tx.changes.find(group.id, change_id)
            if change is None:
                raise UnknownChange(id=change_id)
            if tx.changes.was_made_by(group.id, update_id):
                return change
            if not change.can_be_undone:
                raise CannotUndo(id=change_id)
            after = self._put_back(tx, group, change)
            tx.changes.undone(change.id, self.clock())
            tx.changes.add(group.id, update_id, actor, change.what, change.after, after, self.clock())
            return change

        change = await self.database.write(work)
        self.groups.forget(group.chat_id)
        group = await self.groups.known(group.chat_id) or group
        if change.what in {"faq", "faq_import"}:
            await self.faq.refresh(group.id)
        if change.what == "words":
            await self.moderation_lists.refresh(group)
        return change

    def _put_back(self, tx: Transaction, group: Group, change: Change) -> Any:
        what, _, key = change.what.partition(":")
        if what == "points":
            return self._book_back(tx, group, change)
        if what == "admission":
            return self._forgive(tx, group, int(key), change)
        if what == "faq":
            key = (change.after or change.before)["key"]
            self._put_entries_back(tx, group, change.id, {key: change.before}, {key: change.after})
            return change.before
        if what == "faq_import":
            self._put_entries_back(tx, group, change.id, change.before, change.after)
            return change.before
        if what in {"offence", "forgiven", "words", "exempt"}:
            return self._put_moderation_back(tx, group, change)
        if what == "playbook":
            return self._put_pause_back(tx, group, change)
        if what == "playbook_skip":
            return self._unskip(tx, group, change)
        if what == "invites":
            return tx.invites.restore(group.id, change.after["user_ids"], self.clock())
        if _replace(tx, group, what, key, change.before) != change.after:
            raise CannotUndo(id=change.id)
        return change.before

    def _forgive(self, tx: Transaction, group: Group, user_id: int, change: Change) -> Any:
        found = tx.admissions.find(group.id, user_id)
        if found.state != "failed":
            raise CannotUndo(id=change.id)
        tx.admissions.save(found.forgiven(self.clock()))
        return change.after | {"done": "forgiven"}

    def _put_entries_back(
        self, tx: Transaction, group: Group, change_id: int, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        """Lets FAQ entries, by their keys, be as they were, if they are still what the change made of them."""
        tx.faq.lock()
        present = {own_key(entry): as_json(entry) for entry in tx.faq.of_group(group.id)}
        if any(present.get(key) != stored for key, stored in after.items()):
            raise CannotUndo(id=change_id)
        former = {key: from_json(stored) if stored else None for key, stored in before.items()}
        tx.faq.put_all(group.id, former, self.clock())

    def _put_pause_back(self, tx: Transaction, group: Group, change: Change) -> Any:
        name = change.after["playbook"]
        replaced = tx.playbooks.set_pause(name, group.id, pause_from(change.before))
        if pause_json(name, replaced) != change.after:
            raise CannotUndo(id=change.id)
        return change.before

    def _unskip(self, tx: Transaction, group: Group, change: Change) -> None:
        done = change.after
        if not tx.playbooks.unskip(group.id, done["playbook"], done["step"], done["slot"], self.clock()):
            raise CannotUndo(id=change.id)

    def _put_moderation_back(self, tx: Transaction, group: Group, change: Change) -> Any:
        tx.groups.lock(group.id)
        what, _, key = change.what.partition(":")
        if what == "words":
            tx.moderation.delete_words(group.id, [normal_form(word) for word in change.after])
            tx.moderation.add_words(group.id, {normal_form(word): word for word in change.before})
            return change.before
        if what == "exempt":
            before = change.before
            tx.moderation.set_exempt(group.id, before["user_id"], is_exempt=before["is_exempt"])
            return before
        if what == "offence":
            tx.moderation.set_undone([int(key)], self.clock())
        else:
            tx.moderation.set_undone(change.after["offences"], None)
        return None

    def _book_back(self, tx: Transaction, group: Group, change: Change) -> None:
        done = change.after
        owner = Owner(group.wallet_id, done["user_id"])
        amount = -done["amount"]
        entry = Entry(owner, group.id, done["unit"], amount, f"undo:{change.id}", self.clock(), earned=min(amount, 0))
        tx.points.add(entry)


def _replace(tx: Transaction, group: Group, what: str, key: str, value: Any) -> Any:
    """Sets the rules, the template, a welcome or a setting, and returns what stood there."""
    match what:
        case "rules":
            return tx.groups.set_rules(group.id, value)
        case "intro":
            return tx.introductions.set_template(group.id, value)
        case "welcome":
            return tx.welcomes.put(group.id, key, value)
    return tx.groups.set_setting(group.id, key, value)

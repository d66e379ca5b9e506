"""Playbooks as operators steer them in a group: pauses, steps that come now or not at all, and what a day brought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.groups import Group
from bot.domain.members import Actor
from bot.domain.playbooks import NoSlot, NotPaused, Pause, PausedEverywhere
from bot.domain.slots import Slot
from bot.services.clock import Clock
from storage.database import Database
from storage.deliveries import Due
from storage.playbooks import Shown, pause_json
from storage.transaction import Transaction

_MOST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class PlaybookService:
    """Steers the playbooks of a group; what operators do is in the log, and happens once an update."""

    database: Database
    clock: Clock

    async def pauses(self, group: Group) -> Mapping[str, Pause]:
        """The playbooks that rest in a group."""
        return await self.database.read(lambda tx: tx.playbooks.pauses(group.id, self.clock()))

    async def pause(self, group: Group, name: str, pause: Pause, actor: Actor, update_id: int) -> None:
        """Lets a playbook rest, in a group or everywhere; its steps are skipped when their turn comes."""

        def work(tx: Transaction) -> None:
            if not tx.changes.was_made_by(group.id, update_id):
                self._set(tx, group, name, pause, pause.is_everywhere, actor, update_id)

        await self.database.write(work)

    async def resume(self, group: Group, name: str, is_everywhere: bool, actor: Actor, update_id: int) -> None:
        """Lets a playbook go on. Raises `NotPaused` and, where only the owners can, `PausedEverywhere`."""

        def work(tx: Transaction) -> None:
            if tx.changes.was_made_by(group.id, update_id):
                return
            found = tx.playbooks.pauses(group.id, self.clock()).get(name)
            if found is None or (is_everywhere and not found.is_everywhere):
                raise NotPaused(name=name)
            if found.is_everywhere and not is_everywhere:
                raise PausedEverywhere(name=name)
            self._set(tx, group, name, None, is_everywhere, actor, update_id)

        await self.database.write(work)

    def _set(
        self, tx: Transaction, group: Group, name: str, pause: Pause | None, is_everywhere: bool, actor: Actor,
        update_id: int,
    ) -> None:  # fmt: skip
        before = tx.playbooks.set_halt(name, pause) if is_everywhere else tx.playbooks.set_pause(name, group.id, pause)
        what = "playbook_everywhere" if is_everywhere else "playbook"
        tx.changes.add(
            group.id, update_id, actor, what, pause_json(name, before), pause_json(name, pause), self.clock()
        )

    async def run(
        self, group: Group, name: str, step: str, event: Mapping[str, Any], actor: Actor, update_id: int
    ) -> None:
        """Queues a step to be done now, whatever its conditions."""
        due = Due(name, step, f"run:{update_id}", self.clock())

        def work(tx: Transaction) -> None:
            if tx.deliveries.queue(due, group.id, self.clock(), {**event, "ordered": update_id}):
                after = {"playbook": name, "step": step}
                tx.changes.add(group.id, update_id, actor, "playbook_run", None, after, self.clock())

        await self.database.write(work)

    async def skip(
        self, group: Group, name: str, step: str, slots: Sequence[Slot], actor: Actor, update_id: int
    ) -> str:
        """Leaves a step out once: what waits to be sent, else the first of these slots; returns it. Raises `NoSlot`."""

        def work(tx: Transaction) -> str:
            made = tx.changes.made_by(group.id, update_id)
            if made is not None:
                return str(made.after["slot"])
            skipped = tx.playbooks.skip(group.id, name, step, slots, self.clock())
            if skipped is None:
                raise NoSlot(step=step)
            after = {"playbook": name, "step": step, "slot": skipped}
            tx.changes.add(group.id, update_id, actor, "playbook_skip", None, after, self.clock())
            return skipped

        return await self.database.write(work)

    async def between(self, group: Group, start: datetime, end: datetime) -> Sequence[Shown]:
        """What became of the slots of a time in a group, and what waits from before; of very many the newest."""
        return await self.database.read(lambda tx: tx.playbooks.between(group.id, start, end, _MOST_SHOWN))

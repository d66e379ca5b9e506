"""People, and who is a member of which group."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.groups import Group
from bot.domain.members import Person, Status, UnknownGroup, UnknownMember
from bot.domain.points import Owner
from bot.services.bounded import BoundedDict
from storage.database import Database
from storage.transaction import Transaction

PEOPLE_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class MemberService:
    """Remembers what people are called; what is unchanged since the last time costs nothing."""

    database: Database
    _stored: BoundedDict[int, Person] = field(default_factory=lambda: BoundedDict(PEOPLE_REMEMBERED))
    _reachable: BoundedDict[int, bool] = field(default_factory=lambda: BoundedDict(PEOPLE_REMEMBERED))

    async def remember(self, person: Person) -> None:
        """Stores the person's names, unless they are stored already."""
        if self._stored.get(person.id) != person:
            await self.database.write(lambda tx: tx.members.save_people([person]))
            self._stored[person.id] = person

    async def reached(self, person: Person) -> None:
        """Notes that the person has written in private, so that the bot may write there, too."""
        if person.id not in self._reachable:
            await self.database.write(lambda tx: tx.members.set_reachable(person.id))
            self._reachable[person.id] = True

    async def lost(self, user_id: int) -> None:
        """Notes that the person has shut the bot out of their private chat."""
        await self.database.write(lambda tx: tx.members.set_reachable(user_id, is_reachable=False))
        self._reachable.pop(user_id, None)

    async def reachable(self, user_ids: Collection[int]) -> Mapping[int, str | None]:
        """Those of these people to whom the bot may write in private, with their languages."""
        return await self.database.read(lambda tx: tx.members.reachable(user_ids))

    async def named(self, group: Group, username: str) -> Person:
        """The group's member called @username, or @ID. Raises `UnknownMember`."""
        person = await self.database.read(lambda tx: tx.members.by_username(group.id, username))
        if person is None:
            raise UnknownMember(username=username[:32])
        return person

    async def groups_of(self, person: Person) -> Sequence[tuple[int, int, str]]:
        """The (id, chat id, title) of the groups in which the bot and the person are."""
        return await self.database.read(lambda tx: tx.members.groups_of(person.id))

    async def choose_group(self, person: Person, group_id: int) -> str:
        """Lets the person's private chat be about a group, and returns its title. Raises `UnknownGroup`."""

        def work(tx: Transaction) -> str:
            for known_id, _, title in tx.members.groups_of(person.id):
                if known_id == group_id:
                    tx.members.choose_group(person.id, group_id)
                    return title
            raise UnknownGroup

        return await self.database.write(work)

    async def private_group(self, person: Person) -> tuple[int, str] | None:
        """The (chat id, title) of the group that the person's private chat is about.

        That is the one they chose, as long as they are a member, or the only one there is.
        """

        def work(tx: Transaction) -> tuple[int, str] | None:
            known = tx.members.groups_of(person.id)
            chosen = tx.members.chosen_group(person.id) if len(known) > 1 else None
            for group_id, chat_id, title in known:
                if len(known) == 1 or group_id == chosen:
                    return chat_id, title
            return None

        return await self.database.read(work)

    async def note_operators(self, group: Group, user_ids: Collection[int]) -> None:
        """Notes who of a group's members its operators are."""
        await self.database.write(lambda tx: tx.members.note_operators(group.id, user_ids))

    async def record_status(
        self, group: Group, person: Person, status: Status, at: datetime, *, only_if_present: bool = False
    ) -> None:
        """Notes that a member left, was removed or became an operator; `only_if_present`: unless they are gone.

        Whoever left without `keep_points` starts again with nothing: the ledger books what they had back.
        """

        def work(tx: Transaction) -> None:
            if only_if_present and tx.members.left_at(group.id, person.id) is not None:
                return
            tx.members.save_people([person])
            tx.members.set_status(group.id, person.id, status, at)
            if status != "operator":
                tx.hand_overs.set_duty(group.id, person.id, None)
            if status not in {"left", "kicked"} or group.settings.keep_points:
                return
            if not tx.members.is_elsewhere_in_wallet(group.id, group.wallet_id, person.id):
                tx.points.forfeit(Owner(group.wallet_id, person.id), group.id, at)

        await self.database.write(work)

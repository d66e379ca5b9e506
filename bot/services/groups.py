"""Group chats: which ones the bot is in, and what their operators set."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.groups import LONGEST_RULES, Group, RulesTooLong
from bot.domain.members import Actor, UnknownGroup
from bot.domain.settings import check_setting, settings_from
from bot.services.clock import Clock
from storage.database import Database
from storage.groups import GroupRow
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class GroupService:
    """Knows the groups; those of chats that spoke since the start are kept in memory.

    `defaults` are the installation's texts for settings that a group has not set; `followers` are told of every group
    that is read or changed.
    """

    database: Database
    clock: Clock
    defaults: Mapping[str, str] = field(default_factory=dict)
    followers: list[Callable[[Group], None]] = field(default_factory=list)
    _by_chat: dict[int, Group] = field(default_factory=dict)

    async def of_chat(self, chat_id: int, title: str) -> Group:
        """The group of a chat, made known if it is new; its title follows the chat's."""
        group = self._by_chat.get(chat_id)
        if group is None or group.title != title:
            group = self._keep(await self.database.write(lambda tx: self._save(tx, chat_id, title)))
        return group

    async def known(self, chat_id: int) -> Group | None:
        """The group of a chat id, present or former, if there is one."""
        group = self._by_chat.get(chat_id)
        if group is None:
            row = await self.database.read(lambda tx: tx.groups.find(chat_id))
            group = self._keep(row) if row else None
        return group

    def in_memory(self, chat_id: int) -> Group | None:
        """The group of a chat, if it has spoken since the start. Costs no I/O."""
        return self._by_chat.get(chat_id)

    async def load(self) -> None:
        """Takes all groups that the bot is in into memory."""
        for row in await self.database.read(lambda tx: tx.groups.all()):
            if row.chat_id and row.is_present:
                self._keep(row)

    async def by_id(self, group_id: int) -> Group | None:
        """The group of our own id."""
        chat_id = await self.database.read(lambda tx: tx.groups.chat_id(group_id))
        return await self.known(chat_id) if chat_id is not None else None

    async def all(self) -> Sequence[Group]:
        """Every group the bot is or was in, oldest first."""
        return [self._group(row) for row in await self.database.read(lambda tx: tx.groups.all()) if row.chat_id]

    def tidies(self, chat_id: int) -> bool:
        """Whether a chat wants service messages deleted, as far as memory knows; of an unknown one: perhaps."""
        group = self._by_chat.get(chat_id)
        return group is None or group.settings.delete_service_messages

    async def set_rules(self, group: Group, rules: str, actor: Actor, update_id: int) -> Group:
        """Replaces the group's rules. Raises `RulesTooLong`."""
        if len(rules) > LONGEST_RULES:
            raise RulesTooLong(longest=LONGEST_RULES, length=len(rules))

        def work(tx: Transaction) -> GroupRow:
            before = tx.groups.set_rules(group.id, rules)
            tx.changes.add(group.id, update_id, actor, "rules", before, rules, self.clock())
            return _found(tx, group.chat_id)

        return self._keep(await self.database.write(work))

    async def set(self, group: Group, key: str, text: str, actor: Actor, update_id: int) -> Group:
        """Sets one of `OPTIONS`. Raises `UnknownSetting` and `WrongSetting`."""
        value = check_setting(key, text)

        def work(tx: Transaction) -> GroupRow:
            before = tx.groups.set_setting(group.id, key, value)
            tx.changes.add(group.id, update_id, actor, f"setting:{key}", before, value, self.clock())
            return _found(tx, group.chat_id)

        return self._keep(await self.database.write(work))

    async def share_wallet(self, group: Group, other_chat_id: int, actor: Actor, update_id: int) -> Group:
        """Lets the group's members earn and spend in another group's wallet; what they have moves there.

        With the group's own chat id it gets a wallet of its own again, an empty one: what was pooled stays pooled.
        Raises `UnknownGroup`.
        """

        def work(tx: Transaction) -> GroupRow:
            other = tx.groups.find(other_chat_id)
            if other is None:
                raise UnknownGroup
            wallet_id = other.wallet_id if other.id != group.id else group.id
            if wallet_id != group.wallet_id:
                if wallet_id != group.id and group.wallet_id == group.id:
                    tx.points.pool(group.id, wallet_id, f"share:{update_id}", self.clock())
                    tx.groups.repoint_wallet(group.id, wallet_id)
                tx.groups.set_wallet(group.id, wallet_id)
                tx.changes.add(group.id, update_id, actor, "wallet", group.wallet_id, wallet_id, self.clock())
            return _found(tx, group.chat_id)

        row = await self.database.write(work)
        self._by_chat.clear()  # others may share the wallet that moved
        return self._keep(row)

    async def record_presence(self, chat_id: int, title: str, is_present: bool) -> Group:
        """Notes that the bot was added to a group, or is no longer in it."""

        def work(tx: Transaction) -> GroupRow:
            row = self._save(tx, chat_id, title)
            tx.groups.set_presence(row.id, is_present, self.clock())
            return _found(tx, chat_id)

        return self._keep(await self.database.write(work))

    async def move(self, old_chat_id: int, new_chat_id: int) -> None:
        """Lets a group that became a supergroup keep everything under its new chat id. Twice is the same as once."""
        await self.database.write(lambda tx: tx.groups.move(old_chat_id, new_chat_id))
        self.forget(old_chat_id)
        self.forget(new_chat_id)
        await self.known(new_chat_id)

    def forget(self, chat_id: int) -> None:
        """Drops what memory holds of a group that was changed elsewhere."""
        self._by_chat.pop(chat_id, None)

    def _save(self, tx: Transaction, chat_id: int, title: str) -> GroupRow:
        row = tx.groups.find(chat_id)
        if row is not None and row.title == title:
            return row
        # A late message of a former chat must not make a second group, nor turn the title back.
        if row is None or row.chat_id == chat_id:
            tx.groups.save(chat_id, title, self.clock())
        return _found(tx, chat_id)

    def _keep(self, row: GroupRow) -> Group:
        group = self._group(row)
        self._by_chat[group.chat_id] = group
        for follow in self.followers:
            follow(group)
        return group

    def _group(self, row: GroupRow) -> Group:
        return Group(
            id=row.id,
            chat_id=row.chat_id,
            title=row.title,
            wallet_id=row.wallet_id,
            rules=row.rules,
            is_present=row.is_present,
            settings=settings_from(row.settings, self.defaults),
        )


def _found(tx: Transaction, chat_id: int) -> GroupRow:
    row = tx.groups.find(chat_id)
    assert row is not None  # noqa: S101 - written in this transaction
    return row

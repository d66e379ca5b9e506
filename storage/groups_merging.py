"""Two groups that turn out to be one: a chat was heard of under its new id before it was known to have moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    PrimaryKeyConstraint,
    Select,
    Table,
    UniqueConstraint,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # SQLite understands this dialect's ON CONFLICT

from bot.domain.checkins import recount
from bot.domain.settings import settings_from
from storage.chatter import ChatterRepository
from storage.checkins import CheckInRepository
from storage.tables import (
    activity,
    admissions,
    challenges,
    changes,
    chatter,
    check_in_days,
    check_ins,
    deliveries,
    exempt_members,
    faq_entries,
    faq_heard,
    faq_missed,
    faq_versions,
    forbidden_words,
    former_chats,
    groups,
    hand_overs,
    introduction_templates,
    introductions,
    invite_links,
    invites,
    joins,
    ledger,
    library_turns,
    lotteries,
    lottery_bans,
    members,
    offences,
    on_duty,
    outbox,
    people,
    playbook_pauses,
    raids,
    wallets,
    welcome_posts,
    welcome_texts,
)

SUMMED = (members, activity)
"""Copied; of what both groups know, the messages add up."""

COPIED = (
    changes, check_ins, exempt_members, faq_entries, faq_missed, forbidden_words, introduction_templates, introductions,
    invites, joins, lottery_bans, on_duty, playbook_pauses, raids, welcome_posts, welcome_texts,
)  # fmt: skip
"""Copied; what the group has already stays as it is. The retired group's own rows are what audits look at."""

MOVED = (
    challenges, deliveries, faq_heard, former_chats, hand_overs, library_turns, lotteries, offences, outbox,
)  # fmt: skip
"""Handed on as they are, with all that points at them; what the group has already under the same key is left behind."""

REPLACING = (admissions,)
"""Handed on in place of what the group has: what happened in the new chat is newer."""

BY_HAND = (groups, people, invite_links, ledger, wallets, check_in_days, chatter)
"""See `Merging.merge`."""

STAYING: Mapping[Table, str] = {
    faq_versions: "the number tells who keeps the entries in memory that they changed; `move` counts the change",
}
"""What a merge leaves alone, and why."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as it is stored; `settings` holds the texts of those that were set."""

    id: int
    chat_id: int
    title: str
    wallet_id: int
    rules: str
    settings: Mapping[str, str]
    is_present: bool


@dataclass(frozen=True, slots=True)
class Merging:
    """Gives a group all that hangs on another one, and retires that; its ledger stays as well, being append-only."""

    connection: Connection
    newcomer: GroupRow
    group: GroupRow

    def merge(self) -> None:
        """Does it, within the transaction."""
        for table in SUMMED:
            self._copy(table, adding="messages")
        for table in COPIED:
            self._copy(table)
        for table in REPLACING:
            twin = table.alias()
            newer = select(twin.c.user_id).where(twin.c.group_id == self.newcomer.id)
            self.connection.execute(delete(table).where(table.c.group_id == self.group.id, table.c.user_id.in_(newer)))
        self._kill_links()
        for table in (*MOVED, *REPLACING, invite_links):
            self._move(table)
        self._drop_what_stayed()
        self._copy_ledger()
        ChatterRepository(self.connection).merge(self.newcomer.id, self.group.id)
        self._count_days()
        self._recount_streaks()
        self._retire()

    def _copy(self, table: Table, replaced: Mapping[str, Any] | None = None, adding: str | None = None) -> None:
        values = {"group_id": literal(self.group.id), **(replaced or {})}
        columns = [column for column in table.c if not (column.name == "id" and column.primary_key)]
        rows = select(*(values.get(c.name, c) for c in columns)).where(table.c.group_id == self.newcomer.id)
        copied = insert(table).from_select([c.name for c in columns], rows)
        if adding is None:
            self.connection.execute(copied.on_conflict_do_nothing())
        else:
            both = {adding: table.c[adding] + copied.excluded[adding]}
            self.connection.execute(copied.on_conflict_do_update(index_elements=list(table.primary_key), set_=both))

    def _move(self, table: Table) -> None:
        is_free = [~_twin(table, self.group.id, key) for key in _keys(table)]
        moved = update(table).where(table.c.group_id == self.newcomer.id, *is_free)
        self.connection.execute(moved.values(group_id=self.group.id))

    def _kill_links(self) -> None:
        """Of two links of one member the newcomer's stays alive, which is the younger one."""
        now = self.connection.execute(select(func.max(invite_links.c.made_at))).scalar()
        younger = select(invite_links.c.user_id).where(invite_links.c.group_id == self.newcomer.id)
        of_group = (invite_links.c.group_id == self.group.id) & invite_links.c.dead_at.is_(None)
        self.connection.execute(
            update(invite_links).where(of_group, invite_links.c.user_id.in_(younger)).values(dead_at=now)
        )

    def _drop_what_stayed(self) -> None:
        """What the group has to say or to post already is not said again for a group without a chat."""
        self.connection.execute(delete(outbox).where(outbox.c.group_id == self.newcomer.id))
        is_alive = deliveries.c.state.in_(("queued", "sending"))
        self.connection.execute(
            update(deliveries)
            .where(deliveries.c.group_id == self.newcomer.id, is_alive)
            .values(state="skipped", note="gone", ended_at=deliveries.c.due_at)
        )

    def _copy_ledger(self) -> None:
        """A reason names the group (`checkin:GROUP:DAY`): renamed, a day paid under both ids is paid once."""
        wallet_id = self.group.wallet_id
        reason = func.replace(ledger.c.reason, f":{self.newcomer.id}:", f":{self.group.id}:")
        self._copy(ledger, {"wallet_id": literal(wallet_id), "reason": reason})
        self.connection.execute(delete(wallets).where(wallets.c.wallet_id == wallet_id))
        self.connection.execute(insert(wallets).from_select(list(wallets.c.keys()), _sums_of(wallet_id)))

    def _count_days(self) -> None:
        rows = (
            select(func.count())
            .where(
                check_ins.c.group_id == self.group.id,
                check_ins.c.day == check_in_days.c.day,
                check_ins.c.kind == "checked_in",
            )
            .scalar_subquery()
        )
        counted = insert(check_in_days).from_select(
            ["group_id", "day", "count", "bonus"],
            select(literal(self.group.id), check_in_days.c.day, rows, check_in_days.c.bonus).where(
                check_in_days.c.group_id == self.newcomer.id
            ),
        )
        both = {"count": counted.excluded.count, "bonus": check_in_days.c.bonus + counted.excluded.bonus}
        self.connection.execute(
            counted.on_conflict_do_update(index_elements=list(check_in_days.primary_key), set_=both)
        )

    def _recount_streaks(self) -> None:
        starts_at = settings_from(self.group.settings, {}).day_starts_at
        days = CheckInRepository(self.connection)
        first_days = self.connection.execute(
            select(check_ins.c.user_id, func.min(check_ins.c.day))
            .where(check_ins.c.group_id == self.newcomer.id)
            .group_by(check_ins.c.user_id)
        ).all()
        for user_id, first in first_days:
            earlier = days.before(self.group.id, user_id, first)
            counted = recount(earlier, days.since(self.group.id, user_id, first), starts_at)
            days.set_streaks(self.group.id, user_id, counted)

    def _retire(self) -> None:
        """What operators have set under the new id is newer; whoever chose either group has chosen the one."""
        rules = self.newcomer.rules or self.group.rules
        settings = {**self.group.settings, **self.newcomer.settings}
        of_group, of_newcomer = groups.c.id == self.group.id, groups.c.id == self.newcomer.id
        self.connection.execute(update(groups).where(of_group).values(rules=rules, settings=settings))
        self.connection.execute(
            update(people).where(people.c.chosen_group_id == self.newcomer.id).values(chosen_group_id=self.group.id)
        )
        self.connection.execute(update(groups).where(of_newcomer).values(chat_id=None, is_present=False))


def _keys(table: Table) -> Sequence[Sequence[str]]:
    """What else, beside its group, a row of the table is known by."""
    unique = (PrimaryKeyConstraint, UniqueConstraint)
    keys = [[column.name for column in one.columns] for one in table.constraints if isinstance(one, unique)]
    return [[name for name in key if name != "group_id"] for key in keys if "group_id" in key]


def _twin(table: Table, group_id: int, key: Sequence[str]) -> ColumnElement[bool]:
    """Whether a group has a row with the same key."""
    twin = table.alias()
    same = [twin.c[name] == table.c[name] for name in key]
    return select(literal(1)).where(twin.c.group_id == group_id, *same).correlate(table).exists()


def _sums_of(wallet_id: int) -> Select[Any]:
    owner = (ledger.c.wallet_id, ledger.c.user_id, ledger.c.unit)
    return (
        select(*owner, func.sum(ledger.c.amount), func.sum(ledger.c.earned), func.max(ledger.c.at))
        .where(ledger.c.wallet_id == wallet_id)
        .group_by(*owner)
    )

"""The entries that operators make for their own group."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.faq import (
    LONGEST_ANSWER,
    LONGEST_CAPTION,
    LONGEST_KEYWORD,
    VARIABLES,
    Keyword,
    Photo,
    default_mode,
    variables_of,
)
from bot.domain.faq_own import (
    MOST_PHRASINGS,
    Addition,
    OwnEntry,
    TooManyEntries,
    TooManyPhrasings,
    UnknownEntry,
    UnknownMissed,
    WrongAnswer,
    WrongKeyword,
    WrongPattern,
)
from bot.domain.groups import Group
from bot.domain.members import Actor
from bot.services.clock import Clock
from bot.services.faq import FaqService
from bot.services.faq_index import KeywordError, check_keyword, key_of
from storage.database import Database
from storage.faq import as_json, from_json
from storage.transaction import Transaction

MOST_ENTRIES = 500
"""Entries that a group may have of its own."""


@dataclass(frozen=True, slots=True)
class OwnFaqService:
    """Changes a group's own entries; each change is in the log, and can be undone."""

    database: Database
    faq: FaqService
    clock: Clock

    async def add(
        self, group: Group, addition: Addition, photo: Photo | None, actor: Actor, update_id: int
    ) -> OwnEntry:
        """Stores an entry; one with the same first keyword is replaced.

        Raises `WrongKeyword`, `WrongPattern`, `TooManyPhrasings`, `WrongAnswer` and `TooManyEntries`.
        """
        entry = checked(own_entry(addition, photo))

        def work(tx: Transaction) -> None:
            if not tx.changes.was_made_by(group.id, update_id):
                self._put(tx, group, entry, actor, update_id)

        await self.database.write(work)
        await self.faq.refresh(group.id)
        return entry

    async def answer_missed(
        self, group: Group, ref: str, answer: str, photo: Photo | None, actor: Actor, update_id: int
    ) -> OwnEntry:
        """Makes an entry of a question that nobody answered. Raises `UnknownMissed` and what `add` raises."""

        def entry_for(_: Transaction, question: str) -> OwnEntry:
            return own_entry(Addition((_as_keyword(question),), (), answer), photo)

        return await self._settle(group, ref, entry_for, actor, update_id)

    async def add_phrasing(self, group: Group, ref: str, entry_ref: str, actor: Actor, update_id: int) -> OwnEntry:
        """Lets an entry of the group answer a question that nobody answered.

        Raises `UnknownMissed`, `UnknownEntry` when the entry is gone by now, and `TooManyPhrasings`.
        """

        def entry_for(tx: Transaction, question: str) -> OwnEntry:
            former = next((own for own in tx.faq.of_group(group.id) if own.entry().ref == entry_ref), None)
            if former is None:
                raise UnknownEntry(keyword=question[:LONGEST_KEYWORD])
            return former.with_keyword(_as_keyword(question))

        return await self._settle(group, ref, entry_for, actor, update_id)

    async def _settle(
        self, group: Group, ref: str, entry_for: Callable[[Transaction, str], OwnEntry], actor: Actor, update_id: int
    ) -> OwnEntry:
        """Stores what answers a question from now on and takes it off the list, both or neither."""

        def work(tx: Transaction) -> OwnEntry:
            made = tx.changes.made_by(group.id, update_id)
            if made is not None:
                return from_json(made.after)
            missed = tx.faq.find_missed(group.id, ref)
            if missed is None:
                raise UnknownMissed
            entry = checked(entry_for(tx, missed.question))
            self._put(tx, group, entry, actor, update_id)
            tx.faq.forget_missed(group.id, [missed.key])
            return entry

        entry = await self.database.write(work)
        await self.faq.refresh(group.id)
        return entry

    async def delete(self, group: Group, keyword: Keyword, actor: Actor, update_id: int) -> None:
        """Removes the group's own entry with this keyword. Raises `UnknownEntry`."""
        key = key_of(keyword)

        def work(tx: Transaction) -> None:
            if tx.changes.was_made_by(group.id, update_id):
                return
            wanted = next((e for e in tx.faq.of_group(group.id) if key in {key_of(k) for k in e.keywords}), None)
            if wanted is None:
                raise UnknownEntry(keyword=keyword.text[:LONGEST_KEYWORD])
            tx.faq.put(group.id, wanted.key, None, self.clock())
            tx.changes.add(group.id, update_id, actor, "faq", as_json(wanted), None, self.clock())

        await self.database.write(work)
        await self.faq.refresh(group.id)

    def _put(self, tx: Transaction, group: Group, entry: OwnEntry, actor: Actor, update_id: int) -> None:
        if tx.faq.find(group.id, entry.key) is None and tx.faq.count(group.id) >= MOST_ENTRIES:
            raise TooManyEntries(most=MOST_ENTRIES)
        before = tx.faq.put(group.id, entry.key, entry, self.clock())
        stored = as_json(before) if before else None
        tx.changes.add(group.id, update_id, actor, "faq", stored, as_json(entry), self.clock())


def own_entry(addition: Addition, photo: Photo | None) -> OwnEntry:
    """The entry that an operator wants to add."""
    key = key_of(addition.keywords[0])
    return OwnEntry(
        key,
        addition.keywords,
        addition.unless,
        addition.answer,
        photo,
        is_private=addition.is_private,
        hands_over=addition.hands_over,
    )


def checked(entry: OwnEntry) -> OwnEntry:
    """The entry, if it can stand. Raises `WrongKeyword`, `WrongPattern`, `TooManyPhrasings` and `WrongAnswer`."""
    if len(entry.keywords) > MOST_PHRASINGS:
        raise TooManyPhrasings(most=MOST_PHRASINGS)
    for keyword in entry.keywords:
        try:
            check_keyword(keyword)
        except KeywordError as error:
            if keyword.mode == "regex":
                raise WrongPattern(keyword=keyword.text[:64], reason=str(error)[:200]) from None
            raise WrongKeyword(keyword=keyword.text[:64], longest=LONGEST_KEYWORD) from None
    longest = LONGEST_CAPTION if entry.photo else LONGEST_ANSWER
    if variables_of(entry.answer) - set(VARIABLES) or len(entry.answer) > longest:
        raise WrongAnswer(longest=longest, variables=", ".join(f"{{{{ {name} }}}}" for name in VARIABLES))
    return entry


def _as_keyword(question: str) -> Keyword:
    """A question as one of the phrasings by which it is found again."""
    text = " ".join(question.split()).strip("?？!！。.~～ ")
    return Keyword(text, default_mode(text))

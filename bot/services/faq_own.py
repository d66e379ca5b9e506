"""The entries that operators make for their own group."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.faq import (
    LONGEST_ANSWER,
    LONGEST_CAPTION,
    LONGEST_KEYWORD,
    VARIABLES,
    Entry,
    Keyword,
    Photo,
    default_mode,
    variables_of,
)
from bot.domain.faq_own import (
    MOST_PHRASINGS,
    OWN_PRIORITY,
    Addition,
    TooManyEntries,
    TooManyPhrasings,
    UnknownEntry,
    UnknownMissed,
    WrongAnswer,
    WrongKeyword,
    WrongPattern,
    own_about,
    own_id,
    own_key,
    with_keyword,
)
from bot.domain.groups import Group
from bot.domain.members import Actor
from bot.services.clock import Clock
from bot.services.faq import FaqService
from bot.services.faq_index import KeywordError, check_keyword, key_of, normal_form
from storage.database import Database
from storage.faq_json import as_json, from_json
from storage.transaction import Transaction

MOST_ENTRIES = 500
"""Entries that a group may have of its own."""


@dataclass(frozen=True, slots=True)
class OwnFaqService:
    """Changes a group's own entries; each change is in the log, and can be undone."""

    database: Database
    faq: FaqService
    clock: Clock

    async def add(self, group: Group, addition: Addition, photo: Photo | None, actor: Actor, update_id: int) -> Entry:
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
    ) -> Entry:
        """Makes an entry of a question that nobody answered. Raises `UnknownMissed` and what `add` raises."""

        def entry_for(_: Transaction, question: str) -> Entry:
            return own_entry(Addition((_as_keyword(question),), (), answer), photo)

        return await self._settle(group, ref, entry_for, actor, update_id)

    async def add_phrasing(self, group: Group, ref: str, entry_ref: str, actor: Actor, update_id: int) -> Entry:
        """Lets an entry answer a question that nobody answered; for one from a file, a new one of the group's does it.

        Raises `UnknownMissed`, `UnknownEntry` when the entry is gone by now, and `TooManyPhrasings`.
        """

        def entry_for(tx: Transaction, question: str) -> Entry:
            keyword = _as_keyword(question)
            former = next((own for own in tx.faq.of_group(group.id) if own.ref == entry_ref), None)
            if former is not None:
                return with_keyword(former, keyword)
            shared = next((e for e in self.faq.listed(group) if e.ref == entry_ref and not e.is_own), None)
            if shared is None:
                raise UnknownEntry(keyword=question[:LONGEST_KEYWORD])
            return own_about(shared, keyword, key_of(keyword))

        return await self._settle(group, ref, entry_for, actor, update_id)

    async def _settle(
        self, group: Group, ref: str, entry_for: Callable[[Transaction, str], Entry], actor: Actor, update_id: int
    ) -> Entry:
        """Stores what answers a question from now on and takes it off the list, both or neither."""

        def work(tx: Transaction) -> Entry:
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
            tx.faq.put(group.id, own_key(wanted), None, self.clock())
            tx.changes.add(group.id, update_id, actor, "faq", as_json(wanted), None, self.clock())

        await self.database.write(work)
        await self.faq.refresh(group.id)

    def _put(self, tx: Transaction, group: Group, entry: Entry, actor: Actor, update_id: int) -> None:
        key = own_key(entry)
        if tx.faq.find(group.id, key) is None and tx.faq.count(group.id) >= MOST_ENTRIES:
            raise TooManyEntries(most=MOST_ENTRIES)
        before = tx.faq.put(group.id, key, entry, self.clock())
        stored = as_json(before) if before else None
        tx.changes.add(group.id, update_id, actor, "faq", stored, as_json(entry), self.clock())


def own_entry(addition: Addition, photo: Photo | None) -> Entry:
    """The entry that an operator wants to add."""
    return Entry(
        own_id(key_of(addition.keywords[0])),
        addition.keywords,
        (addition.answer,),
        priority=OWN_PRIORITY,
        unless=addition.unless,
        photo=photo,
        is_private=addition.is_private,
        hands_over=addition.hands_over,
    )


def checked(entry: Entry) -> Entry:
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
    for text in entry.unless:
        if not normal_form(text):  # it would be found in every message
            raise WrongKeyword(keyword=text[:64], longest=LONGEST_KEYWORD)
    longest = LONGEST_CAPTION if entry.photo else LONGEST_ANSWER
    if any(variables_of(answer) - set(VARIABLES) or len(answer) > longest for answer in entry.answers):
        raise WrongAnswer(longest=longest, variables=", ".join(f"{{{{ {name} }}}}" for name in VARIABLES))
    return entry


def _as_keyword(question: str) -> Keyword:
    """A question as one of the phrasings by which it is found again."""
    text = " ".join(question.split()).strip("?？!！。.~～ ")
    return Keyword(text, default_mode(text))

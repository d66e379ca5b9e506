"""What operators write down for moderation: forbidden words, and whom no rule is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.faq import LONGEST_KEYWORD, default_mode
from bot.domain.groups import Group
from bot.domain.members import Actor, Person
from bot.domain.moderation import TooManyWords, UnknownWord, WrongWord
from bot.services.clock import Clock
from bot.services.faq_index import normal_form
from bot.services.groups import GroupService
from bot.services.moderation_watch import ModerationWatch
from storage.database import Database
from storage.transaction import Transaction

MOST_WORDS = 2_000
"""Words that a group may forbid."""


@dataclass(frozen=True, slots=True)
class ModerationLists:
    """Keeps them, and lets the watch know."""

    database: Database
    groups: GroupService
    watch: ModerationWatch
    clock: Clock

    async def load(self) -> None:
        """Reads every group's rules and words, at the start and when a group got another chat id."""
        words = await self.database.read(lambda tx: tx.moderation.all_words())
        await self.watch.learn(words, await self.groups.all())

    async def refresh(self, group: Group) -> None:
        """Reads a group's words after they were changed."""
        words = await self.database.read(lambda tx: tx.moderation.words(group.id))
        await self.watch.learn({group.id: words}, [group])

    async def set_exempt(self, group: Group, person: Person, actor: Actor, update_id: int, *, is_exempt: bool) -> None:
        """Says whether the rules are for a member."""

        def work(tx: Transaction) -> None:
            if tx.changes.was_made_by(group.id, update_id):
                return
            tx.members.save_people([person])
            was_exempt = tx.moderation.set_exempt(group.id, person.id, is_exempt=is_exempt)
            before, after = (
                {"user_id": person.id, "name": person.name, "is_exempt": exempt} for exempt in (was_exempt, is_exempt)
            )
            tx.changes.add(group.id, update_id, actor, "exempt", before, after, self.clock())

        await self.database.write(work)

    async def exempt(self, group: Group) -> Sequence[str]:
        """The names of those for whom no rule is."""
        return await self.database.read(lambda tx: tx.moderation.exempt(group.id))

    async def words(self, group: Group) -> Sequence[str]:
        """A group's forbidden words."""
        return await self.database.read(lambda tx: tx.moderation.words(group.id))

    async def forbid(self, group: Group, words: Sequence[str], actor: Actor, update_id: int) -> None:
        """Forbids words. Raises `WrongWord` and `TooManyWords`; then none of them is."""
        by_key = _by_key(words)

        def work(tx: Transaction) -> None:
            if tx.changes.was_made_by(group.id, update_id):
                return
            tx.groups.lock(group.id)
            added = tx.moderation.add_words(group.id, by_key)
            if len(tx.moderation.words(group.id)) > MOST_WORDS:
                raise TooManyWords(most=MOST_WORDS)
            if added:
                tx.changes.add(group.id, update_id, actor, "words", [], list(added), self.clock())

        await self.database.write(work)
        await self.refresh(group)

    async def allow(self, group: Group, words: Sequence[str], actor: Actor, update_id: int) -> None:
        """Allows words again. Raises `UnknownWord` when none of them was forbidden."""
        keys = [normal_form(word) for word in words]

        def work(tx: Transaction) -> None:
            if tx.changes.was_made_by(group.id, update_id):
                return
            removed = tx.moderation.delete_words(group.id, keys)
            if not removed:
                raise UnknownWord(word=words[0][:LONGEST_KEYWORD])
            tx.changes.add(group.id, update_id, actor, "words", list(removed), [], self.clock())

        await self.database.write(work)
        await self.refresh(group)


def _by_key(words: Sequence[str]) -> Mapping[str, str]:
    by_key = {normal_form(word): word for word in words}
    for key, word in by_key.items():
        least = 2 if default_mode(key) == "contains" else 1
        if not least <= len(key) <= LONGEST_KEYWORD:
            raise WrongWord(word=word[:LONGEST_KEYWORD], longest=LONGEST_KEYWORD)
    return by_key

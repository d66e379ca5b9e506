"""Questions of playbooks to operators: asked once, answered once, and over with their day."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.domain.deliveries import ANSWERS, Answer, QuestionOver, is_over
from bot.domain.groups import Group
from bot.domain.locales import closest
from bot.domain.members import Actor
from bot.services.clock import Clock
from bot.services.deliveries import follow
from bot.services.groups import GroupService
from storage.database import Database
from storage.outbox import Post
from storage.playbook_questions import Question
from storage.transaction import Transaction

Followers = Callable[[str, str], Mapping[str, timedelta]]
"""The steps that come after a step (playbook, step), and how long after."""


Asked = tuple[Question, Group]
"""A question, and the group that it is about."""


class Words(Protocol):
    """How questions are written."""

    def __call__(
        self, language: str, asked: Sequence[Asked], *, in_private: bool
    ) -> tuple[str, Sequence[tuple[str, str]]]:
        """A message in HTML, with its buttons."""


@dataclass(frozen=True, slots=True)
class PlaybookQuestionService:
    """Keeps what operators are to decide. A question is written into the outbox as it is noted to be asked."""

    database: Database
    groups: GroupService
    clock: Clock

    async def news(self) -> Sequence[Asked]:
        """The questions that nobody was asked yet, with their groups; those of a group without a chat are closed."""
        if not await self.database.read(lambda tx: tx.playbook_questions.has_news()):
            return ()
        now = self.clock()

        def work(tx: Transaction) -> Sequence[Question]:
            tx.playbook_questions.collect(now)
            return tx.playbook_questions.untold()

        untold = await self.database.write(work)
        asked = [(one, group) for one, group in await self._with_groups(untold) if group.is_present]
        gone = {one.id for one in untold} - {one.id for one, _ in asked}
        if gone:
            await self.database.write(lambda tx: tx.playbook_questions.close(gone))
        return asked

    async def ask(self, asked: Sequence[Asked], operators: Mapping[int, Collection[int]], words: Words) -> None:
        """Asks each operator in private, in one message about all their groups, and in the group if none can be.

        `operators` are ids of people by the group's id. What another process has asked meanwhile is left out.
        """
        now = self.clock()

        def work(tx: Transaction) -> None:
            new = {one.id for one in tx.playbook_questions.untold()}
            reachable = tx.members.reachable({person for ids in operators.values() for person in ids})
            mine = [(one, group) for one, group in asked if one.id in new]
            tx.playbook_questions.tell([one.id for one, _ in mine], now)
            for (group_id, person), theirs in _by_reader(mine, operators, reachable).items():
                language = theirs[0][1].settings.language
                if person is not None:
                    language = closest([reachable[person]], language)
                text, buttons = words(language, theirs, in_private=person is not None)
                reason = f"playbook question:{now.isoformat()}:{person or 0}"
                tx.outbox.add(group_id, [Post(reason, text, buttons, to=person)], now)

        if asked:
            await self.database.write(work)

    async def end(self) -> None:
        """Closes the questions whose day is over, or whose step has come again."""
        now = self.clock()
        asked = await self._with_groups(await self.database.read(lambda tx: tx.playbook_questions.all()))
        over = [one.id for one, group in asked if one.asked_at is not None and _is_over(one, group, now)]
        if over:
            await self.database.write(lambda tx: tx.playbook_questions.close(over))

    async def these(self, ids: Collection[int]) -> Sequence[Asked]:
        """Those of these questions that can be answered."""
        found = await self._with_groups(await self.database.read(lambda tx: tx.playbook_questions.these(ids)))
        return [(one, group) for one, group in found if not _is_over(one, group, self.clock())]

    async def _with_groups(self, questions: Sequence[Question]) -> Sequence[Asked]:
        found = [(one, await self.groups.by_id(one.group_id)) for one in questions]
        return [(one, group) for one, group in found if group is not None]

    async def group_of(self, question_id: int) -> Group | None:
        """The group that an open or former question is about."""
        group_id = await self.database.read(lambda tx: tx.deliveries.group_of(question_id))
        return await self.groups.by_id(group_id) if group_id is not None else None

    async def answer(
        self, group: Group, question_id: int, answer: str, actor: Actor, update_id: int, followers: Followers
    ) -> Mapping[str, Any]:
        """Does what an operator decides, once; returns it as the log has it. Raises `QuestionOver`."""
        now = self.clock()

        def work(tx: Transaction) -> Mapping[str, Any]:
            made = tx.changes.made_by(group.id, update_id)
            if made is not None:
                return dict(made.after)
            tx.playbook_questions.collect(now)
            found = [one for one in tx.playbook_questions.these([question_id]) if one.group_id == group.id]
            if not found or answer not in ANSWERS[found[0].state] or _is_over(found[0], group, now):
                raise QuestionOver
            if not tx.playbook_questions.close([question_id]):
                raise QuestionOver
            return self._do(tx, found[0], answer, actor, update_id, followers)

        return await self.database.write(work)

    def _do(
        self, tx: Transaction, one: Question, answer: Answer, actor: Actor, update_id: int, followers: Followers
    ) -> Mapping[str, Any]:
        now = self.clock()
        match answer:
            case "now":
                tx.playbook_questions.queue(one, {"ordered": update_id}, now)
            case "again":
                tx.playbook_questions.queue(one, {"again": list(one.uncertain)}, now)
            case "never":
                tx.playbook_questions.settle(one, "skipped", now)
            case "arrived":
                tx.playbook_questions.settle(one, "sent", now)
                follow(tx, one, now, followers(one.playbook, one.step))
        after = {"playbook": one.playbook, "step": one.step, "slot": one.slot, "answer": answer}
        tx.changes.add(one.group_id, update_id, actor, "playbook_answer", None, after, now)
        return after


def _is_over(question: Question, group: Group, now: datetime) -> bool:
    is_over_today = question.asked_at is not None and is_over(question.asked_at, now, group.zone)
    return is_over_today or question.is_outdated


def _by_reader(
    asked: Sequence[Asked], operators: Mapping[int, Collection[int]], reachable: Collection[int]
) -> Mapping[tuple[int, int | None], Sequence[Asked]]:
    """Who is asked what: a person by (one of their groups, id), or a group by (id, None)."""
    found = dict[tuple[int, int | None], list[Asked]]()
    first = dict[int, int]()
    for one, group in asked:
        people = [person for person in sorted(operators[group.id]) if person in reachable]
        for person in people:
            found.setdefault((first.setdefault(person, group.id), person), []).append((one, group))
        if not people:
            found.setdefault((group.id, None), []).append((one, group))
    return found

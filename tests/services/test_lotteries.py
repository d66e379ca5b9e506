"""Any course of a lottery: points are conserved, winners are distinct and fit, and no code is given twice."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.groups import Group
from bot.domain.lotteries_terms import parse_terms
from bot.domain.members import Actor, Person
from bot.domain.points import Owner
from bot.domain.refusals import Refusal
from bot.services.audits import audit
from bot.services.groups import GroupService
from bot.services.lotteries import LotteryService
from bot.services.points import PointsService
from bot.texts import load_texts
from handlers.lotteries_posts import LotteryPosts
from storage.database import Database, EmbeddedDatabase
from storage.lotteries import Winner
from tests.conftest import StoppedClock

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OPERATOR = Actor(9, "Olivia")
PEOPLE = [Person(1001 + number, f"Member {number}") for number in range(6)]
COST, PURSE = 10, 25
PLACES = 3

_chat_ids, _update_ids, _code_numbers = count(1), count(1), count(1)

WHO = st.sampled_from(PEOPLE)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["enter", "ban", "unban", "leave", "redraw"]), WHO),
    st.tuples(st.sampled_from(["enter", "enter", "codes", "draw", "cancel"]), WHO),
)
Step = tuple[str, Person]


async def always(_chat_id: int, _user_id: int) -> bool:
    return True


@dataclass(slots=True)
class Course:
    """One lottery in a group of its own, whose members can pay two entries."""

    database: Database
    group: Group
    lottery_id: int = 0
    out: set[int] = field(default_factory=set)

    @property
    def service(self) -> LotteryService:
        return LotteryService(self.database, StoppedClock(NOON))

    @property
    def words(self) -> LotteryPosts:
        return LotteryPosts(self.group, load_texts())

    async def do(self, action: str, person: Person) -> None:
        """One step, which may be refused; it may come at any time."""
        service, group, update_id = self.service, self.group, next(_update_ids)
        match action:
            case "enter":
                await service.enter(group, self.lottery_id, person, is_here=person.id not in self.out)
            case "ban":
                await service.ban(group, person, OPERATOR, update_id)
            case "unban":
                await service.unban(group, person, OPERATOR, update_id)
            case "leave":
                self.out.add(person.id)
                await self.database.write(lambda tx: tx.members.set_status(group.id, person.id, "left", NOON))
            case "codes":
                codes, operator = f"CODE-{next(_code_numbers)}\nCODE-1", Person(OPERATOR.id, OPERATOR.name)
                await service.add_codes(group, self.lottery_id, "", codes, operator, update_id, self.words)
            case "redraw":
                await service.redraw(group, self.lottery_id, person, "", OPERATOR, update_id, self.words, always)
            case "cancel":
                await service.cancel(group, self.lottery_id, OPERATOR, update_id, self.words)
            case "draw":
                await service.close(group, self.lottery_id, self.words, (OPERATOR, update_id))
                await service.publish_list(group, self.lottery_id, self.words, always)
                await self.database.write(
                    lambda tx: tx.connection.exec_driver_sql("UPDATE outbox SET state = 'sent', message_id = 1")
                )
                assert await service.draw(group, self.lottery_id, self.words)

    async def balances(self) -> list[int]:
        owners = [Owner(self.group.wallet_id, person.id) for person in PEOPLE]
        return await self.database.read(lambda tx: [tx.points.balance(owner) for owner in owners])

    async def winners(self) -> Sequence[Winner]:
        return await self.database.read(lambda tx: tx.lotteries.winners(self.lottery_id))


async def begun(database: Database) -> Course:
    clock = StoppedClock(NOON)
    group = await GroupService(database, clock).of_chat(-next(_chat_ids), "Hearth")
    for person in PEOPLE:
        await PointsService(database, clock).change(group, person, PURSE, "gift", OPERATOR, next(_update_ids))
    course = Course(database, group)
    terms = parse_terms(f"Tea x{PLACES} cost {COST}", NOON, "UTC")
    await course.service.open(group, terms, OPERATOR, next(_update_ids), course.words)
    [lottery] = await database.read(lambda tx: tx.lotteries.latest(group.id, 1))
    course.lottery_id = lottery.id
    return course


async def require_sense(course: Course) -> None:
    """What must hold after every step."""
    lottery_id, group = course.lottery_id, course.group
    lottery = (await course.database.read(lambda tx: tx.lotteries.latest(group.id, 1)))[0]
    entered = {entry.user_id for entry in await course.database.read(lambda tx: tx.lotteries.entries(lottery_id))}
    paid = set() if lottery.state == "cancelled" else entered
    assert await course.balances() == [PURSE - COST * (person.id in paid) for person in PEOPLE]
    lines = await course.database.read(lambda tx: tx.lotteries.list_of(lottery_id))
    winners = await course.winners()
    assert len({winner.user_id for winner in winners}) == len(winners), "nobody wins twice, redraws included"
    assert {winner.user_id for winner in winners} <= {line.user_id for line in lines} <= entered
    if lottery.state == "drawn":
        assert sum(winner.redraw == 0 for winner in winners) == min(PLACES, len(lines))
    codes = await course.database.read(lambda tx: tx.prize_codes.of(lottery_id))
    given_to = [code.user_id for code in codes if code.user_id is not None]
    assert len(given_to) == len(set(given_to))
    assert len({code.code for code in codes}) == len(codes)


async def follow(database: Database, steps: Sequence[Step]) -> None:
    course = await begun(database)
    for action, person in steps:
        with suppress(Refusal):
            await course.do(action, person)
        await require_sense(course)
    assert (await audit(database)).differences == []


RELAXED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=12, deadline=None, suppress_health_check=RELAXED)
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
async def test_any_course_conserves_points_and_has_fit_and_distinct_winners(
    embedded: EmbeddedDatabase, steps: list[Step]
) -> None:
    await follow(embedded, steps)


async def test_a_whole_course_with_redraws_until_nobody_is_left(database: Database) -> None:
    steps = [("enter", person) for person in PEOPLE]
    steps += [("enter", PEOPLE[0]), ("leave", PEOPLE[1]), ("ban", PEOPLE[2]), ("codes", PEOPLE[0]), ("draw", PEOPLE[0])]
    steps += [("redraw", person) for person in PEOPLE] + [("cancel", PEOPLE[0]), ("enter", PEOPLE[2])]

    await follow(database, steps)

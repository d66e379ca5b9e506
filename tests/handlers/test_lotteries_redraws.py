"""Who gets a place that is drawn again, and what happens when several draw at once."""

import asyncio

from bot.domain.lotteries import CannotRedraw
from bot.domain.members import Actor, Person
from bot.domain.proofs import verify
from handlers.lotteries_posts import LotteryPosts
from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, CAROL, OLIVIA, Group, Persona, Unreachable
from tests.handlers.test_lotteries import found_by_the_audit, known, proofs
from tests.handlers.test_lotteries_conditions import NEWS, opens_news

JOIN = "🎟 Join"
PEOPLE = {person.first_name: person for person in (ALICE, BOB, CAROL)}


async def drawn(group: Group, terms: str, *people: Persona) -> tuple[Persona, list[Persona]]:
    """Who won the first lottery's only place, and who did not."""
    await known(group, *people)
    await group.says(OLIVIA, f"/lottery new {terms}")
    for person in people:
        await group.presses(person, JOIN)
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw 1"))
    [winner] = [person for person in people if f": {person.first_name}" in group.said[-1]]
    return winner, [person for person in people if person != winner]


async def redraws(group: Group, winner: Persona) -> str:
    asked = group.message(winner, "?")["message"]
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery redraw 1 no answer", answering=asked))
    return group.said[-1]


async def test_who_was_banned_since_is_passed_over_and_the_proof_says_so(group_on_either: Group) -> None:
    group = group_on_either
    winner, (banned, other) = await drawn(group, "Tea x1", *PEOPLE.values())
    asked = group.message(banned, "?")["message"]
    await group.says(OLIVIA, "/lottery ban", answering=asked)

    said = await redraws(group, winner)

    assert said == f"🔁 Lottery 1: Tea goes to {other.first_name} in place of {winner.first_name}."
    proof = proofs(group)[-1]
    assert len(proof["redraws"][0]["excluded"]) == 1
    assert verify(proof) == []
    assert await found_by_the_audit(group) == []


async def test_who_has_won_elsewhere_since_is_passed_over_where_that_was_announced(group: Group) -> None:
    winner, (lucky, other) = await drawn(group, "Tea x1 cooldown 7d", *PEOPLE.values())
    await group.says(OLIVIA, "/lottery new Mug x1")
    await group.presses(lucky, JOIN)
    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw 2"))
    assert f"Mug: {lucky.first_name}" in group.said[-1]

    said = await redraws(group, winner)

    assert f"Tea goes to {other.first_name}" in said
    assert len(proofs(group)[-1]["redraws"][0]["excluded"]) == 1
    assert verify(proofs(group)[-1]) == []


async def test_who_has_left_the_channel_since_is_passed_over(group: Group, clock: StoppedClock) -> None:
    opens_news(group)
    winner, (gone, other) = await drawn(group, "Tea x1 channel @hearth_news", *PEOPLE.values())
    group.telegram.gone.add((NEWS, gone.id))
    clock.advance(minutes=2)

    said = await redraws(group, winner)

    assert f"Tea goes to {other.first_name}" in said
    assert verify(proofs(group)[-1]) == []


async def test_while_the_platform_says_nothing_of_the_channel_who_was_in_it_wins(
    group: Group, clock: StoppedClock
) -> None:
    opens_news(group)
    winner, (other,) = await drawn(group, "Tea x1 channel @hearth_news", ALICE, BOB)
    clock.advance(minutes=2)
    group.telegram.fails("getChatMember", *[Unreachable("lost")] * 3)

    assert f"Tea goes to {other.first_name}" in await redraws(group, winner)


async def test_of_several_redraws_of_one_place_at_once_one_counts(group_on_either: Group) -> None:
    group = group_on_either
    winner, _ = await drawn(group, "Tea x1", *PEOPLE.values())
    timer = group.hearthbot.engine.lottery_timer
    here = await timer.groups.known(group.chat_id)
    assert here is not None
    words, missing = LotteryPosts(here, timer.texts), Person(winner.id, winner.first_name)

    done = await asyncio.gather(
        *(
            timer.lotteries.redraw(
                here, 1, missing, "", Actor(OLIVIA.id, "Olivia"), 900 + n, words, timer.presence.is_in
            )
            for n in range(3)
        ),
        return_exceptions=True,
    )

    assert [type(one) for one in done if one is not None] == [CannotRedraw, CannotRedraw]
    await group.hearthbot.ring()
    assert len(proofs(group)[-1]["redraws"]) == 1
    assert await found_by_the_audit(group) == []

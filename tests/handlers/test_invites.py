"""Inviting as a group sees it."""

import asyncio

import pytest

from bot.domain.members import Person
from bot.domain.proofs import verify
from bot.services.audits import audit
from tests.conftest import StoppedClock
from tests.group import ALICE, BOB, CAROL, OLIVIA, OTHER_BOT, Group, Persona, PrivateChat, Unreachable
from tests.handlers.test_checkins import points_of
from tests.handlers.test_lotteries import known, proofs

DAVE = Persona(1007, "Dave")
EVE = Persona(1008, "Eve")


async def link_of(group: Group, person: Persona) -> str:
    said = await group.says(person, "/invite")
    assert said is not None
    return said.splitlines()[1]


async def tally(group: Group, person: Persona) -> str:
    said = await group.says(person, "/invite")
    assert said is not None
    return said.splitlines()[2]


async def passes_probation(group: Group, clock: StoppedClock, *people: Persona) -> None:
    """They say something, and a day goes by."""
    await known(group, *people)
    clock.advance(days=1)
    await group.hearthbot.looks_after_newcomers()


async def test_a_link_brings_somebody_who_counts_after_a_day_and_a_word(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/settings invite_points 30")
    link = await link_of(group, ALICE)
    assert group.telegram.links[link]["name"] == "Alice #1001"

    await group.joins(BOB, link=link)
    assert await tally(group, ALICE) == "Joined: 1 · still here: 1 · valid: 0"
    clock.advance(days=1)
    await group.hearthbot.looks_after_newcomers()
    assert await points_of(group, ALICE) == 0

    await known(group, BOB)
    clock.advance(hours=1)
    await group.hearthbot.looks_after_newcomers()

    assert await tally(group, ALICE) == "Joined: 1 · still here: 1 · valid: 1"
    assert await points_of(group, ALICE) == 30
    assert "🤝 1 invite" in (await group.says(ALICE, "/me") or "")


async def test_to_have_joined_is_not_to_have_spoken(group: Group, clock: StoppedClock) -> None:
    link = await link_of(group, ALICE)
    await group.joins(BOB, link=link)
    await group.hears(group.message(BOB, None, new_chat_members=[BOB.user]))
    await passes_probation(group, clock)

    listed = await group.says(OLIVIA, "/invite list")
    assert listed == "🤝 Who has invited\nAlice: 1 joined, 1 here, 0 valid, 1 never spoke"


@pytest.mark.parametrize("asked", ["邀请", "邀請", "我的邀请", "My invites!"])
async def test_keywords_ask_for_it(group: Group, asked: str) -> None:
    assert (await group.says(ALICE, asked) or "").startswith("🔗 Your own link to Hearth:\nhttps://t.me/+")


async def test_in_private_it_says_how_invites_count(group: Group, private: type[PrivateChat]) -> None:
    await group.says(OLIVIA, "/settings invite_points 30")
    await known(group, ALICE)

    said = await private.of(ALICE, group.hearthbot).says(ALICE, "/invite")

    assert said is not None
    assert said.endswith(
        "An invite counts once the new member has stayed for 1 day and said something. Each one pays you 30 points."
    )


async def test_of_five_who_ask_at_once_one_link_comes(group_on_either: Group) -> None:
    group = group_on_either
    await known(group, ALICE)
    chat = PrivateChat.of(ALICE, group.hearthbot)

    await group.hearthbot.takes(*(g.message(ALICE, "/invite") for g in (group, chat, group, chat, group)))

    links = {text.splitlines()[1] for text in group.said + chat.said}
    assert len(group.said + chat.said) == 5
    assert len(links) == 1
    alive = [url for url, link in group.telegram.links.items() if not link["is_revoked"]]
    assert set(alive) == links


async def test_a_revoked_link_is_made_anew_and_the_old_one_is_not_forgotten(group: Group) -> None:
    old = await link_of(group, ALICE)
    late = group.change(BOB, "left", "member", by=BOB, link=old)
    group.telegram.links[old]["is_revoked"] = True

    new = await link_of(group, ALICE)
    assert new != old
    assert await link_of(group, ALICE) == new

    await group.hears(late)
    await group.joins(CAROL, link=new)
    assert await tally(group, ALICE) == "Joined: 2 · still here: 2 · valid: 0"


async def test_without_the_right_it_says_what_to_do(group: Group) -> None:
    group.telegram.rights_missing.add("can_invite_users")

    assert await group.says(ALICE, "/invite") == (
        "I cannot make an invite link for Hearth: an administrator has to give me the right “Invite Users via Link” "
        "first."
    )
    group.telegram.rights_missing.clear()
    assert await link_of(group, ALICE)


async def test_a_platform_that_is_out_of_reach_leaves_the_link_as_it_is(group: Group, no_pauses: list[float]) -> None:
    link = await link_of(group, ALICE)
    group.telegram.fails("editChatInviteLink", *(Unreachable("timeout") for _ in range(9)))

    assert await link_of(group, ALICE) == link


async def test_who_adds_somebody_has_invited_them(group: Group, clock: StoppedClock) -> None:
    await known(group, ALICE)
    await group.joins(BOB, by=ALICE)
    await passes_probation(group, clock, BOB)

    assert await tally(group, ALICE) == "Joined: 1 · still here: 1 · valid: 1"


async def test_who_adds_somebody_may_never_have_said_a_word(group: Group) -> None:
    await group.joins(BOB, by=CAROL)

    listed = await group.says(OLIVIA, "/invite list")
    assert listed == "🤝 Who has invited\nCarol: 1 joined, 1 here, 0 valid, 1 never spoke"


async def test_a_rejoin_is_never_counted_again(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/settings invite_points 30")
    of_alice, of_carol = await link_of(group, ALICE), await link_of(group, CAROL)
    await group.joins(BOB, link=of_alice)
    await passes_probation(group, clock, BOB)

    await group.leaves(BOB)
    assert await tally(group, ALICE) == "Joined: 1 · still here: 0 · valid: 0"
    clock.advance(minutes=5)
    await group.joins(BOB, link=of_carol)
    await passes_probation(group, clock, BOB)

    assert await tally(group, ALICE) == "Joined: 1 · still here: 1 · valid: 1"
    assert await tally(group, CAROL) == "Joined: 0 · still here: 0 · valid: 0"
    assert (await points_of(group, ALICE), await points_of(group, CAROL)) == (30, 0)


async def test_who_leaves_during_the_probation_counts_only_once_back(group: Group, clock: StoppedClock) -> None:
    link = await link_of(group, ALICE)
    await group.joins(BOB, link=link)
    await known(group, BOB)
    await group.leaves(BOB)
    clock.advance(days=3)
    await group.hearthbot.looks_after_newcomers()
    assert await tally(group, ALICE) == "Joined: 1 · still here: 0 · valid: 0"

    await group.joins(BOB, link=link)
    await group.hearthbot.looks_after_newcomers()

    assert await tally(group, ALICE) == "Joined: 1 · still here: 1 · valid: 1"


async def test_nobody_invites_themselves_a_bot_or_a_member(group: Group, clock: StoppedClock) -> None:
    link = await link_of(group, ALICE)
    await known(group, BOB)
    clock.advance(days=1)
    await group.leaves(ALICE)
    await group.joins(ALICE, link=link)
    await group.leaves(BOB)
    await group.joins(BOB, link=link)
    await group.joins(OTHER_BOT, link=link)

    assert await tally(group, ALICE) == "Joined: 0 · still here: 0 · valid: 0"


async def test_whom_the_bot_knew_before_it_saw_a_join_was_a_member(group: Group, clock: StoppedClock) -> None:
    link = await link_of(group, ALICE)
    await known(group, BOB)
    clock.advance(days=1)  # he left while the bot was away

    await group.joins(BOB, link=link)

    assert await tally(group, ALICE) == "Joined: 0 · still here: 0 · valid: 0"


async def test_two_do_not_invite_each_other(group: Group) -> None:
    of_alice = await link_of(group, ALICE)
    await group.joins(BOB, link=of_alice)
    of_bob = await link_of(group, BOB)
    await group.leaves(ALICE)
    await group.joins(ALICE, link=of_bob)

    assert await tally(group, BOB) == "Joined: 0 · still here: 0 · valid: 0"


async def test_the_daily_cap_holds_however_late_the_day_is_looked_at(group: Group, clock: StoppedClock) -> None:
    await group.says(OLIVIA, "/settings invite_points 30")
    await group.says(OLIVIA, "/settings invite_daily_cap 2")
    link = await link_of(group, ALICE)
    people = [Persona(2000 + n, f"P{n}") for n in range(6)]
    for day in (people[:4], people[4:]):
        for person in day:
            await group.joins(person, link=link)
        clock.advance(days=1)
    await known(group, *people)
    clock.advance(days=3)

    await group.hearthbot.looks_after_newcomers()

    assert await tally(group, ALICE) == "Joined: 6 · still here: 6 · valid: 6"
    assert await points_of(group, ALICE) == 4 * 30


async def test_a_gift_for_the_first_join_alone(group: Group) -> None:
    await group.says(OLIVIA, "/settings join_points 15")
    for _ in range(2):
        await group.joins(BOB)
        await group.leaves(BOB)
    await group.joins(BOB)

    assert await points_of(group, BOB) == 15
    log = await group.says(OLIVIA, "/points log @bob")
    assert log is not None
    assert log.endswith("Bob · +15 points · welcome gift")


@pytest.mark.parametrize(("needs", "counts"), [("nothing", 3), ("speaking", 2), ("checkin", 1)])
async def test_operators_choose_what_makes_an_invite_count(
    group: Group, clock: StoppedClock, needs: str, counts: int
) -> None:
    await group.says(OLIVIA, f"/settings invite_needs {needs}")
    await group.says(OLIVIA, "/settings invite_days 0")
    link = await link_of(group, ALICE)
    for person in (BOB, CAROL, DAVE):
        await group.joins(person, link=link)
    await known(group, CAROL)
    await group.says(DAVE, "/checkin")
    clock.advance(hours=1)

    assert await tally(group, ALICE) == f"Joined: 3 · still here: 3 · valid: {counts}"


async def test_the_invites_of_a_week_a_month_and_all_time(group: Group, clock: StoppedClock) -> None:
    of_alice, of_carol = await link_of(group, ALICE), await link_of(group, CAROL)
    await group.joins(BOB, link=of_alice)
    await passes_probation(group, clock, BOB)  # from Sunday to Monday
    await group.joins(DAVE, link=of_carol)
    await passes_probation(group, clock, DAVE)

    await group.says(BOB, "/top")
    await group.presses(BOB, "🤝 Week")
    assert group.said[-1] == "🤝 Invites this week\n🥇 Carol — 1 member"
    await group.presses(BOB, "🤝 Month")
    assert group.said[-1] == "🤝 Invites this month\n🥇 Alice — 1 member\n🥈 Carol — 1 member"
    await group.leaves(DAVE)
    await group.presses(BOB, "🤝 All")
    assert group.said[-1] == "🤝 Invites, all time\n🥇 Alice — 1 member"


async def test_operators_see_what_looks_made_up_and_strike_it(group: Group, clock: StoppedClock) -> None:
    link = await link_of(group, ALICE)
    people = [Persona(2000 + n, f"P{n}") for n in range(5)]
    for person in people:
        await group.joins(person, link=link)
    await passes_probation(group, clock, people[0])
    assert await group.says(BOB, "/invite list") == "Only this group's administrators can do that."
    assert await group.says(OLIVIA, "/invite list") == (
        "🤝 Who has invited\n⚠️ Alice: 5 joined, 5 here, 1 valid, 4 never spoke"
    )

    assert await group.says(OLIVIA, "/invite void @alice") == (
        "5 invites of Alice no longer count. What they paid stays; /points take takes it back. /audit can undo this."
    )
    assert await tally(group, ALICE) == "Joined: 5 · still here: 5 · valid: 0"
    assert await group.says(OLIVIA, "/invite void @alice") == "Alice has no invite that could be struck."
    assert (await group.says(OLIVIA, "/audit") or "").endswith("Olivia: 5 invites of Alice struck")

    assert await group.says(OLIVIA, "/audit undo 1") == "Change #1 is undone."
    assert await tally(group, ALICE) == "Joined: 5 · still here: 5 · valid: 1"
    assert "#2 " in (await group.says(OLIVIA, "/audit") or "")
    assert "5 invites of Alice back again" in group.said[-1]


async def test_a_repeated_strike_says_the_same(group: Group) -> None:
    await group.joins(BOB, link=await link_of(group, ALICE))
    update = group.message(OLIVIA, "/invite void @alice")

    first = await group.hears(update)
    await group.hearthbot.engine.intake.handle(update)

    assert group.said[-2:] == [first, first]


async def test_nonsense_is_answered_with_the_right_way(group: Group) -> None:
    assert (await group.says(ALICE, "/invite everybody") or "").startswith("That is not how it is written. /invite.")


async def test_nothing_is_lost_or_paid_twice_over_a_kill_and_a_day_off(
    group_on_either: Group, clock: StoppedClock
) -> None:
    group = group_on_either
    await group.says(OLIVIA, "/settings invite_points 30")
    link = await link_of(group, ALICE)
    update = group.change(BOB, "left", "member", by=BOB, link=link)
    await group.hears(update, update)
    await group.hearthbot.restart(after="a kill")
    await known(group, BOB)
    clock.advance(days=2)

    await asyncio.gather(*(group.hearthbot.looks_after_newcomers() for _ in range(5)))
    await group.hearthbot.restart(after="a kill")
    await group.hearthbot.looks_after_newcomers()

    assert await points_of(group, ALICE) == 30
    proved = await audit(group.hearthbot.database)
    assert proved.differences == []
    assert "invites: compared 1 rewards with the ledger" in proved.proved


async def test_one_group_knows_nothing_of_anothers_invites(group: Group) -> None:
    other = Group(group.hearthbot, -1001000000002, "Other")
    link = await link_of(group, ALICE)
    await known(other, ALICE)
    await other.joins(BOB, link=link)

    assert await tally(other, ALICE) == "Joined: 0 · still here: 0 · valid: 0"
    assert await tally(group, ALICE) == "Joined: 0 · still here: 0 · valid: 0"


async def test_invites_are_tickets_until_the_lottery_is_closed(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    link = await link_of(group, ALICE)
    await group.joins(BOB, link=link)
    await group.joins(DAVE, link=link)
    await passes_probation(group, clock, BOB)
    await group.says(OLIVIA, "/lottery new Tea x1")
    assert "🤝 Every invite that counts: 1 ticket more (/invite)" in group.said[-1]

    entered = await group.presses(ALICE, "🎟 Join")
    assert entered == "🎟 Lottery 1: you have 2 of 2 tickets.\n1 of them for your invites, as they stand now."
    await group.presses(CAROL, "🎟 Join")
    await group.leaves(BOB)
    assert await group.presses(ALICE, "🎟 Join") == "🎟 Lottery 1: you have 1 of 2 tickets."
    await group.joins(BOB)
    await known(group, DAVE)
    clock.advance(days=2)  # nobody looks, and nobody presses, before it is drawn

    await group.hearthbot.takes(group.message(OLIVIA, "/lottery draw"))

    [proof] = proofs(group)
    assert sorted(tickets for _, tickets in proof["entrants"]) == [1, 3]
    assert verify(proof) == []
    assert "2 entrants, 4 tickets" in group.said[-2]
    assert await group.sends_back(ALICE, "lottery:1", group.shown[0]) == (
        "🎟 Lottery 1: you have 3 of 4 tickets.\n2 of them for your invites, as they stand now."
    )
    await group.leaves(BOB)
    assert "3 tickets" in (await group.says(ALICE, "/lottery verify 1") or "")
    assert (await audit(group.hearthbot.database)).differences == []


async def test_five_presses_at_once_count_invites_once(group_on_either: Group, clock: StoppedClock) -> None:
    group = group_on_either
    await group.joins(BOB, link=await link_of(group, ALICE))
    await passes_probation(group, clock, BOB)
    await group.says(OLIVIA, "/lottery new Tea x1 invites 9")
    service, person = group.hearthbot.engine.lottery_timer.lotteries, Person(ALICE.id, "Alice")
    place = await group.hearthbot.engine.groups.known(group.chat_id)
    assert place is not None

    held = await asyncio.gather(*(service.enter(place, 1, person, is_here=True) for _ in range(5)))

    assert {(ticket.tickets, ticket.total, ticket.from_invites) for ticket in held} == {(5, 5, 4)}
    assert (await audit(group.hearthbot.database)).differences == []


async def test_a_lottery_may_leave_invites_out(group: Group, clock: StoppedClock) -> None:
    await group.joins(BOB, link=await link_of(group, ALICE))
    await passes_probation(group, clock, BOB)
    await group.says(OLIVIA, "/lottery new Tea x1 invites 0")

    assert "🤝" not in group.said[-1]
    assert await group.presses(ALICE, "🎟 Join") == "🎟 Lottery 1: you have 1 of 1 ticket."


async def test_who_is_still_held_at_the_door_does_not_count(group: Group, clock: StoppedClock) -> None:
    for setting in ("captcha button", "captcha_seconds 600", "invite_needs nothing", "invite_days 0"):
        await group.says(OLIVIA, f"/settings {setting}")
    link = await link_of(group, ALICE)
    await group.hearthbot.takes(group.change(BOB, "left", "member", by=BOB, link=link))
    assert await tally(group, ALICE) == "Joined: 1 · still here: 1 · valid: 0"

    await group.presses(BOB, "🙋 I am a person")
    clock.advance(hours=1)

    assert await tally(group, ALICE) == "Joined: 1 · still here: 1 · valid: 1"


async def test_a_members_link_is_no_way_around_the_door(group: Group) -> None:
    link = await link_of(group, ALICE)
    assert not group.telegram.links[link]["creates_join_request"]
    await group.says(OLIVIA, "/settings join_requests operators")

    assert await link_of(group, ALICE) == link
    assert group.telegram.links[link]["creates_join_request"]
    assert group.telegram.links[await link_of(group, CAROL)]["creates_join_request"]

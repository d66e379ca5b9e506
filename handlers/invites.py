"""Inviting: each member's own link, what it brought, and what operators should look at."""

from aiogram import Router
from aiogram.types import Message
from markupsafe import Markup

from bot.domain.groups import Group
from bot.domain.refusals import Part
from bot.services.invites import InviteService
from bot.services.members import MemberService
from bot.texts import Say
from handlers.asking import Asks, AsksTo, wrong_use
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.invites_links import InviteLinks
from handlers.naming import named
from handlers.operators import ByOperator
from storage.invites import Inviter


async def invite(
    message: Message, sender: Sender, place: Place, say: Say, invites: InviteService, invite_links: InviteLinks
) -> None:
    """Shows the sender's own link and what it brought; how invites count only where there is room for it."""
    person, group = sender.member(), place.group
    link = await invite_links.of(group, person)
    tally = await invites.tally(group, person)
    parts = [
        say("invite.link", group=group.title, link=link),
        say("invite.tally", joined=tally.joined, here=tally.here, valid=tally.valid),
    ]
    if place.is_private:
        parts.append(_rules(say, group))
    await message.reply(Markup("\n").join(parts))


async def show_inviters(message: Message, place: Place, say: Say, invites: InviteService) -> None:
    """Lists who has invited most, and marks whose invites look made up."""
    lines = [_line(say, inviter) for inviter in await invites.inviters(place.group)]
    await message.reply(Markup("\n").join([say("invite.list"), *(lines or [say("invite.none")])]))


async def void(
    message: Message, sender: Sender, place: Place, update_id: int, rest: str, say: Say, invites: InviteService,
    members: MemberService,
) -> None:  # fmt: skip
    """Strikes what a member has brought by now."""
    inviter = await named(message, place.group, rest.split()[:60], members)
    struck = await invites.void(place.group, inviter, sender.actor, update_id)
    await message.reply(say("invite.voided", name=inviter.name, n=struck))


def _rules(say: Say, group: Group) -> Markup:
    rules = group.settings.invite_rules
    parts = [say(f"invite.counts.{rules.needs}", n=rules.days)]
    if rules.points:
        parts.append(say("invite.pays", points=Part("points.amount", rules.points)))
    return Markup(" ").join(parts)


def _line(say: Say, inviter: Inviter) -> Markup:
    tally = inviter.tally
    name = inviter.name or f"#{inviter.user_id}"
    line = say("invite.line", name=name, joined=tally.joined, here=tally.here, valid=tally.valid, silent=tally.silent)
    return say("invite.suspicious", line=line) if tally.is_suspicious else line


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(invite, AsksTo("invite", ""))
    router.message.register(show_inviters, AsksTo("invite", "list"), ByOperator())
    router.message.register(void, AsksTo("invite", "void"), ByOperator())
    router.message.register(wrong_use("invite"), Asks("invite"))


FEATURE = Feature(
    commands=(Command("invite", keywords=("邀请", "邀請", "我的邀请", "我的邀請", "my invites")),), register=register
)

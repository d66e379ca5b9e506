"""A person, please: who is on duty, and who takes a member over."""

from dataclasses import dataclass

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.hand_overs import UnknownHandOver
from bot.domain.numbers import whole_number
from bot.services.groups import GroupService
from bot.services.hand_overs import TAKE, HandOverService
from bot.texts import Say, Texts
from handlers.asking import Asks, AsksTo, wrong_use
from handlers.context import Place, Sender
from handlers.feature import Command, Feature
from handlers.hand_over_words import CallWords
from handlers.operators import ByOperator, Operators
from handlers.outbox import Outbox
from handlers.pressing import Pressed
from handlers.replies import pop_up, turn_into


@dataclass(frozen=True, slots=True)
class HandOverTimer:
    """Calls again for those that nobody has taken."""

    hand_overs: HandOverService
    groups: GroupService
    operators: Operators
    texts: Texts
    outbox: Outbox

    async def ring(self) -> None:
        """Calls for what is due."""
        for hand_over in await self.hand_overs.due():
            group = await self.groups.by_id(hand_over.group_id)
            if group is not None:
                administrators = await self.operators.administrators(group.chat_id)
                words = CallWords(self.texts.bound(group.settings.language))
                await self.hand_overs.call_again(hand_over, administrators, words)
                await self.outbox.deliver(group.id)


async def go_on_duty(message: Message, sender: Sender, place: Place, say: Say, hand_overs: HandOverService) -> None:
    """Calls the sender from now on when a member wants a person."""
    await hand_overs.set_duty(place.group, sender.member(), is_on=True)
    await message.reply(say("duty.on", name=sender.actor.name))


async def go_off_duty(message: Message, sender: Sender, place: Place, say: Say, hand_overs: HandOverService) -> None:
    """No longer calls the sender first."""
    await hand_overs.set_duty(place.group, sender.member(), is_on=False)
    await message.reply(say("duty.off", name=sender.actor.name))


async def show_duty(message: Message, place: Place, say: Say, hand_overs: HandOverService) -> None:
    """Lists who is on duty."""
    names = await hand_overs.on_duty(place.group)
    await message.reply(say("duty.list", names=", ".join(names)) if names else say("duty.nobody"))


async def press_take(
    query: CallbackQuery,
    argument: str,
    sender: Sender,
    place: Place,
    say: Say,
    texts: Texts,
    hand_overs: HandOverService,
) -> None:
    """Lets an operator take a member over (`person_taken:NUMBER`); nobody is called for it any more."""
    number = whole_number(argument)
    if number is None:
        raise UnknownHandOver
    taken = await hand_overs.take(place.group, number, sender.actor.name)
    await turn_into(query, CallWords(texts.bound(place.group.settings.language)).taken(taken))
    await pop_up(query, say("person.taken", name=taken.taken_by))


def register(router: Router) -> None:
    """Routes of this feature."""
    router.message.register(go_on_duty, AsksTo("duty", "on"), ByOperator())
    router.message.register(go_off_duty, AsksTo("duty", "off"), ByOperator())
    router.message.register(show_duty, AsksTo("duty", ""), ByOperator())
    router.message.register(wrong_use("duty"), Asks("duty"), ByOperator())
    router.callback_query.register(press_take, Pressed(TAKE), ByOperator())


FEATURE = Feature(commands=(Command("duty", for_operators=True),), register=register)

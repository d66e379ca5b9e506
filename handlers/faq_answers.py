"""How an answer of the FAQ gets to the one who asked: here or in private, with a picture, with a person called."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import FSInputFile, InlineKeyboardButton, InlineKeyboardMarkup, Message, ReplyParameters
from markupsafe import Markup

from bot.domain.groups import Group
from bot.domain.hand_overs import message_link
from bot.domain.members import Person
from bot.services.bounded import BoundedDict
from bot.services.faq import Answered
from bot.services.hand_overs import HandOverService
from bot.services.pictures import PictureService
from bot.texts import Say, Texts
from bot.texts.templates import fill
from handlers.gate import asking_link
from handlers.operators import Operators
from handlers.outbox import Outbox
from handlers.vanishing import Vanishing
from storage.hand_overs import HandOver

LINK = "faq"
"""What a link into the private chat starts with, before the group and the entry."""

NOTE_STAYS = 60
"""Seconds for which it stands in the group that the answer is elsewhere."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked what: the message, in a group or in a private chat about it."""

    group: Group
    person: Person
    message: Message
    update_id: int
    say: Say

    @property
    def is_private(self) -> bool:
        """Whether nobody else reads along."""
        return self.message.chat.id == self.person.id


@dataclass(frozen=True, slots=True)
class CallWords:
    """How operators are called, in the group's language."""

    say: Say

    def call(self, hand_over: HandOver, operators: Mapping[int, str]) -> str:  # noqa: D102 - the promise is Words'
        names = Markup(", ").join(
            Markup('<a href="tg://user?id={}">{}</a>').format(user_id, name) for user_id, name in operators.items()
        )
        key = "person.call" if hand_over.pings == 1 else "person.call_again"
        lines = [self.say(key, name=hand_over.name, operators=names)]
        return Markup("\n").join(lines + ([Markup("{}").format(hand_over.link)] if hand_over.link else []))

    @property
    def take(self) -> str:  # noqa: D102 - the promise is Words'
        return str(self.say("person.take"))


@dataclass(frozen=True, slots=True)
class FaqAnswers:
    """Sends answers."""

    bot: Bot
    pictures: PictureService
    vanishing: Vanishing
    hand_overs: HandOverService
    operators: Operators
    outbox: Outbox
    texts: Texts
    _pressed: BoundedDict[tuple[int, int], bool] = field(default_factory=lambda: BoundedDict(1_000))

    async def asking(self, about: str, words: str) -> Markup:
        """Words in a request of the bot's that make the answers to it be about something."""
        address = asking_link((await self.bot.me()).username or "", about)
        return Markup('<a href="{}">{}</a>').format(address, words)

    def is_first_press(self, message: Message) -> bool:
        """Whether no button of a message was pressed before."""
        key = (message.chat.id, message.message_id)
        is_first = key not in self._pressed
        self._pressed[key] = True
        return is_first

    async def give(self, asker: Asker, answered: Answered) -> None:
        """Says an answer, once everything that it brings about is committed."""
        entry = answered.entry
        if entry.hands_over and answered.is_open and not await self._has_called(asker):
            return
        if entry.is_private and not asker.is_private:
            await self._give_in_private(asker, answered)
        else:
            reply = await self._send(asker, answered, asker.message.chat.id)
            if reply is not None:
                await self.vanishing.after(reply, entry.lifetime)
        if entry.deletes_question and not asker.is_private:
            await self.vanishing.after(asker.message, entry.lifetime)

    async def _has_called(self, asker: Asker) -> bool:
        """Calls a person; False, and a word of comfort, when somebody was called or has come before."""
        message, group = asker.message, asker.group
        link = f"tg://user?id={asker.person.id}" if asker.is_private else ""
        link = link or message_link(message.chat.id, message.message_id, message.chat.username)
        words = CallWords(self.texts.bound(group.settings.language))
        administrators = await self.operators.administrators(group.chat_id)
        called, by = await self.hand_overs.ask(group, asker.person, link, asker.update_id, administrators, words)
        await self.outbox.deliver(group.id)
        if called != "called":
            say = asker.say
            await message.reply(say("person.waiting") if called == "waiting" else say("person.taken", name=by))
        return called == "called"

    async def _give_in_private(self, asker: Asker, answered: Answered) -> None:
        """Answers in the private chat; who never opened one gets a link to it."""
        try:
            await self._send(asker, answered, asker.person.id)
        except (TelegramForbiddenError, TelegramBadRequest) as error:
            log.info("no private chat to answer in", reason=error.message)
            address = (
                f"https://t.me/{(await self.bot.me()).username}?start={LINK}-{asker.group.id}_{answered.entry.ref}"
            )
            button = InlineKeyboardButton(text=str(asker.say("faq.open_private")), url=address)
            note = await asker.message.reply(
                asker.say("faq.private_closed"), reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]])
            )
        else:
            note = await asker.message.reply(asker.say("faq.in_private"))
        await self.vanishing.after(note, NOTE_STAYS)

    async def _send(self, asker: Asker, answered: Answered, chat_id: int) -> Message | None:
        """Sends the answer with its picture; without it, when the platform no longer takes the picture."""
        text, buttons = said(asker, answered), links(answered)
        is_here = chat_id == asker.message.chat.id
        reply = ReplyParameters(message_id=asker.message.message_id) if is_here else None
        topic = asker.message.message_thread_id if is_here and asker.message.is_topic_message else None
        photo = answered.entry.photo
        for picture in await self.pictures.ways(photo) if photo else ():
            media = FSInputFile(picture.file) if picture.file is not None else picture.file_id
            try:
                message = await self.bot.send_photo(
                    chat_id, media, message_thread_id=topic, caption=text or None, reply_parameters=reply,
                    reply_markup=buttons,
                )  # fmt: skip
            except TelegramBadRequest as error:
                log.warning("picture not taken", entry=answered.entry.id, reason=error.message)
                continue
            await self.pictures.sent(picture, message.photo[-1].file_id if message.photo else "")
            return message
        if not text:
            return None
        return await self.bot.send_message(
            chat_id, text, message_thread_id=topic, reply_parameters=reply, reply_markup=buttons
        )


def said(asker: Asker, answered: Answered) -> Markup:
    """The words of an answer, with its variables."""
    return fill(answered.text, name=asker.person.name, group=asker.group.title)


def links(answered: Answered) -> InlineKeyboardMarkup | None:
    """The links below an answer."""
    rows = [[InlineKeyboardButton(text=button.text, url=button.url)] for button in answered.buttons]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None

"""How an answer of the FAQ gets to the one who asked: here or in private, with a picture, with a person called."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import (
    CallbackQuery,
    FSInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)
from markupsafe import Markup

from bot.domain.groups import Group
from bot.domain.hand_overs import Where, message_link
from bot.domain.members import Person
from bot.services.faq import Answered
from bot.services.hand_overs import HandOverService
from bot.services.pictures import Picture, PictureService
from bot.texts import Say, Texts
from bot.texts.templates import fill
from handlers.gate import asking_link
from handlers.hand_over_words import PERSON, CallWords
from handlers.operators import Operators
from handlers.outbox import Outbox
from handlers.replies import pop_up, turn_into
from handlers.vanishing import Vanishing

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

    @property
    def topic(self) -> int | None:
        """The topic in which it was asked."""
        return self.message.message_thread_id if self.message.is_topic_message else None


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

    async def asking(self, about: str, words: str) -> Markup:
        """Words in a request of the bot's that make the answers to it be about something."""
        address = asking_link((await self.bot.me()).username or "", about)
        return Markup('<a href="{}">{}</a>').format(address, words)

    async def give(self, asker: Asker, answered: Answered) -> None:
        """Says an answer, once everything that it brings about is committed."""
        entry = answered.entry
        comfort = await self._comfort(asker, answered)
        if comfort:
            await asker.message.reply(comfort)
            return
        if entry.is_private and not asker.is_private:
            await self._give_in_private(asker, answered)
        else:
            reply = await self._send(asker, answered, asker.message.chat.id)
            await self.vanishing.after(reply, entry.lifetime)
        await self._clear(asker, answered)

    async def turn_hint_into(self, query: CallbackQuery, hint: Message, asker: Asker, answered: Answered) -> None:
        """Lets a hint become the answer that was meant.

        Nothing new is said, so that five presses, and one that is repeated after a kill, are one.
        """
        comfort = await self._comfort(asker, answered)
        if comfort:
            await pop_up(query, comfort)
            return
        if answered.entry.is_private and not asker.is_private:
            await query.answer(url=await self._link(asker, answered))
        else:
            await self.vanishing.keep(hint)
            await self._turn_into(query, hint, asker, answered)
            await self.vanishing.after(hint, answered.entry.lifetime)
            await query.answer()
        await self._clear(asker, answered)

    async def _clear(self, asker: Asker, answered: Answered) -> None:
        """Lets the question disappear, if the entry wants that."""
        if answered.entry.deletes_question and not asker.is_private:
            await self.vanishing.after(asker.message, answered.entry.lifetime)

    async def _comfort(self, asker: Asker, answered: Answered) -> Markup | None:
        """Calls a person, if an answer asks for that; a word of comfort unless somebody was called now."""
        if not (answered.entry.hands_over and answered.is_open):
            return None
        message, group, say = asker.message, asker.group, asker.say
        link = f"{PERSON}{asker.person.id}" if asker.is_private else ""
        link = link or message_link(message.chat.id, message.message_id, message.chat.username)
        words, where = CallWords(self.texts.bound(group.settings.language)), Where(link, asker.topic)
        administrators = await self.operators.administrators(group.chat_id)
        called, by = await self.hand_overs.ask(group, asker.person, where, asker.update_id, administrators, words)
        await self.outbox.deliver(group.id)
        match called:
            case "called":
                return None
            case "waiting":
                return say("person.waiting")
            case "taken":
                return say("person.taken", name=by)
            case "nobody":
                return say("person.nobody")

    async def _give_in_private(self, asker: Asker, answered: Answered) -> None:
        """Answers in the private chat; who never opened one gets a link to it."""
        try:
            await self._send(asker, answered, asker.person.id)
        except (TelegramForbiddenError, TelegramBadRequest) as error:
            log.info("no private chat to answer in", reason=error.message)
            address = await self._link(asker, answered)
            button = InlineKeyboardButton(text=str(asker.say("faq.open_private")), url=address)
            note = await asker.message.reply(
                asker.say("faq.private_closed"), reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]])
            )
        else:
            note = await asker.message.reply(asker.say("faq.in_private"))
        await self.vanishing.after(note, NOTE_STAYS)

    async def _link(self, asker: Asker, answered: Answered) -> str:
        """Where the answer is given in private."""
        username = (await self.bot.me()).username
        return f"https://t.me/{username}?start={LINK}-{asker.group.id}_{answered.entry.ref}"

    async def _send(self, asker: Asker, answered: Answered, chat_id: int) -> Message:
        """Sends the answer with its picture; without it, when the platform no longer takes the picture."""
        buttons, is_here = links(answered), chat_id == asker.message.chat.id
        reply = ReplyParameters(message_id=asker.message.message_id) if is_here else None
        topic = asker.topic if is_here else None
        for picture in await self._pictures(answered):
            try:
                message = await self.bot.send_photo(
                    chat_id, _media(picture), message_thread_id=topic, caption=said(asker, answered) or None,
                    reply_parameters=reply, reply_markup=buttons,
                )  # fmt: skip
            except TelegramBadRequest as error:
                log.warning("picture not taken", entry=answered.entry.id, reason=error.message)
                continue
            await self._sent(picture, message)
            return message
        return await self.bot.send_message(
            chat_id, without_picture(asker, answered), message_thread_id=topic, reply_parameters=reply,
            reply_markup=buttons,
        )  # fmt: skip

    async def _turn_into(self, query: CallbackQuery, hint: Message, asker: Asker, answered: Answered) -> None:
        """The same with a message that stands there already."""
        for picture in await self._pictures(answered):
            media = InputMediaPhoto(media=_media(picture), caption=said(asker, answered) or None)
            try:
                message = await hint.edit_media(media, reply_markup=links(answered))
            except TelegramBadRequest as error:
                if "not modified" in error.message:
                    return
                log.warning("picture not taken", entry=answered.entry.id, reason=error.message)
                continue
            if isinstance(message, Message):
                await self._sent(picture, message)
            return
        await turn_into(query, without_picture(asker, answered), links(answered))

    async def _pictures(self, answered: Answered) -> Sequence[Picture]:
        photo = answered.entry.photo
        return await self.pictures.ways(photo) if photo else ()

    async def _sent(self, picture: Picture, message: Message) -> None:
        await self.pictures.sent(picture, message.photo[-1].file_id if message.photo else "")


def _media(picture: Picture) -> FSInputFile | str:
    return FSInputFile(picture.file) if picture.file is not None else picture.file_id


def said(asker: Asker, answered: Answered) -> Markup:
    """The words of an answer, with its variables."""
    return fill(answered.text, name=asker.person.name, group=asker.group.title)


def without_picture(asker: Asker, answered: Answered) -> Markup:
    """The words of an answer whose picture there is none of; they must not be missing as well."""
    return said(asker, answered) or asker.say("faq.picture_gone")


def links(answered: Answered) -> InlineKeyboardMarkup | None:
    """The links below an answer."""
    rows = [[InlineKeyboardButton(text=button.text, url=button.url)] for button in answered.buttons]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None

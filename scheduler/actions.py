"""The actions of steps: what each of them does when its turn has come."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from bot.domain.leaderboards import Board
from bot.playbooks.model import CheckinReminder, Item, Library, Poll, Send, ShowLeaderboard, Wait
from bot.playbooks.rendering import Post, PostButton, Poster, names_of, post_of_poll, post_of_send, text_of
from bot.services.deliveries import DeliveryService
from bot.services.leaderboards import LeaderboardService
from bot.texts import Texts
from bot.texts.leaderboards import leaderboard
from scheduler.performing import Done, Impossible, NotSent, Occasion, Performers, Uncertain

log = structlog.get_logger(__name__)

Values = Callable[[Occasion, frozenset[str], str], Awaitable[Mapping[str, Any]]]
"""What these variables are, on an occasion, in such a text."""


@dataclass(frozen=True, slots=True)
class Actions:
    """Carries out the actions that need nothing but a place to post."""

    poster: Poster
    values: Values
    deliveries: DeliveryService
    leaderboards: LeaderboardService
    texts: Texts

    @property
    def performers(self) -> Performers:
        """By the kind of action."""
        return {
            Send: self.send,
            Poll: self.poll,
            Wait: self.wait,
            CheckinReminder: self.checkin_reminder,
            ShowLeaderboard: self.leaderboard,
        }

    async def send(self, occasion: Occasion, action: Send) -> Done:
        """Posts a text or media; its former copy goes, or loses its pin, when the new one stands."""
        item = await self._item(occasion, action.library) if action.library else None
        text = text_of(action, occasion.group.id, item)
        values = dict(await self.values(occasion, names_of(action, text), text.source if text else ""))
        if item is not None:
            values["product"] = item.values
        posted = await self.poster.post(occasion.group.chat_id, post_of_send(action, text, item, values))
        follow = partial(self.follow_pins, occasion.group.id) if action.pin else None
        return Done(posted, pins=action.pin, replaces=action.replaces, afterwards=follow)

    async def follow_pins(self, group_id: int | None = None) -> None:
        """Pins and unpins what was decided, in one group or in all; where the bot may not, it goes on without."""
        for pin in await self.deliveries.pins(group_id):
            try:
                if pin.wish == "wanted":
                    await self.poster.pin(pin.chat_id, pin.message_id)
                else:
                    await self.poster.unpin(pin.chat_id, pin.message_id)
            except Impossible as error:
                log.info("not pinned or unpinned", chat=pin.chat_id, wish=pin.wish, reason=str(error))
            except (NotSent, Uncertain) as error:
                log.info("pinned or unpinned later", chat=pin.chat_id, wish=pin.wish, reason=str(error))
                continue
            await self.deliveries.pin_done(pin)

    async def _item(self, occasion: Occasion, library: Library) -> Item:
        items = {item.key: item for item in library.items}
        weights = {key: item.weight for key, item in items.items()}
        key = await self.deliveries.take(occasion.delivery, library.path.name, weights, library.pick)
        return items.get(key) or library.items[0]  # the file may have changed since it was taken

    async def poll(self, occasion: Occasion, action: Poll) -> Done:
        """Posts a poll or quiz."""
        texts = (action.question, *action.options, *filter(None, [action.explanation]))
        names = frozenset(name for text in texts for name in text.names)
        post = post_of_poll(action, await self.values(occasion, names, action.question.source))
        return Done(await self.poster.post(occasion.group.chat_id, post))

    async def wait(self, _occasion: Occasion, action: Wait) -> Done:
        """Lets the next action come later."""
        return Done(wait=action.duration)

    async def checkin_reminder(self, occasion: Occasion, action: CheckinReminder) -> Done:
        """Posts how many have checked in today, with the button; nothing where nobody may check in."""
        group = occasion.group
        if not group.settings.checkin:
            return Done()
        say = self.texts.bound(group.settings.language)
        names = action.text.names if action.text else frozenset({"checkins_today"})
        values = await self.values(occasion, names, action.text.source if action.text else "")
        if action.text is not None:
            text = action.text.render(values)
        else:
            n = int(values["checkins_today"])
            text = say("playbook.checkin_reminder", n=n) if n else say("playbook.checkin_first")
        button = PostButton(str(say("checkin.button")), do="checkin")
        return await self._post(occasion, Post(str(text), buttons=((button,),), silent=action.silent))

    async def leaderboard(self, occasion: Occasion, action: ShowLeaderboard) -> Done:
        """Posts a leaderboard; nothing where it is switched off."""
        group, board = occasion.group, _board(action)
        if not group.settings.leaderboard:
            return Done()
        ranks = await self.leaderboards.top(group, board, occasion.now)
        text = leaderboard(self.texts.bound(group.settings.language), board, ranks)
        return await self._post(occasion, Post(str(text), silent=action.silent))

    async def _post(self, occasion: Occasion, post: Post) -> Done:
        return Done(await self.poster.post(occasion.group.chat_id, post))


def _board(action: ShowLeaderboard) -> Board:
    if action.of == "streak":
        return "streak"
    boards: Mapping[str, Mapping[str, Board]] = {
        "points": {"week": "week", "month": "month", "all": "all"},
        "invites": {"week": "invites_week", "month": "invites_month", "all": "invites"},
    }
    return boards[action.of][action.period]

"""The actions of steps: what each of them does when its turn has come."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.playbooks.model import Item, Library, Poll, Send, Wait
from bot.playbooks.rendering import Poster, names_of, post_of_poll, post_of_send, text_of
from bot.services.deliveries import DeliveryService
from scheduler.performing import Done, Occasion, Performers

Values = Callable[[Occasion, frozenset[str]], Awaitable[Mapping[str, Any]]]
"""What these variables are, on an occasion."""


@dataclass(frozen=True, slots=True)
class Actions:
    """Carries out the actions that need nothing but a place to post."""

    poster: Poster
    values: Values
    deliveries: DeliveryService

    @property
    def performers(self) -> Performers:
        """By the kind of action."""
        return {Send: self.send, Poll: self.poll, Wait: self.wait}

    async def send(self, occasion: Occasion, action: Send) -> Done:
        """Posts a text or media; its former copy goes, or loses its pin, when the new one stands."""
        item = await self._item(occasion, action.library) if action.library else None
        text = text_of(action, occasion.group.id, item)
        values = dict(await self.values(occasion, names_of(action, text)))
        if item is not None:
            values["product"] = item.values
        posted = await self.poster.post(occasion.group.chat_id, post_of_send(action, text, item, values))
        is_pinned = action.pin and await self.poster.pin(occasion.group.chat_id, posted[0])
        return Done(posted, is_pinned=is_pinned)

    async def _item(self, occasion: Occasion, library: Library) -> Item:
        items = {item.key: item for item in library.items}
        weights = {key: item.weight for key, item in items.items()}
        key = await self.deliveries.take(occasion.delivery, library.path.name, weights, library.pick)
        return items.get(key) or library.items[0]  # the file may have changed since it was taken

    async def poll(self, occasion: Occasion, action: Poll) -> Done:
        """Posts a poll or quiz."""
        texts = (action.question, *action.options, *filter(None, [action.explanation]))
        names = frozenset(name for text in texts for name in text.names)
        post = post_of_poll(action, await self.values(occasion, names))
        return Done(await self.poster.post(occasion.group.chat_id, post))

    async def wait(self, _occasion: Occasion, action: Wait) -> Done:
        """Lets the next action come later."""
        return Done(wait=action.duration)

"""The actions of steps: what each of them does when its turn has come."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.playbooks.model import Poll, Send, Wait
from bot.playbooks.rendering import Poster, post_of_poll, post_of_send
from scheduler.performing import Done, Occasion, Performers

Values = Callable[[Occasion], Awaitable[Mapping[str, Any]]]
"""What templates may name, on an occasion."""


@dataclass(frozen=True, slots=True)
class Actions:
    """Carries out the actions that need nothing but a place to post."""

    poster: Poster
    values: Values

    @property
    def performers(self) -> Performers:
        """By the kind of action."""
        return {Send: self.send, Poll: self.poll, Wait: self.wait}

    async def send(self, occasion: Occasion, action: Send) -> Done:
        """Posts a text or media."""
        post = post_of_send(action, occasion.group.id, await self.values(occasion))
        posted = await self.poster.post(occasion.group.chat_id, post)
        is_pinned = action.pin and await self.poster.pin(occasion.group.chat_id, posted[0])
        return Done(posted, is_pinned=is_pinned)

    async def poll(self, occasion: Occasion, action: Poll) -> Done:
        """Posts a poll or quiz."""
        post = post_of_poll(action, await self.values(occasion))
        return Done(await self.poster.post(occasion.group.chat_id, post))

    async def wait(self, _occasion: Occasion, action: Wait) -> Done:
        """Lets the next action come later."""
        return Done(wait=action.duration)

"""Takes updates in: each once, in order per chat, and acknowledged only after what matters of it is committed."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Set
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars

from bot.domain.members import Person
from bot.domain.messages import is_said
from bot.domain.moderation import Suspicion
from bot.domain.names import display_name
from bot.metrics import Metrics
from bot.services.activity import ActivityService
from bot.services.updates import UpdateService
from handlers.gate import Gate
from handlers.lanes import Lanes
from storage.database import DatabaseUnavailable

RawUpdate = dict[str, Any]

MOST_WAITING = 2_000
"""Updates in memory beyond which no more are taken in; the platform keeps the others."""

SUSPICION = "suspicion"
"""Where an update keeps what looked like an offence."""

LONGEST_PAUSE = 30.0
"""Seconds between two tries while the database cannot be used."""

log = structlog.get_logger(__name__)


class Unreadable(Exception):
    """An update that is not what the library expects of its kind."""


class Closed(Exception):
    """The bot is stopping and takes no more updates in."""


@dataclass(slots=True)
class Intake:
    """What every source of updates gives them to; `handle` does what one asks for, called in its chat's lane.

    `overhear` is told what people say in a group (its chat id) that concerns nobody; `suspect` says what of an update
    looks like an offence, which is then kept with it.
    """

    updates: UpdateService
    activity: ActivityService
    gate: Gate
    handle: Callable[[RawUpdate], Awaitable[None]]
    metrics: Metrics
    lanes: Lanes = field(default_factory=Lanes)
    is_open: bool = True
    overhear: Callable[[int, str, datetime], None] = lambda _chat_id, _text, _at: None
    suspect: Callable[[str, Any], Suspicion | None] = lambda _kind, _event: None
    _in_hand: set[int] = field(default_factory=set)

    async def take(self, batch: Iterable[RawUpdate]) -> None:
        """Returns when the updates may be acknowledged: those that concern us are committed, the others counted.

        Raises `Closed` and `DatabaseUnavailable`; the updates must then come again.
        """
        if not self.is_open:
            raise Closed
        concerning: dict[int, RawUpdate] = {}
        messages: list[tuple[Any, bool]] = []
        for update in batch:
            kind, event = kind_of(update)
            concerns_us = self._concerns_us(kind, event) | self._offends(update, kind, event)
            if kind == "message":
                messages.append((event, concerns_us))
            if concerns_us:
                concerning[update["update_id"]] = update
            else:
                self.metrics.updates.labels(kind, "passed_by").inc()
        if concerning:
            await self.lanes.at_most(MOST_WAITING)
            payloads = {update_id: json.dumps(update) for update_id, update in concerning.items()}
            due = await self._due(concerning, await self.updates.receive(payloads))
            for update_id, update in concerning.items():
                if update_id in due and update_id not in self._in_hand:
                    self._enqueue(update)
                else:
                    self.metrics.updates.labels(kind_of(update)[0], "repeated").inc()
        for message, concerned_us in messages:
            self._count(message, concerned_us=concerned_us)

    async def _due(self, update_ids: Iterable[int], new: Set[int]) -> Set[int]:
        """The new ones, and those that were committed when the database could not say so and they came again."""
        lost = [update_id for update_id in update_ids if update_id not in new and update_id not in self._in_hand]
        return new | await self.updates.not_handled(lost) if lost else new

    async def resume(self) -> None:
        """Takes up what was acknowledged before the last stop and not handled."""
        for payload in await self.updates.waiting():
            self._enqueue(json.loads(payload))

    async def close(self, patience: float) -> None:
        """Finishes what is under way within so many seconds. What is not done by then waits in the database."""
        self.is_open = False
        await self.lanes.close(patience)
        await self.activity.flush()

    def _concerns_us(self, kind: str, event: Any) -> bool:
        try:
            return self.gate.concerns_us(kind, event)
        except (LookupError, TypeError, AttributeError):
            # Not even the fields that never change are there; the lane will say so, in order.
            return True

    def _offends(self, update: RawUpdate, kind: str, event: Any) -> bool:
        """Whether an update looks like an offence. That is judged once, at its arrival, and kept over a kill."""
        try:
            suspicion = self.suspect(kind, event)
        except (LookupError, TypeError, AttributeError):  # an unreadable one offends nobody
            return False
        if suspicion is None:
            return False
        update[SUSPICION] = asdict(suspicion)
        return True

    def _count(self, message: Any, *, concerned_us: bool) -> None:
        with contextlib.suppress(LookupError, TypeError, AttributeError):  # an unreadable one is nobody's
            self._count_readable(message, concerned_us=concerned_us)

    def _count_readable(self, message: dict[str, Any], *, concerned_us: bool) -> None:
        chat, sender = message["chat"], message.get("from")
        if (
            sender is None
            or sender["is_bot"]
            or chat["type"] not in {"group", "supergroup"}
            or "sender_chat" in message
            or not is_said(message)
        ):
            return
        self.activity.count(chat["id"], chat["title"], sender["id"], message["date"])
        answered = message.get("reply_to_message")
        if answered is not None and answered.get("from", {}).get("is_bot"):
            self.activity.count_reply(chat["id"], answered["message_id"], answered["date"], message["date"])
        if not self.activity.knows(sender["id"]):
            name = display_name(sender["first_name"], sender.get("last_name"), sender["id"])
            self.activity.remember(Person(sender["id"], name, sender.get("username"), sender.get("language_code")))
        text = message.get("text")
        if not concerned_us and isinstance(text, str) and not text.startswith("/") and "forward_origin" not in message:
            self.overhear(chat["id"], text, datetime.fromtimestamp(message["date"], UTC))

    def _enqueue(self, update: RawUpdate) -> None:
        self._in_hand.add(update["update_id"])
        received = time.perf_counter()
        self.lanes.put(lane_of(update), lambda: self._handle(update, received))
        self.metrics.backlog.set(self.lanes.waiting)

    async def _handle(self, update: RawUpdate, received: float) -> None:
        kind, _ = kind_of(update)
        with bound_contextvars(update=update["update_id"], chat=lane_of(update)):
            outcome = await self._persist(lambda: self._outcome(update))
            await self._persist(lambda: self.updates.handled(update["update_id"]))
        self._in_hand.discard(update["update_id"])
        self.metrics.updates.labels(kind, outcome).inc()
        self.metrics.update_seconds.observe(time.perf_counter() - received)
        self.metrics.backlog.set(self.lanes.waiting - 1)

    async def _outcome(self, update: RawUpdate) -> str:
        try:
            await self.handle(update)
        except DatabaseUnavailable:
            raise
        except Unreadable as error:
            log.warning("update passed over: it is not what the library expects", reason=str(error))
            return "unreadable"
        except Exception:
            log.exception("update failed")
            self.metrics.errors.labels("update").inc()
            return "failed"
        return "handled"

    async def _persist(self, step: Callable[[], Awaitable[Any]]) -> Any:
        """Tries a step until the database takes it; nothing of it has happened before, so that it may run again."""
        pause = 1.0
        while True:
            try:
                return await step()
            except DatabaseUnavailable as error:
                log.error("waiting for the database", reason=str(error), seconds=pause)
                self.metrics.errors.labels("database").inc()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


def kind_of(update: RawUpdate) -> tuple[str, Any]:
    """The field of an update that is not its id, and what is in it (Bot API: at most one is present)."""
    for name, value in update.items():
        if name != "update_id":
            return name, value
    return "unknown", {}


def lane_of(update: RawUpdate) -> int:
    """The chat whose order an update keeps; the person, where there is no chat; 0 for what cannot be read."""
    _, event = kind_of(update)
    try:
        chat = event.get("chat") or (event.get("message") or {}).get("chat") or event.get("from")
        return int(chat["id"])
    except (AttributeError, LookupError, TypeError, ValueError):
        return 0

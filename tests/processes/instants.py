"""Instants at which a bot's process ends, or is disturbed, by itself: finer than a test outside could hit them."""

import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any
from unittest.mock import patch

from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.methods import DeleteMessages, RestrictChatMember, SendDocument, SendMessage

from bot.services.activity import ActivityService
from bot.services.deliveries import DeliveryService
from bot.services.groups import GroupService
from bot.services.lotteries import LotteryService
from bot.services.moderation import ModerationService
from bot.services.outbox import OutboxService
from bot.services.updates import UpdateService
from scheduler.alarms import Alarms
from storage.database import DatabaseUnavailable
from storage.deliveries import DeliveryRepository
from storage.points import PointsRepository

Step = Callable[..., Any]


def ring_every(interval: float) -> None:
    """Lets the bot look every so many seconds at what its lotteries and playbooks have due."""
    chores = {"draw lotteries, send what waits", "do what playbooks have due"}

    def ringing(original: Step) -> Step:
        def every(alarms: Alarms, seconds: float, name: str, chore: Step, **named: Any) -> None:
            original(alarms, interval if name in chores else seconds, name, chore, **named)

        return every

    _replace(Alarms, "every", ringing)


def _never() -> None:
    """The process ends when it is told to."""


def _before_the_update_is_committed() -> None:
    _replace(UpdateService, "receive", lambda original: _dying_before(original))


def _after_the_update_is_committed() -> None:
    _replace(UpdateService, "receive", _dying_after)


def _in_the_middle_of_the_effect() -> None:
    def dying(original: Step) -> Step:
        def add(*arguments: Any) -> None:
            original(*arguments)
            _die()

        return add

    _replace(PointsRepository, "add", dying)


def _before_the_answer_is_sent() -> None:
    _replace(AiohttpSession, "make_request", lambda original: _dying_before(original, _is_answer))


def _after_the_answer_is_sent() -> None:
    _replace(AiohttpSession, "make_request", lambda original: _dying_after(original, _is_answer))


def _the_commit_is_not_confirmed_once() -> None:
    """As a server does whose connection breaks in a COMMIT: it is committed, and the client hears of a failure."""

    def failing(original: Step) -> Step:
        failures = iter([DatabaseUnavailable("the connection broke")])

        async def receive(*arguments: Any) -> Any:
            received = await original(*arguments)
            for failure in failures:
                raise failure
            return received

        return receive

    _replace(UpdateService, "receive", failing)


def _stopped_while_counts_are_written() -> None:
    """SIGTERM comes when the activity that was counted is out of memory and not yet in the database."""
    is_flushing = False

    def flushing(original: Step) -> Step:
        async def flush(*arguments: Any) -> None:
            nonlocal is_flushing
            is_flushing = True
            await original(*arguments)

        return flush

    def stopping(original: Step) -> Step:
        async def of_chat(*arguments: Any) -> Any:
            if is_flushing:
                os.kill(os.getpid(), signal.SIGTERM)
            return await original(*arguments)

        return of_chat

    _replace(ActivityService, "flush", flushing)
    _replace(GroupService, "of_chat", stopping)


def _around(
    owner: type, name: str, when: str, number: int = 1, concerns: Callable[..., bool] = lambda *_: True
) -> None:
    """Dies before or after the n-th of certain steps."""
    left = number

    def is_it(*arguments: Any) -> bool:
        nonlocal left
        if concerns(*arguments):
            left -= 1
            return left == 0
        return False

    wrap = _dying_before if when == "before" else _dying_after
    _replace(owner, name, lambda original: wrap(original, is_it))


def _around_claims_of_posts(when: str, number: int) -> None:
    """Dies before or after the claim of the n-th post; several may try to claim one."""
    claimed = set[int]()

    def is_new(_: OutboxService, post_id: int) -> bool:
        is_first = post_id not in claimed
        claimed.add(post_id)
        return is_first

    _around(OutboxService, "claim", when, number, is_new)


def _around_claims_of_deliveries(when: str, number: int) -> None:
    """Dies before or after the n-th claim that finds a delivery: before its commit, or after it."""
    left = number

    def count(claimed: object) -> None:
        nonlocal left
        left -= claimed is not None
        if left == 0:
            _die()

    def dying_before(original: Step) -> Step:
        def claim(*arguments: Any) -> Any:
            claimed = original(*arguments)
            count(claimed)
            return claimed

        return claim

    def dying_after(original: Step) -> Step:
        async def claim(*arguments: Any) -> Any:
            claimed = await original(*arguments)
            count(claimed)
            return claimed

        return claim

    if when == "before":
        _replace(DeliveryRepository, "claim", dying_before)
    else:
        _replace(DeliveryService, "claim", dying_after)


def _is_post(*arguments: Any) -> bool:
    return any(isinstance(argument, SendMessage | SendDocument) for argument in arguments)


def _asks_for(method: type) -> Callable[..., bool]:
    return lambda *arguments: any(isinstance(argument, method) for argument in arguments)


def _always(*_: Any) -> bool:
    return True


def _says(beginning: str) -> Callable[..., bool]:
    """Whether a request posts what begins so, in a message or below a file."""

    def says(*arguments: Any) -> bool:
        posts = [argument for argument in arguments if isinstance(argument, SendMessage | SendDocument)]
        return any((p.text if isinstance(p, SendMessage) else p.caption or "").startswith(beginning) for p in posts)

    return says


def _first_of_several(instant: str, arm: Callable[[], None]) -> None:
    """Lets only that one of several processes die which comes to the instant before the others."""

    def die() -> None:
        try:
            os.close(os.open(f"killed {instant}", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        _kill()

    global _die
    _die = die
    arm()


_AROUND: Mapping[str, Callable[[str, int], None]] = {
    "the claim": _around_claims_of_posts,
    "the sending": lambda when, number: _around(AiohttpSession, "make_request", when, number, _is_post),
    "the record": lambda when, number: _around(OutboxService, "sent", when, number),
}


def _around_posts(steps: Sequence[str], numbers: Sequence[int]) -> dict[str, Callable[[], None]]:
    return {
        f"{when} {step} of post {number}": partial(_AROUND[step], when, number)
        for number in numbers
        for step in steps
        for when in ("before", "after")
    }


UPDATE_INSTANTS: Mapping[str, Callable[[], None]] = {
    "before the update is committed": _before_the_update_is_committed,
    "after the update is committed": _after_the_update_is_committed,
    "in the middle of the effect": _in_the_middle_of_the_effect,
    "before the answer is sent": _before_the_answer_is_sent,
    "after the answer is sent": _after_the_answer_is_sent,
}
"""Before, between and after each commit and the send of a check-in."""

DRAW_INSTANTS: Mapping[str, Callable[[], None]] = {
    **{
        f"{when} {step}": partial(_around, LotteryService, method, when)
        for step, method in (("the closing", "close"), ("the list", "publish_list"), ("the draw", "draw"))
        for when in ("before", "after")
    },
    **_around_posts(("the claim", "the sending", "the record"), (1, 2, 3)),
}
"""Before, between and after each commit and each send of a draw that posts the list, the winners and the proof."""

CODE_INSTANTS: Mapping[str, Callable[[], None]] = {
    **{f"{when} the codes": partial(_around, LotteryService, "add_codes", when) for when in ("before", "after")},
    **_around_posts(("the sending",), (1, 2, 3)),
    **_around_posts(("the claim", "the record"), (1, 2)),
}
"""The same when an operator brings codes that two winners wait for; the first message is the answer to the operator."""

EXPIRY_INSTANTS: Mapping[str, Callable[[], None]] = {
    **{f"{when} the time-out": partial(_around, LotteryService, "expire", when) for when in ("before", "after")},
    **_around_posts(("the claim", "the sending", "the record"), (1, 2, 3, 4)),
}
"""The same when two places were not claimed in time: who has them now, the proof, a letter to each new winner."""

RACE_INSTANTS: Mapping[str, Callable[[], None]] = {
    f"{instant}, in one of three": partial(_first_of_several, instant, arm)
    for instant, arm in (
        ("after the closing", DRAW_INSTANTS["after the closing"]),
        ("after the list", DRAW_INSTANTS["after the list"]),
        ("after the list is sent", partial(_around, AiohttpSession, "make_request", "after", 1, _says("🔒"))),
        ("after the draw", DRAW_INSTANTS["after the draw"]),
        ("after the winners are sent", partial(_around, AiohttpSession, "make_request", "after", 1, _says("🎉"))),
    )
}
"""Between the commits and the sends of a draw that several processes are at; the first of them dies."""

OFFENCE_INSTANTS: Mapping[str, Callable[[], None]] = {
    f"{when} {step}": partial(_around, owner, method, when, 1, concerns)
    for step, owner, method, concerns in (
        ("the offence", ModerationService, "punish", _always),
        ("the removal of the message", AiohttpSession, "make_request", _asks_for(DeleteMessages)),
        ("the mute", AiohttpSession, "make_request", _asks_for(RestrictChatMember)),
        ("the word about it", AiohttpSession, "make_request", _asks_for(SendMessage)),
    )
    for when in ("before", "after")
}
"""Before, between and after the commit of an offence and what is done about it on the platform."""

PLAYBOOK_INSTANTS: Mapping[str, Callable[[], None]] = {
    f"{when} {step} of action {number}": partial(around, when, number)
    for when, step, around in (
        ("before", "the claim", _around_claims_of_deliveries),
        ("after", "the claim", _around_claims_of_deliveries),
        ("after", "the sending", _AROUND["the sending"]),
        ("after", "the record", lambda when, number: _around(DeliveryService, "go_on", when, number)),
    )
    for number in (1, 2, 3)
}
"""Before, between and after each commit and each send of a step of three actions. What comes between a claim and its
record cannot be told from outside: before the sending is after the claim, before the record is after the sending.
"""

INSTANTS: Mapping[str, Callable[[], None]] = {
    "never": _never,
    "the commit is not confirmed once": _the_commit_is_not_confirmed_once,
    "stopped while counts are written": _stopped_while_counts_are_written,
    **UPDATE_INSTANTS,
    **DRAW_INSTANTS,
    **CODE_INSTANTS,
    **EXPIRY_INSTANTS,
    **RACE_INSTANTS,
    **OFFENCE_INSTANTS,
    **PLAYBOOK_INSTANTS,
}


def _is_answer(*arguments: Any) -> bool:
    return any(isinstance(argument, SendMessage) for argument in arguments)


def _dying_before(original: Step, concerns: Callable[..., bool] = lambda *_: True) -> Step:
    die = _die

    def step(*arguments: Any, **named: Any) -> Awaitable[Any]:
        if concerns(*arguments):
            die()
        answer: Awaitable[Any] = original(*arguments, **named)
        return answer

    return step


def _dying_after(original: Step, concerns: Callable[..., bool] = lambda *_: True) -> Step:
    die = _die

    async def step(*arguments: Any, **named: Any) -> Any:
        answer = await original(*arguments, **named)
        if concerns(*arguments):
            die()
        return answer

    return step


def _replace(owner: type, name: str, wrap: Callable[[Step], Step]) -> None:
    patch.object(owner, name, wrap(getattr(owner, name))).start()


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


_die: Callable[[], None] = _kill

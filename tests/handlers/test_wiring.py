"""The wiring: what handlers ask for by name is there."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from aiogram import Dispatcher, Router
from aiogram.dispatcher.event.handler import CallableObject, HandlerObject
from aiogram.types import Message

from handlers.dispatching import COMMANDS, FEATURES, Handling
from handlers.gate import HANDLED_KINDS
from tests.group import ALICE, Group, Hearthbot

FROM_CONTEXT = {"sender", "place", "say", "at", "update_id"}
FROM_FILTERS = {"argument", "rest", "request", "suspicion"}


def dispatcher_of(hearthbot: Hearthbot) -> Dispatcher:
    handling = hearthbot.engine.intake.handle
    assert isinstance(handling, Handling)
    return handling._dispatcher


def callbacks_of(dispatcher: Dispatcher, kind: str | None = None) -> Iterator[HandlerObject]:
    """Every handler, of one kind of update or of all."""
    for router in dispatcher.chain_tail:
        for name, observer in router.observers.items():
            # The dispatcher itself handles "update"; it is the library's.
            if name != "update" and kind in {None, name}:
                yield from observer.handlers


def missing(dispatcher: Dispatcher) -> list[str]:
    """Every parameter of a handler or a filter that nothing would be given for."""
    known = FROM_CONTEXT | FROM_FILTERS | set(dispatcher.workflow_data)
    found = []
    for handler in callbacks_of(dispatcher):
        called: list[CallableObject] = [handler, *(handler.filters or ())]
        for one in called:
            parameters = list(inspect.signature(one.callback).parameters.values())[1:]
            found += [
                f"{getattr(one.callback, '__name__', type(one.callback).__name__)}: {parameter.name}"
                for parameter in parameters
                if parameter.name not in known
                and parameter.default is parameter.empty
                and parameter.kind not in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}
            ]
    return found


def test_whatever_a_handler_asks_for_is_there(hearthbot: Hearthbot) -> None:
    dispatcher = dispatcher_of(hearthbot)

    assert missing(dispatcher) == []
    assert len(list(callbacks_of(dispatcher))) > 20


def test_a_typo_would_be_found(hearthbot: Hearthbot) -> None:
    async def greet(message: Message, plase: object) -> None: ...

    router = Router()
    router.message.register(greet)
    dispatcher = dispatcher_of(hearthbot)
    dispatcher.include_router(router)

    assert missing(dispatcher) == ["greet: plase"]


async def test_the_context_gives_what_it_promises(group: Group) -> None:
    """What `FROM_CONTEXT` names is what a handler is really given."""
    given: dict[str, object] = {}

    async def look(message: Message, **data: object) -> None:
        given.update(data)

    router = Router()
    router.message.register(look)
    # Before the features' own router, so that it sees the message first.
    dispatcher_of(group.hearthbot).sub_routers.insert(0, router)
    await group.says(ALICE, "/checkin")

    assert set(given) >= FROM_CONTEXT


def test_every_kind_of_update_with_a_handler_is_asked_for(hearthbot: Hearthbot) -> None:
    dispatcher = dispatcher_of(hearthbot)
    used = set(dispatcher.resolve_used_update_types())

    assert used == set(HANDLED_KINDS)
    assert "chat_member" in HANDLED_KINDS


def test_every_module_with_a_feature_is_wired() -> None:
    modules = Path(inspect.getfile(Group)).parent.parent.glob("handlers/*.py")
    with_feature = {
        path.stem
        for path in modules
        if any(
            isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "FEATURE" for target in node.targets)
            for node in ast.parse(path.read_text("utf-8")).body
        )
    }

    assert len(FEATURES) == len(with_feature)


def test_no_command_and_no_keyword_is_taken_twice() -> None:
    names = [command.name for command in COMMANDS]
    keywords = [keyword for command in COMMANDS for keyword in command.keywords]

    assert len(set(names)) == len(names)
    assert len(set(keywords)) == len(keywords)


async def test_a_stop_finishes_what_is_under_way(group: Group) -> None:
    await group.hearthbot.engine.intake.take([group.message(ALICE, "/checkin")])

    await group.hearthbot.stop()

    assert group.said[-1].startswith("✅ Alice")
    assert await group.hearthbot.engine.intake.updates.waiting() == []

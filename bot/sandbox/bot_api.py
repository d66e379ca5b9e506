"""The Bot API's own paths: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

import hmac
import inspect
import logging

from aiohttp import web

from bot.sandbox import methods
from bot.sandbox.errors import ApiError
from bot.sandbox.parameters import Parameters, read_parameters
from bot.sandbox.registry import Handler, find_method
from bot.sandbox.wire import Json
from bot.sandbox.world import CallRecord, Fault, World

__all__ = ["BotApi", "methods"]

log = logging.getLogger(__name__)

NOT_FOUND = ApiError(404, "Not Found")
UNAUTHORIZED = ApiError(401, "Unauthorized")
# Polling is not what the page's log of calls is for: it would push everything else out.
UNLOGGED = frozenset({"getUpdates"})


class BotApi:
    """Answers a bot's calls."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add_routes(self, app: web.Application) -> None:
        """The two paths, for any verb: what is wrong is said in the Bot API's own way."""
        app.router.add_route("*", "/bot{token}/{method}", self.answer)
        app.router.add_route("*", "/bot{token}/{method}/", self.answer)
        app.router.add_get("/file/bot{token}/{path:.+}", self.file)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One call over HTTP."""
        try:
            self._check_token(request)
            found = find_method(request.match_info["method"])
            if found is None or request.method not in ("GET", "POST"):
                raise NOT_FOUND
            parameters = await read_parameters(request)
            return await self._answer_with_faults(request, *found, parameters)
        except ApiError as error:
            return _response(error.answer())

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file that the bot has uploaded."""
        try:
            self._check_token(request)
            file = self.world.files.at(request.match_info["path"])
            if file is None:
                raise NOT_FOUND
        except ApiError as error:
            return _response(error.answer())
        return web.Response(body=file.upload.content, content_type="application/octet-stream")

    async def call(self, name: str, handler: Handler, parameters: Parameters) -> Json:
        """One call, answered and logged."""
        answer = await self._outcome(handler, parameters)
        if name not in UNLOGGED:
            record = CallRecord(name, parameters.logged(), bool(answer["ok"]), self.world.now())
            self.world.calls.append(record)
        return answer

    async def _outcome(self, handler: Handler, parameters: Parameters) -> Json:
        try:
            result = handler(self.world, parameters)
            if inspect.isawaitable(result):
                result = await result
        except ApiError as error:
            return error.answer()
        except Exception:
            log.exception("A Bot API call has failed in the sandbox itself")
            return ApiError(500, "Internal Server Error").answer()
        return {"ok": True, "result": result}

    async def _answer_with_faults(
        self, request: web.Request, name: str, handler: Handler, parameters: Parameters
    ) -> web.StreamResponse:
        fault = self._next_fault(name)
        if fault is None:
            return _response(await self.call(name, handler, parameters))
        if fault.delay:
            await self.world.clock.wait(fault.delay)
        if fault.after_acceptance:
            await self.call(name, handler, parameters)
            return _hang_up(request)
        if fault.error_code is None:
            return _response(await self.call(name, handler, parameters))
        self.world.calls.append(CallRecord(name, parameters.logged(), False, self.world.now()))
        return _response(_fault_answer(fault.error_code, fault))

    def _next_fault(self, name: str) -> Fault | None:
        faults = self.world.faults
        fault = next((fault for fault in faults if fault.method.lower() in (name.lower(), "*")), None)
        if fault:
            fault.times -= 1
            if fault.times <= 0:
                faults.remove(fault)
        return fault

    def _check_token(self, request: web.Request) -> None:
        if not hmac.compare_digest(request.match_info["token"].encode(), self.world.token.encode()):
            raise UNAUTHORIZED


def _fault_answer(error_code: int, fault: Fault) -> Json:
    description = fault.description
    if not description and error_code == 429:
        description = f"Too Many Requests: retry after {fault.retry_after or 1}"
    parameters = {"retry_after": fault.retry_after} if fault.retry_after else None
    return ApiError(error_code, description or "Internal Server Error", parameters).answer()


def _response(answer: Json) -> web.Response:
    return web.json_response(answer, status=answer.get("error_code", 200))


def _hang_up(request: web.Request) -> web.Response:
    """The connection breaks before the answer is out: the client cannot know that the call was accepted."""
    if request.transport:
        request.transport.abort()
    return web.Response()

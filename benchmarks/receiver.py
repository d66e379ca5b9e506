"""A Bot API server in a process of its own: it takes every message at once, and knows when it took which."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_BODY = b"""{"ok":true,"result":{"message_id":%d,"date":1767254400,"text":"taken",
"from":{"id":7000000001,"is_bot":true,"first_name":"Hearthbot","username":"hearth_bot"},
"chat":{"id":%d,"type":"supergroup","title":"Group"}}}"""

Taken = list[tuple[float, int]]
"""Messages, as (seconds of a clock that all processes share, chat id)."""


class Receiver:
    """The server, as others see it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.address = f"http://127.0.0.1:{pipe.recv()}"

    def taken(self) -> Taken:
        """What has been taken since this was last asked, in order."""
        self._pipe.send("taken")
        taken: Taken = self._pipe.recv()
        return taken


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Such a server, until it is not needed any more."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Receiver(ours)
    finally:
        process.terminate()
        process.join()


class _Answering(asyncio.Protocol):
    """As little HTTP as it takes, so that the server is not what is measured."""

    def __init__(self, taken: Taken) -> None:
        self._taken = taken
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = self._waiting[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(self._waiting) < end + 4 + length:
                return
            body, self._waiting = self._waiting[end + 4 : end + 4 + length], self._waiting[end + 4 + length :]
            self._answer(int(body.partition(b"chat_id=")[2].partition(b"&")[0]))

    def _answer(self, chat_id: int) -> None:
        self._taken.append((time.monotonic(), chat_id))
        body = _BODY % (len(self._taken), chat_id)
        assert isinstance(self._transport, asyncio.Transport)
        self._transport.write(_HEAD % len(body) + body)


def _serve(pipe: Connection) -> None:
    async def serve() -> None:
        taken: Taken = []
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Answering(taken), "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])

        ended = asyncio.Event()

        def tell() -> None:
            try:
                pipe.recv()
            except EOFError:  # whoever measured is gone
                loop.remove_reader(pipe.fileno())
                ended.set()
                return
            pipe.send(list(taken))
            taken.clear()

        loop.add_reader(pipe.fileno(), tell)
        await ended.wait()

    asyncio.run(serve())

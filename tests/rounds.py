"""Rounds of drand's quicknet as the beacon published them, and a server that brings them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from bot.domain.beacons import QUICKNET

ROUNDS = {
    1: "b55e7cb2d5c613ee0b2e28d6750aabbb78c39dcc96bd9d38c2c2e12198df95571de8e8e402a0cc48871c7089a2b3af4b",
    2: "b6b6a585449b66eb12e875b64fcbab3799861a00e4dbf092d99e969a5eac57dd3f798acf61e705fe4f093db926626807",
    1000: "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
    9367912: "845091b99635a8a5f93a15cd8622fae0c7ee5307fb5b888dc67ee4fe997b5b326dbd637bd7ab39e3188fd507ea94b314",
}
"""Signatures by round."""

RANDOMNESS = {
    1: "1466a6cd24e327188770752f6134001c64d6efcc590ccc26b721611ad96f165a",
    2: "5782d6987841c654515a0e72b2d1ebb4e741234042c37cb19608ae50d93fb60c",
    1000: "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
    9367912: "a646d1f17493408fdd89ee2ff71a0d1eab6087f23fdef7f60a2baec60436a496",
}
"""What drand published beside them."""


@dataclass
class Relay:
    """A drand server. `signatures` are what it says; `asked` counts the questions."""

    url: str = ""
    signatures: dict[int, str] = field(default_factory=lambda: dict(ROUNDS))
    asked: int = 0

    async def public(self, request: web.Request) -> web.Response:
        self.asked += 1
        number = int(request.match_info["round"])
        if request.match_info["chain"] != QUICKNET["chain"] or number not in self.signatures:
            raise web.HTTPNotFound
        signature = self.signatures[number]
        return web.json_response({"round": number, "randomness": RANDOMNESS[number], "signature": signature})


@asynccontextmanager
async def relay() -> AsyncIterator[Relay]:
    """A drand server on this machine."""
    server = Relay()
    app = web.Application()
    app.router.add_get("/{chain}/public/{round}", server.public)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()

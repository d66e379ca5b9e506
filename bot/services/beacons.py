"""Where the rounds of the public beacon come from, and whether they are its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import ClientError, ClientSession, ClientTimeout
from py_arkworks_bls12381 import GT, G1Point, G2Point

from bot.domain.beacons import QUICKNET

DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
"""The domain separation tag of drand's scheme `bls-unchained-g1-rfc9380`."""

PATIENCE = 5.0
"""Seconds that one server gets to answer."""


class BeaconUnavailable(Exception):
    """No server brought the round; the text says what each of them did. Try again later."""


class Beacon(Protocol):
    """Brings what the beacon said."""

    @property
    def is_on(self) -> bool:
        """Whether there is one to ask."""
        ...

    async def signature(self, number: int, accepts: Callable[[bytes], bool]) -> bytes:
        """The first signature of a round that is accepted. Raises `BeaconUnavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class Drand:
    """The beacon over HTTP (drand's API, version 1): the servers of a list are asked one after the other."""

    urls: Sequence[str]

    @property
    def is_on(self) -> bool:  # noqa: D102 - Beacon's promise
        return bool(self.urls)

    async def signature(self, number: int, accepts: Callable[[bytes], bool]) -> bytes:  # noqa: D102 - Beacon's promise
        failures = []
        async with ClientSession(timeout=ClientTimeout(total=PATIENCE)) as session:
            for url in self.urls:
                try:
                    found = await _asked(session, f"{url}/{QUICKNET['chain']}/public/{number}")
                except (ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
                    failures.append(f"{url}: {error or type(error).__name__}")
                    continue
                if accepts(found):
                    return found
                failures.append(f"{url}: the signature of round {number} is wrong")
        raise BeaconUnavailable("; ".join(failures) or "no server is set")


async def _asked(session: ClientSession, url: str) -> bytes:
    async with session.get(url) as response:
        response.raise_for_status()
        return bytes.fromhex((await response.json(content_type=None))["signature"])


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature on G1 is the one that the holder of a public key on G2 makes of a message.

    A point that could be written otherwise as well is refused: what is mixed into a draw has one form.
    """
    try:
        point, key = G1Point.from_compressed_bytes(signature), G2Point.from_compressed_bytes(public_key)
    except ValueError:
        return False
    if point.to_compressed_bytes() != signature:
        return False
    hashed = G1Point.hash_to_curve(message, DOMAIN)
    return GT.pairing_check([point, -hashed], [G2Point(), key])

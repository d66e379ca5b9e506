"""The list of a lottery at its closing, as bytes: 44 a line, read and written without a stall among 100,000 lines."""

from collections.abc import Iterable
from struct import Struct
from typing import NamedTuple

from bot.domain.draws import Entrant

_LINE = Struct(">32sIq")


class Line(NamedTuple):
    """A line of the list at the closing, and who it stands for. A tuple, since there are 100,000 of them."""

    entrant: Entrant
    user_id: int


def packed(lines: Iterable[Line]) -> bytes:
    """The lines as they are stored: the hash, the tickets, the user id."""
    return b"".join(_LINE.pack(bytes.fromhex(line.entrant.id), line.entrant.tickets, line.user_id) for line in lines)


def unpacked(stored: bytes) -> list[Line]:
    """The lines in the order in which they were packed."""
    return [Line(Entrant(one.hex(), tickets), user_id) for one, tickets, user_id in _LINE.iter_unpack(stored)]

"""Media that people send from the page: a small picture and a sticker that stand for any."""

import struct
import zlib

from bot.sandbox.files import PNG, StoredFile
from bot.sandbox.parameters import Upload
from bot.sandbox.wire import Json
from bot.sandbox.world import World

SIDE = 96
EMBER = b"\xe8\x7a\x3c"


def photo_json(file: StoredFile) -> Json:
    """A photo as a message shows it, in its one size."""
    width, height = file.size
    return {"photo": [{**file.json(), "width": width, "height": height}]}


def sticker_json(file: StoredFile, emoji: str | None = None) -> Json:
    """A sticker as a message shows it."""
    shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    return {"sticker": {**file.json(), **shape} | ({"emoji": emoji} if emoji else {})}


def sample_photo(world: World) -> Json:
    """A photo that a person has taken."""
    return photo_json(world.files.add("photo", Upload("photo.png", _square(SIDE, EMBER), "image/png")))


def sample_sticker(world: World) -> Json:
    """A sticker that a person has chosen."""
    return sticker_json(world.files.add("sticker", Upload("sticker.png", _square(SIDE, EMBER), "image/png")), "🔥")


def _square(side: int, colour: bytes) -> bytes:
    rows = (b"\0" + colour * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

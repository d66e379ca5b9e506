"""Pictures of the playbooks directory: each is uploaded once; afterwards the platform's id is enough."""

import asyncio
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from bot.domain.faq import Photo
from bot.services.bounded import BoundedDict
from storage.database import Database

_Stamp = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """One way to send a picture: by the platform's id, or else as a file; `digest` is that of a file's content."""

    file_id: str = ""
    file: Path | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class PictureService:
    """Knows what the platform calls the pictures that this bot has sent."""

    database: Database
    bot_id: int
    directory: Path
    _digests: BoundedDict[_Stamp, str] = field(default_factory=lambda: BoundedDict(1_000))

    async def ways(self, photo: Photo) -> list[Picture]:
        """The ways to send a picture, the cheapest first; none for a file that is gone."""
        if photo.file_id:
            return [Picture(photo.file_id)]
        file = self.directory / photo.path
        digest = await asyncio.to_thread(self._digest, file)
        if not digest:
            return []
        known = await self.database.read(lambda tx: tx.faq.picture(self.bot_id, digest))
        upload = Picture(file=file, digest=digest)
        return [Picture(known, digest=digest), upload] if known else [upload]

    async def sent(self, picture: Picture, file_id: str) -> None:
        """Remembers what the platform calls a file that was uploaded."""
        if picture.file is not None:
            await self.database.write(lambda tx: tx.faq.keep_picture(self.bot_id, picture.digest, file_id))

    def _digest(self, file: Path) -> str:
        try:
            status = file.stat()
            stamp = (str(file), status.st_mtime_ns, status.st_size)
            if stamp not in self._digests:
                self._digests[stamp] = sha256(file.read_bytes()).hexdigest()
        except OSError:
            return ""
        return self._digests[stamp]

"""Files that bots have uploaded, kept in memory."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from bot.sandbox.parameters import Upload
from bot.sandbox.wire import Json, without_blanks

# Beyond this the oldest files are dropped.
ROOM = 256 * 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file under its id. Its `path` is what `getFile` gives and `/file/bot…/` serves."""

    file_id: str
    unique_id: str
    path: str
    upload: Upload

    def json(self) -> Json:
        """What every kind of file says about itself."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.upload.content)}

    def document_json(self) -> Json:
        """The same with its name and type."""
        return self.json() | without_blanks(file_name=self.upload.name, mime_type=self.upload.mime_type)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a PNG picture; a plausible guess for anything else."""
        content = self.upload.content
        if not content.startswith(PNG) or len(content) < 24:
            return 800, 600
        return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])


class Files:
    """Files by id; the oldest go when there is no room."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, StoredFile] = OrderedDict()
        self._ids: dict[str, str] = {}
        self._used = 0

    def add(self, kind: str, upload: Upload) -> StoredFile:
        """Keep an upload; its kind begins the path, as in `photos/file_1.png`."""
        unique = secrets.token_urlsafe(9)
        suffix = upload.name.rpartition(".")[2] if "." in upload.name else "bin"
        file = StoredFile(f"AgAC{secrets.token_urlsafe(24)}", unique, f"{kind}s/{unique}.{suffix}", upload)
        self._files[file.file_id] = file
        self._ids[file.path] = file.file_id
        self._used += len(upload.content)
        while self._used > ROOM and len(self._files) > 1:
            _, dropped = self._files.popitem(last=False)
            del self._ids[dropped.path]
            self._used -= len(dropped.upload.content)
        return file

    def get(self, file_id: str) -> StoredFile | None:
        """The file, if it is still kept."""
        return self._files.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """The file behind a path."""
        return self._files.get(self._ids.get(path, ""))

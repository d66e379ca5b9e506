"""A call's parameters, however the client has sent them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, MultipartReader, StreamReader, web

from bot.sandbox.errors import ApiError, BadRequest
from bot.sandbox.wire import Json

# The platform's limit for files that bots upload.
BODY_LIMIT = 50 * 1024 * 1024
TRUE = ("true", "yes", "1")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the call."""

    name: str
    content: bytes
    mime_type: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """Values by name, as text or, from a JSON body, as they are; and uploads by the name of their part."""

    values: Mapping[str, Any]
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether it was given at all: an empty text is as good as none."""
        return self.values.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        """As text, whatever its kind."""
        value = self.values.get(name)
        if value is None:
            return default
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number, also when it came as text. Without a default it must be there."""
        value = self.values.get(name)
        if value in (None, "") and default is not None:
            return default
        try:
            return int(str(value))
        except ValueError as error:
            raise BadRequest(f"invalid {name} specified") from error

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean, also when it came as text."""
        value = self.values.get(name)
        return default if value in (None, "") else str(value).lower() in TRUE

    def structure(self, name: str) -> Any:
        """An object or a list, also when it came as text with JSON inside; None when it was not given."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise BadRequest(f"can't parse {name} JSON object") from error

    def record(self, name: str) -> Json:
        """A JSON object; empty when it was not given."""
        value = self.structure(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise BadRequest(f"object expected as {name}")
        return value

    def sequence(self, name: str) -> list[Any]:
        """A JSON array; empty when it was not given."""
        value = self.structure(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise BadRequest(f"expected an Array of {name}")
        return value

    def records(self, name: str) -> list[Json]:
        """A JSON array of objects; empty when it was not given."""
        values = self.sequence(name)
        if not all(isinstance(value, dict) for value in values):
            raise BadRequest(f"expected an Array of Object in {name}")
        return values

    def integers(self, name: str) -> list[int]:
        """A JSON array of whole numbers; empty when it was not given."""
        return [Parameters({name: value}).integer(name) for value in self.sequence(name)]

    def logged(self) -> Json:
        """For the log of calls: uploads by name and size."""
        files = {name: {"file_name": file.name, "size": len(file.content)} for name, file in self.uploads.items()}
        return {**self.values, **files}


class _Reader(Protocol):
    async def next(self) -> Any: ...


async def read_parameters(request: web.Request) -> Parameters:
    """From the query string and the body, in any of the encodings a Bot API server takes."""
    query = dict(request.query)
    match request.content_type:
        case _ if not request.body_exists:
            return Parameters(query)
        case "application/json":
            return Parameters({**query, **from_json(await read_body(request.content, BODY_LIMIT))})
        case "multipart/form-data":
            form = await from_multipart(await _parts(request))
            return Parameters({**query, **form.values}, form.uploads)
        case _:
            return Parameters({**query, **from_form(await read_body(request.content, BODY_LIMIT))})


async def read_body(content: StreamReader, limit: int) -> bytes:
    """The whole body, or 413 as soon as it is known to be too large."""
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > limit:
            raise ApiError(413, "Request Entity Too Large")
    return bytes(body)


def from_json(body: bytes) -> Json:
    """A JSON object's members."""
    try:
        values = json.loads(body or b"{}")
    except ValueError as error:
        raise BadRequest("can't parse JSON object") from error
    if not isinstance(values, dict):
        raise BadRequest("object expected as the request body")
    return values


def from_form(body: bytes) -> dict[str, str]:
    """A urlencoded form's fields."""
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, encoding="utf-8", errors="strict"))
    except ValueError as error:
        raise BadRequest("strings must be encoded in UTF-8") from error


async def from_multipart(reader: _Reader) -> Parameters:
    """A multipart form's fields and files."""
    values: dict[str, str] = {}
    uploads: dict[str, Upload] = {}
    left = BODY_LIMIT
    while (part := await _next_part(reader)) is not None:
        content = await _content(part, left)
        left -= len(content)
        name = part.name or ""
        if part.filename is None:
            values[name] = content.decode("utf-8", "replace")
        else:
            mime_type = part.headers.get("Content-Type", "application/octet-stream")
            uploads[name] = Upload(part.filename, content, mime_type)
    return Parameters(values, uploads)


async def _parts(request: web.Request) -> MultipartReader:
    try:
        return await request.multipart()
    except (ValueError, AssertionError) as error:
        raise BadRequest("can't parse the multipart form") from error


async def _next_part(reader: _Reader) -> BodyPartReader | None:
    try:
        part = await reader.next()
    except ValueError as error:
        raise BadRequest("can't parse the multipart form") from error
    if isinstance(part, MultipartReader):
        raise BadRequest("can't parse the multipart form: a part holds parts")
    return part if isinstance(part, BodyPartReader) else None


async def _content(part: BodyPartReader, limit: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(65536):
        content += chunk
        if len(content) > limit:
            raise ApiError(413, "Request Entity Too Large")
    return bytes(part.decode(content))

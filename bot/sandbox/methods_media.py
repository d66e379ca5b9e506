"""Bot API: photos, documents and other files, albums, and getting them back."""

from collections.abc import Callable
from typing import Any, TypeAlias

from bot.sandbox.access import user_of, writable_chat
from bot.sandbox.delivery import post_from_bot
from bot.sandbox.errors import BadRequest
from bot.sandbox.files import StoredFile
from bot.sandbox.formatted import caption
from bot.sandbox.methods_messages import own_message, replace_content
from bot.sandbox.parameters import Parameters, Upload
from bot.sandbox.registry import Handler, method
from bot.sandbox.sample_media import photo_json, sticker_json
from bot.sandbox.sending import envelope, send
from bot.sandbox.wire import Json
from bot.sandbox.world import World

Shape: TypeAlias = Callable[[StoredFile], Json]


def _document(file: StoredFile) -> Json:
    return {"document": file.document_json()}


def _moving(kind: str) -> Shape:
    def shape(file: StoredFile) -> Json:
        width, height = file.size
        return {kind: {**file.document_json(), "width": width, "height": height, "duration": 1}}

    return shape


def _animation(file: StoredFile) -> Json:
    return _moving("animation")(file) | _document(file)


def _sounding(kind: str) -> Shape:
    def shape(file: StoredFile) -> Json:
        return {kind: {**file.document_json(), "duration": 1}}

    return shape


def _video_note(file: StoredFile) -> Json:
    return {"video_note": {**file.json(), "length": 240, "duration": 1}}


SHAPES: dict[str, tuple[Shape, str]] = {
    "photo": (photo_json, "can_send_photos"),
    "document": (_document, "can_send_documents"),
    "video": (_moving("video"), "can_send_videos"),
    "animation": (_animation, "can_send_other_messages"),
    "audio": (_sounding("audio"), "can_send_audios"),
    "voice": (_sounding("voice"), "can_send_voice_notes"),
    "video_note": (_video_note, "can_send_video_notes"),
    "sticker": (sticker_json, "can_send_other_messages"),
}
IN_ALBUMS = ("photo", "video", "document", "audio")


def _sender(kind: str) -> Handler:
    shape, permission = SHAPES[kind]

    def send_file(world: World, parameters: Parameters) -> Json:
        """A file with, for most kinds, a caption."""
        given = caption(world, parameters)
        file = stored_file(world, parameters, kind, parameters.values.get(kind))
        return send(world, parameters, shape(file) | given, permission)

    return send_file


for _kind in SHAPES:
    method(f"send{_kind.title().replace('_', '')}")(_sender(_kind))


@method("sendMediaGroup")
def send_media_group(world: World, parameters: Parameters) -> list[Json]:
    """An album: several messages that belong together."""
    items = parameters.sequence("media")
    if not 2 <= len(items) <= 10:
        raise BadRequest("there must be from 2 to 10 messages to send")
    contents = [_album_item(world, parameters, item, IN_ALBUMS) for item in items]
    chat = writable_chat(world, parameters, "can_send_photos")
    head = envelope(world, chat, parameters) | {"media_group_id": str(10**16 + world.serial())}
    return [post_from_bot(world, chat, head | content) for content in contents]


@method("editMessageMedia")
def edit_message_media(world: World, parameters: Parameters) -> Json:
    """Another file in place of the former one, or of a text."""
    item = parameters.record("media")
    content = _album_item(world, parameters, item, (*IN_ALBUMS, "animation"))
    chat, message = own_message(world, parameters)
    outdated = (*SHAPES, "text", "entities", "caption", "caption_entities")
    return replace_content(world, chat, message, outdated, content, parameters)


@method("getUserProfilePhotos")
def get_user_profile_photos(world: World, parameters: Parameters) -> Json:
    """Nobody here has a picture."""
    user_of(world, parameters)
    return {"total_count": 0, "photos": []}


@method("getFile")
def get_file(world: World, parameters: Parameters) -> Json:
    """Where a file can be fetched."""
    file = world.files.get(parameters.text("file_id"))
    if file is None:
        raise BadRequest("wrong file_id or the file is temporarily unavailable")
    return file.json() | {"file_path": file.path}


def stored_file(world: World, parameters: Parameters, kind: str, given: Any) -> StoredFile:
    """The file that a parameter means: a part of this call, one sent before, or an address.

    The sandbox fetches nothing from the network: behind an address it puts an empty file of that name.
    """
    name = str(given or "")
    upload = parameters.uploads.get(name.removeprefix("attach://") if name.startswith("attach://") else kind)
    if upload:
        if not upload.content:
            raise BadRequest("file must be non-empty")
        return world.files.add(kind, upload)
    if name.startswith(("http://", "https://")):
        return world.files.add(kind, Upload(name.rpartition("/")[2] or kind, b"", "application/octet-stream"))
    known = world.files.get(name)
    if known is None:
        raise BadRequest("wrong file identifier/HTTP URL specified" if name else f"there is no {kind} in the request")
    return known


def _album_item(world: World, parameters: Parameters, item: Any, kinds: tuple[str, ...]) -> Json:
    kind = item.get("type") if isinstance(item, dict) else None
    if kind not in kinds:
        raise BadRequest(f"can't parse InputMedia: type must be one of {', '.join(kinds)}")
    shape, _ = SHAPES[kind]
    file = stored_file(world, parameters, kind, item.get("media"))
    return shape(file) | caption(world, Parameters(item))

"""Files of the playbooks' directory that are posted: pictures, videos, documents."""

from pathlib import Path
from typing import Literal

from bot.playbooks.model import Media

Kind = Literal["photo", "video", "animation", "document"]

MEGABYTES: dict[Kind, int] = {"photo": 10, "video": 50, "animation": 50, "document": 50}
"""What a file of a kind has at most (Bot API, sending files)."""

_ENDINGS: dict[Kind, tuple[str, ...]] = {
    "photo": (".jpg", ".jpeg", ".png", ".webp"),
    "video": (".mp4", ".mov", ".m4v", ".webm", ".mkv"),
    "animation": (".gif", ".mp4"),
}


class WrongFileError(Exception):
    """Why a file cannot be posted, and what would be right."""


def file_in(root: Path, name: str) -> Path:
    """A file of the directory. Raises `WrongFileError`."""
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise WrongFileError(f"`{name[:80]}` is outside of the playbooks' directory")
    if not path.is_file():
        raise WrongFileError(f"there is no file {name[:80]}; paths start in the playbooks' directory")
    return path


def media_in(root: Path, name: str, kind: Kind) -> Media:
    """A file of the directory that is posted as what it is. Raises `WrongFileError`."""
    path = file_in(root, name)
    endings = _ENDINGS.get(kind)
    if endings and path.suffix.lower() not in endings:
        others = "" if kind == "photo" else ", a picture as `photo`"
        raise WrongFileError(f"the file of `{kind}` ends in {', '.join(endings)}; send others as `document`{others}")
    if path.stat().st_size > MEGABYTES[kind] * 1_000_000:
        raise WrongFileError(f"the file of `{kind}` has at most {MEGABYTES[kind]} MB")
    return Media(kind, path)


def album_item_in(root: Path, name: str) -> Media:
    """A picture or a video of an album. Raises `WrongFileError`."""
    ending = file_in(root, name).suffix.lower()
    if ending in _ENDINGS["photo"]:
        return media_in(root, name, "photo")
    if ending in _ENDINGS["video"]:
        return media_in(root, name, "video")
    raise WrongFileError("an album has pictures and videos only; send others as `document`")

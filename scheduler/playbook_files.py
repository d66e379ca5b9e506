"""Reads the playbooks again when their files have changed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot.domain.slots import Calendar
from bot.playbooks.model import Playbook
from bot.playbooks.overview import Reloaded
from bot.playbooks.playbook_files import PlaybookFile, PlaybookReader, mistakes_between
from bot.playbooks.timetable import Timetable
from bot.yaml_places import Mistake
from scheduler.aside import aside
from scheduler.playbooks import PlaybookRunner, Running

Stamps = dict[Path, tuple[int, int]]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class PlaybookReload:
    """Lets what runs follow the files. They are read as a whole: if one is bad, the last good version of it runs on."""

    reader: PlaybookReader
    runner: PlaybookRunner
    calendar: Calendar
    default_zone: str
    mistakes: Sequence[Mistake] = ()
    _stamps: Stamps = field(default_factory=dict)
    _good: dict[Path, PlaybookFile] = field(default_factory=dict)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def playbooks(self) -> Mapping[str, Playbook]:
        """The playbooks that run now, by name."""
        return self.runner.running.playbooks

    @property
    def root(self) -> Path:
        """The directory of the files."""
        return self.reader.root

    def wake(self, group_id: int) -> None:
        """Lets what is due in a group be done at once."""
        self.runner.lanes.wake(group_id)

    async def reload(self) -> Reloaded:
        """Reads what has changed, and says what that was."""
        before, stamps = self.playbooks, self._stamps
        await self.follow()
        files = {path for path, _ in stamps.items() ^ self._stamps.items()}
        return Reloaded(
            files=sorted(str(path.relative_to(self.root)) for path in files),
            new=sorted(self.playbooks.keys() - before.keys()),
            gone=sorted(before.keys() - self.playbooks.keys()),
        )

    async def follow(self) -> None:
        """Reads what has changed away from the event loop; the new version takes the old one's place at once."""
        async with self._reading:
            await self._follow()

    async def _follow(self) -> None:
        stamps = await asyncio.to_thread(self._look)
        if stamps == self._stamps:
            return
        good, mistakes, timetable = await aside(self._read)
        self._stamps, self._good, self.mistakes = stamps, good, mistakes
        playbooks = {file.playbook.name: file.playbook for file in good.values() if file.playbook}
        is_whole = all(path in good for path in self.reader.files())
        self.runner.running = Running(playbooks, timetable, is_whole)
        if is_whole:
            await self.runner.deliveries.cancel_removed(self.runner.running.steps)
        for mistake in mistakes:
            log.error("playbook not used: it keeps its last good version", mistake=str(mistake))
        log.info("playbooks read", playbooks=len(playbooks), mistakes=len(mistakes))

    def _look(self) -> Stamps:
        """What tells whether a file has changed; libraries and media count."""
        paths = [path for path in self.reader.root.rglob("*") if path.is_file() and "faq" not in path.parts]
        return {path: _stamp(path) for path in paths}

    def _read(self) -> tuple[dict[Path, PlaybookFile], list[Mistake], Timetable]:
        good: dict[Path, PlaybookFile] = {}
        mistakes: list[Mistake] = []
        for path in self.reader.files():
            file = self.reader.read(path)
            mistakes += file.mistakes
            kept = file if file.playbook else self._good.get(path)
            if kept is not None:
                good[path] = kept
        first = sorted(good, key=lambda path: not self._ran_as(path, good[path]))  # who ran under a name keeps it
        mistakes += mistakes_between(good[path] for path in first)
        good = self._without_clashes({path: good[path] for path in first})
        playbooks = [file.playbook for file in good.values() if file.playbook]
        return good, sorted(set(mistakes)), Timetable(playbooks, self.default_zone, self.calendar)

    def _ran_as(self, path: Path, file: PlaybookFile) -> bool:
        before = self._good.get(path)
        return before is not None and before.name == file.name

    def _without_clashes(self, files: Mapping[Path, PlaybookFile]) -> dict[Path, PlaybookFile]:
        """One file of each name; of another one the last version, if that has a name of its own."""
        kept: dict[Path, PlaybookFile] = {}
        taken: set[str | None] = set()
        for path, file in files.items():
            for version in (file, self._good.get(path)):
                if version is not None and version.name not in taken:
                    kept[path] = version
                    taken.add(version.name)
                    break
        return {path: kept[path] for path in sorted(kept)}


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size

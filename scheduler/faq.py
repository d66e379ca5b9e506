"""Reads the FAQ files again when they have changed."""

import asyncio
import gc
from dataclasses import dataclass

import structlog

from bot.playbooks.faq import FaqFiles
from bot.playbooks.yaml_places import Mistake
from bot.services.faq import FaqService
from bot.services.faq_index import FaqIndex

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FaqReload:
    """Lets the answers follow the files; a bad file keeps its last good version."""

    files: FaqFiles
    faq: FaqService

    async def follow(self) -> None:
        """Reads what has changed away from the event loop; the new index takes the old one's place at once."""
        await self.faq.follow()
        if not await asyncio.to_thread(self.files.have_changed):
            return
        found = await read_aside(self.files)
        if found is None:
            return
        self.faq.library, mistakes = found
        for mistake in mistakes:
            log.error("FAQ file not used: it keeps its last good version", mistake=str(mistake))
        log.info("FAQ files read", entries=len(self.faq.library.entries), mistakes=len(mistakes))


async def read_aside(files: FaqFiles) -> tuple[FaqIndex, list[Mistake]] | None:
    """What `files.look` finds, in a thread of its own, without a stall of the loop.

    Thousands of new objects would bring full garbage collections of 0.3 s and more. What is read has no cycles: it goes
    without the collector, and then out of its sight.
    """
    gc.disable()
    try:
        return await asyncio.to_thread(files.look)
    finally:
        gc.freeze()
        gc.enable()

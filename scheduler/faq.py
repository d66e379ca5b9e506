"""Reads the FAQ files again when they have changed."""

import asyncio
from dataclasses import dataclass

import structlog

from bot.playbooks.faq import FaqFiles
from bot.services.faq import FaqService
from scheduler.aside import aside

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
        found = await aside(self.files.look)
        if found is None:
            return
        self.faq.library, mistakes = found
        for mistake in mistakes:
            log.error("FAQ file not used: it keeps its last good version", mistake=str(mistake))
        log.info("FAQ files read", entries=len(self.faq.library.entries), mistakes=len(mistakes))

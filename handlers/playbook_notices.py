"""What the owners are told of playbooks in private."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.groups import Group
from bot.texts import Texts
from storage.outbox import Post


@dataclass(frozen=True, slots=True)
class PlaybookNotices:
    """Words a notice to each owner, in the language of the group that it is about."""

    texts: Texts
    owners: Collection[int]

    def resting(self, group: Group, now: datetime) -> Sequence[Post]:
        """That the bot may not write in a group any more, and what its playbooks do."""
        text = str(self.texts.say(group.settings.language, "playbooks.resting", group=group.title))
        reason = f"playbooks rest:{now:%Y-%m-%d %H:%M}"
        return [Post(f"{reason}:{owner}", text, to=owner) for owner in sorted(self.owners)]

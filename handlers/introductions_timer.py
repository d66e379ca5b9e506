"""Reminds newcomers, a day after they came, that the group would like to know them."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bot.domain.groups import Group
from bot.domain.refusals import Part
from bot.services.introductions import IntroductionService
from bot.texts import Say, Texts
from handlers.outbox import Outbox
from storage.introductions import Silent


@dataclass(frozen=True, slots=True)
class IntroductionTimer:
    """Takes up what the database says is due; a kill or a second process makes it neither none nor two."""

    introductions: IntroductionService
    texts: Texts
    outbox: Outbox

    async def ring(self) -> None:
        """Reminds in every group where it is time."""
        for group in await self.introductions.due():
            say = self.texts.bound(group.settings.language)
            await self.introductions.remind(group, _Reminder(say, group))
            await self.outbox.deliver(group.id)


@dataclass(frozen=True, slots=True)
class _Reminder:
    """The words of a group's reminder."""

    say: Say
    group: Group

    def __call__(self, silent: Sequence[Silent], others: int) -> str:
        mentions = [self.say("intro.mention", id=one.user_id, name=one.name or f"#{one.user_id}") for one in silent]
        names = Markup(", ").join(mentions)
        if others:
            names = self.say("intro.and_others", names=names, n=others)
        return self.say("intro.reminder", names=names, how=how(self.say, self.group))


def how(say: Say, group: Group) -> Markup:
    """How one introduces oneself in the group."""
    settings = group.settings
    words = " / ".join(settings.introduction_rules.words)
    parts = [say("intro.how_in_topic" if settings.intro_topic else "intro.how", word=words, n=settings.intro_length)]
    if settings.intro_points:
        parts.append(say("intro.earns", points=Part("points.amount", settings.intro_points)))
    return Markup(" ").join(parts)

"""What newcomers, or operators about them, read at the door, in the group's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiogram.types import InlineKeyboardMarkup
from markupsafe import Markup

from bot.domain.admissions import Step
from bot.domain.groups import Group
from bot.domain.refusals import Part
from bot.services.admissions import Held, entrance_of
from bot.texts import Say, Texts
from handlers.replies import keyboard

ANSWER, DECIDE, AGREE, RULES = "captcha", "admit", "agree", "rules"
"""What the buttons send back: `captcha:CHALLENGE:PLACE`, `admit:CHALLENGE:in|out`, `agree:GROUP`, `rules`
or `rules:GROUP`."""

MOST_NAMES = 10
"""Newcomers of a crowd who are named to operators."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The message of one challenge, as it stands for one newcomer or for a crowd."""

    group: Group
    say: Say
    held: Held

    @classmethod
    def of(cls, group: Group, texts: Texts, held: Held) -> "Sheet":
        """In the group's language."""
        return cls(group, texts.bound(group.settings.language), held)

    @property
    def step(self) -> Step:
        """What it is about: a crowd's message stays about what it began with."""
        return self.held.challenge.step if self.held.challenge.is_shared else self.held.admission.steps[0]

    @property
    def is_private(self) -> bool:
        """Whether it goes to the newcomer alone, who is not in the group yet."""
        return self.held.challenge.door == "request" and self.step != "review"

    def text(self) -> Markup:
        """What it says."""
        if self.step == "review":
            door = self.held.challenge.door
            why = "raid" if door == "join" and self.group.settings.raid_lock else door
            return self.say(f"captcha.review.{why}", names=self._names(), group=self.group.title)
        return Markup("\n").join([self._hello(), *self._task()])

    def buttons(self) -> InlineKeyboardMarkup:
        """What one can press."""
        challenge = self.held.challenge
        if self.step == "review":
            yes, no = (str(self.say(f"captcha.{what}.{challenge.door}")) for what in ("yes", "no"))
            return keyboard([(yes, f"{DECIDE}:{challenge.id}:in"), (no, f"{DECIDE}:{challenge.id}:out")])
        rows = self._answers() if self.step == "captcha" else []
        if self.step == "rules" or (challenge.is_shared and entrance_of(self.group).rules):
            rows.append(agreeing(self.say, self.group, with_rules=not self.is_private))
        return keyboard(*rows)

    def _hello(self) -> Markup:
        if self.is_private:
            return self.say("captcha.hello.request", group=self.group.title)
        if self.held.challenge.is_shared:
            return self.say("captcha.hello.crowd")
        return self.say("captcha.hello.join", names=self._names())

    def _task(self) -> Sequence[Markup]:
        if self.step == "rules":
            rules = [Markup(self.group.rules)] if self.is_private else []  # noqa: S704 - see handlers.rules
            return [*rules, self.say("captcha.task.rules", group=self.group.title)]
        captcha, seconds = self.held.challenge.captcha, self.group.settings.captcha_seconds
        minutes, rest = divmod(seconds, 60)
        time = Part("captcha.seconds", seconds) if rest else Part("captcha.minutes", minutes)
        task = self.say(f"captcha.task.{captcha.kind}", question=captcha.question)
        return [task, self.say("captcha.within", time=time)]

    def _answers(self) -> list[list[tuple[str, str]]]:
        challenge = self.held.challenge
        shown = challenge.captcha.answers or (str(self.say("captcha.press")),)
        buttons = [(text, f"{ANSWER}:{challenge.id}:{place}") for place, text in enumerate(shown)]
        return [buttons[n : n + 3] for n in range(0, len(buttons), 3)]

    def _names(self) -> Markup:
        shared = self.held.challenge.is_shared
        listed = [one for one in self.held.waiting if shared or one[0] == self.held.admission.user_id]
        names = [self.say("captcha.mention", id=user_id, name=name) for user_id, name in sorted(listed)[:MOST_NAMES]]
        if len(listed) > MOST_NAMES:
            names.append(self.say("captcha.more", n=len(listed) - MOST_NAMES))
        return Markup(", ").join(names)


def agreeing(say: Say, group: Group, *, with_rules: bool) -> list[tuple[str, str]]:
    """The buttons that show the rules and agree to them."""
    rules = [(str(say("rules.button")), RULES)] if with_rules else []
    return [*rules, (str(say("rules.agree")), f"{AGREE}:{group.id}")]

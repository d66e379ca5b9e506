"""How operators are called for a member who wants a person."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from bot.texts import Say
from storage.hand_overs import HandOver

PERSON = "tg://user?id="
"""The address of somebody's account; it opens behind a name alone (Bot API, formatting options)."""


@dataclass(frozen=True, slots=True)
class CallWords:
    """How operators are called, in the group's language."""

    say: Say

    def call(self, hand_over: HandOver, operators: Mapping[int, str]) -> str:  # noqa: D102 - the promise is Words'
        names = Markup(", ").join(
            Markup('<a href="{}{}">{}</a>').format(PERSON, user_id, name) for user_id, name in operators.items()
        )
        key = "person.call" if hand_over.pings <= 1 else "person.call_again"
        return self._with_link(hand_over, self.say(key, name=self._name(hand_over), operators=names))

    def taken(self, hand_over: HandOver) -> Markup:
        """What becomes of a call that somebody has taken."""
        taken = self.say("person.taken_of", name=self._name(hand_over), operator=hand_over.taken_by)
        return self._with_link(hand_over, taken)

    @property
    def take(self) -> str:  # noqa: D102 - the promise is Words'
        return str(self.say("person.take"))

    def _name(self, hand_over: HandOver) -> str:
        """The member's name; who asked in private is behind it, since nobody else can open that chat."""
        if not hand_over.link.startswith(PERSON):
            return hand_over.name
        return Markup('<a href="{}">{}</a>').format(hand_over.link, hand_over.name)

    def _with_link(self, hand_over: HandOver, sentence: Markup) -> Markup:
        if not hand_over.link or hand_over.link.startswith(PERSON):
            return sentence
        return Markup("{}\n{}").format(sentence, hand_over.link)

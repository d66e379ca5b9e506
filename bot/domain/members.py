"""People and their place in a group."""

from dataclasses import dataclass
from typing import Literal

from bot.domain.refusals import Refusal

Status = Literal["member", "operator", "left", "kicked"]


class NotAMember(Refusal):
    """The sender is not a person who can own points: an anonymous administrator, a channel or a bot."""

    text = "members.not_a_person"


class UnknownMember(Refusal):
    """Nobody seen in the group is called so."""

    text = "members.unknown"


class NobodyNamed(Refusal):
    """The command is about a member, and names none."""

    text = "members.nobody_named"


class NotAnOperator(Refusal):
    """Only operators may do this."""

    text = "members.not_an_operator"


class NotAnOwner(Refusal):
    """Only the installation's owners may do this, since it concerns several groups."""

    text = "members.not_an_owner"


class NoGroupChosen(Refusal):
    """A command in a private chat is about a group, and it is open which one."""

    text = "groups.not_chosen"


class UnknownGroup(Refusal):
    """The person is a member of no such group."""

    text = "groups.unknown"


class OnlyInGroups(Refusal):
    """The command makes sense in a group only."""

    text = "members.only_in_groups"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone the bot has seen: `name` is fit to be shown, `username` has no @, `language` is their client's."""

    id: int
    name: str
    username: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something. An anonymous administrator has the group's own chat id and the title they signed with."""

    id: int
    name: str

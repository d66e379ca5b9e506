"""Undoing what an operator changed."""

from bot.domain.refusals import Refusal


class UnknownChange(Refusal):
    """No change of this group has that number."""

    text = "audit.unknown"


class CannotUndo(Refusal):
    """The change was undone already, or something newer stands in its place."""

    text = "audit.cannot_undo"

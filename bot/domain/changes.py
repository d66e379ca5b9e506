"""Undoing what an operator changed."""

from bot.domain.refusals import Refusal


class UnknownChange(Refusal):
    text = "audit.unknown"


class CannotUndo(Refusal):
    text = "audit.cannot_undo"

"""Wrong use of a command."""

from bot.domain.refusals import Part, Refusal


class WrongUse(Refusal):
    """The words after a command are not what it takes; the answer shows the right use."""

    text = "usage.wrong"

    def __init__(self, command: str) -> None:
        super().__init__(usage=Part(f"usage.{command}"))

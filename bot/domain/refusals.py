"""An expected no."""

from dataclasses import dataclass
from typing import ClassVar


class Refusal(Exception):
    """A request that the rules forbid. Nothing has changed, and the one who asked is told why and what to do.

    `text` is the key of that sentence in the catalogues, `values` fill its placeholders.
    """

    text: ClassVar[str]

    def __init__(self, **values: object) -> None:
        super().__init__(self.text)
        self.values = values


@dataclass(frozen=True, slots=True)
class Part:
    """A value that is itself a text, said in the language of the sentence around it; `n` chooses its plural form."""

    text: str
    n: int | None = None

"""Captchas: what a newcomer is asked, and which answers are right. Chance comes in as a number."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeVar

Kind = Literal["button", "sum", "question"]

LONGEST_QUESTION = 200
"""Characters of an operator's question."""

LONGEST_ANSWER = 40
"""Characters of an answer, which has to fit a button."""

MOST_ANSWERS = 6
"""Answers to a question, and to a sum."""

WINDOW = timedelta(seconds=60)
"""In a crowd this long one challenge is for everybody who comes."""

MOST_ALONE = 3
"""Newcomers of one window who get a message each; the others share one."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """An operator's own question."""

    text: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        """As an operator writes it."""
        first, *others = self.right
        return f"{self.text} = {' | '.join((first, *(f'+{other}' for other in others), *self.wrong))}"


@dataclass(frozen=True, slots=True)
class Captcha:
    """A question and its buttons, in the order in which they are shown; `right` are the places of the right ones.

    A captcha without a question is one button, and pressing it is right.
    """

    kind: Kind
    question: str = ""
    answers: tuple[str, ...] = ()
    right: Set[int] = frozenset({0})


def parse_question(text: str) -> Question | None:
    """`WHAT? = right | wrong | wrong`; an answer after the first that begins with + is right, too. None for `none`.

    Raises `ValueError` for anything else.
    """
    if text.casefold() == "none":
        return None
    question, _, answers = (part.strip() for part in text.rpartition(" = "))
    first, *others = (answer.strip() for answer in answers.split("|"))
    right = [first, *(other[1:].strip() for other in others if other.startswith("+"))]
    wrong = [other for other in others if not other.startswith("+")]
    listed = [*right, *wrong]
    if not (
        0 < len(question) <= LONGEST_QUESTION
        and wrong
        and len(listed) <= MOST_ANSWERS
        and all(0 < len(answer) <= LONGEST_ANSWER for answer in listed)
        and len({answer.casefold() for answer in listed}) == len(listed)
    ):
        raise ValueError(text)
    return Question(question, tuple(right), tuple(wrong))


def make_captcha(kind: Kind, question: Question | None, number: int) -> Captcha:
    """A captcha of a kind, the same for the same number. Without a question, one about a sum takes its place."""
    if kind == "button":
        return Captcha("button")
    if kind == "question" and question is not None:
        answers = arranged((*question.right, *question.wrong), number)
        right = {place for place, answer in enumerate(answers) if answer in question.right}
        return Captcha("question", question.text, answers, right)
    return _sum(number)


def is_right(captcha: Captcha, place: int) -> bool:
    """Whether the button in a place answers it."""
    return place in captcha.right


def is_crowd(recent: int) -> bool:
    """Whether so many were challenged within the window that the next ones have to share a message."""
    return recent >= MOST_ALONE


def arranged(items: Sequence[T], number: int) -> tuple[T, ...]:
    """The items in an order that the number chooses; numbers 0 to n!-1 choose each order once."""
    left, order = list(items), list[T]()
    while left:
        number, place = divmod(number, len(left))
        order.append(left.pop(place))
    return tuple(order)


def _sum(number: int) -> Captcha:
    number, a = divmod(number, 9)
    number, b = divmod(number, 9)
    total = a + b + 2
    answers = arranged([total + offset for offset in _NEAR[total < 4]], number)
    return Captcha(
        "sum", f"{a + 1} + {b + 1}", tuple(str(answer) for answer in answers), frozenset({answers.index(total)})
    )


_NEAR = ((0, -3, -2, -1, 1, 2), (0, 1, 2, 3, 4, 5))
"""Wrong answers near the right one, all above 0; the second row is for small sums."""

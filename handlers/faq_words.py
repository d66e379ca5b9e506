"""How entries of the FAQ are shown to operators."""

from markupsafe import Markup

from bot.domain.faq import Entry, Keyword
from bot.domain.shortening import short_line
from bot.texts import Say

LONGEST_SHOWN = 60


def short(text: str, longest: int = LONGEST_SHOWN) -> str:
    """A text in one line of so many characters at most."""
    return short_line(text, longest)


def preview(entry: Entry) -> str:
    """The first words of an entry's answer."""
    words = short(Markup(entry.answers[0]).striptags())  # noqa: S704 - the tags are taken out
    marks = "🖼" * (entry.photo is not None) + "🔒" * entry.is_private + "🙋" * entry.hands_over
    return " ".join(filter(None, (marks, words)))


def with_mode(say: Say, keyword: Keyword) -> str:
    """A keyword and how it is found."""
    return f"{short(keyword.text)} ({say(f'faq.mode.{keyword.mode}')})"


def added(say: Say, entry: Entry) -> Markup:
    """That an entry was stored."""
    return say("faq.added", keywords=", ".join(with_mode(say, keyword) for keyword in entry.keywords))

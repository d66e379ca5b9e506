"""Texts that operators write, with `{{ variables }}` in them."""

from markupsafe import Markup, escape

from bot.domain.faq import filled
from bot.domain.names import isolated


def fill(template: str, **values: str) -> Markup:
    """Telegram's HTML with its variables replaced, each escaped; one that there is not says nothing."""
    return Markup(filled(template, lambda name: str(escape(isolated(values.get(name, ""))))))  # noqa: S704

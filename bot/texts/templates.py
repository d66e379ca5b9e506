"""Texts that operators write, with `{{ variables }}` in them."""

from collections.abc import Mapping

from markupsafe import Markup, escape

from bot.domain import welcomes
from bot.domain.faq import filled
from bot.domain.names import isolated


def fill(template: str, **values: str) -> Markup:
    """Telegram's HTML with its variables replaced, each escaped; one that there is not says nothing."""
    return Markup(filled(template, lambda name: str(_escaped(values.get(name, "")))))  # noqa: S704


def fill_welcome(template: str, values: Mapping[str, str]) -> Markup:
    """A welcome with its `{variables}` replaced, each escaped unless it is `Markup` already."""
    return Markup(welcomes.filled(template, lambda name: str(_escaped(values.get(name, "")))))  # noqa: S704


def _escaped(value: str) -> Markup:
    return value if isinstance(value, Markup) else escape(isolated(value))

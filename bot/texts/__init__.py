"""Every sentence the bot says, one catalogue a language; values are escaped here and nowhere else.

A catalogue is a gettext `.po` file, read as it is. A message's id is its key (`checkin.done`); its text is Telegram's
HTML with `{placeholders}`. A text with a plural is chosen by its `n`.
"""

import gettext
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Protocol

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from bot.domain.locales import LOCALES
from bot.domain.names import isolated
from bot.domain.refusals import Part

_BABEL = {"en": "en", "zh": "zh_Hans_CN", "zh-Hant": "zh_Hant_TW"}


def babel_locale(locale: str) -> str:
    """What Babel calls a language of ours."""
    return _BABEL[locale]


class Say(Protocol):
    """Says a text in one language: `say("checkin.done", name=…)`. What it returns is safe as HTML."""

    def __call__(self, key: str, /, **values: object) -> Markup: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Texts:
    """The catalogues of all languages."""

    catalogues: Mapping[str, gettext.NullTranslations]

    def say(self, locale: str, key: str, /, **values: object) -> Markup:
        """The sentence of a key with its values, each escaped unless it is `Markup` already.

        A value `n` chooses the plural form. A right-to-left text is isolated, so that it cannot turn its sentence
        around; a `Part` is said in the same language, a date written as that language does. Raises `KeyError` for a key
        that no catalogue has.
        """
        catalogue = self.catalogues[locale]
        n = values.get("n")
        template = catalogue.ngettext(key, key, n) if isinstance(n, int) else catalogue.gettext(key)
        if template == key:
            raise KeyError(key)
        return Markup(template.format(**{name: self._escaped(locale, value) for name, value in values.items()}))  # noqa: S704

    def _escaped(self, locale: str, value: object) -> Markup:
        if isinstance(value, Part):
            return self.say(locale, value.text) if value.n is None else self.say(locale, value.text, n=value.n)
        if isinstance(value, date):
            return escape(format_date(value, "medium", locale=_BABEL[locale]))
        return escape(isolated(value) if isinstance(value, str) and not isinstance(value, Markup) else value)

    def plain(self, locale: str, key: str) -> str:
        """The sentence of a key for where HTML is not understood, such as menus."""
        return self.say(locale, key).striptags()

    def has(self, locale: str, key: str) -> bool:
        """Whether a catalogue has a key."""
        return self.catalogues[locale].gettext(key) != key

    def bound(self, locale: str) -> Say:
        """The texts of one language."""

        def say(key: str, /, **values: object) -> Markup:
            return self.say(locale, key, **values)

        return say


@lru_cache(maxsize=1)
def load_texts() -> Texts:
    """The catalogues that come with the program."""
    return Texts({locale: _catalogue(locale) for locale in LOCALES})


def catalogue_source(locale: str) -> bytes:
    """A catalogue as its file has it."""
    return (resources.files(__name__) / f"{locale}.po").read_bytes()


def _catalogue(locale: str) -> gettext.GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(catalogue_source(locale))))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)

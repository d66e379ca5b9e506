"""Which language a text is said in."""

import re
from collections.abc import Iterable

LOCALES = ("en", "zh", "zh-Hant")

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")

_CHINESE = frozenset({"zh", "yue"})
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})


def closest(wanted: Iterable[str | None], default: str) -> str:
    """The first of the wanted language tags (IETF, any spelling, `zh_TW`, `zh-hans`) that we speak, else the default.

    Cantonese is written in Traditional characters; a script that is named decides over the region.
    """
    for tag in wanted:
        parts = (tag or "").replace("_", "-").lower().split("-")
        if parts[0] in _CHINESE and "hans" in parts:
            return "zh"
        if parts[0] == "yue" or (parts[0] == "zh" and _TRADITIONAL & set(parts)):
            return "zh-Hant"
        if parts[0] in LOCALES:
            return parts[0]
    return default


def written_in(text: str, default: str) -> str:
    """The language in which days are written in a text, told by its script: Chinese, else English.

    The default says which Chinese it is, and decides where there are no letters.
    """
    if _HAN.search(text):
        return default if default.startswith("zh") else "zh"
    return "en" if _LATIN.search(text) else default

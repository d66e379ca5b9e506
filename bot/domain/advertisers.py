"""Names that look like advertisers': what is written in the name instead of a name."""

import re
import unicodedata

MOST_PATTERNS = 30
"""Patterns of an operator's own."""

LONGEST_PATTERN = 40
"""Characters of one."""

MOST_EMOJI = 4
"""Emoji in a name from which on it is a banner."""

LONGEST_LOOKED_AT = 256
"""Characters of a name that are looked at: the platform allows 64 for each half of it."""

_SIGNS = (
    # To stand first in lists that are sorted by name.
    re.compile(r"\A\W*a(?:[\W_]{0,2}a){2,}(?![a-z])|\A\W*a{4,}|\A\W*0{3,}"),
    # Links and addresses.
    re.compile(
        r"t\.me/|telegram\.me/|https?:|www\.|\b[a-z0-9-]{3,}\.(?:com|net|org|xyz|top|vip|cc|club|shop|site|io)\b"
    ),
    # "Add me on WeChat", in the spellings that are to slip through.
    re.compile(r"[加➕+]\s*我?\s*(?:微信|薇信|威信|徽信|v信|[微薇威]|vx|wx|v|qq|飞机|飛機|电报|電報)(?![a-z])"),
    re.compile(
        r"(?:微信|薇信|威信|v信|\bvx|\bwx|wechat|whatsapp|\bqq|扣扣|飞机|飛機|电报|電報)\s*(?:[:=号號]|[a-z]*[-_a-z]*\d)"
    ),
)
_TWINS = str.maketrans("аα", "aa")
"""Letters of other scripts that look like the one with which lists begin."""

_NUMBER = re.compile(r"\+?\d(?:[\s().-]?\d){8,}")


def looks_like_advertiser(name: str, patterns: tuple[str, ...] = ()) -> bool:
    """Whether a full name, as its owner wrote it, is an advertisement by our signs or contains an operator's pattern.

    Width and case do not matter, and characters that show nothing are passed over.
    """
    folded = _folded(name[:LONGEST_LOOKED_AT])
    return (
        any(_folded(pattern) in folded for pattern in patterns)
        or any(sign.search(folded) for sign in _SIGNS)
        or _NUMBER.search(folded) is not None
        or sum(map(_is_emoji, folded)) >= MOST_EMOJI
    )


def parse_patterns(text: str) -> tuple[str, ...]:
    """`casino | 代购`: words that a name must not contain; `none` for none. Raises `ValueError`."""
    if text.casefold() == "none":
        return ()
    patterns = tuple(word.strip() for word in text.split("|"))
    if len(patterns) > MOST_PATTERNS or not all(
        len(pattern) <= LONGEST_PATTERN and _folded(pattern) for pattern in patterns
    ):
        raise ValueError(text)
    return patterns


def _folded(name: str) -> str:
    shown = "".join(c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) not in {"Cf", "Mn"})
    return " ".join(shown.casefold().translate(_TWINS).split())


def _is_emoji(c: str) -> bool:
    """A pictograph; skin tones are modifiers (Sk) and do not count."""
    return unicodedata.category(c) == "So" and ord(c) > 0x2000

"""Texts cut to the room that there is for them."""


def short(text: str, longest: int) -> str:
    """The text or, of one that has more than so many characters, the beginning and an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def short_line(text: str, longest: int) -> str:
    """The same in one line, with a single space wherever there was any white space."""
    return short(" ".join(text.split()), longest)

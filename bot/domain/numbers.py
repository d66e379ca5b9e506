"""Numbers in what people write and in what buttons send back."""


def whole_number(text: str, most_digits: int = 18) -> int | None:
    """The number that ASCII digits spell; None for anything else. 18 digits are what a column of the database holds."""
    is_number = text.isascii() and text.isdigit() and len(text) <= most_digits
    return int(text) if is_number else None

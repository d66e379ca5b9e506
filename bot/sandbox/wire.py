"""What travels as JSON between the sandbox and its clients."""

from typing import Any, TypeAlias

# An object of the Bot API. One that has been sent or stored is never changed: an edit makes another,
# so that an update still holds the message as it was when it happened.
Json: TypeAlias = dict[str, Any]


def without_blanks(**fields: Any) -> Json:
    """The fields that say something: the Bot API leaves out what is None or an empty list."""
    return {name: value for name, value in fields.items() if value is not None and value != []}

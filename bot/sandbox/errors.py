"""How the sandbox refuses.

ApiError            what a Bot API client gets: the platform's code and text
  BadRequest        400
  Forbidden         403
  Conflict          409
Refused             what the page gets: a sentence for the person in front of it
WorldError          what is wrong in a world file, with its place
"""

from bot.sandbox.wire import Json


class ApiError(Exception):
    """A refusal of the Bot API; `parameters` are what clients act on, such as `retry_after`."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def answer(self) -> Json:
        """The body of the response."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class BadRequest(ApiError):
    """The call makes no sense as things stand."""

    def __init__(self, text: str, parameters: Json | None = None) -> None:
        super().__init__(400, f"Bad Request: {text}", parameters)


class Forbidden(ApiError):
    """The bot is not where it wants to act."""

    def __init__(self, text: str) -> None:
        super().__init__(403, f"Forbidden: {text}")


class Conflict(ApiError):
    """Two ways of getting updates at once."""

    def __init__(self, text: str) -> None:
        super().__init__(409, f"Conflict: {text}")


class Refused(Exception):
    """The page asked for something nobody could do; the text is a sentence to show."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


class WorldError(Exception):
    """A mistake in a world file: `file:line:column: what is wrong and what would be right`."""

"""The refusal: how the sandbox says no, in the words of Telegram."""

from typing import Any


class Refused(Exception):
    """A request that the Bot API answers with `ok: false`."""

    def __init__(self, error_code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        """Keep what the answer will say."""
        super().__init__(description)
        self.error_code = error_code
        self.description = description
        self.parameters = parameters


class Impossible(Exception):
    """Something a person cannot do on their telephone, said in French on the page."""

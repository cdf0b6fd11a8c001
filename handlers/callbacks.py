"""What buttons carry: a verb and its arguments, at most 64 bytes (Telegram's limit)."""

from __future__ import annotations

from dataclasses import dataclass

LIMIT_BYTES = 64

FICHE = "f"
SECTION_OF_FICHE = "s"
RELATED = "r"
USEFUL = "y"
USELESS = "n"
REASON = "w"
SHELVES = "S"
SHELF = "T"
EMERGENCY = "e"
EMERGENCIES = "E"
ERASE = "x"
NOT_URGENT = "k"
HAND = "h"
NOTIFY = "p"
FORGET = "q"
REPHRASE = "v"
HUMAN = "H"
MENU = "M"
MENU_CONTRACT = "C"
MENU_HELP_NOW = "U"
ASK = "A"
PROBLEMS = "P"
CATEGORY = "c"


@dataclass(frozen=True)
class Pressed:
    """A button that was pressed: untrusted, since callback data can be forged."""

    verb: str
    arguments: tuple[str, ...]

    def argument(self, position: int) -> str:
        """The argument, or an empty text when it is missing."""
        return self.arguments[position] if position < len(self.arguments) else ""

    def number(self, position: int) -> int:
        """The argument as a number from 0 to 9999; 0 when it is none."""
        text = self.argument(position)
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0


def data(verb: str, *arguments: object) -> str:
    """The data of a button. Raises ValueError when Telegram would refuse it."""
    text = ":".join((verb, *(str(argument) for argument in arguments)))
    if len(text.encode()) > LIMIT_BYTES:
        raise ValueError(f"callback data over {LIMIT_BYTES} bytes: {text}")
    return text


def parse(text: str) -> Pressed:
    """What was pressed; never fails."""
    verb, *arguments = text.split(":")
    return Pressed(verb, tuple(arguments))

"""The sentences dialogs expect, as they stand on a telephone's screen."""

import html
import re

from bot.texts import say


def shown(key: str, **values: object) -> str:
    """A sentence of the bot without its marks."""
    return html.unescape(re.sub(r"<[^>]+>", "", say(key, **values)))


def opening(key: str, **values: object) -> str:
    """Its first line: what recognises it among others."""
    return shown(key, **values).splitlines()[0]

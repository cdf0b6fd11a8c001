"""Every sentence the bot says, by language, in Fluent files; French is complete, others fall back to it."""

from __future__ import annotations

import html
from functools import lru_cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

FOLDER = Path(__file__).parent
DEFAULT = "fr"


class Html(str):
    """Text that is already safe Telegram HTML; anything else given to a sentence is escaped."""

    __slots__ = ()


class TextError(Exception):
    """A sentence is missing or cannot be made; a mistake of ours, found by `make check`."""


def say(key: str, language: str = DEFAULT, **values: object) -> Html:
    """The sentence `key` as Telegram HTML, in the language or else in French.

    Values are escaped unless they are Html. Raises TextError for an unknown key or a missing value.
    """
    bundle = _bundle(language)
    if not bundle.has_message(key):
        bundle = _bundle(DEFAULT)
    if not bundle.has_message(key):
        raise TextError(f"no sentence « {key} »")
    pattern = bundle.get_message(key).value
    assert pattern is not None
    safe = {name.replace("_", "-"): _safe(value) for name, value in values.items()}
    text, errors = bundle.format_pattern(pattern, safe)
    if errors:
        raise TextError(f"« {key} »: {errors[0]}")
    return Html(text)


def plain(key: str, language: str = DEFAULT, **values: object) -> str:
    """The same for buttons and commands, where Telegram takes no HTML."""
    return html.unescape(say(key, language, **values))


def has(key: str, language: str) -> bool:
    """True when the language itself has the sentence."""
    return language in languages() and bool(_bundle(language).has_message(key))


@lru_cache
def languages() -> tuple[str, ...]:
    """The languages there is a file for."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.ftl")))


def _safe(value: object) -> object:
    return html.escape(value, quote=False) if isinstance(value, str) and not isinstance(value, Html) else value


@lru_cache
def _bundle(language: str) -> FluentBundle:
    code = language if language in languages() else DEFAULT
    bundle = FluentBundle([code], use_isolating=False)
    bundle.add_resource(FluentResource((FOLDER / f"{code}.ftl").read_text(encoding="utf-8")))
    return bundle

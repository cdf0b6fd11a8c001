"""Bonjour, merci, au revoir: words that ask nothing, told from questions without a search. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from knowledge.entries import Text, raise_if
from knowledge.words import fold
from knowledge.yamlfile import parse_file

_THANKS_SIGNS = frozenset("👍🙏❤😊🙂👌👏💙😘🥰")


@checked(frozen=True, config=ConfigDict(extra="forbid"))
class _CourtesyFile:
    courtesy: dict[Text, tuple[Text, ...]]


def courtesy(text: str) -> str | None:
    """The sentence that answers a politeness, a yes or signs without words; None for anything to search for."""
    folded = re.sub(r"[\W_]+", " ", fold(text)).strip()
    if not folded:
        return "thanks-reply" if _THANKS_SIGNS.intersection(text) else "ask-away"
    return _replies().get(folded)


def kinds() -> set[str]:
    """Every sentence of bot/texts a politeness may call for."""
    return set(_replies().values()) | {"thanks-reply", "ask-away"}


@lru_cache(maxsize=1)
def _replies() -> dict[str, str]:
    parsed, problems = parse_file(Path(__file__).parent / "courtesy.yaml", TypeAdapter(_CourtesyFile))
    raise_if(problems)
    assert parsed is not None
    return {words: key for key, said in parsed.courtesy.items() for words in said}

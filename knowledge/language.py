"""The language somebody writes in, among those the sentence vectors understand. Asked only of what looks foreign."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

FRENCH = "fr"
LANGUAGES = (FRENCH, "ar", "de", "en", "es", "it", "nl", "pl", "pt", "ru", "tr", "zh")
SURE = 0.9
"""Below this chance a text passes for French: a note in a wrong language confuses more than none."""


def language_of(text: str) -> str:
    """ISO 639-1; French when in doubt."""
    code, chance = _identifier().classify(text)
    return str(code) if chance >= SURE else FRENCH


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier

"""A question → answer, suggestions, doléance, emergency or "I don't know". Pure: the same text, the same answer.

Emergencies come first. The chances of each outcome are learnt (knowledge/training.py) from questions by other hands;
what is never left to chance, numbers of objectives and unmistakable words of danger, is a rule here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from knowledge import meaning, words
from knowledge.cache import cached_indexes, cached_vectors
from knowledge.entries import plain_text
from knowledge.language import FRENCH, language_of
from knowledge.official_index import OfficialIndex
from knowledge.ranking import CATEGORY, Example, Ranking, log_softmax
from knowledge.sentences import load_examples
from knowledge.territory import Territory

Outcome = Literal["answer", "suggest", "doleance", "emergency", "unknown"]
OUTCOMES: tuple[Outcome, ...] = ("answer", "doleance", "emergency", "unknown")
"""What is learnt; « suggest » is an answer the ranking is not sure of."""

WEIGHTS = Path(__file__).parent / "weights.json"
MOST = 3
"""Fiches named, best first."""
POSSIBLE_PROBLEM = 0.05
"""Chance of a doléance from which words that ask nothing tell one, when their best fiche is about the same thing."""
READABLE = 0.3
"""Below this share of known words a text in no known language is gibberish."""
FOREIGN_BELOW = 0.5
"""A short text with fewer known words than this is asked for its language; a longer one always is."""
LANGUAGE_CHARACTERS = 300
"""As much of a text tells its language."""


@dataclass(frozen=True)
class Found:
    """What a text was understood as. `ids` are fiches, best first, whatever the outcome."""

    outcome: Outcome
    ids: tuple[str, ...] = ()
    category: str | None = None
    emergency: str | None = None
    """The danger spoken of; filled with another outcome when it is doubtful."""
    official: tuple[str, ...] = ()
    language: str = FRENCH
    """The language asked in, as far as known (ISO 639-1)."""

    def as_json(self) -> dict[str, object]:
        """The fields scripts rely on, in their order."""
        return {
            "outcome": self.outcome,
            "ids": list(self.ids),
            "category": self.category,
            "emergency": self.emergency,
            "official": list(self.official),
        }


@dataclass(frozen=True)
class Learnt:
    """What training found, for one kind of ranking (with or without meaning)."""

    ranking: NDArray[np.float32]
    """One weight a feature of the ranking."""
    outcome: NDArray[np.float64]
    """One row an outcome, one column a sign, the last column added always."""
    scale: NDArray[np.float64]
    """What each sign is divided by."""
    emergency: float
    """Chance above which a text is an emergency."""
    doubt: float
    """Chance above which an ordinary reply opens with the emergency number."""
    unknown: float
    """Added to the logarithm of « unknown »: below 0 the bot dares more."""
    sure: float
    """Chance of the best fiche above which it is shown at once, others being only suggested."""


@dataclass(frozen=True)
class Read:
    """A text as the search sees it: the chance of each label, and the signs that tell outcomes apart."""

    ranked: NDArray[np.float64]
    signs: NDArray[np.float64]
    asking: bool


class Search:
    """Finds what a text means."""

    def __init__(self, ranking: Ranking, learnt: Learnt, territory: Territory) -> None:
        self.official = OfficialIndex(())
        """The State's fiches, offered when no own one fits."""
        self._ranking = ranking
        self._learnt = learnt
        self._categories = territory.categories
        self._numbers = _numbered(territory)
        self._named = _named(territory)
        self._hints = [
            (_spoken(words.words(hint)), emergency.id)
            for emergency in territory.emergencies.values()
            for hint in emergency.hints
        ]

    def find(self, text: str) -> Found:
        """What the text means."""
        tokens = words.words(text)
        if not tokens:
            return Found("unknown")
        numbered = self._by_number(text, tokens)
        if numbered:
            return Found("answer", numbered)
        read = self.read(tokens, text)
        found = self._decide(tokens, read, self.chances(read.signs), self._language(tokens, text))
        return replace(found, official=self.official.find(text)) if found.outcome == "unknown" else found

    def read(self, tokens: list[str], text: str) -> Read:
        """The chances of labels, and the signs for the outcome."""
        return read(self._ranking, self._learnt.ranking, tokens, text, self._ranking.features(tokens, text))

    def chances(self, signs: NDArray[np.float64]) -> NDArray[np.float64]:
        """The chance of each outcome of OUTCOMES."""
        scores = self._learnt.outcome @ np.append(signs / self._learnt.scale, 1.0)
        return np.exp(log_softmax(scores))

    def _decide(self, tokens: list[str], read: Read, chances: NDArray[np.float64], language: str) -> Found:
        ids = self._best(read.ranked, self._ranking.is_fiche, MOST)
        category = self._best(read.ranked, self._ranking.is_category, 1)[0].removeprefix(CATEGORY)
        danger = self._best(read.ranked, self._ranking.is_emergency, 1)[0]
        if chances[2] >= self._learnt.emergency:
            return Found("emergency", ids, None, danger, (), language)
        doubtful = self._doubt(tokens, danger, chances[2], language)
        answer, doleance, unknown = chances[0], chances[1], chances[3] * np.exp(self._learnt.unknown)
        tells = doleance > answer or self._tells_a_problem(tokens, read, ids[0], category, doleance)
        named = self._named.get(" ".join(_asked(tokens)), ())
        if named and not tells:
            ids = tuple(dict.fromkeys([*sorted(named, key=_order(ids)), *ids]))[:MOST]
            return Found("answer", ids, None, doubtful, (), language)
        if unknown >= max(answer, doleance):
            return Found("unknown", ids, None, doubtful, (), language)
        if tells:
            return Found("doleance", ids, category, doubtful, (), language)
        fiches = np.exp(log_softmax(read.ranked[self._ranking.is_fiche]))
        outcome: Outcome = "answer" if fiches.max() >= self._learnt.sure else "suggest"
        return Found(outcome, ids, None, doubtful, (), language)

    def _tells_a_problem(self, tokens: list[str], read: Read, best: str, category: str, chance: float) -> bool:
        """True for a few words that ask nothing, about a thing one's rights and one's complaint both know.

        « Plus de chauffage » is nearest to the fiche on heating; who writes it wants heat, and gets the fiche too.
        """
        if read.asking or "ou" in tokens or len(tokens) < 2 or chance < POSSIBLE_PROBLEM:
            return False
        return best in self._categories[category].fiches and self._ranking.known_share(tokens) >= FOREIGN_BELOW

    def _doubt(self, tokens: list[str], danger: str, chance: float, language: str) -> str | None:
        """The danger that is possible; gibberish is none, whatever it is near to."""
        readable = language != FRENCH or self._ranking.known_share(tokens) >= READABLE
        return danger if chance >= self._learnt.doubt and readable else self._hinted(tokens, chance)

    def _hinted(self, tokens: list[str], chance: float) -> str | None:
        """The danger whose words are in the text, when it is possible at all."""
        if chance < HINT_CHANCE:
            return None
        said = _spoken(tokens)
        return next((emergency for hint, emergency in self._hints if hint in said), None)

    def _best(self, ranked: NDArray[np.float64], wanted: NDArray[np.bool_], count: int) -> tuple[str, ...]:
        places = np.flatnonzero(wanted)
        order = np.argsort(-ranked[places], kind="stable")[:count]
        return tuple(self._ranking.labels[places[i]] for i in order)

    def _language(self, tokens: list[str], text: str) -> str:
        # Three words or less are too few to be sure of; but words never seen, or in another script, are a sign.
        foreign = self._ranking.known_share(tokens) < FOREIGN_BELOW or not words.fold(text).isascii()
        asked = len(tokens) > 3 or (foreign and len(tokens) > 1)
        return language_of(text[:LANGUAGE_CHARACTERS]) if asked else FRENCH

    def _by_number(self, text: str, tokens: list[str]) -> tuple[str, ...]:
        """The entries a number of the contract names, when a number is what is asked."""
        # Not folded: « 3.9.2 » would lose its points as « C.L.A.S » does.
        match = _NUMBER.search(unicodedata.normalize("NFKC", text[: words.LONGEST]).lower())
        if not match or (len(tokens) > _FEW and not _NUMBERED.search(words.fold(text))):
            return ()
        return self._numbers.get(_canonical(match), ())[:MOST]


HINT_CHANCE = 0.004
"""Below this chance of a danger, even its words leave no doubt: « le feu de la cuisinière ne s'allume plus »."""


def _spoken(tokens: list[str]) -> str:
    """The text as it sounds, with room around each word."""
    return f" {' '.join(map(words.sound, tokens))} "


_ASKING = frozenset(
    (
        "c",
        "est",
        "quoi",
        "ca",
        "veut",
        "dire",
        "kesako",
        "definition",
        "que",
        "qu",
        "ce",
        "le",
        "la",
        "les",
        "l",
        "un",
        "une",
        "signifie",
        "du",
        "de",
        "des",
        "d",
    )
)


def _asked(tokens: list[str]) -> list[str]:
    """What is asked about, without « c'est quoi », « ça veut dire quoi » around it."""
    return [token for token in tokens if token not in _ASKING] or tokens


def _named(territory: Territory) -> dict[str, tuple[str, ...]]:
    """Fiches by their title and other names, written as words: who types just a name wants just that."""
    found: dict[str, tuple[str, ...]] = {}
    for fiche in territory.library.fiches.values():
        for name in (fiche.title, *fiche.aliases):
            key = " ".join(_asked(words.words(name)))
            if fiche.id not in found.get(key, ()):
                found[key] = (*found.get(key, ()), fiche.id)
    return found


def _order(ids: tuple[str, ...]) -> Callable[[str], int]:
    return lambda fiche_id: ids.index(fiche_id) if fiche_id in ids else MOST


_NUMBER = re.compile(
    r"(?<![\d.,])([1-4])\s?[.,\-/ ]\s?(\d{1,2})(?:\s?[.,\-/ ]\s?(\d))?(?![\d.,]*\d)(?!\s?(?:€|euro|h\b|%|m2|m²))"
)
_ROW = re.compile(r"[1-4](\.\d{1,2}){1,2}")
_NUMBERED = re.compile(r"\b(objectifs?|obj|themes?|numeros?|axes?|points?|n°|no|annexe|contrat|protocole)\b")
_FEW = 7
"""Words up to which a bare number is a question about the contract: « 1.5.3 deux fois ? »."""


def _canonical(match: re.Match[str]) -> str:
    return ".".join(part for part in match.groups() if part)


def _numbered(territory: Territory) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    # A row's own number is its first alias: rows come before what only speaks of them.
    for fiche in sorted(
        territory.library.fiches.values(), key=lambda fiche: not _ROW.fullmatch("".join(fiche.aliases[:1]))
    ):
        for alias in fiche.aliases:
            if fiche.section == "contrat" and _ROW.fullmatch(alias):
                found[alias] = (*found.get(alias, ()), fiche.id)
    return found


def read(
    ranking: Ranking, weights: NDArray[np.float32], tokens: list[str], text: str, features: NDArray[np.float32]
) -> Read:
    """The chances of labels, and the signs for the outcome."""
    ranked = log_softmax(features @ weights)
    groups = [
        np.logaddexp.reduce(ranked[kind])
        for kind in (
            ranking.is_fiche,
            ranking.is_category,
            ranking.is_emergency,
            ranking.is_lookalike,
            ranking.is_elsewhere,
        )
    ]
    count, asking = len(tokens), words.is_asking(tokens, text)
    signs = [
        *(max(group, -12.0) for group in groups),
        ranked[ranking.is_fiche].max() - groups[0],
        ranked[ranking.is_category].max() - groups[1],
        *features[:, 1:6:2].max(axis=0) / (1 + count),
        *(features[:, 6:8].max(axis=0) if ranking.has_meaning else ()),
        ranking.known_share(tokens),
        min(count, 30) / 10,
        float(asking),
        float(count <= 2),
    ]
    return Read(ranked, np.array(signs, np.float64), asking)


@lru_cache(maxsize=2)
def load_learnt(with_meaning: bool) -> Learnt:
    """The weights in force."""
    raw: dict[str, Any] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return learnt_from(raw["meaning" if with_meaning else "words"])


def learnt_from(raw: dict[str, Any]) -> Learnt:
    """The weights as training writes them."""
    return Learnt(
        ranking=np.array(raw["ranking"], np.float32),
        outcome=np.array(raw["outcome"]),
        scale=np.array(raw["scale"]),
        emergency=raw["emergency"],
        doubt=raw["doubt"],
        unknown=raw["unknown"],
        sure=raw["sure"],
    )


def bodies_of(territory: Territory) -> dict[str, str]:
    """What each fiche says, as plain text."""
    return {
        fiche.id: " ".join(plain_text(text) for text in (fiche.answer, *(s.body for s in fiche.sections)))
        for fiche in territory.library.fiches.values()
    }


def make_ranking(territory: Territory, examples: Sequence[Example], cache: Path, with_meaning: bool) -> Ranking:
    """The ranking of a territory; what is slow to compute is kept in the folder `cache`."""
    vectors = cached_vectors([example.text for example in examples], cache) if with_meaning else None
    return Ranking(examples, cached_indexes(examples, bodies_of(territory), cache), vectors)


def load_search(territory: Territory, cache: Path) -> Search:
    """The search of a territory, with meaning when its package is installed.

    Raises KnowledgeError when a file of sentences is wrong.
    """
    with_meaning = meaning.available()
    ranking = make_ranking(territory, load_examples(territory), cache, with_meaning)
    return Search(ranking, load_learnt(with_meaning), territory)

"""Finding one of the State's own fiches by its words. Pure: the same text gives the same fiches."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.official import OfficialFiche

RESULTS = 3
TITLE, THEME, KEYWORD, SUMMARY = 1.0, 0.65, 0.5, 0.45
"""What a word is worth by where it stands."""
TYPO = 0.8
"""What a word is worth when it had to be guessed."""
QUESTION_SHARE = 0.7
"""How much it counts that the question's words are found; the rest: that the title's words are asked for."""
THRESHOLD = 0.54
"""Below this nothing is offered. Set by hand on 163 questions, 60 of them outside the set."""
NEAR = 0.82
"""The second and third are kept when they score this share of the first."""
TEXT_LIMIT = 4096
"""Characters of a question that are looked at: Telegram sends no more."""
WORDS_LIMIT = 30
"""Words of a question that are looked at: a median question has 5."""

_STOP_WORDS = """
a ai alors apres as au aucun aura aussi autre aux avant avec avez avoir avons bien bonjour bonsoir c ca car ce
ceci cela ces cet cette ceux chez chose ci combien comme comment d dans de des deux devoir dire dit doit dois
dont du elle elles en encore entre es est et etait etant etc ete etes etre eu eux faire fais fait faites faut
font ici il ils j je jai jusque l la le les leur leurs lui m ma mais me meme mes merci mettre moi mon n ne ni
non nos notre nous on ont ou oui par parce pas pendant personne peu peut peuvent peux plait plus pour pourquoi
pouvoir pouvez pris puis qu quand que quel quelle quelles quels qui quoi s sa sais sans savoir se sera ses si
sinon son sont sous suis sur svp t ta te tes toi ton tous tout toute toutes tres trop tu un une va vais vas
vers veut veux vos votre voudrais voulez vouloir vous vu y sil stp slt salut cest quest estce jsuis jveux
jvoudrais dun dune
"""
_STOP = frozenset(_STOP_WORDS.split())
_WORD = re.compile(r"[a-z0-9]+")
_ACRONYM = re.compile(r"\(([A-Z][A-Za-z]{1,7})\)")
_ACRONYM_SHARE = 0.9
"""How much of a title its acronym stands for."""
_LAY = {
    "voisin": "voisinage", "sonore": "bruit", "bruyant": "bruit", "bebe": "enfant", "gamin": "enfant",
    "gosse": "enfant", "voiture": "vehicule", "bagnole": "vehicule", "vehicule": "voiture", "boulot":
    "travail", "taf": "travail", "job": "travail", "vire": "licenciement", "licencie": "licenciement",
    "interdit": "interdiction", "caf": "allocation", "vole": "vol", "perdu": "perte", "perte": "perdu",
    "perime": "renouvellement", "proprio": "proprietaire", "toubib": "medecin", "docteur": "medecin", "flic":
    "police", "paye": "paie", "salaire": "paie", "paie": "paye", "pv": "amende", "contravention": "amende",
    "mort": "deces", "mourir": "deces", "heritage": "succession", "heriter": "succession", "mutuelle":
    "complementaire", "chomeur": "chomage", "retraite": "pension", "demissionner": "demission", "divorcer":
    "divorce", "marier": "mariage", "demenager": "demenagement", "handicape": "handicap", "fac": "universite",
    "taule": "prison", "clebs": "chien", "avocat": "juridictionnelle", "enceinte": "grossesse", "mome":
    "enfant", "creche": "accueil", "voter": "vote",
}  # fmt: skip
"""What people say → what the State writes; a neighbour worth as much as a guessed word."""
_RARE = 3
"""A word in so few fiches, and in no title, may be a slip for a frequent one."""
Posting = tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]
"""The fiches that hold a word, what it is worth in each, and the share of the title it stands for."""


def fold(text: str) -> str:
    """Lower case without accents; œ and æ written out."""
    plain = text.lower().replace("œ", "oe").replace("æ", "ae").replace("’", " ")
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What French words of one family share, roughly."""
    for ending in ("ations", "ation", "ements", "ement"):
        if word.endswith(ending) and len(word) - len(ending) >= 5:
            return word[: -len(ending)]
    if len(word) > 5 and word.endswith("aux"):
        return word[:-3] + "al"
    for endings in (("s", "x", "z"), ("er", "ee", "e")):
        for ending in endings:
            if len(word) - len(ending) >= 4 and word.endswith(ending):
                word = word[: -len(ending)]
                break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word


def words_of(text: str) -> dict[str, str]:
    """The words of a text that mean something, by stem, in order."""
    found: dict[str, str] = {}
    for word in _WORD.findall(fold(text)):
        if word not in _STOP and (len(word) > 1 or word.isdigit()):
            found.setdefault(stem(word), word)
    return found


_NEIGHBOURS = {stem(said): stem(written) for said, written in _LAY.items()}


class OfficialIndex:
    """Finds official fiches by their words. Pure: the same text gives the same answer."""

    def __init__(self, fiches: Iterable[OfficialFiche]) -> None:
        self._fiches = sorted(fiches, key=lambda fiche: (len(fiche.id), fiche.id))
        self._by_id = {fiche.id: fiche for fiche in self._fiches}
        titles = [words_of(fiche.title) for fiche in self._fiches]
        worths = [_worths(fiche, title) for fiche, title in zip(self._fiches, titles, strict=True)]
        self._weights = _idf(worths)
        self._unknown = max(self._weights.values(), default=1.0)
        shares = [_shares(f, title, self._weights) for f, title in zip(self._fiches, titles, strict=True)]
        self._postings = _postings(worths, shares)
        spelt = {raw: known for title in titles for known, raw in title.items()}
        self._in_titles = frozenset(spelt.values())
        self._guessable = _by_initial(spelt)

    def __len__(self) -> int:
        return len(self._fiches)

    def get(self, fiche_id: str) -> OfficialFiche | None:
        """A fiche by its id."""
        return self._by_id.get(fiche_id)

    def find(self, text: str) -> tuple[str, ...]:
        """The ids of the nearest fiches, best first, at most three; none when nothing is near enough."""
        ranked = self.nearest(text)
        floor = max(THRESHOLD, NEAR * ranked[0][1]) if ranked else 0.0
        return tuple(fiche_id for fiche_id, score in ranked if score >= floor)

    def nearest(self, text: str) -> list[tuple[str, float]]:
        """The nearest fiches and how near (0 to 1), whatever the threshold."""
        words = dict(list(words_of(text[:TEXT_LIMIT]).items())[:WORDS_LIMIT])
        if not words or not self._fiches:
            return []
        scores = self._scores(words)
        best = np.argsort(-scores, kind="stable")[: 2 * RESULTS]
        titles: dict[str, int] = {}
        for i in best[scores[best] > 0]:
            titles.setdefault(fold(self._fiches[i].title), i)
        return [(self._fiches[i].id, float(scores[i])) for i in list(titles.values())[:RESULTS]]

    def _scores(self, words: dict[str, str]) -> NDArray[np.float64]:
        found, titled, asked = np.zeros(len(self._fiches)), np.zeros(len(self._fiches)), 0.0
        for word, raw in words.items():
            readings = self._readings(word, raw, alone=len(words) == 1)
            weight = min((self._weights[known] for known, _ in readings), default=self._unknown)
            asked += weight
            worths, shares = np.zeros(len(self._fiches)), np.zeros(len(self._fiches))
            for known, trust in readings:
                where, worth, share = self._postings[known]
                worths[where] = np.maximum(worths[where], trust * worth)
                shares[where] = np.maximum(shares[where], trust * share)
            found += weight * worths
            titled += shares
        return QUESTION_SHARE * found / asked + (1 - QUESTION_SHARE) * np.minimum(titled, 1.0)

    def _readings(self, word: str, raw: str, alone: bool) -> list[tuple[str, float]]:
        """The word as the fiches may write it, and how sure each reading is."""
        readings = [(word, 1.0)] if word in self._postings else []
        neighbour = _NEIGHBOURS.get(word)
        if neighbour in self._postings:
            readings.append((neighbour, TYPO))
        if not readings or self._is_odd(word):
            guessed = self._guess(raw, strict=alone or bool(readings))
            readings = [(guessed, TYPO)] if guessed else readings
        return readings

    def _is_odd(self, word: str) -> bool:
        return word in self._postings and word not in self._in_titles and len(self._postings[word][0]) <= _RARE

    def _guess(self, raw: str, strict: bool) -> str | None:
        """The title word that was probably meant; `strict` corrects one slip only."""
        if len(raw) < 5 or raw.isdigit():
            return None
        cutoff = 0.85 if strict else 0.74 if len(raw) > 5 else 0.8
        choices = self._guessable.get(raw[0], {})
        hit = process.extractOne(raw, choices.keys(), scorer=OSA.normalized_similarity, score_cutoff=cutoff)
        return choices[hit[0]] if hit else None


def _worths(fiche: OfficialFiche, title: Iterable[str]) -> dict[str, float]:
    """Each word of a fiche and what it is worth."""
    worths = dict.fromkeys(words_of(fiche.summary), SUMMARY)
    worths.update(dict.fromkeys(words_of(" ".join(fiche.keywords)), KEYWORD))
    worths.update(dict.fromkeys(words_of(fiche.theme), THEME))
    worths.update(dict.fromkeys(title, TITLE))
    return worths


def _shares(fiche: OfficialFiche, title: Iterable[str], weights: dict[str, float]) -> dict[str, float]:
    """The share of the title each of its words stands for; an acronym in brackets stands for nearly all of it."""
    acronyms = {stem(fold(match)) for match in _ACRONYM.findall(fiche.title)}
    plain = [word for word in title if word not in acronyms]
    whole = max(1.0, sum(weights[word] for word in plain))
    return {word: weights[word] / whole for word in plain} | dict.fromkeys(acronyms, _ACRONYM_SHARE)


def _idf(worths: list[dict[str, float]]) -> dict[str, float]:
    """How much a word tells: the fewer fiches hold it, the more."""
    counts: dict[str, int] = defaultdict(int)
    for known in worths:
        for word in known:
            counts[word] += 1
    return {word: math.log1p(len(worths) / count) for word, count in counts.items()}


def _postings(worths: list[dict[str, float]], shares: list[dict[str, float]]) -> dict[str, Posting]:
    lists: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
    for number, (known, titled) in enumerate(zip(worths, shares, strict=True)):
        for word, worth in known.items():
            lists[word].append((number, worth, titled.get(word, 0.0)))
    return {word: _posting(rows) for word, rows in lists.items()}


def _posting(rows: list[tuple[int, float, float]]) -> Posting:
    where, worth, share = zip(*rows, strict=True)
    return np.array(where, np.int32), np.array(worth, np.float32), np.array(share, np.float32)


def _by_initial(spelt: dict[str, str]) -> dict[str, dict[str, str]]:
    """Words long enough to be guessed and their stems, by first letter: few people mistype that one."""
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for raw, known in sorted(spelt.items()):
        if len(raw) >= 4 and not raw.isdigit():
            groups[raw[0]][raw] = known
    return dict(groups)

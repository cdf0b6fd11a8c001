"""What the search is compared with: three usual ways to find a fiche, over the same titles, aliases and questions."""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from rapidfuzz import fuzz, process, utils

from knowledge.entries import Fiche
from knowledge.words import fold

MOST = 3
Ids = tuple[str, ...]


def sentences(fiches: Iterable[Fiche]) -> list[tuple[str, str]]:
    """Every sentence of every fiche, with its id; those of one fiche stand together."""
    return [(text, fiche.id) for fiche in fiches for text in (fiche.title, *fiche.aliases, *fiche.questions)]


class WRatio:
    """The nearest sentence by rapidfuzz's WRatio."""

    name = "rapidfuzz WRatio"

    def __init__(self, fiches: Sequence[Fiche]) -> None:
        pairs = sentences(fiches)
        self._texts = [plain(text) for text, _ in pairs]
        self._owners = [owner for _, owner in pairs]

    def find(self, text: str) -> Ids:
        hits = process.extract(plain(text), self._texts, scorer=fuzz.WRatio, limit=100)
        return tuple(islice(dict.fromkeys(self._owners[place] for _, _, place in hits), MOST))


class FullText:
    """SQLite's full-text index, a row a fiche, ranked by bm25; any word may match, accents do not count."""

    name = "SQLite FTS5 bm25"

    def __init__(self, fiches: Sequence[Fiche]) -> None:
        self._base = sqlite3.connect(":memory:")
        self._base.execute(
            "CREATE VIRTUAL TABLE fiches USING fts5"
            "(id UNINDEXED, title, aliases, questions, tokenize='unicode61 remove_diacritics 2')"
        )
        rows = [(f.id, f.title, "\n".join(f.aliases), "\n".join(f.questions)) for f in fiches]
        self._base.executemany("INSERT INTO fiches VALUES (?, ?, ?, ?)", rows)

    def find(self, text: str) -> Ids:
        asked = " OR ".join(f'"{word}"' for word in dict.fromkeys(plain(text).split()))
        if not asked:
            return ()
        sql = "SELECT id FROM fiches WHERE fiches MATCH ? ORDER BY bm25(fiches) LIMIT ?"
        return tuple(row[0] for row in self._base.execute(sql, (asked, MOST)))


class Letters:
    """The nearest sentence by TF-IDF over runs of three to five letters."""

    name = "char TF-IDF 3–5"

    def __init__(self, fiches: Sequence[Fiche]) -> None:
        pairs = sentences(fiches)
        self._ids = list(dict.fromkeys(owner for _, owner in pairs))
        owners = [owner for _, owner in pairs]
        self._starts = np.array([owners.index(name) for name in self._ids])
        counted = [_runs(text) for text, _ in pairs]
        self._places: dict[str, int] = {}
        for run in (run for runs in counted for run in runs):
            self._places.setdefault(run, len(self._places))
        runs = np.array([self._places[run] for runs in counted for run in runs])
        rows = np.repeat(np.arange(len(pairs)), [len(runs) for runs in counted])
        self._idf = np.log((1 + len(pairs)) / (1 + np.bincount(runs))) + 1
        weights = (1 + np.log([n for runs in counted for n in runs.values()])) * self._idf[runs]
        weights /= np.sqrt(np.bincount(rows, weights**2))[rows]
        order = np.argsort(runs, kind="stable")
        self._rows, self._weights, self._size = rows[order], weights[order], len(pairs)
        self._spans = np.searchsorted(runs[order], np.arange(len(self._places) + 1))

    def find(self, text: str) -> Ids:
        known = {self._places[run]: count for run, count in _runs(text).items() if run in self._places}
        if not known:
            return ()
        spans = [slice(self._spans[run], self._spans[run + 1]) for run in known]
        asked = [(1 + np.log(count)) * self._idf[run] for run, count in known.items()]
        weights = np.concatenate([self._weights[span] * w for span, w in zip(spans, asked, strict=True)])
        rows = np.concatenate([self._rows[span] for span in spans])
        scores = np.bincount(rows, weights, minlength=self._size)
        best = np.argsort(-np.maximum.reduceat(scores, self._starts), kind="stable")[:MOST]
        return tuple(self._ids[place] for place in best)


def plain(text: str) -> str:
    """Small letters without accents nor marks."""
    return utils.default_process(fold(text))


def _runs(text: str) -> dict[str, int]:
    padded = f" {plain(text)} "
    found: dict[str, int] = {}
    for length in (3, 4, 5):
        for start in range(max(1, len(padded) - length + 1)):
            run = padded[start : start + length]
            found[run] = found.get(run, 0) + 1
    return found

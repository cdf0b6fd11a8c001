"""How well each thing we know fits a text: words, letters, sounds and meaning, weighed together.

Things are *labels*: fiches, categories of doléance, emergencies, look-alikes of emergencies, and what is none of our
business. Each label is one document for BM25 (all its sentences and, for a fiche, its text) and many sentence vectors.
The weights are learnt (knowledge/training.py) on questions by other hands and kept in weights.json.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import cdist

from knowledge import meaning, words
from knowledge.meaning import Vectors

Scores = NDArray[np.floating[Any]]
Pieces = Callable[[list[str]], list[str]]

LOOKALIKE = "lookalike"
ELSEWHERE = "elsewhere"
CATEGORY = "category:"
BODY_WEIGHT = 0.5
"""What a fiche says counts half of what people say."""
TOO_COMMON = 0.6
"""A piece found in more than this share of the labels says nothing."""
K1, B = 1.2, 0.75
"""BM25's usual constants."""
LONGEST_NAME = 24
"""Characters of what may be a name rather than a sentence."""
NAME_CUTOFF = 70
"""Percent of letters two names share at least."""
AXES = 192
"""Dimensions kept of the sentence vectors: as accurate as 512 here, and four times faster."""
DOUBLINGS = 2
SHARPNESS = 2**DOUBLINGS
SIMILARITY_FLOOR = 0.3
"""Below this two sentences have nothing in common; above, likeness counts by its fourth power, summed over a label."""


@dataclass(frozen=True)
class Example:
    """A sentence and what it belongs to."""

    text: str
    label: str


Postings = dict[str, NDArray[Any]]
"""What is kept of Documents between starts: pieces, and per piece its labels and weights."""


class Documents:
    """BM25 over labels, for one way of cutting texts in pieces."""

    def __init__(self, pieces: Pieces, postings: Postings, size: int) -> None:
        self._pieces = pieces
        self._numbers = {piece: number for number, piece in enumerate(str(postings["pieces"]).split("\n"))}
        self._starts, self._labels = postings["starts"], postings["labels"]
        self._weights = postings["weights"]
        self._size = size

    def scores(self, tokens: list[str]) -> Scores:
        """How well each label fits."""
        numbers = [n for piece in set(self._pieces(tokens)) if (n := self._numbers.get(piece)) is not None]
        if not numbers:
            return np.zeros(self._size, np.float32)
        spans = [slice(self._starts[n], self._starts[n + 1]) for n in numbers]
        labels = np.concatenate([self._labels[span] for span in spans])
        weights = np.concatenate([self._weights[span] for span in spans])
        return np.bincount(labels, weights, minlength=self._size).astype(np.float32)

    def knows(self, piece: str) -> bool:
        """True when a piece was ever seen."""
        return piece in self._numbers


def index(pieces: Pieces, examples: Sequence[Example], bodies: dict[str, str], labels: list[str]) -> Postings:
    """What Documents needs, from every sentence and every body. Slow: kept between starts (knowledge/cache.py)."""
    documents: list[dict[str, float]] = [{} for _ in labels]
    place = {label: i for i, label in enumerate(labels)}
    for example in examples:
        _count(documents[place[example.label]], pieces(words.words(example.text)), 1)
    for label, body in bodies.items():
        _count(documents[place[label]], pieces(words.words(body)), BODY_WEIGHT)
    return _postings(documents)


def _count(document: dict[str, float], pieces: list[str], weight: float) -> None:
    for piece in pieces:
        document[piece] = document.get(piece, 0) + weight


def _postings(documents: Sequence[dict[str, float]]) -> Postings:
    frequency = Counter(piece for document in documents for piece in document)
    size = len(documents)
    lengths = [sum(document.values()) for document in documents]
    average = sum(lengths) / size
    found: dict[str, list[tuple[int, float]]] = {}
    for label, document in enumerate(documents):
        norm = K1 * (1 - B + B * lengths[label] / average)
        for piece in sorted(document):
            seen = frequency[piece]
            if seen <= TOO_COMMON * size:
                idf = math.log(1 + (size - seen + 0.5) / (seen + 0.5))
                weight = idf * document[piece] * (K1 + 1) / (document[piece] + norm)
                found.setdefault(piece, []).append((label, weight))
    return {
        "pieces": np.array("\n".join(found)),
        "starts": np.cumsum([0, *(len(rows) for rows in found.values())]),
        "labels": np.array([label for rows in found.values() for label, _ in rows], np.int32),
        "weights": np.array([weight for rows in found.values() for _, weight in rows], np.float32),
    }


class Names:
    """Likeness of a short text to the names of things: acronyms, titles, what a word was misheard as."""

    def __init__(self, examples: Sequence[Example], place: dict[str, int]) -> None:
        kept = [(" ".join(words.words(e.text)), place[e.label]) for e in examples if len(e.text) <= LONGEST_NAME]
        self._names = [name for name, _ in kept]
        self._owners = np.array([owner for _, owner in kept], np.int64)
        self._size = len(place)

    def scores(self, tokens: list[str]) -> Scores:
        """For each label, how near its nearest name is, from 0 to 1; nothing for a long text."""
        best = np.zeros(self._size, np.float32)
        said = " ".join(tokens)
        if len(said) <= LONGEST_NAME:
            near = cdist([said], self._names, scorer=ratio, score_cutoff=NAME_CUTOFF, dtype=np.float32)[0]
            np.maximum.at(best, self._owners, near / 100)
        return best


class Neighbours:
    """Likeness of meaning to the sentences of each label."""

    def __init__(self, vectors: Vectors, owners: NDArray[np.int64], size: int) -> None:
        self._axes = _principal_axes(vectors)
        order = np.argsort(owners, kind="stable")
        self._rows = np.ascontiguousarray(_unit(vectors[order] @ self._axes))
        self._starts = np.searchsorted(owners[order], np.arange(size))

    def scores(self, vector: Vectors) -> tuple[Scores, Scores]:
        """For each label: its nearest sentence, and how many near ones it has."""
        likeness = self._rows @ _unit(vector @ self._axes)
        nearest = np.maximum.reduceat(likeness, self._starts)
        near = np.maximum(likeness - SIMILARITY_FLOOR, 0)
        for _ in range(DOUBLINGS):
            near *= near
        return nearest, np.power(np.add.reduceat(near, self._starts), 1 / SHARPNESS)


def _principal_axes(vectors: Vectors) -> Vectors:
    """The directions in which sentences differ most; the sign of each is fixed so that every machine finds the same."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    kept = axes[:, ::-1][:, :AXES]
    kept *= np.sign(kept[np.abs(kept).argmax(axis=0), range(kept.shape[1])])
    return kept.astype(np.float32)


def _unit(vectors: Vectors) -> Vectors:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), np.float32)


PIECES: tuple[Pieces, ...] = (words.word_pieces, words.letter_pieces, words.sound_pieces)
"""The ways of cutting a text, in the order of the weights."""


def labels_of(examples: Sequence[Example]) -> list[str]:
    """Every label, in the order of the scores."""
    return sorted({example.label for example in examples})


class Ranking:
    """Scores every label for a text."""

    def __init__(self, examples: Sequence[Example], indexes: Sequence[Postings], vectors: Vectors | None) -> None:
        self.labels = labels_of(examples)
        self.place = {label: i for i, label in enumerate(self.labels)}
        owners = np.array([self.place[example.label] for example in examples])
        self._documents = [
            Documents(pieces, postings, len(self.labels)) for pieces, postings in zip(PIECES, indexes, strict=True)
        ]
        self._names = Names(examples, self.place)
        self._neighbours = Neighbours(vectors, owners, len(self.labels)) if vectors is not None else None
        self.is_fiche = np.array(["/" in label and not label.startswith("urgence/") for label in self.labels])
        self.is_category = np.array([label.startswith(CATEGORY) for label in self.labels])
        self.is_emergency = np.array([label.startswith("urgence/") for label in self.labels])
        self.is_lookalike = np.array([label == LOOKALIKE for label in self.labels])
        self.is_elsewhere = np.array([label == ELSEWHERE for label in self.labels])
        kinds = (self.is_emergency, self.is_category, self.is_elsewhere, self.is_lookalike)
        self._kinds = np.stack(kinds, axis=1).astype(np.float32)

    @property
    def has_meaning(self) -> bool:
        """True when sentence vectors serve."""
        return self._neighbours is not None

    def features(self, tokens: list[str], text: str, vector: Vectors | None = None) -> NDArray[np.float32]:
        """One row a label: how it fits by words, letters, sounds, meaning, and what kind it is.

        The fit counts once as it is and once by the share of words never seen: what is foreign is told by meaning.
        `vector` is the text's sentence vector, when it is known already.
        """
        columns: list[Scores] = []
        for documents in self._documents:
            scores = documents.scores(tokens)
            columns += [scores / (scores.max() + 1e-6), scores / 20]
        if self._neighbours is not None:
            columns += self._neighbours.scores(meaning.encode(text) if vector is None else vector)
        columns.append(self._names.scores(tokens))
        fit = np.column_stack(columns)
        return np.hstack([fit, fit * (1 - self.known_share(tokens)), self._kinds], dtype=np.float32)

    def known_share(self, tokens: list[str]) -> float:
        """The share of the words that were ever seen, from 0 to 1."""
        return sum(self._documents[0].knows(f"w:{t}") for t in tokens) / len(tokens) if tokens else 0.0


def log_softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Scores as logarithms of chances that sum to one."""
    shifted = np.asarray(scores, np.float64) - scores.max()
    return np.asarray(shifted - math.log(np.exp(shifted).sum()))

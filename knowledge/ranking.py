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
AXES = 192
"""Dimensions kept of the sentence vectors: as accurate as 512 here, and four times faster."""
SHARPNESS = 4
SIMILARITY_FLOOR = 0.3
"""Below this two sentences have nothing in common; above, likeness counts by its fourth power, summed over a label."""


@dataclass(frozen=True)
class Example:
    """A sentence and what it belongs to."""

    text: str
    label: str


class Documents:
    """BM25 over labels, for one way of cutting texts in pieces."""

    def __init__(self, pieces: Pieces, examples: Sequence[Example], bodies: dict[str, str], labels: list[str]) -> None:
        self._pieces = pieces
        weighted: list[dict[str, float]] = [{} for _ in labels]
        place = {label: i for i, label in enumerate(labels)}
        for example in examples:
            _count(weighted[place[example.label]], pieces(words.words(example.text)), 1)
        for label, body in bodies.items():
            _count(weighted[place[label]], pieces(words.words(body)), BODY_WEIGHT)
        self._numbers, self._starts, self._labels, self._weights = _postings(weighted)
        self._size = len(labels)

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


def _count(document: dict[str, float], pieces: list[str], weight: float) -> None:
    for piece in pieces:
        document[piece] = document.get(piece, 0) + weight


def _postings(
    documents: Sequence[dict[str, float]],
) -> tuple[dict[str, int], NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
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
    numbers = {piece: number for number, piece in enumerate(found)}
    starts = np.cumsum([0, *(len(rows) for rows in found.values())])
    labels = np.array([label for rows in found.values() for label, _ in rows], np.int32)
    weights = np.array([weight for rows in found.values() for _, weight in rows], np.float32)
    return numbers, starts, labels, weights


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
        near = np.maximum(likeness - SIMILARITY_FLOOR, 0) ** SHARPNESS
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


@dataclass(frozen=True)
class Weights:
    """What was learnt: one weight a feature, with and without meaning; and how outcomes are told apart."""

    with_meaning: tuple[float, ...]
    words_alone: tuple[float, ...]


class Ranking:
    """Scores every label for a text."""

    def __init__(self, examples: Sequence[Example], bodies: dict[str, str], vectors: Vectors | None) -> None:
        self.labels = sorted({example.label for example in examples})
        self.place = {label: i for i, label in enumerate(self.labels)}
        owners = np.array([self.place[example.label] for example in examples])
        self._documents = [
            Documents(pieces, examples, bodies, self.labels)
            for pieces in (words.word_pieces, words.letter_pieces, words.sound_pieces)
        ]
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

    def features(self, tokens: list[str], text: str) -> NDArray[np.float32]:
        """One row a label: how it fits by words, letters, sounds, meaning, and what kind it is."""
        columns: list[Scores] = []
        for documents in self._documents:
            scores = documents.scores(tokens)
            columns += [scores / (scores.max() + 1e-6), scores / 20]
        if self._neighbours is not None:
            columns += self._neighbours.scores(meaning.encode(text))
        return np.column_stack([*columns, self._kinds]).astype(np.float32)

    def known_share(self, tokens: list[str]) -> float:
        """The share of the words that were ever seen, from 0 to 1."""
        return sum(self._documents[0].knows(f"w:{t}") for t in tokens) / len(tokens) if tokens else 0.0


def log_softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Scores as logarithms of chances that sum to one."""
    shifted = np.asarray(scores, np.float64) - scores.max()
    return np.asarray(shifted - math.log(np.exp(shifted).sum()))

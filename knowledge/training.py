"""Learn the weights of the search from questions by other hands: `make train`. Deterministic; a minute.

Two small models, so that nothing is learnt by heart: a conditional logit weighs the features of the ranking (the same
weights for every label), then a logistic regression tells outcomes apart from a few signs. The questions learnt from
are in no fiche; what is reported is on questions that training never saw.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge import words
from knowledge.evaluation import Line, evaluate, read_exam
from knowledge.ranking import CATEGORY, ELSEWHERE, LOOKALIKE, Ranking
from knowledge.search import OUTCOMES, WEIGHTS, Search, load_learnt, make_ranking, read
from knowledge.sentences import load_examples
from knowledge.territory import NATIONAL, load_territory

STEPS = 400
RATE = 0.3
RANKING_DECAY = 1e-3
OUTCOME_DECAY = 3e-3
MISSED_EMERGENCIES = 0.0
"""Share of emergencies the doubtful line may miss in training."""

Floats = NDArray[np.float64]


def main(exams: Sequence[str]) -> None:
    """Train on the files named, write the weights, say how well they do."""
    territory = load_territory(NATIONAL / "metz")
    examples = load_examples(territory)
    lines = [line for name in exams for line in read_exam(Path(name))]
    learnt: dict[str, Any] = {}
    for name, with_meaning in (("meaning", True), ("words", False)):
        ranking = make_ranking(territory, examples, Path("var"), with_meaning)
        learnt[name] = train(ranking, lines)
    WEIGHTS.write_text(json.dumps(learnt, indent=1) + "\n", encoding="utf-8")
    load_learnt.cache_clear()
    for name, with_meaning in (("meaning", True), ("words", False)):
        ranking = make_ranking(territory, examples, Path("var"), with_meaning)
        figures = evaluate(Search(territory, ranking, load_learnt(with_meaning)).find, lines).figures()
        sys.stdout.write(f"{name} (learnt lines): {figures}\n")


def train(ranking: Ranking, lines: Sequence[Line]) -> dict[str, Any]:
    """The weights and thresholds, as written to weights.json."""
    asked = [(line, words.words(line.question)) for line in lines]
    asked = [(line, tokens) for line, tokens in asked if tokens]
    features = np.stack([ranking.features(tokens, line.question) for line, tokens in asked])
    weights = _fit_ranking(features, np.stack([_right(ranking, line) for line, _ in asked]))
    signs = np.stack([read(ranking, weights, tokens, line.question).signs for line, tokens in asked])
    scale = np.maximum(np.abs(signs).max(axis=0), 1e-6)
    wanted = np.array([OUTCOMES.index(line.outcome) for line, _ in asked])  # type: ignore[arg-type]
    outcome = _fit_outcome(signs / scale, wanted)
    chances = _softmax(np.column_stack([signs / scale, np.ones(len(signs))]) @ outcome.T)
    return {
        "ranking": [round(float(w), 5) for w in weights],
        "outcome": [[round(float(w), 5) for w in row] for row in outcome],
        "scale": [round(float(s), 6) for s in scale],
        **thresholds(chances, wanted),
        "sure": 0.4,
    }


def thresholds(chances: Floats, wanted: NDArray[np.int64]) -> dict[str, float]:
    """Where to draw the lines: no false alarm, no danger without its line, few answerable questions refused."""
    danger = chances[:, 2]
    real, other = danger[wanted == 2], danger[wanted != 2]
    alarm = max(0.5, float(np.quantile(other, 0.9965)))
    doubt = min(float(np.quantile(real, MISSED_EMERGENCIES)) * 0.5, 0.1)
    return {"emergency": round(alarm, 4), "doubt": round(doubt, 4), "unknown": 0.0}


def _right(ranking: Ranking, line: Line) -> NDArray[np.float32]:
    names: tuple[str, ...] = line.gold
    if line.outcome == "doleance":
        names = tuple(CATEGORY + name for name in line.gold)
    elif line.outcome == "unknown":
        names = (ELSEWHERE, LOOKALIKE)
    right = np.zeros(len(ranking.labels), np.float32)
    right[[ranking.place[name] for name in names if name in ranking.place]] = 1
    return right


def _fit_ranking(features: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weights that make the right labels likely among all (conditional logit, Adam)."""
    usable = right.sum(axis=1) > 0
    features, right = features[usable], right[usable]

    def slope(weights: Floats) -> Floats:
        chance = _softmax(features @ weights)
        among_right = chance * right
        target = among_right / np.maximum(among_right.sum(axis=1, keepdims=True), 1e-12)
        return np.einsum("ql,qlf->f", chance - target, features) / len(features) + RANKING_DECAY * weights

    return _descend(slope, np.zeros(features.shape[2])).astype(np.float32)


def _fit_outcome(signs: Floats, wanted: NDArray[np.int64]) -> Floats:
    """Multinomial logistic regression; every outcome weighs by the root of its number of lines."""
    inputs = np.column_stack([signs, np.ones(len(signs))])
    target = np.eye(len(OUTCOMES))[wanted]
    share = 1 / np.sqrt(np.bincount(wanted, minlength=len(OUTCOMES))[wanted])
    share /= share.sum()

    def slope(flat: Floats) -> Floats:
        weights = flat.reshape(len(OUTCOMES), -1)
        error = (_softmax(inputs @ weights.T) - target) * share[:, None]
        return np.asarray((error.T @ inputs + OUTCOME_DECAY / len(signs) * weights).ravel())

    return _descend(slope, np.zeros(len(OUTCOMES) * inputs.shape[1]), steps=5 * STEPS).reshape(len(OUTCOMES), -1)


def _descend(slope: Any, weights: Floats, steps: int = STEPS) -> Floats:
    """Adam with a falling rate."""
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        gradient = slope(weights)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        unbiased = (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
        weights = weights - RATE * min(1.0, steps / (3 * step)) * unbiased
    return weights


def _softmax(scores: NDArray[Any]) -> Floats:
    shifted = np.exp(np.asarray(scores, np.float64) - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


if __name__ == "__main__":
    main(sys.argv[1:])

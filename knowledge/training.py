"""Learn the weights of the search: `make train`. Deterministic; some minutes.

Two small models, so that nothing is learnt by heart. A conditional logit weighs the features of the ranking, the same
weights for every label. A logistic regression then tells outcomes apart from a few signs. Both learn from questions by
other hands, which are in no fiche; the second also from our own sentences, each read by an index it was left out of.
What is reported is cross-validated: every line is judged by weights that never saw it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge import words
from knowledge.cache import cached_vectors
from knowledge.evaluation import Evaluation, Judged, Line, evaluate, read_exam
from knowledge.meaning import Vectors
from knowledge.ranking import CATEGORY, ELSEWHERE, LOOKALIKE, PIECES, Example, Ranking, index, labels_of
from knowledge.search import OUTCOMES, WEIGHTS, Search, bodies_of, learnt_from, load_learnt, make_ranking, read
from knowledge.sentences import load_examples
from knowledge.territory import NATIONAL, Territory, load_territory

CACHE = Path("var")
FOLDS = 5
STEPS = 400
RATE = 0.3
RANKING_DECAY = 1e-3
OUTCOME_DECAY = 1e-5
OTHER_HANDS = 20.0
"""A line by other hands weighs as much as so many of our own sentences."""
RIVALS = 80
"""Labels kept a line while learning the ranking: those that look nearest, and the right ones."""
FALSE_ALARMS = 0.003
"""Share of other lines that may get an emergency card in training."""
DOUBTFUL_LINES = 0.06
"""Share of other lines that may open with « En danger ? 112 » in training: a danger missed costs more."""
ANSWERABLE_REFUSED = 0.025
"""Share of the answerable that may be called unknown in training."""
SURE = 0.4

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lesson:
    """A line to learn from: the words, the features of every label, and which labels and outcome are right."""

    line: Line
    tokens: list[str]
    features: NDArray[np.float32]
    right: NDArray[np.float32]


def main(exams: Sequence[str]) -> None:
    """Train on the files named, write the weights, say how well lines never seen are understood."""
    territory = load_territory(NATIONAL / "metz")
    examples = load_examples(territory)
    lines = [line for name in exams for line in read_exam(Path(name)) if words.words(line.question)]
    written: dict[str, Any] = {}
    for name, with_meaning in (("meaning", True), ("words", False)):
        ranking = make_ranking(territory, examples, CACHE, with_meaning)
        lessons = [_lesson(ranking, line) for line in lines]
        own = _left_out(territory, examples, _fit_ranking(lessons), with_meaning)
        _report(name, _cross_validated(territory, ranking, lessons, own))
        written[name] = train(ranking, lessons, own)
    WEIGHTS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    load_learnt.cache_clear()


def _report(name: str, figures: dict[str, float]) -> None:
    sys.stdout.write(f"{name}, lines never seen: " + json.dumps({k: round(v, 3) for k, v in figures.items()}) + "\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Own:
    """Our own sentences as an index without them reads them: signs, and the outcome each should have."""

    signs: Floats
    wanted: NDArray[np.int64]


def train(ranking: Ranking, lessons: Sequence[Lesson], own: Own) -> dict[str, Any]:
    """The weights and thresholds, as written to weights.json."""
    weights = _fit_ranking(lessons)
    signs = np.stack([_signs(ranking, weights, lesson) for lesson in lessons])
    wanted = np.array([OUTCOMES.index(lesson.line.outcome) for lesson in lessons])
    everything = np.vstack([signs, own.signs])
    scale = np.maximum(np.abs(everything).max(axis=0), 1e-6)
    heavy = np.concatenate([np.full(len(signs), OTHER_HANDS), np.ones(len(own.signs))])
    outcome = _fit_outcome(everything / scale, np.concatenate([wanted, own.wanted]), heavy)
    chances = _softmax(np.column_stack([signs / scale, np.ones(len(signs))]) @ outcome.T)
    return {
        "ranking": [round(float(w), 5) for w in weights],
        "outcome": [[round(float(w), 5) for w in row] for row in outcome],
        "scale": [round(float(s), 6) for s in scale],
        **_thresholds(chances, wanted),
        "sure": SURE,
    }


def _cross_validated(territory: Territory, ranking: Ranking, lessons: Sequence[Lesson], own: Own) -> dict[str, float]:
    """The figures, each line judged by weights learnt from the other folds."""
    judged: list[Judged] = []
    for fold in range(FOLDS):
        seen = [lesson for i, lesson in enumerate(lessons) if i % FOLDS != fold]
        learnt = learnt_from(train(ranking, seen, own))
        search = Search(ranking, learnt, territory)
        held = [lesson.line for i, lesson in enumerate(lessons) if i % FOLDS == fold]
        judged += evaluate(search.find, held).judged
    return Evaluation(tuple(judged)).figures()


def _thresholds(chances: Floats, wanted: NDArray[np.int64]) -> dict[str, float]:
    """Where to draw the lines: no false alarm, no danger without its line, few answerable questions refused."""
    danger = chances[:, 2]
    alarm = max(0.5, float(np.quantile(danger[wanted != 2], 1 - FALSE_ALARMS)))
    doubt = max(float(np.quantile(danger[wanted != 2], 1 - DOUBTFUL_LINES)), 1e-4)
    answerable = chances[wanted < 2]
    margin = np.log(np.maximum(answerable[:, :2].max(axis=1), 1e-9)) - np.log(np.maximum(answerable[:, 3], 1e-9))
    unknown = min(1.0, float(np.quantile(margin, ANSWERABLE_REFUSED)))
    return {"emergency": round(alarm, 4), "doubt": round(doubt, 4), "unknown": round(unknown, 4)}


def _lesson(ranking: Ranking, line: Line) -> Lesson:
    tokens = words.words(line.question)
    return Lesson(line, tokens, ranking.features(tokens, line.question), _right(ranking, line))


def _signs(ranking: Ranking, weights: NDArray[np.float32], lesson: Lesson) -> Floats:
    return read(ranking, weights, lesson.tokens, lesson.line.question, lesson.features).signs


def _right(ranking: Ranking, line: Line) -> NDArray[np.float32]:
    names: tuple[str, ...] = line.gold
    if line.outcome == "doleance":
        names = tuple(CATEGORY + name for name in line.gold)
    elif line.outcome == "unknown":
        names = (ELSEWHERE, LOOKALIKE)
    right = np.zeros(len(ranking.labels), np.float32)
    right[[ranking.place[name] for name in names if name in ranking.place]] = 1
    return right


def _left_out(
    territory: Territory, examples: Sequence[Example], weights: NDArray[np.float32], with_meaning: bool
) -> Own:
    """Our own sentences, each read by a ranking built without it (and a fifth of the others)."""
    vectors = cached_vectors([example.text for example in examples], CACHE) if with_meaning else None
    bodies = bodies_of(territory)
    signs: list[Floats] = []
    wanted: list[int] = []
    for fold in range(FOLDS):
        kept = [i for i in range(len(examples)) if i % FOLDS != fold]
        ranking = _ranking_of([examples[i] for i in kept], bodies, vectors[kept] if vectors is not None else None)
        for i in range(fold, len(examples), FOLDS):
            outcome, tokens = _outcome_of(examples[i].label), words.words(examples[i].text)
            # Half of the fiches' questions are enough, and training takes half the time.
            if outcome is None or not tokens or (outcome == 0 and i % 2):
                continue
            vector = vectors[i] if vectors is not None else None
            features = ranking.features(tokens, examples[i].text, vector)
            signs.append(read(ranking, weights, tokens, examples[i].text, features).signs)
            wanted.append(outcome)
    return Own(np.stack(signs), np.array(wanted))


def _ranking_of(examples: Sequence[Example], bodies: dict[str, str], vectors: Vectors | None) -> Ranking:
    labels = labels_of(examples)
    known = {label: body for label, body in bodies.items() if label in set(labels)}
    return Ranking(examples, [index(pieces, examples, known, labels) for pieces in PIECES], vectors)


def _outcome_of(label: str) -> int | None:
    """The outcome a label should have; a look-alike may have several."""
    if label == LOOKALIKE:
        return None
    if label == ELSEWHERE:
        return OUTCOMES.index("unknown")
    if label.startswith(CATEGORY):
        return OUTCOMES.index("doleance")
    return OUTCOMES.index("emergency" if label.startswith("urgence/") else "answer")


def _fit_ranking(lessons: Sequence[Lesson]) -> NDArray[np.float32]:
    """Weights that make the right labels likely among their rivals (conditional logit, Adam)."""
    usable = [lesson for lesson in lessons if lesson.right.any()]
    picked = [_rivals(lesson) for lesson in usable]
    features = np.stack([lesson.features[rows] for lesson, rows in zip(usable, picked, strict=True)])
    right = np.stack([lesson.right[rows] for lesson, rows in zip(usable, picked, strict=True)])

    def slope(weights: Floats) -> Floats:
        chance = _softmax(features @ weights.astype(np.float32))
        among_right = chance * right
        target = among_right / np.maximum(among_right.sum(axis=1, keepdims=True), 1e-12)
        slopes = np.einsum("ql,qlf->f", chance - target, features) / len(features)
        return np.asarray(slopes + RANKING_DECAY * weights)

    return _descend(slope, np.zeros(features.shape[2]), STEPS).astype(np.float32)


def _rivals(lesson: Lesson) -> NDArray[np.int64]:
    likely = lesson.features[:, :8].sum(axis=1) + 1000 * lesson.right
    return np.argsort(-likely, kind="stable")[:RIVALS]


def _fit_outcome(signs: Floats, wanted: NDArray[np.int64], weight: Floats) -> Floats:
    """Multinomial logistic regression."""
    inputs = np.column_stack([signs, np.ones(len(signs))])
    target = np.eye(len(OUTCOMES))[wanted]
    share = (weight / weight.sum())[:, None]

    def slope(flat: Floats) -> Floats:
        weights = flat.reshape(len(OUTCOMES), -1)
        error = (_softmax(inputs @ weights.T) - target) * share
        return np.asarray((error.T @ inputs + OUTCOME_DECAY * weights).ravel())

    size = len(OUTCOMES) * inputs.shape[1]
    return _descend(slope, np.zeros(size), 4 * STEPS).reshape(len(OUTCOMES), -1)


def _descend(slope: Any, weights: Floats, steps: int) -> Floats:
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

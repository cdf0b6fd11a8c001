"""How well and how fast questions are understood, beside three usual ways to find a fiche."""

import datetime
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from unittest import mock

from bench import QUESTIONS
from bench.baselines import FullText, Letters, WRatio, plain
from bench.tables import ms, p95, show
from bot.settings import load_settings
from bot.store import official
from bot.store.database import open_store
from knowledge import meaning
from knowledge.evaluation import Evaluation, Line, evaluate, read_exam
from knowledge.official import OfficialFiche
from knowledge.official_index import OfficialIndex
from knowledge.search import Search, load_search
from knowledge.sentences import load_examples
from knowledge.territory import NATIONAL, Territory, load_territory

SYNTHETIC = 3_000
TIMED = 300
WARMING = 10
SLOW_LINES = 100
"""WRatio takes a hundred times as long as the others: asked about so many lines of each file, evenly spread."""
SLOW_EVERY = 10
Baseline = WRatio | FullText | Letters
Find = Callable[[str], object]


def main(files: Sequence[Path]) -> None:
    """Accuracy on the questions kept with the tests and on `files`, then speed."""
    territory = load_territory(NATIONAL / "metz")
    cache = load_settings().data / "bench" / "metz"
    ours, words_alone = load_search(territory, cache), _without_meaning(territory, cache)
    fiches = list(territory.library.fiches.values())
    baselines: list[Baseline] = [WRatio(fiches), FullText(fiches), Letters(fiches)]
    exams = list(_exams(files))
    judged = [
        (name, seen, evaluate(ours.find, lines), evaluate(words_alone.find, lines)) for name, seen, lines in exams
    ]
    _show_finding(exams, judged, baselines)
    _show_known(exams, territory)
    _show_outcomes(judged)
    _show_speed([line.question for _, _, lines in exams for line in lines], ours, words_alone, baselines)


Judgement = tuple[str, bool, Evaluation, Evaluation]


def _exams(files: Sequence[Path]) -> Iterator[tuple[str, bool, list[Line]]]:
    """Name, whether training saw it, lines."""
    kept = sorted(path.resolve() for path in QUESTIONS.glob("*.csv"))
    for path in dict.fromkeys([*kept, *(path.resolve() for path in files)]):
        yield path.name, path in kept, read_exam(path)


def _without_meaning(territory: Territory, cache: Path) -> Search:
    with mock.patch.object(meaning, "available", return_value=False):
        return load_search(territory, cache)


def _seen(seen: bool) -> str:
    return "trained on" if seen else "never seen"


def _show_finding(
    exams: Sequence[tuple[str, bool, list[Line]]], judged: Sequence[Judgement], baselines: Sequence[Baseline]
) -> None:
    rows: list[tuple[str, ...]] = []
    for (name, seen, lines), (_, _, whole, alone) in zip(exams, judged, strict=True):
        asked = [line for line in lines if line.outcome == "answer"]
        for way, evaluation in (("ours", whole), ("ours, words alone", alone)):
            figures = evaluation.figures()
            shares = figures["answer_first"], figures["answer_among_three"]
            rows.append((name, str(len(asked)), way, *(f"{share:.3f}" for share in shares), _seen(seen)))
        for baseline in baselines:
            some = asked[:: max(1, -(-len(asked) // SLOW_LINES))] if isinstance(baseline, WRatio) else asked
            found = [(baseline.find(line.question), line.gold) for line in some]
            first = sum(bool(ids) and ids[0] in gold for ids, gold in found) / max(1, len(found))
            three = sum(bool(set(ids) & set(gold)) for ids, gold in found) / max(1, len(found))
            rows.append((name, str(len(found)), baseline.name, f"{first:.3f}", f"{three:.3f}", "nothing to train"))
    show("The right fiche (lines to be answered)", ("file", "lines", "way", "first", "among three", "lines were"), rows)
    print("\nLines « trained on » flatter us: their honest figure is the cross-validated one printed by `make train`.")


def _show_known(exams: Sequence[tuple[str, bool, list[Line]]], territory: Territory) -> None:
    """Lines that every way finds without understanding anything: they stand among the sentences searched."""
    searched = {plain(example.text) for example in load_examples(territory)}
    shares = [f"{name} {sum(plain(line.question) in searched for line in lines)}" for name, _, lines in exams]
    print(f"Lines that stand word for word among our own sentences: {', '.join(shares)}.")


def _show_outcomes(judged: Sequence[Judgement]) -> None:
    rows: list[tuple[str, ...]] = []
    for name, seen, whole, alone in judged:
        for way, evaluation in (("ours", whole), ("words alone", alone)):
            figures = evaluation.figures()
            counts = [len([j for j in evaluation.judged if j.line.outcome == kind]) for kind in _KINDS]
            given = [f"{figures[key]:.3f}" if counts[place] else "—" for key, place in _FIGURES.values()]
            rows.append((name, way, "/".join(map(str, counts)), *given, _seen(seen)))
    headers = ("file", "way", "answer/doléance/emergency/unknown", *_FIGURES, "lines were")
    show("What kind of reply (ours only: the baselines cannot tell)", headers, rows)


_KINDS = ("answer", "doleance", "emergency", "unknown")
_FIGURES = {
    "doléance said": ("doleance_outcome", 1),
    "its category": ("doleance_category", 1),
    "emergency found": ("emergency_found", 2),
    "false alarm": ("false_emergency", 0),
    "doubtful line": ("doubtful_emergency", 0),
    "unknown said": ("unknown_said", 3),
    "answerable called unknown": ("answerable_unknown", 0),
}
"""By column, the figure and the kind of lines (of _KINDS) without which it means nothing."""


def _show_speed(questions: Sequence[str], ours: Search, alone: Search, baselines: Sequence[Baseline]) -> None:
    fiches, origin = _official()
    full, none = OfficialIndex(fiches), OfficialIndex(())

    def with_set(index: OfficialIndex) -> Find:
        def find(text: str) -> object:
            ours.official = index
            return ours.find(text)

        return find

    ways: dict[str, Find] = {
        "one bare sentence vector": meaning.encode,
        "ours, own fiches": with_set(none),
        f"ours, and {origin}": with_set(full),
        "the official set alone": full.find,
        "ours, words alone": alone.find,
        **{baseline.name: baseline.find for baseline in baselines},
    }
    picked = random.Random(1).sample(list(questions), min(TIMED, len(questions)))
    times = _timed(ways, picked)
    bare = times["one bare sentence vector"]
    rows = [
        (way, ms(median(taken)), ms(p95(taken)), f"{median(taken) / median(bare):.2f}", f"{p95(taken) / p95(bare):.2f}")
        for way, taken in times.items()
    ]
    title = f"Time of a question ({len(picked)} questions, each asked in every way in turn; WRatio one in {SLOW_EVERY})"
    show(title, ("way", "median", "p95", "median ÷ bare vector", "p95 ÷ bare vector"), rows)


def _timed(ways: dict[str, Find], questions: Sequence[str]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {way: [] for way in ways}
    order = list(ways)
    for number, question in enumerate([*questions[:WARMING], *questions]):
        # Another goes first each time, so that none always finds the caches warm.
        order = [*order[1:], order[0]]
        for way in order:
            if way == WRatio.name and number % SLOW_EVERY:
                continue
            begun = time.perf_counter()
            ways[way](question)
            if number >= WARMING:
                times[way].append(time.perf_counter() - begun)
    return times


def _official() -> tuple[list[OfficialFiche], str]:
    """The official set imported in the data folder, else an invented one as large."""
    database = load_settings().database
    if database.is_file():
        with closing(open_store(database)) as store:
            fiches = official.all(store)
        if fiches:
            return fiches, f"the official set imported ({len(fiches)} fiches)"
    return list(_invented()), f"an invented official set ({SYNTHETIC} fiches)"


def _invented() -> Iterator[OfficialFiche]:
    chance = random.Random(2)
    lines = [line.question for path in sorted(QUESTIONS.glob("*.csv")) for line in read_exam(path)]
    vocabulary = sorted({word for line in lines for word in line.split() if word.isalpha()})
    for number in range(1, SYNTHETIC + 1):
        said = [" ".join(chance.choices(vocabulary, k=size)) for size in (8, 40, 3, 3, 3)]
        url = f"https://www.service-public.fr/particuliers/vosdroits/F{number}"
        day = datetime.date(2025, 1, 1).isoformat()
        yield OfficialFiche(
            id=f"F{number}", title=said[0], summary=said[1], url=url, date=day, theme=said[2], keywords=tuple(said[3:])
        )

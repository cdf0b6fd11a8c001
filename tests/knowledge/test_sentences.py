"""The sentences the search learns from: enough of them, each leading somewhere; a wrong file is told."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
import yaml

from knowledge import sentences
from knowledge.errors import KnowledgeError
from knowledge.ranking import CATEGORY, ELSEWHERE, LOOKALIKE, Example
from knowledge.sentences import FOLDER, load_examples
from knowledge.territory import Territory


@pytest.fixture(scope="session")
def examples(territory: Territory) -> list[Example]:
    return load_examples(territory)


def test_every_sentence_leads_somewhere(territory: Territory, examples: list[Example]) -> None:
    known = {
        *territory.library.fiches,
        *territory.emergencies,
        *(CATEGORY + name for name in territory.categories),
        LOOKALIKE,
        ELSEWHERE,
    }
    assert {example.label for example in examples} == known


def test_the_order_is_always_the_same(territory: Territory, examples: list[Example]) -> None:
    assert load_examples(territory) == examples


def test_there_are_thirty_sentences_for_each_category_and_each_danger(
    territory: Territory, examples: list[Example]
) -> None:
    counts = Counter(example.label for example in examples)
    for label in (*territory.emergencies, *(CATEGORY + name for name in territory.categories)):
        assert counts[label] >= 30, label
    assert counts[ELSEWHERE] >= 300


def test_each_danger_has_as_many_look_alikes(territory: Territory) -> None:
    raw = yaml.safe_load((FOLDER / "emergencies.yaml").read_text(encoding="utf-8"))
    assert set(raw) == set(territory.emergencies)
    for name, given in raw.items():
        assert len(given["lookalike"]) >= 30, name
        assert not set(given["lookalike"]) & set(given["danger"]), name


def test_no_sentence_is_both_a_danger_and_something_else(examples: list[Example], territory: Territory) -> None:
    labels: dict[str, set[str]] = {}
    for example in examples:
        labels.setdefault(example.text.lower(), set()).add(example.label)
    dangers = set(territory.emergencies)
    harmless = {ELSEWHERE, LOOKALIKE}
    assert [text for text, found in labels.items() if found & dangers and found & harmless] == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("categories.yaml", "cuisine: [ça fuit]", "cuisine"),
        ("categories.yaml", "chauffage: il fait froid", "chauffage"),
        ("categories.yaml", "chauffage: ['']", "vide"),
        ("categories.yaml", "chauffage: [", "YAML"),
        ("emergencies.yaml", "urgence/rien: {danger: [a], lookalike: [b]}", "urgence/rien"),
        ("emergencies.yaml", "urgence/gaz: {danger: [a]}", "lookalike"),
        ("questions-not-doleances.yaml", "[{text: a, fiche: droits/rien}]", "droits/rien"),
        ("elsewhere.yaml", "{a: b}", "liste"),
    ],
)
def test_a_wrong_file_is_told(
    territory: Territory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, words: str
) -> None:
    shutil.copytree(FOLDER, tmp_path / "s")
    (tmp_path / "s" / name).write_text(content, encoding="utf-8")
    monkeypatch.setattr(sentences, "FOLDER", tmp_path / "s")
    with pytest.raises(KnowledgeError) as caught:
        load_examples(territory)
    found = caught.value.problems
    assert {problem.path.name for problem in found} == {name}
    assert any(words in problem.what for problem in found), found
    assert all(problem.cure for problem in found)

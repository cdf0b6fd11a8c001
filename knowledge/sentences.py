"""Sentences people say, labelled by what they mean: what the search learns from besides the fiches' own questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from knowledge.entries import FicheId, Text, raise_if
from knowledge.errors import Problem
from knowledge.ranking import CATEGORY, ELSEWHERE, LOOKALIKE, Example
from knowledge.territory import Territory
from knowledge.yamlfile import Adapter, parse_file

FOLDER = Path(__file__).parent / "sentences"


@checked(frozen=True, config=ConfigDict(extra="forbid"))
class _Danger:
    danger: tuple[Text, ...]
    lookalike: tuple[Text, ...]


@checked(frozen=True, config=ConfigDict(extra="forbid"))
class _Question:
    text: Text
    fiche: FicheId


_CATEGORIES: Adapter[dict[str, tuple[str, ...]]] = TypeAdapter(dict[str, tuple[Text, ...]])
_DANGERS: Adapter[dict[str, _Danger]] = TypeAdapter(dict[str, _Danger])
_QUESTIONS: Adapter[tuple[_Question, ...]] = TypeAdapter(tuple[_Question, ...])
_ELSEWHERE: Adapter[tuple[str, ...]] = TypeAdapter(tuple[Text, ...])


def load_examples(territory: Territory) -> list[Example]:
    """Every labelled sentence, in a fixed order.

    Raises KnowledgeError when a file is wrong or a label leads nowhere.
    """
    fiches, problems = territory.library.fiches, []
    categories, found = parse_file(FOLDER / "categories.yaml", _CATEGORIES)
    problems += found
    dangers, found = parse_file(FOLDER / "emergencies.yaml", _DANGERS)
    problems += found
    questions, found = parse_file(FOLDER / "questions-not-doleances.yaml", _QUESTIONS)
    problems += found
    elsewhere, found = parse_file(FOLDER / "elsewhere.yaml", _ELSEWHERE)
    raise_if(problems + found)
    assert categories is not None and dangers is not None and questions is not None and elsewhere is not None
    raise_if(list(_dead_labels(territory, categories, dangers, questions)))
    examples = [
        Example(text, fiche.id) for fiche in fiches.values() for text in (fiche.title, *fiche.aliases, *fiche.questions)
    ]
    examples += [Example(question.text, question.fiche) for question in questions]
    examples += [Example(text, CATEGORY + name) for name, texts in categories.items() for text in texts]
    examples += [Example(text, name) for name, danger in dangers.items() for text in danger.danger]
    examples += [Example(text, LOOKALIKE) for danger in dangers.values() for text in danger.lookalike]
    return examples + [Example(text, ELSEWHERE) for text in elsewhere]


def _dead_labels(
    territory: Territory,
    categories: dict[str, tuple[str, ...]],
    dangers: dict[str, _Danger],
    questions: tuple[_Question, ...],
) -> Iterator[Problem]:
    cure = "corrigez son nom, ou enlevez ses phrases"
    for name in set(categories) - set(territory.categories):
        yield Problem(FOLDER / "categories.yaml", 0, f"la catégorie « {name} » n'existe pas", cure)
    for name in set(dangers) - set(territory.emergencies):
        yield Problem(FOLDER / "emergencies.yaml", 0, f"l'urgence « {name} » n'existe pas", cure)
    for name in {question.fiche for question in questions} - set(territory.library.fiches):
        yield Problem(FOLDER / "questions-not-doleances.yaml", 0, f"la fiche « {name} » n'existe pas", cure)

"""Territories: both load without a problem, and a broken one says what to mend and where."""

import datetime
import shutil
from pathlib import Path

import pytest

from knowledge.check import check
from knowledge.contrat import load_contrat
from knowledge.entries import Fiche
from knowledge.errors import KnowledgeError, Problem
from knowledge.territory import NATIONAL, Territory, load_territory

TODAY = datetime.date(2026, 3, 1)


@pytest.mark.parametrize("name", ["metz", "exemple"])
def test_a_territory_of_ours_loads_without_a_problem(name: str) -> None:
    territory = load_territory(NATIONAL / name)
    assert territory.id == name
    assert len(territory.library.fiches) > 300
    assert {f.section for f in territory.library.fiches.values()} == {"droits", "glossaire", "contrat", "vie-du-bot"}
    assert len(territory.categories) > 20
    assert territory.places
    assert territory.invented is (name == "exemple")


def test_every_fiche_stands_on_a_shelf_and_every_shelf_holds_one(territory: Territory) -> None:
    """What no button leads to is not there for who does not write."""
    library = territory.library
    shelved = {f.id for s in library.sections for t in s.themes for f in library.of_theme(s.id, t.id)}
    assert set(library.fiches) - shelved == set()
    assert [f"{s.id}/{t.id}" for s in library.sections for t in s.themes if not library.of_theme(s.id, t.id)] == []


def test_every_danger_has_somebody_to_call(territory: Territory) -> None:
    for emergency in territory.emergencies.values():
        assert territory.contacts_of(emergency), emergency.id


def test_every_fiche_says_its_source_and_its_date(territory: Territory) -> None:
    for fiche in territory.library.fiches.values():
        assert fiche.sources, fiche.id
        assert fiche.verified, fiche.id
        assert all(source.date for source in fiche.sources), fiche.id


def test_nothing_was_verified_later_than_today(territory: Territory) -> None:
    year = datetime.date.today().year
    assert [f.id for f in territory.library.fiches.values() if int(f.verified[:4]) > year] == []


def test_the_check_of_our_fiches_finds_nothing_to_mend() -> None:
    report = check(NATIONAL / "metz", TODAY)
    assert [str(problem) for problem in report.wrong] == []
    assert report.fiches > 300
    assert report.questions > 5000
    table = report.as_table()
    assert str(report.fiches) in table


def test_the_check_tells_what_is_past_its_date() -> None:
    later = check(NATIONAL / "metz", datetime.date(2040, 1, 1))
    assert len(later.stale) >= len(check(NATIONAL / "metz", datetime.date(2019, 1, 1)).stale)
    assert later.stale
    assert later.stale[0] in later.as_table()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A territory like Metz that a test may break; it knows the same fiches."""
    folder = tmp_path / "ville"
    shutil.copytree(NATIONAL / "metz", folder)
    return folder


def broken(folder: Path) -> list[Problem]:
    with pytest.raises(KnowledgeError) as caught:
        load_territory(folder)
    assert all(problem.what and problem.cure for problem in caught.value.problems)
    return caught.value.problems


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_whole_copy_elsewhere_loads(copy: Path) -> None:
    assert load_territory(copy).name == load_territory(NATIONAL / "metz").name


def test_a_missing_file_of_the_territory_is_named(copy: Path) -> None:
    (copy / "categories.yaml").unlink()
    assert any(problem.path == copy / "categories.yaml" for problem in broken(copy))


def test_a_territory_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert broken(tmp_path)[0].path == tmp_path / "territory.yaml"


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("territory.yaml", "contrat: contrat.yaml", "contrat: autre.yaml", "lecture impossible"),
        ("territory.yaml", "fiches: [fiches]", "fiches: [rien]", "dossier"),
        ("territory.yaml", "id: metz", "id: Metz !", "id"),
        ("territory.yaml", "id: metz", "identifiant: metz", "identifiant"),
        ("territory.yaml", "id: metz", "id: [", "YAML"),
        ("categories.yaml", "responsible: bailleur", "responsible: personne", "responsible"),
        ("categories.yaml", "[droits/logement-chauffage-eau-chaude]", "[droits/rien]", "droits/rien"),
        ("categories.yaml", "acknowledge: 1", "acknowledge: vite", "acknowledge"),
        ("contrat.yaml", "kind: priorite", "kind: idee", "kind"),
        ("contrat.yaml", "  place: article 3, volet éducatif", "  parent: contrat/rien", "contrat/rien"),
    ],
)
def test_each_mistake_is_told_with_its_file(copy: Path, name: str, old: str, new: str, words: str) -> None:
    change(copy / name, old, new)
    found = broken(copy)
    assert any(words in f"{problem.what} {problem.path}" for problem in found), found


def test_mistakes_of_several_files_are_told_together(copy: Path) -> None:
    change(copy / "categories.yaml", "responsible: bailleur", "responsible: personne")
    change(copy / "contrat.yaml", "kind: priorite", "kind: idee")
    assert {problem.path.name for problem in broken(copy)} >= {"categories.yaml", "contrat.yaml"}


def test_the_line_of_a_mistake_in_a_long_file_is_the_right_one(copy: Path) -> None:
    path = copy / "contrat.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    number = max(n for n, line in enumerate(lines, start=1) if line.startswith("  kind: "))
    lines[number - 1] = "  kind: idee"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [(p.path, p.line) for p in broken(copy)] == [(path, number)]


CONTRAT = """document: Le contrat
date: '2019'
since: 'Ce qui a changé.'
rows:
- {id: contrat/axe-1, kind: axe, number: '1', title: Le cadre de vie, simple: On parle du quartier.}
- {id: contrat/obj-1-1, kind: objectif-operationnel, number: '1.1', title: Les jardins, simple: On plante.,
   parent: contrat/axe-1, details: [Un jardin], note: Une note., aliases: [jardins], questions: [ou planter]}
"""


def test_a_row_of_the_contract_is_answered_by_one_template(tmp_path: Path) -> None:
    fiches, problems = load_contrat_text(tmp_path, CONTRAT)
    assert problems == []
    objective, axis = fiches["contrat/obj-1-1"], fiches["contrat/axe-1"]
    assert objective.title == "1.1 – Les jardins"
    for words in ("**Objectif opérationnel 1.1**", "On plante.", "« 1 – Le cadre de vie »", "Une note."):
        assert words in objective.answer
    assert objective.aliases == ("1.1", "objectif 1.1", "jardins")
    assert objective.related == ("contrat/axe-1",)
    assert axis.related == ("contrat/obj-1-1",)
    for words in ("« Les jardins »", "- Un jardin", "Ce qui a changé."):
        assert words in objective.sections[0].body
    assert "- 1.1 – Les jardins" in axis.sections[0].body
    assert (objective.verified, objective.confidence) == ("2019", "protocole")


def load_contrat_text(folder: Path, text: str) -> tuple[dict[str, Fiche], list[Problem]]:
    path = folder / "contrat.yaml"
    path.write_text(text, encoding="utf-8")
    return load_contrat(path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("id: contrat/obj-1-1", "id: contrat/axe-1", "même identifiant"),
        ("parent: contrat/axe-1", "parent: contrat/axe-9", "contrat/axe-9"),
        ("kind: axe", "kind: branche", "kind"),
        ("date: '2019'", "date: jadis", "date"),
        ("rows:", "lignes:", "lignes"),
    ],
)
def test_a_broken_contract_gives_no_row_at_all(tmp_path: Path, old: str, new: str, words: str) -> None:
    fiches, problems = load_contrat_text(tmp_path, CONTRAT.replace(old, new, 1))
    assert fiches == {}
    assert any(words in problem.what for problem in problems)


def test_every_number_of_the_contract_is_known(territory: Territory) -> None:
    """118 objectives and their axes and priorities: 185 rows."""
    rows = [f for f in territory.library.fiches.values() if f.path.name == "contrat.yaml"]
    assert len(rows) == 185
    assert all(len(set(row.questions)) >= 6 for row in rows)

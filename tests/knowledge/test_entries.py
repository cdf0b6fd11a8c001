"""Fiches: what is well written is loaded whole, what is not is told with its file, line and cure."""

import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.entries import (
    MIN_QUESTIONS,
    Contact,
    Fiche,
    SectionOfThemes,
    Theme,
    dead_links,
    is_stale,
    load_contacts,
    load_fiche,
    load_fiches,
    plain_text,
    review_problems,
    sentences,
    unexplained_acronyms,
)
from knowledge.errors import KnowledgeError, Problem

GOOD = """---
id: droits/exemple
title: "Un exemple"
aliases: [exemple]
questions: [c'est quoi]
themes: [logement]
sources:
  - {name: "metz.fr", date: 2020-11, url: "https://metz.fr"}
verified: 2020-11
confidence: high
contacts: [samu-15]
related: []
---
La réponse.

## En savoir plus
La suite.

## À préparer
- Un papier.
"""
SAMU = Contact("samu-15", "Samu", "15", "service-public.fr", "2020-11", "high")
CONTACTS = {"samu-15": SAMU}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "droits"
    folder.mkdir()
    return folder / "exemple.md"


def problems_of(path: Path, text: str | bytes) -> list[Problem]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    fiche, problems = load_fiche(path, CONTACTS)
    assert fiche is None
    return problems


def loaded(path: Path, text: str) -> Fiche:
    path.write_text(text, encoding="utf-8")
    fiche, problems = load_fiche(path, CONTACTS)
    assert problems == []
    assert fiche is not None
    return fiche


def test_a_good_fiche_is_loaded_whole(path: Path) -> None:
    fiche = loaded(path, GOOD)
    assert (fiche.id, fiche.section, fiche.payload) == ("droits/exemple", "droits", "droits_exemple")
    assert fiche.answer == "La réponse."
    assert [(s.title, s.body) for s in fiche.sections] == [
        ("En savoir plus", "La suite."),
        ("À préparer", "- Un papier."),
    ]
    assert fiche.contacts == (SAMU,)
    assert fiche.verified == fiche.sources[0].date == "2020-11"
    assert not fiche.to_check


@pytest.mark.parametrize("text", [GOOD.replace("\n", "\r\n"), "\ufeff" + GOOD])
def test_line_ends_and_marks_of_other_machines_change_nothing(path: Path, text: str) -> None:
    fiche = loaded(path, GOOD)
    path.write_bytes(text.encode())
    assert load_fiche(path, CONTACTS) == (fiche, [])


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('title: "Un exemple"\n', "", 2, "title"),
        ("verified: 2020-11\n", "", 2, "verified"),
        ("confidence: high", "confidence: sûre", 10, "confidence"),
        ("aliases: [exemple]", "aliases: exemple", 4, "aliases"),
        ("aliases: [exemple]", "alias: [exemple]", 4, "« alias »"),
        ("aliases: [exemple]", "aliases: [1, 2]", 4, "texte"),
        ("questions: [c'est quoi]", "questions: ['']", 5, "questions"),
        ("themes: [logement]", "themes: [Le Logement]", 6, "themes"),
        ("2020-11, url", "2020-13, url", 8, "date"),
        ("https://metz.fr", "metz.fr", 8, "url"),
        ("verified: 2020-11", "verified: hier", 9, "verified"),
        ("verified: 2020-11", "verified: 2020-02-31", 9, "verified"),
        ("id: droits/exemple", "id: Droits/Exemple", 2, "id"),
        ("id: droits/exemple", "id: autre/exemple", 2, "id"),
        ("contacts: [samu-15]", "contacts: [samu-16]", 1, "samu-16"),
        ('title: "Un exemple"', 'title: "Un exemple', 8, "YAML"),
        ('title: "Un exemple"', f'title: "{"x" * 111}"', 3, "title"),
        ("themes: [logement]", "themes: [logement", 7, "YAML"),
        ("themes: [logement]", "\tthemes: [logement]", 6, "YAML"),
        ("La réponse.\n\n", "", 14, "vide"),
        ("## À préparer", "## Divers", 19, "Divers"),
        ("---\nid", "id", 1, "---"),
    ],
)
def test_each_mistake_is_told_with_its_line_and_what_to_do(
    path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in GOOD
    found = problems_of(path, GOOD.replace(old, new, 1))
    told = [problem for problem in found if words in problem.what]
    assert told, found
    assert (told[0].path, told[0].line) == (path, line)
    assert told[0].cure
    assert str(told[0]).endswith(f"{path.name}:{line} : {told[0].what} → {told[0].cure}")


def test_every_mistake_of_a_fiche_is_told_at_once(path: Path) -> None:
    text = GOOD.replace("confidence: high", "confidence: x").replace('title: "Un exemple"\n', "")
    assert len(problems_of(path, text)) == 2


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", 1, "---"),
        (b"---\n---\n", 2, "fichier"),
        (b"---\nid: !!int x\n---\nx\n", 2, "YAML"),
        (b"---\nid: !!timestamp x\n---\nx\n", 2, "YAML"),
        (b"---\n", 1, "---"),
        (b"---\n\n---\ntexte\n", 2, "fichier"),
        (b"---\n- a\n---\ntexte\n", 2, "fichier"),
        (b"---\nid: x\n\xe9t\xe9\n---\n", 3, "UTF-8"),
        (b"\xff\xfe\x00", 1, "UTF-8"),
        (b"---\n&a [*a]\n---\ntexte\n", 2, ""),
        (b"---\nid: !!python/object:os.system x\n---\nx\n", 2, "YAML"),
        (b"---\nid: {? [a]: b}\n---\nx\n", 2, ""),
        (b"---\n1: x\n---\nx\n", 2, ""),
        (b"---\nid: \x00\n---\nx\n", 2, "YAML"),
    ],
)
def test_what_is_no_fiche_at_all_is_told_and_not_a_traceback(path: Path, content: bytes, line: int, words: str) -> None:
    found = problems_of(path, content)
    assert found
    assert found[0].line == line, found
    assert words in found[0].what


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: f"---\n{t}\n---\nx".encode("utf-8", "replace")))
def test_any_file_is_a_fiche_or_a_list_of_problems(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    fiche, problems = load_fiche(path, CONTACTS)
    assert (fiche is None) == bool(problems)


def test_a_folder_in_place_of_a_fiche_is_told(path: Path) -> None:
    path.mkdir()
    assert "lecture impossible" in load_fiche(path, {})[1][0].what


def test_two_fiches_with_one_id_and_a_file_of_another_name_are_told(path: Path) -> None:
    loaded(path, GOOD)
    loaded(path.with_name("autre.md"), GOOD)
    fiches, problems = load_fiches([path.parent], CONTACTS)
    assert len(fiches) == 1
    assert len(problems) == 2
    assert "déjà dans" in problems[0].what or "déjà dans" in problems[1].what
    assert any("nom du fichier" in problem.what for problem in problems)


def test_links_that_lead_nowhere_are_told(path: Path) -> None:
    text = GOOD.replace("related: []", "related: [droits/nulle-part]").replace("[logement]", "[cuisine]")
    fiche = loaded(path, text)
    shelves = (SectionOfThemes("droits", "Mes droits", (Theme("logement", "Logement", "x"),)),)
    found = [problem.what for problem in dead_links({fiche.id: fiche}, shelves)]
    assert len(found) == 2
    assert "droits/nulle-part" in found[0] and "cuisine" in found[1]


def test_contacts_written_twice_or_wrong_are_told(tmp_path: Path) -> None:
    one = '  - {id: a, name: "A", phone: "15", source: "s", verified: 2020-11, confidence: high}\n'
    path = tmp_path / "contacts.yaml"
    path.write_text("contacts:\n" + one + one, encoding="utf-8")
    assert "deux fois" in load_contacts(path)[1][0].what
    path.write_text("contacts:\n" + one + one.replace('"15"', '"appelez"').replace("id: a", "id: b"), encoding="utf-8")
    found = load_contacts(path)[1]
    assert (found[0].line, "phone" in found[0].what) == (3, True)


def test_all_problems_are_raised_together_in_order() -> None:
    error = KnowledgeError([Problem(Path("b"), 2, "x", "y"), Problem(Path("a"), 0, "x", "y")])
    assert str(error) == "a : x → y\nb:2 : x → y"


def draft(answer: str, **more: object) -> Fiche:
    questions = tuple(f"question {n}" for n in range(MIN_QUESTIONS["droits"]))
    fields: dict[str, object] = {"questions": questions, "sources": ("s",), "verified": "2020", **more}
    return Fiche("droits/x", "Titre", answer, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fiche", "words"),
    [
        (draft("Mot. " * 121), "caractères"),
        (draft("mot " * 26 + "."), "phrase"),
        (draft("La CAF aide."), "CAF"),
        (draft("Appelez le 03 87 00 00 00."), "03 87 00 00 00"),
        (draft("Appelez le 3919."), "3919"),
        (draft("Court.", questions=("a",) * 30), "façons de demander"),
        (draft("Court.", sources=()), "source"),
    ],
)
def test_what_an_editor_should_mend_is_told(fiche: Fiche, words: str) -> None:
    found = list(review_problems(fiche))
    assert len(found) == 1, found
    assert words in found[0].what and found[0].cure


@pytest.mark.parametrize(
    "fiche",
    [
        draft("Mot. " * 119),
        draft("mot " * 24 + "mot."),
        draft("La CAF (caisse d'allocations familiales) aide."),
        draft("La caisse d'allocations familiales (CAF) aide."),
        draft("La CAF aide.", aliases=("CAF",)),
        draft("En 1901, puis 2019."),
        draft("Cela coûte 1000 €, ou 1500€."),
        draft("Appelez le 15.", contacts=(SAMU,)),
        draft("Votez le 12/03, 3,14 ou 3114,5 fois."),
    ],
)
def test_what_is_well_written_is_left_alone(fiche: Fiche) -> None:
    assert list(review_problems(fiche)) == []


@pytest.mark.parametrize(
    ("verified", "review", "confidence", "stale"),
    [
        ("2025-03-01", None, "high", False),
        ("2025-02-01", None, "high", True),
        ("2024", None, "high", True),
        ("2020-11", "2026-02-28", "high", True),
        ("2020-11", "2026-12", "high", False),
        ("2019", None, "protocole", False),
        ("2019", "2026-01", "protocole", True),
    ],
)
def test_a_fiche_past_its_date_is_stale(verified: str, review: str | None, confidence: str, stale: bool) -> None:
    fiche = draft("x", verified=verified, review=review, confidence=confidence)
    assert is_stale(fiche, datetime.date(2026, 3, 1)) is stale


def test_a_low_confidence_is_shown() -> None:
    assert [draft("x", confidence=c).to_check for c in ("high", "low", "unverified")] == [False, True, True]


def test_plain_text_is_what_a_reader_counts() -> None:
    assert plain_text("**Gras** et [lien](https://x.fr)\n- a\n2. b") == "Gras et lien\n• a\n• b"


def test_sentences_end_where_a_reader_stops() -> None:
    assert sentences("Un. Deux ? Trois : quatre\n• cinq") == ["Un.", "Deux ?", "Trois :", "quatre", "cinq"]


def test_an_acronym_is_told_once() -> None:
    assert unexplained_acronyms(draft("La CAF. La CAF. Le RSA+.")) == ["CAF", "RSA+"]

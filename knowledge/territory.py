"""A territory: the folder of data files that makes the service speak of one city. Load, validate, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, StringConstraints, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from knowledge.contrat import load_contrat
from knowledge.entries import (
    Contact,
    FicheId,
    Library,
    PartialDate,
    Slug,
    Text,
    Url,
    dead_links,
    load_contacts,
    load_fiches,
    load_themes,
    raise_if,
)
from knowledge.errors import Problem
from knowledge.places import Places, load_places
from knowledge.yamlfile import parse_file

NATIONAL = Path(__file__).parent
"""Where the files true anywhere in France stand."""

_STRICT = ConfigDict(extra="forbid")
EmergencyId = Annotated[str, StringConstraints(pattern=r"^urgence/[a-z0-9-]+$")]


@checked(frozen=True, config=_STRICT)
class Category:
    """A kind of doléance. `acknowledge` is in working days, `solve` in calendar days."""

    id: Slug
    label: Annotated[str, StringConstraints(min_length=1, max_length=28)]
    responsible: Literal["bailleur", "ville", "metropole"]
    service: Literal["proximite", "technique", "gestion", "tranquillite"]
    acknowledge: int
    solve: int
    urgent: bool
    fiches: tuple[FicheId, ...]
    """What a resident may want to read beside: rights and who pays."""
    hints: tuple[Text, ...] = ()


@checked(frozen=True, config=_STRICT)
class Emergency:
    """A danger: whom to call, in the order one should, and what to do meanwhile (Markdown)."""

    id: EmergencyId
    title: Text
    icon: Text
    contacts: tuple[Slug, ...]
    answer: Text
    hints: tuple[Text, ...]
    """Words, folded, that leave a doubt when the chance of a danger is small."""
    before: str = ""
    """What to do before calling, when something is nearer than a telephone."""
    discreet: bool = False
    """True when a person nearby may read the screen: short, erasable, never followed by another message."""


@checked(frozen=True, config=_STRICT)
class Place:
    """Where somebody can be met; only places a source attests."""

    name: Text
    what: Text
    source: Text
    verified: PartialDate
    url: Url | None = None


@checked(frozen=True, config=_STRICT)
class _TerritoryFile:
    id: Slug
    name: Text
    contract: Text
    fiches: tuple[Text, ...]
    contrat: Text
    categories: Text
    communes: Text = "communes.yaml"
    quartiers: Text = "quartiers.yaml"
    patrimoine: Text | None = None
    places: tuple[Place, ...] = ()
    invented: bool = False


@checked(frozen=True, config=_STRICT)
class _CategoriesFile:
    categories: tuple[Category, ...]


@checked(frozen=True, config=_STRICT)
class _EmergenciesFile:
    emergencies: tuple[Emergency, ...]


_TERRITORY = TypeAdapter(_TerritoryFile)
_CATEGORIES = TypeAdapter(_CategoriesFile)
_EMERGENCIES = TypeAdapter(_EmergenciesFile)


@dataclass(frozen=True)
class Territory:
    """Everything the service knows about one city, with the national files."""

    id: str
    name: str
    contract: str
    library: Library
    categories: dict[str, Category]
    emergencies: dict[str, Emergency]
    places: tuple[Place, ...]
    invented: bool
    where: Places = field(default_factory=Places)
    """Its communes and quartiers, as addresses name them."""
    patrimoine: Path | None = None
    """The folder of example address files, of a territory that has some."""

    def contacts_of(self, emergency: Emergency) -> tuple[Contact, ...]:
        """Whom to call, in order."""
        return tuple(self.library.contacts[c] for c in emergency.contacts)


def load_territory(folder: Path) -> Territory:
    """The territory in a folder.

    Raises KnowledgeError with every problem of every file when anything is wrong.
    """
    about, problems = parse_file(folder / "territory.yaml", _TERRITORY)
    if about is None:
        raise_if(problems)
        raise AssertionError("no territory and no problem")
    contacts, found = load_contacts(NATIONAL / "contacts.yaml")
    problems += found
    themes, found = load_themes(NATIONAL / "themes.yaml")
    problems += found
    folders = [NATIONAL / "fiches", *((folder / name).resolve() for name in about.fiches)]
    problems += [
        Problem(f, 0, "ce dossier n'existe pas", "corrigez « fiches » dans territory.yaml")
        for f in folders
        if not f.is_dir()
    ]
    fiches, found = load_fiches(folders, contacts)
    problems += found
    rows, found = load_contrat(folder / about.contrat)
    problems += found
    problems += [
        Problem(folder / about.contrat, 0, f"{i} est aussi une fiche", "gardez l'un des deux")
        for i in rows
        if i in fiches
    ]
    fiches = {**fiches, **rows}
    categories, found = parse_file(folder / about.categories, _CATEGORIES)
    problems += found
    emergencies, found = parse_file(NATIONAL / "urgences.yaml", _EMERGENCIES)
    problems += found
    where, found = load_places(folder / about.communes, folder / about.quartiers)
    problems += found
    raise_if(problems)
    raise_if(list(dead_links(fiches, themes)))
    assert categories and emergencies
    library = Library(fiches, themes, contacts)
    raise_if(_dead_names(library, categories, emergencies, folder / about.categories))
    return Territory(
        id=about.id,
        name=about.name,
        contract=about.contract,
        library=library,
        categories={c.id: c for c in categories.categories},
        emergencies={e.id: e for e in emergencies.emergencies},
        places=about.places,
        invented=about.invented,
        where=where,
        patrimoine=folder / about.patrimoine if about.patrimoine else None,
    )


def _dead_names(
    library: Library, categories: _CategoriesFile, emergencies: _EmergenciesFile, path: Path
) -> list[Problem]:
    problems = [
        Problem(path, 0, f"la catégorie {c.id} nomme la fiche inconnue {f}", "corrigez « fiches »")
        for c in categories.categories
        for f in c.fiches
        if f not in library.fiches
    ]
    urgences = NATIONAL / "urgences.yaml"
    return problems + [
        Problem(urgences, 0, f"{e.id} nomme le contact inconnu {c}", "ajoutez-le à contacts.yaml")
        for e in emergencies.emergencies
        for c in e.contacts
        if c not in library.contacts
    ]

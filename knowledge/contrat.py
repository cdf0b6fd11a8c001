"""The contract's axes, objectives, themes and priorities: rows of one file, answered by one template."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, StringConstraints, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from knowledge.entries import SENTENCE_LIMIT, Fiche, FicheId, PartialDate, Section, Source, Text
from knowledge.errors import Problem
from knowledge.yamlfile import parse_file

Kind = Literal["axe", "objectif-strategique", "theme", "objectif-operationnel", "priorite"]
KIND_NAMES: dict[str, str] = {
    "axe": "axe",
    "objectif-strategique": "objectif stratégique",
    "theme": "thème",
    "objectif-operationnel": "objectif opérationnel",
    "priorite": "axe prioritaire",
}
_STRICT = ConfigDict(extra="forbid")


@checked(frozen=True, config=_STRICT)
class Row:
    """One line of the contract. `title` is the contract's own wording; `simple` says it in plain words."""

    id: FicheId
    kind: Kind
    title: Text
    simple: Text
    number: str = ""
    parent: FicheId | None = None
    details: tuple[Text, ...] = ()
    """What the text lists below this line when that is not rows of its own."""
    note: str = ""
    aliases: tuple[Text, ...] = ()
    questions: tuple[Text, ...] = ()
    place: Annotated[str, StringConstraints(min_length=1)] = "annexe 1"


@checked(frozen=True, config=_STRICT)
class _ContratFile:
    document: Text
    date: PartialDate
    since: Text
    """What changed since: shown under every row."""
    rows: tuple[Row, ...]


_CONTRAT = TypeAdapter(_ContratFile)


def load_contrat(path: Path) -> tuple[dict[str, Fiche], list[Problem]]:
    """Every row as a fiche, by id, and what is wrong in the file."""
    parsed, problems = parse_file(path, _CONTRAT)
    if parsed is None:
        return {}, problems
    rows = {row.id: row for row in parsed.rows}
    if len(rows) < len(parsed.rows):
        problems.append(Problem(path, 0, "deux lignes ont le même identifiant", "gardez-en une"))
    for row in parsed.rows:
        if row.parent and row.parent not in rows:
            problems.append(Problem(path, 0, f"{row.id} a un parent inconnu : {row.parent}", "corrigez « parent »"))
    if problems:
        return {}, problems
    children: dict[str, list[Row]] = {}
    for row in parsed.rows:
        if row.parent:
            children.setdefault(row.parent, []).append(row)
    return {row.id: _fiche(row, rows, children.get(row.id, []), parsed, path) for row in parsed.rows}, []


def _fiche(row: Row, rows: dict[str, Row], children: list[Row], file: _ContratFile, path: Path) -> Fiche:
    parent = rows.get(row.parent) if row.parent else None
    source = Source(f"{file.document}, {row.place}", file.date)
    related = tuple(r.id for r in ([parent] if parent else []) + children[:6])
    return Fiche(
        id=row.id,
        title=_title(row),
        answer=_answer(row, parent),
        aliases=(*_numbers(row), *row.aliases),
        questions=row.questions,
        themes=("volets",) if row.kind == "priorite" else ("axes",),
        sources=(source,),
        verified=file.date,
        confidence="protocole",
        related=related,
        sections=(Section("En savoir plus", _more(row, children, file)),),
        path=path,
    )


def _title(row: Row) -> str:
    return row.title if not row.number or row.title.startswith(row.number) else f"{row.number} – {row.title}"


def _answer(row: Row, parent: Row | None) -> str:
    kind = KIND_NAMES[row.kind]
    label = f"{kind[0].upper()}{kind[1:]} {row.number}".strip()
    lines = [f"**{label}** du contrat de ville.", row.simple]
    if parent:
        lines.append(f"Fait partie de : {_named(parent)}.")
    if row.note:
        lines.append(row.note)
    return "\n\n".join(lines)


def _named(row: Row) -> str:
    """Its title, or, when that is too long to be read easily, its kind and number."""
    title = _title(row)
    if len(title.split()) <= SENTENCE_LIMIT - 3 or not row.number:
        return f"« {title} »"
    return f"{KIND_NAMES[row.kind]} {row.number}"


def _more(row: Row, children: list[Row], file: _ContratFile) -> str:
    lines = [f"Le texte de 2019 dit : « {row.title} »."]
    if row.details:
        lines.append("\n".join(f"- {detail}" for detail in row.details))
    if children:
        lines.append("Ce qu'il contient :\n" + "\n".join(f"- {_title(child)}" for child in children))
    return "\n\n".join([*lines, file.since])


def _numbers(row: Row) -> tuple[str, ...]:
    if not row.number:
        return ()
    kind = KIND_NAMES[row.kind].split(" ", maxsplit=1)[0]
    return (row.number, f"{kind} {row.number}")

"""Fiches: load, validate, and what makes a good one.

A fiche is a Markdown file with YAML front matter. Before the first heading stands the answer everybody reads;
the sections after it are shown on demand. Telephone numbers live in contacts.yaml and are named by id, so that
a number stands in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, StringConstraints, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from knowledge.errors import KnowledgeError, Problem
from knowledge.yamlfile import parse, parse_file, read_text

ANSWER_LIMIT = 600
"""Characters of an answer: what fits one screen of a small telephone (house rule)."""
SENTENCE_LIMIT = 25
"""Words in a sentence of an answer, after the rules of Facile à lire et à comprendre."""
REVIEW_AFTER_DAYS = 365
"""A fiche without its own review date is due this long after it was verified."""
SECTION_TITLES = ("En savoir plus", "À préparer", "Où aller", "Qui appeler")
UNDERSTOOD = frozenset({"HLM", "SMS", "PDF", "CV", "TV", "QR", "RIB", "II", "III", "IV", "OK", "SNCF"})
"""Capitals that need no explanation."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
FicheId = Annotated[str, StringConstraints(pattern=r"^(droits|glossaire|contrat|vie-du-bot)/[a-z0-9]+(-[a-z0-9]+)*$")]
Url = Annotated[str, StringConstraints(pattern=r"^https://\S+$")]


def _on_the_calendar(partial: str) -> str:
    if len(partial) == len("2020-02-30"):
        try:
            date.fromisoformat(partial)
        except ValueError:
            raise ValueError("ce jour n'existe pas") from None
    return partial


PartialDate = Annotated[
    str, StringConstraints(pattern=r"^[1-9]\d{3}(-(0[1-9]|1[0-2])(-\d\d)?)?$"), AfterValidator(_on_the_calendar)
]
"""A year, a month or a day: sources rarely say more."""
Confidence = Literal["protocole", "high", "medium", "low", "unverified", "produit"]

_STRICT = ConfigDict(extra="forbid", strict=False)


@checked(frozen=True, config=_STRICT)
class Source:
    """Where a fact comes from. `date` is when the source said it, not when we read it."""

    name: Text
    date: PartialDate
    url: Url | None = None


@checked(frozen=True, config=_STRICT)
class Contact:
    """Somebody to call, with where the number was read."""

    id: Slug
    name: Text
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9 ]*[0-9]$")]
    source: Text
    verified: PartialDate
    confidence: Confidence
    when: str = ""

    @property
    def to_check(self) -> bool:
        """True when the number must be shown « à vérifier »."""
        return self.confidence in ("low", "unverified")


@checked(frozen=True, config=_STRICT)
class _FrontMatter:
    id: FicheId
    title: Annotated[str, StringConstraints(min_length=1, max_length=110, strip_whitespace=True)]
    aliases: tuple[Text, ...]
    questions: tuple[Text, ...]
    themes: tuple[Slug, ...]
    sources: tuple[Source, ...]
    verified: PartialDate
    confidence: Confidence
    contacts: tuple[Slug, ...] = ()
    related: tuple[FicheId, ...] = ()
    review: PartialDate | None = None


@dataclass(frozen=True)
class Section:
    """A part of a fiche that is shown on demand; `body` is Markdown."""

    title: str
    body: str


@dataclass(frozen=True)
class Fiche:
    """One entry of the knowledge base; texts are Markdown, `contacts` and `related` are resolved ids."""

    id: str
    title: str
    answer: str
    aliases: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    verified: str = ""
    confidence: Confidence = "produit"
    contacts: tuple[Contact, ...] = ()
    related: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    review: str | None = None
    path: Path = field(default=Path(), compare=False)

    @property
    def section(self) -> str:
        """droits, glossaire, contrat or vie-du-bot."""
        return self.id.partition("/")[0]

    @property
    def to_check(self) -> bool:
        """True when the answer must be shown « à vérifier »."""
        return self.confidence in ("low", "unverified")

    @property
    def payload(self) -> str:
        """What follows `?start=` in a deep link to this fiche."""
        return self.id.replace("/", "_", 1)


@checked(frozen=True, config=_STRICT)
class Theme:
    """A shelf of the library."""

    id: Slug
    title: Annotated[str, StringConstraints(min_length=1, max_length=28)]
    icon: Text


@checked(frozen=True, config=_STRICT)
class SectionOfThemes:
    """A room of the library with its shelves, in the order they are shown."""

    id: Literal["droits", "glossaire", "contrat", "vie-du-bot"]
    title: Text
    themes: tuple[Theme, ...]


@checked(frozen=True, config=_STRICT)
class _ThemesFile:
    sections: tuple[SectionOfThemes, ...]


@checked(frozen=True, config=_STRICT)
class _ContactsFile:
    contacts: tuple[Contact, ...]


_FRONT_MATTER = TypeAdapter(_FrontMatter)
_THEMES = TypeAdapter(_ThemesFile)
_CONTACTS = TypeAdapter(_ContactsFile)
_FENCE = re.compile(r"\A---[ \t]*\n(?P<front>.*?)^---[ \t]*\n(?P<body>.*)\Z", re.DOTALL | re.MULTILINE)
_PHONE = re.compile(
    r"(?<![\d.,/])"
    r"(?:0\d(?:[ .]?\d\d){4}"  # 03 87 00 00 00
    r"|0[ .]?8\d\d[ .]?(?:\d{3}[ .]?\d{3}|\d\d[ .]\d\d[ .]\d\d)"  # 0 800 000 000, 0 800 00 00 00
    r"|[13]\d[ .]?\d\d|116[ .]?\d{3})"  # 39 19, 3114, 116 006
    r"(?![\d/%]|[.,]\d|\s?(?:€|euros?\b))"
)


def load_contacts(path: Path) -> tuple[dict[str, Contact], list[Problem]]:
    """Contacts by id, and what is wrong in the file."""
    parsed, problems = parse_file(path, _CONTACTS)
    contacts = parsed.contacts if parsed else ()
    ids = [contact.id for contact in contacts]
    problems += [Problem(path, 0, f"le contact « {i} » est écrit deux fois", "gardez-en un") for i in _twice(ids)]
    return {contact.id: contact for contact in contacts}, problems


def load_themes(path: Path) -> tuple[tuple[SectionOfThemes, ...], list[Problem]]:
    """The shelves of the library, and what is wrong in the file."""
    parsed, problems = parse_file(path, _THEMES)
    return (parsed.sections if parsed else ()), problems


def load_fiche(path: Path, contacts: dict[str, Contact]) -> tuple[Fiche | None, list[Problem]]:
    """One fiche, or None and why it cannot be used."""
    text, problems = read_text(path)
    if problems:
        return None, problems
    match = _FENCE.match(text.replace("\r\n", "\n"))
    if not match:
        return None, [Problem(path, 1, "l'en-tête entre deux lignes « --- » manque", "copiez celui d'une autre fiche")]
    front, problems = parse(match["front"], path, _FRONT_MATTER, first_line=2)
    if front is None:
        return None, problems
    body_line = match["front"].count("\n") + 3
    answer, sections, problems = _split_body(match["body"], path, body_line)
    unknown = [c for c in front.contacts if c not in contacts]
    problems += [Problem(path, 1, f"le contact « {c} » n'existe pas", "ajoutez-le à contacts.yaml") for c in unknown]
    if problems:
        return None, problems
    return _fiche(front, answer, sections, contacts, path), []


def _fiche(
    front: _FrontMatter, answer: str, sections: tuple[Section, ...], contacts: dict[str, Contact], path: Path
) -> Fiche:
    return Fiche(
        id=front.id, title=front.title, answer=answer, aliases=front.aliases, questions=front.questions,
        themes=front.themes, sources=front.sources, verified=front.verified, confidence=front.confidence,
        contacts=tuple(contacts[c] for c in front.contacts), related=front.related, sections=sections,
        review=front.review, path=path,
    )  # fmt: skip


def _split_body(body: str, path: Path, first_line: int) -> tuple[str, tuple[Section, ...], list[Problem]]:
    parts = re.split(r"^## +(.+?)[ \t]*$", body, flags=re.MULTILINE)
    answer, problems, line = parts[0].strip(), [], first_line + parts[0].count("\n")
    if not answer:
        problems.append(Problem(path, first_line, "la réponse est vide", "écrivez-la avant le premier titre « ## »"))
    sections = []
    for title, text in zip(parts[1::2], parts[2::2], strict=True):
        if title not in SECTION_TITLES:
            cure = "titres possibles : " + ", ".join(SECTION_TITLES)
            problems.append(Problem(path, line, f"le titre « {title} » est inconnu", cure))
        sections.append(Section(title, text.strip()))
        line += text.count("\n")
    return answer, tuple(sections), problems


def load_fiches(folders: Iterable[Path], contacts: dict[str, Contact]) -> tuple[dict[str, Fiche], list[Problem]]:
    """Every fiche below the folders, by id, and what is wrong in them."""
    fiches: dict[str, Fiche] = {}
    problems: list[Problem] = []
    for path in sorted(p for folder in folders for p in folder.rglob("*.md")):
        fiche, found = load_fiche(path, contacts)
        problems += found
        if fiche is None:
            continue
        if fiche.id in fiches:
            other = fiches[fiche.id].path
            problems.append(
                Problem(path, 2, f"l'identifiant {fiche.id} est déjà dans {other}", "changez l'un des deux")
            )
        if (path.parent.name, path.stem) != tuple(fiche.id.split("/")):
            problems.append(
                Problem(path, 2, f"l'identifiant {fiche.id} ne suit pas le nom du fichier", "renommez l'un des deux")
            )
        fiches[fiche.id] = fiche
    return fiches, problems


def dead_links(fiches: dict[str, Fiche], themes: Iterable[SectionOfThemes]) -> Iterator[Problem]:
    """Related entries and themes that lead nowhere: a button would fail."""
    shelves = {(s.id, t.id) for s in themes for t in s.themes}
    for fiche in fiches.values():
        for related in fiche.related:
            if related not in fiches:
                yield Problem(fiche.path, 1, f"la fiche liée « {related} » n'existe pas", "corrigez « related »")
        for theme in fiche.themes:
            if (fiche.section, theme) not in shelves:
                yield Problem(fiche.path, 1, f"le thème « {theme} » n'existe pas", "choisissez dans themes.yaml")


MIN_QUESTIONS = {"droits": 20, "glossaire": 6, "contrat": 6, "vie-du-bot": 6}
"""Ways of asking that each kind of entry must know (house rule)."""


def review_problems(fiche: Fiche) -> Iterator[Problem]:
    """What an editor should mend: length, readability, acronyms, numbers typed by hand."""
    plain = plain_text(fiche.answer)
    if len(plain) > ANSWER_LIMIT:
        yield Problem(
            fiche.path,
            1,
            f"la réponse fait {len(plain)} caractères",
            f"{ANSWER_LIMIT} au plus : le reste sous « En savoir plus »",
        )
    for sentence in sentences(plain):
        if len(sentence.split()) > SENTENCE_LIMIT:
            yield Problem(
                fiche.path, 1, f"phrase de plus de {SENTENCE_LIMIT} mots : « {sentence[:60]}… »", "coupez-la en deux"
            )
    for acronym in unexplained_acronyms(fiche):
        yield Problem(
            fiche.path,
            1,
            f"le sigle « {acronym} » n'est pas expliqué dans la réponse",
            "écrivez son sens entre parenthèses",
        )
    yield from _typed_numbers(fiche)
    wanted = MIN_QUESTIONS[fiche.section]
    if len(set(fiche.questions)) < wanted:
        yield Problem(fiche.path, 1, f"{len(set(fiche.questions))} façons de demander", f"il en faut {wanted}")
    if not fiche.sources:
        yield Problem(fiche.path, 1, "aucune source", "dites d'où vient la réponse")


def is_stale(fiche: Fiche, today: date) -> bool:
    """True when the fiche is past its review date (or, without one, verified over a year ago)."""
    if fiche.section == "vie-du-bot" or fiche.confidence == "protocole":
        return fiche.review is not None and _last_day(fiche.review) < today
    due = _last_day(fiche.review) if fiche.review else _last_day(fiche.verified)
    return (today - due).days > (0 if fiche.review else REVIEW_AFTER_DAYS)


def _typed_numbers(fiche: Fiche) -> Iterator[Problem]:
    known = {re.sub(r"\D", "", c.phone) for c in fiche.contacts}
    for text in (fiche.answer, *(s.body for s in fiche.sections)):
        for number in _PHONE.findall(plain_text(text)):
            digits = re.sub(r"\D", "", number)
            if digits not in known and not _looks_like_year(digits):
                yield Problem(
                    fiche.path,
                    1,
                    f"le numéro {number} est tapé dans le texte",
                    "mettez-le dans contacts.yaml et nommez-le dans « contacts »",
                )


def _looks_like_year(digits: str) -> bool:
    return len(digits) == 4 and digits[:2] in ("19", "20", "17", "18")


def unexplained_acronyms(fiche: Fiche) -> list[str]:
    """Capitals of the answer that neither the title, the aliases, nor brackets beside them explain."""
    text = plain_text(fiche.answer)
    named = " ".join((fiche.title, *fiche.aliases))
    found = []
    for match in re.finditer(r"\b[A-ZÉÈ][A-ZÉÈ0-9]{1,}\+?", text):
        word = match[0]
        if word in UNDERSTOOD or word.isdigit() or re.search(rf"\b{re.escape(word)}(?!\w)", named) or word in found:
            continue
        if (
            not re.match(r"\s*[(«:–-]", text[match.end() :])
            and "(" not in text[max(0, match.start() - 2) : match.start()]
        ):
            found.append(word)
    return found


def plain_text(markdown: str) -> str:
    """Markdown without its marks: what a reader counts as characters."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    text = re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "• ", text, flags=re.MULTILINE)
    return re.sub(r"[*_`]{1,2}", "", text).strip()


def sentences(text: str) -> list[str]:
    """Sentences and list items of a plain text."""
    return [s.strip(" •") for s in re.split(r"(?<=[.!?…])\s+|\n+|(?<= ;)\s|(?<= :)\s", text) if s.strip(" •")]


def _last_day(partial: str) -> date:
    parts = [int(p) for p in partial.split("-")]
    year, month, day = (*parts, *(12, 28)[len(parts) - 1 :])[:3]
    return date(year, month, day)


def _twice(items: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return sorted({item for item in items if item in seen or seen.add(item)})  # type: ignore[func-returns-value]


@dataclass(frozen=True)
class Library:
    """All fiches of a territory, with their shelves."""

    fiches: dict[str, Fiche]
    sections: tuple[SectionOfThemes, ...]
    contacts: dict[str, Contact]

    def of_theme(self, section: str, theme: str) -> list[Fiche]:
        """Fiches of one shelf, by title."""
        found = [f for f in self.fiches.values() if f.section == section and theme in f.themes]
        return sorted(found, key=lambda fiche: fiche.title.lower())


def raise_if(problems: list[Problem]) -> None:
    """Raise KnowledgeError when there is anything to mend."""
    if problems:
        raise KnowledgeError(problems)

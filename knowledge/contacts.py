"""Whom to reach at a bailleur, the ville or the métropole: nearest level first, by service, while in force. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.address_records import LEVELS, ContactRow
from knowledge.landlords import plain
from knowledge.streets import street_name

VILLE, METROPOLE = "ville", "metropole"


@dataclass(frozen=True)
class Contact:
    """Whom to reach, as the command line writes it."""

    level: str
    name: str
    service: str
    phone: str
    email: str
    hours: str
    out_of_hours: str
    valid_until: str | None


@dataclass(frozen=True)
class Spotted:
    """What is known of where the trouble is; a blank is not known."""

    commune: str = ""
    street: str = ""
    number: str = ""
    residence: str = ""
    quartier: str = ""


@dataclass(frozen=True)
class Gap:
    """A contact the operator must renew or find."""

    owner: str
    level: str
    name: str
    why: str
    """expired, unreachable (no phone, no e-mail) or missing (nobody at all)."""
    since: date | None = None


class Contacts:
    """The contacts of everyone who answers for something."""

    def __init__(self, rows: Iterable[ContactRow], owner_of: Callable[[str], str] = str) -> None:
        self._rows: dict[str, list[ContactRow]] = {}
        for row in rows:
            self._rows.setdefault(owner_of(row.owner), []).append(row)

    def chain(self, owner: str, spot: Spotted, service: str, day: date) -> tuple[Contact, ...]:
        """Whom to ask, then whom to ask next: the service's own people, from the nearest level to the farthest."""
        fitting = [r for r in self._rows.get(owner, ()) if r.in_force(day) and reachable(r) and _covers(r, spot)]
        serving = [r for r in fitting if service in r.services or not r.services] or fitting
        ranked = sorted(serving, key=lambda r: (LEVELS.index(r.level), service not in r.services, -_narrow(r)))
        return tuple(_shown(row, service) for row in ranked)

    def public(self, responsible: str, commune: str, quartier: str, service: str, day: date) -> tuple[Contact, ...]:
        """Whom to ask at the ville or the métropole."""
        return self.chain(responsible, Spotted(commune=commune, quartier=quartier), service, day)

    def gaps(self, owners: Iterable[str], day: date) -> list[Gap]:
        """What the operator must mend: expired or unreachable rows, and who has nobody."""
        found = [gap for owner in sorted(self._rows) for gap in _wrong(owner, self._rows[owner], day)]
        for owner in owners:
            if not any(row.in_force(day) and reachable(row) for row in self._rows.get(owner, ())):
                found.append(Gap(owner, "", "", "missing"))
        return found

    def claims(self) -> list[tuple[str, ContactRow]]:
        """Rows by which a bailleur says a residence or numbers of a street are its own."""
        return [
            (owner, row)
            for owner, rows in self._rows.items()
            for row in rows
            if row.level == LEVELS[0] and owner not in (VILLE, METROPOLE) and (row.residence or row.numbers)
        ]


def reachable(row: ContactRow) -> bool:
    """True when there is a way to write or call."""
    return bool(row.phone or row.email)


def _wrong(owner: str, rows: Sequence[ContactRow], day: date) -> Iterable[Gap]:
    for row in rows:
        if row.expired(day):
            yield Gap(owner, row.level, row.name, "expired", row.valid_until)
        elif not reachable(row):
            yield Gap(owner, row.level, row.name, "unreachable")


def _covers(row: ContactRow, spot: Spotted) -> bool:
    """True when a row is for this place: every column it fills agrees."""
    return (
        _agrees(row.commune, spot.commune)
        and _agrees(row.quartier, spot.quartier)
        and _agrees(row.residence, spot.residence)
        and (not row.street or (bool(spot.street) and street_name(row.street) == street_name(spot.street)))
        and (not row.numbers or spot.number in row.numbers)
    )


def _agrees(wanted: str, known: str) -> bool:
    return not wanted or (bool(known) and plain(wanted) == plain(known))


def _narrow(row: ContactRow) -> int:
    return sum(map(bool, (row.commune, row.quartier, row.residence, row.street, row.numbers)))


def _shown(row: ContactRow, service: str) -> Contact:
    until = row.valid_until.isoformat() if row.valid_until else None
    said = service if service in row.services else ", ".join(row.services)
    return Contact(row.level, row.name, said, row.phone, row.email, row.hours, row.out_of_hours, until)

"""The rows an address book is made of, as the store keeps them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from knowledge.landlords import Bailleur

LEVELS = ("résidence", "agence", "siège")
"""From the nearest to the farthest: the order in which a contact is asked."""
SERVICES = ("proximite", "technique", "gestion", "tranquillite")


@dataclass(frozen=True)
class Homes:
    """How many homes one owner has at a number of a street, on a parcel (the tax office's file)."""

    insee: str
    commune: str
    road: str
    """Its code in the file."""
    kind: str
    street: str
    number: int | None
    index: str
    parcel: str
    siren: str
    denomination: str
    count: int


@dataclass(frozen=True)
class Point:
    """A number of a street (the BAN)."""

    road: str
    insee: str
    commune: str
    postcode: str
    street: str
    number: int
    index: str
    longitude: float | None
    latitude: float | None
    residence: str
    parcels: str
    """Separated by |."""


@dataclass(frozen=True)
class ContactRow:
    """Whom to reach at a bailleur, from its own file; an empty column does not narrow."""

    owner: str
    """A bailleur, or « ville », « metropole »."""
    level: str
    services: tuple[str, ...]
    name: str
    phone: str
    email: str
    hours: str
    out_of_hours: str
    valid_from: date | None
    valid_until: date | None
    commune: str
    residence: str
    street: str
    numbers: tuple[str, ...]
    quartier: str

    def in_force(self, day: date) -> bool:
        """True between its two dates, both included."""
        return (self.valid_from is None or self.valid_from <= day) and not self.expired(day)

    def expired(self, day: date) -> bool:
        """True after its last day."""
        return self.valid_until is not None and self.valid_until < day


@dataclass(frozen=True)
class Perimeter:
    """A priority quartier's outline: rings of (longitude, latitude)."""

    code: str
    name: str
    insee: tuple[str, ...]
    rings: tuple[tuple[tuple[float, float], ...], ...]

    def holds(self, longitude: float, latitude: float) -> bool:
        """Even-odd: a point in a hole is outside."""
        return sum(_crossings(ring, longitude, latitude) for ring in self.rings) % 2 == 1


def _crossings(ring: tuple[tuple[float, float], ...], x: float, y: float) -> int:
    crossed = 0
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], *ring[:1]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossed += 1
    return crossed


@dataclass(frozen=True)
class SocialHomes:
    """How many social homes the RPLS counts at a number; it does not say whose."""

    insee: str
    kind: str
    street: str
    number: int
    index: str
    quartier: str
    count: int


@dataclass(frozen=True)
class Records:
    """Everything imported."""

    homes: Iterable[Homes] = ()
    points: Iterable[Point] = ()
    bailleurs: Iterable[Bailleur] = ()
    contacts: Iterable[ContactRow] = ()
    perimeters: Iterable[Perimeter] = ()
    social: Iterable[SocialHomes] = field(default=())

"""The streets of two files that do not always name them alike, joined into one map of numbers. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from knowledge.address_records import Homes, Point
from knowledge.landlords import Landlords, Shares, Verdict, of_neighbours, of_several, verdict
from knowledge.streets import StreetName, street_name

Key = tuple[int, str]
"""A number and its folded index: (8, "b")."""
NEIGHBOURS = 4
_CUT_AT = 24
"""The tax office cuts names at 26 characters; shorter names are whole."""
_MOST_NUMBER = 8999
"""From 9000 a number is the tax office's own: the building has none."""


@dataclass
class Spot:
    """A number: the homes the tax office's file puts there, and what the BAN knows of it."""

    shares: dict[int, int] = field(default_factory=dict)
    parcels: tuple[str, ...] = ()
    where: tuple[float, float] | None = None
    residence: str = ""


@dataclass
class Street:
    """A street of a commune under all its names; a residence has `members` instead of numbers of its own."""

    insee: str
    commune: str
    name: str
    names: list[StreetName]
    spots: dict[Key, Spot] = field(default_factory=dict)
    members: list[tuple[int, Key]] = field(default_factory=list)

    @property
    def is_residence(self) -> bool:
        """True for a residence made of numbers of streets."""
        return bool(self.members)


class StreetMap:
    """All streets, and what is known of each number."""

    def __init__(self, points: Iterable[Point], homes: Iterable[Homes], landlords: Landlords) -> None:
        self.streets: list[Street] = []
        self.served: set[tuple[str, str, str]] = set()
        self._parcels: dict[str, dict[int, int]] = {}
        self._landlords = landlords
        joiner = _Joiner(self)
        joiner.add_points(points)
        joiner.add_homes(homes)
        self._add_residences()

    def homes_on(self, parcel: str) -> dict[int, int]:
        """The homes of a parcel by owner, to be added to."""
        return self._parcels.setdefault(parcel, {})

    def owner(self, homes: Homes) -> int:
        """Whose homes these are."""
        return self._landlords.owner(homes.siren, homes.denomination)

    def _add_residences(self) -> None:
        members: dict[tuple[str, str], list[tuple[int, Key]]] = defaultdict(list)
        for place, street in enumerate(self.streets):
            for key, spot in street.spots.items():
                if spot.residence:
                    members[street.insee, spot.residence].append((place, key))
        for (insee, name), found in members.items():
            commune = self.streets[found[0][0]].commune
            self.streets.append(Street(insee, commune, name, [street_name(name)], members=found))

    def at(self, street: Street, key: Key) -> Verdict | None:
        """What the files say of a number; None when they do not know it."""
        spot = street.spots.get(key)
        shares = self._shares(spot) if spot else None
        return None if shares is None else verdict(shares)

    def _shares(self, spot: Spot) -> Shares | None:
        if spot.shares:
            return spot.shares
        if not spot.parcels:
            return None
        together: Counter[int] = Counter()
        for parcel in spot.parcels:
            together.update(self._parcels.get(parcel, {}))
        return together

    def near(self, street: Street, key: Key) -> Verdict:
        """What the numbers on the same side nearby say."""
        close = sorted(
            k
            for k in street.spots
            if k != key and abs(k[0] - key[0]) <= NEIGHBOURS and (k[0] - key[0]) % 2 == 0
        )  # fmt: skip
        return of_neighbours(v for v in (self.at(street, k) for k in close) if v is not None)

    def all_of(self, street: Street) -> Verdict:
        """What all numbers of a street or a residence say together."""
        return of_several(v for v in (self.at(s, k) for s, k in self.numbers(street)) if v is not None)

    def numbers(self, street: Street) -> Iterator[tuple[Street, Key]]:
        """Every number with the street it is on."""
        if street.is_residence:
            yield from ((self.streets[place], key) for place, key in street.members)
        else:
            yield from ((street, key) for key in street.spots)


class _Joiner:
    """Fills a map; it knows which street of the BAN a road of the tax office's file is."""

    def __init__(self, made: StreetMap) -> None:
        self._map = made
        self._by_road: dict[tuple[str, str], int] = {}
        self._by_first: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._on_parcel: dict[str, set[tuple[int, Key]]] = defaultdict(set)

    def add_points(self, points: Iterable[Point]) -> None:
        places: dict[tuple[str, str], int] = {}
        for point in points:
            self._map.served.add((point.insee, point.commune, point.postcode))
            named = (point.insee, point.street)
            if named not in places:
                places[named] = self._open(point.insee, point.commune, point.street, street_name(point.street))
            place = places[named]
            if point.road:
                self._by_road.setdefault((point.insee, point.road), place)
            self._add_point(place, point)

    def _add_point(self, place: int, point: Point) -> None:
        key = (point.number, point.index)
        spot = self._map.streets[place].spots.setdefault(key, Spot())
        found = tuple(filter(None, point.parcels.split("|")))
        spot.parcels = tuple(dict.fromkeys((*spot.parcels, *found)))
        spot.residence = spot.residence or point.residence
        if point.longitude is not None and point.latitude is not None:
            spot.where = spot.where or (point.longitude, point.latitude)
        for parcel in found:
            self._on_parcel[parcel].add((place, key))

    def _open(self, insee: str, commune: str, written: str, name: StreetName) -> int:
        place = len(self._map.streets)
        self._map.streets.append(Street(insee, commune, written, [name]))
        for core in name.core[:1]:
            self._by_first[insee, core].append(place)
        return place

    def add_homes(self, homes: Iterable[Homes]) -> None:
        roads: dict[tuple[str, str, str, str], list[Homes]] = defaultdict(list)
        for row in homes:
            roads[row.insee, row.road, row.kind, row.street].append(row)
        for (insee, road, kind, written), rows in roads.items():
            name = street_name(written, kind)
            place = self._place(insee, road, name, len(written) >= _CUT_AT, rows)
            if place is None:
                commune = self._commune(insee, rows[0].commune)
                place = self._open(insee, commune, f"{name.kind} {written}".strip().title(), name)
                self._map.served.add((insee, commune, ""))
            self._add_road(self._map.streets[place], name, rows)

    def _commune(self, insee: str, written: str) -> str:
        names = {name for code, name, _ in self._map.served if code == insee}
        return min(names, default=written.title())

    def _add_road(self, street: Street, name: StreetName, rows: list[Homes]) -> None:
        if not any(_same(name, other, cut=True) for other in street.names):
            street.names.append(name)
        for row in rows:
            owner = self._map.owner(row)
            on_parcel = self._map.homes_on(row.parcel)
            on_parcel[owner] = on_parcel.get(owner, 0) + row.count
            if row.number is not None and 0 < row.number <= _MOST_NUMBER:
                shares = street.spots.setdefault((row.number, row.index), Spot()).shares
                shares[owner] = shares.get(owner, 0) + row.count

    def _place(self, insee: str, road: str, name: StreetName, cut: bool, rows: list[Homes]) -> int | None:
        """The street of the BAN a road is: same code, else same name, else same numbers on the same parcels."""
        coded = self._by_road.get((insee, road))
        streets = self._map.streets
        if coded is not None and _akin(streets[coded].names[0], name):
            return coded
        alike = [p for p in self._by_first[insee, name.core[0]] if _same(streets[p].names[0], name, cut)]
        alike += [p for p in self._begun(insee, name, cut) if p not in alike]
        if len(alike) == 1:
            return alike[0]
        return self._by_parcels(rows) if not alike else alike[0]

    def _begun(self, insee: str, name: StreetName, cut: bool) -> list[int]:
        """Streets whose first word the cut took: only for names of one long word."""
        if not cut or len(name.core) > 1:
            return []
        return [
            place
            for (code, first), places in self._by_first.items()
            if code == insee and first.startswith(name.core[0])
            for place in places
            if _same(self._map.streets[place].names[0], name, cut)
        ]

    def _by_parcels(self, rows: list[Homes]) -> int | None:
        pairs = {(row.parcel, (row.number or 0, row.index)) for row in rows if row.parcel in self._on_parcel}
        if not pairs:
            return None
        votes = Counter(place for parcel, _ in pairs for place in {p for p, _ in self._on_parcel[parcel]})
        place, count = max(votes.items(), key=lambda v: (v[1], -v[0]))
        agreed = sum((place, key) in self._on_parcel[parcel] for parcel, key in pairs)
        # A corner house stands on a parcel of another street, under another number.
        return place if count * 10 >= len(pairs) * 6 and agreed * 2 >= len(pairs) else None


def _same(whole: StreetName, found: StreetName, cut: bool) -> bool:
    """True when two names are one; a cut name is compared by the beginnings of its words."""
    if found.kind and whole.kind and found.kind != whole.kind:
        return False
    if whole.core == found.core:
        return True
    if not cut or len(found.core) > len(whole.core):
        return False
    return all(w.startswith(f) for w, f in zip(whole.core, found.core, strict=False))


def _akin(one: StreetName, other: StreetName) -> bool:
    """True when two names of one code may be one street: they begin alike."""
    return any(a.startswith(b[:4]) or b.startswith(a[:4]) for a, b in zip(one.core, other.core, strict=False))

"""A typed or dictated address → whose building it is, how sure that is, and whom to reach. Pure, and never raises.

The rules: a number's homes decide (`landlords`), streets are one under all their names (`street_map`), names are read
with mistakes (`street_index`), the commune said narrows (`places`). What is doubtful is never certain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from knowledge.address_records import ContactRow, Records
from knowledge.contacts import Contact, Contacts, Gap, Spotted
from knowledge.landlords import Landlords, Outcome, Verdict, of_several
from knowledge.places import NAME, POSTCODE, QUARTIER, Gazetteer, Places, Said
from knowledge.street_index import Match, StreetIndex
from knowledge.street_map import Key, Street, StreetMap
from knowledge.streets import fold_index, pieces, street_name
from knowledge.territory import Category
from knowledge.typed_address import Kind, Token, tokens

SURE = 0.81
"""Below this share of the words found, even a lone candidate is asked of the resident."""
NEARLY = 0.08
"""Names read this nearly as well as the best are candidates too."""
DEFAULT_SERVICE = "proximite"


@dataclass(frozen=True)
class Candidate:
    """Whose building it may be, and where."""

    bailleur: str
    commune: str
    street: str
    number: str
    quartier: str | None
    residence: str | None


@dataclass(frozen=True)
class Understood:
    """The street read in the text, even when no bailleur is known there."""

    commune: str
    street: str
    number: str


@dataclass(frozen=True)
class Alert:
    """A number where the RPLS and the other files disagree. `why`: no-social-homes or quartier."""

    commune: str
    street: str
    number: str
    why: str


@dataclass(frozen=True)
class Routed:
    """What became of a typed address. `why`, for an unknown one: no-address, elsewhere or private."""

    typed: str
    outcome: str
    candidates: tuple[Candidate, ...] = ()
    contact: Contact | None = None
    next_contacts: tuple[Contact, ...] = ()
    understood: tuple[Understood, ...] = ()
    why: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "typed": self.typed,
            "outcome": self.outcome,
            "candidates": [vars(candidate) for candidate in self.candidates],
            "contact": vars(self.contact) if self.contact else None,
        }


@dataclass(frozen=True)
class _Place:
    """A street with the number said there (None: the whole street), and what is known of it."""

    street: Street
    key: Key | None
    verdict: Verdict


@dataclass(frozen=True)
class _Where:
    """The communes a text says. `doubtful` when it says two things."""

    communes: frozenset[str] | None = None
    elsewhere: bool = False
    doubtful: bool = False


class AddressBook:
    """Every known address of the territory."""

    def __init__(self, records: Records, places: Places = Places(), today: Callable[[], date] = date.today) -> None:  # noqa: B008
        self._today = today
        self.landlords = Landlords(records.bailleurs)
        rows = tuple(records.contacts)
        self.contacts = Contacts(rows, self._owner_name)
        self._map = StreetMap(records.points, records.homes, self.landlords)
        self._index = StreetIndex((i, name) for i, s in enumerate(self._map.streets) for name in s.names)
        self._gazetteer = Gazetteer.build(places, self._map.served)
        self._perimeters = tuple(records.perimeters)
        self._quartiers = {q.id: q.name for q in places.quartiers} | {p.code: p.name for p in self._perimeters}
        self._claims = self._claimed()
        self.social = tuple(records.social)

    def __len__(self) -> int:
        return sum(len(street.spots) for street in self._map.streets)

    def route(self, typed: str, category: Category | None = None) -> Routed:
        """Whose building a text means. The same text gives the same answer, as long as the day is the same."""
        said = tokens(typed)
        matches = self._matches(said)
        if not matches:
            return self._with_public(Routed(typed, Outcome.INCONNU.word, why="no-address"), category, "")
        where = self._where(said, matches[0])
        if where.elsewhere:
            return Routed(typed, Outcome.INCONNU.word, why="elsewhere")
        kept, doubtful = self._in_communes(matches, where)
        found = [self._look_up(match, said) for match in self._nearest(kept, said)]
        doubtful = doubtful or where.doubtful or any(self._goes_on(match, said) for match in kept)
        return self._answer(typed, _distinct(found), doubtful, category)

    # --- reading ---------------------------------------------------------------------------------

    def _matches(self, said: Sequence[Token]) -> list[Match]:
        """The names that may be meant, best first, other things than an address left out."""
        words = [token.text for token in said]
        named = _longest(self._gazetteer.find(words))
        return [m for m in self._index.find(said) if self._is_meant(m, said, named)]

    def _is_meant(self, match: Match, said: Sequence[Token], named: Sequence[Said]) -> bool:
        """False for a place's name, or a word of a sentence, that is also in a street's name."""
        if match.kind:
            return True
        rest = [i for i in range(len(said)) if not match.type_at <= i < match.end]
        held = {i for place in named for i in range(place.start, place.end)}
        bare = all(said[i].is_filler or i in held or said[i].kind is not Kind.WORD for i in rest)
        if held.issuperset(range(match.start, match.end)):
            return match.anchored and bare and len(rest) > 0 and match.quality > SURE
        return match.anchored or bare

    def _where(self, said: Sequence[Token], match: Match) -> _Where:
        """What the words outside the street's name say of the commune."""
        words = [token.text for token in said]
        rest = [*words[: match.type_at], *["," for _ in range(match.type_at, match.end)], *words[match.end :]]
        found = _longest([p for p in self._gazetteer.find(rest) if self._is_place(said, p)])
        names = [p for p in found if p.rank == NAME]
        postal = _together([p for p in found if p.rank == POSTCODE])
        if names:
            here = _together(names)
            return _Where(here, not here, bool(here) and any(not p.communes for p in names))
        quartiers = [p for p in found if p.rank == QUARTIER]
        if quartiers:
            here = _together(quartiers)
            return _Where(here & postal or here, not here)
        if self._names_elsewhere(said, match, bool(postal)):
            return _Where(elsewhere=True)
        if any(p.rank == POSTCODE for p in found):
            return _Where(postal, not postal)
        return _Where()

    def _is_place(self, said: Sequence[Token], place: Said) -> bool:
        """False for « 12 rue de Metz » when the street is not here: that Metz is no commune said."""
        before = said[place.start - 1] if place.start else None
        return place.rank == POSTCODE or said[place.start].pause or before is None or not before.way_type

    def _names_elsewhere(self, said: Sequence[Token], match: Match, postcode_here: bool) -> bool:
        """True when a commune of France that is not here stands alone before or after the street."""
        return any(
            self._gazetteer.is_elsewhere("".join(token.text for token in part), postcode_here)
            for part in _parts(said, match)
            if part and not all(token.is_filler for token in part)
        )

    # --- choosing --------------------------------------------------------------------------------

    def _in_communes(self, matches: Sequence[Match], where: _Where) -> tuple[list[Match], bool]:
        """The candidates in the communes said; when there is none the others, and then nothing is certain."""
        best = matches[0].quality
        close = [m for m in matches if m.quality >= best - NEARLY]
        doubtful = best < SURE
        if where.communes is None:
            return self._by_type(close), doubtful
        here = [m for m in close if self._street(m).insee in where.communes]
        if here:
            kept = self._by_type(here)
            # « Boulevard d'Alsace, Woippy » when Woippy has a rue and Metz a boulevard: one of the two is wrong.
            return kept, doubtful or (any(map(_as_typed, close)) and not any(map(_as_typed, kept)))
        partial = [m for m in matches if self._street(m).insee in where.communes]
        return self._by_type([*close, *partial[:3]]), True

    def _goes_on(self, match: Match, said: Sequence[Token]) -> bool:
        """True when a word of other streets' names follows: « rue Richet Chevreux » may be either, or neither."""
        after = said[match.end] if match.end < len(said) else None
        if after is None or after.pause or after.kind is not Kind.WORD or after.is_filler or after.way_type:
            return False
        if any(after.text in name.core for name in self._street(match).names):
            return False
        return self._index.knows(after.text) and not self._gazetteer.find([t.text for t in said[match.end :]][:3])

    def _street(self, match: Match) -> Street:
        return self._map.streets[match.name.owner]

    def _by_type(self, matches: Sequence[Match]) -> list[Match]:
        """Inside a commune the type written decides between streets of one name, and a residence gives way."""
        communes: dict[str, list[Match]] = defaultdict(list)
        for match in matches:
            communes[self._street(match).insee].append(match)
        kept: list[Match] = []
        for found in communes.values():
            typed = [m for m in found if _as_typed(m)]
            near = [m for m in found if {m.kind, m.name.kind} == {"cour", "cours"}]
            kept += typed or near or found
        return kept

    def _nearest(self, matches: Sequence[Match], said: Sequence[Token]) -> list[Match]:
        """A residence said beside a street with a number adds nothing; beside one without, it is the nearer."""
        residences = [m for m in matches if self._street(m).is_residence]
        streets = [m for m in matches if not self._street(m).is_residence]
        return streets if any(_numbers(said, m) for m in streets) or not residences else residences

    def _look_up(self, match: Match, said: Sequence[Token]) -> list[_Place]:
        street = self._street(match)
        numbers = _numbers(said, match)
        if street.is_residence:
            return self._in_residence(street, numbers)
        return [self._at(street, key) for key in numbers] or [_Place(street, None, self._all_of(street))]

    def _in_residence(self, street: Street, numbers: Sequence[Key]) -> list[_Place]:
        """A residence of one number is that number."""
        everywhere = list(self._map.numbers(street))
        said = [(s, key) for s, key in everywhere if key in numbers]
        chosen = said or (everywhere if len(everywhere) == 1 else [])
        return [self._at(s, key) for s, key in chosen] or [_Place(street, None, self._all_of(street))]

    def _at(self, street: Street, key: Key) -> _Place:
        claimed = self._claimed_at(street, key)
        if claimed is not None:
            return _Place(street, key, claimed)
        return _Place(street, key, self._map.at(street, key) or self._map.near(street, key))

    def _all_of(self, street: Street) -> Verdict:
        return of_several(
            v
            for s, key in self._map.numbers(street)
            if (v := self._claimed_at(s, key) or self._map.at(s, key)) is not None
        )

    # --- answering -------------------------------------------------------------------------------

    def _answer(self, typed: str, places: Sequence[_Place], doubtful: bool, category: Category | None) -> Routed:
        verdict = places[0].verdict if len(places) == 1 else of_several(p.verdict for p in places)
        outcome = min(verdict.outcome, Outcome.PROBABLE) if doubtful and verdict.owners else verdict.outcome
        understood = tuple(_understood(place) for place in places)
        if not verdict.owners:
            routed = Routed(typed, Outcome.INCONNU.word, understood=understood, why="private")
            return self._with_public(routed, category, _one(u.commune for u in understood))
        candidates = tuple(
            dict.fromkeys(self._candidate(place, owner) for place in places for owner in place.verdict.owners)
        )
        routed = Routed(typed, outcome.word, candidates, understood=understood)
        return self._with_contact(routed, category)

    def _candidate(self, place: _Place, owner: int) -> Candidate:
        street = place.street
        residence = street.name if street.is_residence else ""
        if place.key:
            spot = street.spots.get(place.key)
            residence = spot.residence if spot else ""
        streets = {s.name for s, _ in self._map.numbers(street)} if street.is_residence else {street.name}
        return Candidate(
            bailleur=self.landlords.names[owner],
            commune=street.commune,
            street=min(streets),
            number=_written(place.key),
            quartier=self._quartier(street, place.key),
            residence=residence or None,
        )

    def _quartier(self, street: Street, key: Key | None) -> str | None:
        """The priority quartier of a number, or the one all numbers of a street are in."""
        spots = [s.spots[k] for s, k in self._map.numbers(street) if key is None or k == key]
        found = {self.quartier_at(*spot.where) if spot.where else None for spot in spots}
        return found.pop() if len(found) == 1 else None

    def quartier_at(self, longitude: float, latitude: float) -> str | None:
        """The code of the priority quartier a point is in."""
        for perimeter in self._perimeters:
            if perimeter.holds(longitude, latitude):
                return perimeter.code
        return None

    # --- contacts --------------------------------------------------------------------------------

    def _with_contact(self, routed: Routed, category: Category | None) -> Routed:
        if category and category.responsible != "bailleur":
            return self._with_public(routed, category, _one(c.commune for c in routed.candidates))
        owners = {candidate.bailleur for candidate in routed.candidates}
        if len(owners) != 1:
            return routed
        first = routed.candidates[0]
        spot = Spotted() if len(routed.candidates) > 1 else self._spotted(first)
        service = category.service if category else DEFAULT_SERVICE
        chain = self.contacts.chain(first.bailleur, spot, service, self._today())
        return replace(routed, contact=chain[0], next_contacts=chain[1:]) if chain else routed

    def _with_public(self, routed: Routed, category: Category | None, commune: str) -> Routed:
        """The ville's or the métropole's contact, when it is theirs to answer whoever owns the building."""
        if not category or category.responsible == "bailleur":
            return routed
        chain = self.contacts.public(category.responsible, commune, "", category.service, self._today())
        return replace(routed, contact=chain[0], next_contacts=chain[1:]) if chain else routed

    def _spotted(self, candidate: Candidate) -> Spotted:
        quartier = self._quartiers.get(candidate.quartier or "", "")
        return Spotted(candidate.commune, candidate.street, candidate.number, candidate.residence or "", quartier)

    def gaps(self) -> list[Gap]:
        """Contacts expired, unreachable or missing, for the operator."""
        return self.contacts.gaps(self.landlords.names, self._today())

    def alerts(self) -> list[Alert]:
        """Where the RPLS disagrees: social homes in another quartier, or none at a number that is a bailleur's.

        Only streets the RPLS speaks of are looked at: an extract says nothing of the others.
        """
        social = {((h.insee, street_name(h.street, h.kind)), (h.number, h.index)): h.quartier for h in self.social}
        spoken_of = {street for street, _ in social}
        found = []
        for street in self._map.streets:
            known = next(((street.insee, n) for n in street.names if (street.insee, n) in spoken_of), None)
            for key in sorted(street.spots) if known else ():
                why = self._disagreement(street, key, social.get((known, key)) if known else None)
                if why:
                    found.append(Alert(street.commune, street.name, _written(key), why))
        return found

    def _disagreement(self, street: Street, key: Key, quartier: str | None) -> str:
        said = self._map.at(street, key)
        if quartier is None:
            return "no-social-homes" if said and said.outcome is Outcome.CERTAIN else ""
        where = street.spots[key].where
        here = self.quartier_at(*where) if where and self._perimeters else quartier
        return "quartier" if (here or "") != quartier else ""

    def _owner_name(self, written: str) -> str:
        place = self.landlords.named(written)
        return written if place is None else self.landlords.names[place]

    def _claimed(self) -> dict[tuple[int, Key], list[tuple[int, ContactRow]]]:
        """The numbers a bailleur's own file says are its own: it knows better than the tax office."""
        claims: dict[tuple[int, Key], list[tuple[int, ContactRow]]] = defaultdict(list)
        by_name: dict[Any, list[Street]] = defaultdict(list)
        for street in self._map.streets:
            for name in street.names:
                by_name[name].append(street)
        for owner, row in self.contacts.claims():
            place = self.landlords.add(owner)
            for street in by_name[street_name(row.street or row.residence)]:
                for where, key in self._held(street, row):
                    claims[id(where), key].append((place, row))
        return dict(claims)

    def _held(self, street: Street, row: ContactRow) -> Iterable[tuple[Street, Key]]:
        if row.commune and street_name(row.commune) != street_name(street.commune):
            return
        wanted = set(map(_key_of, row.numbers))
        numbers = list(self._map.numbers(street))
        if row.street and not street.is_residence:
            numbers += [(street, key) for key in wanted if key and key not in street.spots]
        for where, key in numbers:
            spot = where.spots.get(key)
            inside = not (row.street and row.residence) or (spot is not None and spot.residence == row.residence)
            if (not wanted or key in wanted) and (row.residence == "" or inside):
                yield where, key

    def _claimed_at(self, street: Street, key: Key) -> Verdict | None:
        day = self._today()
        claims = self._claims.get((id(street), key), ())
        owners = tuple(dict.fromkeys(owner for owner, row in claims if row.in_force(day)))
        if not owners:
            return None
        return Verdict(Outcome.CERTAIN if len(owners) == 1 else Outcome.AMBIGUOUS, owners)


def _as_typed(match: Match) -> bool:
    return bool(match.kind) and match.kind == match.name.kind


def _longest(found: Iterable[Said]) -> list[Said]:
    """Windows that do not overlap: the longest win, then the first."""
    kept: list[Said] = []
    for place in sorted(found, key=lambda p: (p.start - p.end, p.start)):
        if all(place.end <= other.start or other.end <= place.start for other in kept):
            kept.append(place)
    return kept


def _together(found: Iterable[Said]) -> frozenset[str]:
    return frozenset(insee for place in found for insee in place.communes)


def _parts(said: Sequence[Token], match: Match) -> list[list[Token]]:
    """The words before and after the street, cut at commas, numbers and noise."""
    parts: list[list[Token]] = [[]]
    for i, token in enumerate(said):
        inside = match.type_at <= i < match.end
        if inside or token.pause or token.kind is not Kind.WORD or (token.text in ("en", "a") and not token.pause):
            parts.append([])
        if not inside and token.kind is Kind.WORD and token.text not in ("en", "a"):
            parts[-1].append(token)
    return parts


def _numbers(said: Sequence[Token], match: Match) -> list[Key]:
    """The number said: just before the street, else just after, else the only one marked « n° »."""
    before = _run_before(said, match.type_at)
    if before:
        return before
    after = match.end
    while after < len(said) and said[after].kind is Kind.MARK:
        after += 1
    if after < len(said) and _is_house(said[after]):
        return [_key(said[after])]
    outside = [i for i, token in enumerate(said) if _is_house(token) and not match.type_at <= i < match.end]
    marked = [i for i in outside if i and (said[i - 1].kind is Kind.MARK or said[i - 1].text in ("au", "le"))]
    loose = [i for i in outside if not said[i].ordinal]
    chosen = marked or (loose if len(loose) == 1 else [])
    return [_key(said[i]) for i in chosen[:1]]


def _run_before(said: Sequence[Token], start: int) -> list[Key]:
    """« 12-14 rue » and « 12, rue » : the numbers that end where the street begins."""
    keys: list[Key] = []
    i = start - 1
    while i >= 0 and said[i].is_article and not keys:
        i -= 1
    while i >= 0 and _is_house(said[i]) and len(keys) < 2:
        keys.insert(0, _key(said[i]))
        i -= 1
    return list(dict.fromkeys(keys))


def _is_house(token: Token) -> bool:
    return token.kind is Kind.NUMBER and not token.ordinal and len(token.text) <= 4 and int(token.text) > 0


def _key(token: Token) -> Key:
    return int(token.text), token.index


def _key_of(written: str) -> Key | None:
    found = pieces(written)
    if not found or not found[0].text.isdecimal():
        return None
    return int(found[0].text), fold_index(found[1].text) if len(found) > 1 else ""


def _written(key: Key | None) -> str:
    return f"{key[0]}{key[1]}" if key else ""


def _understood(place: _Place) -> Understood:
    return Understood(place.street.commune, place.street.name, _written(place.key))


def _distinct(found: Iterable[list[_Place]]) -> list[_Place]:
    return list({(id(p.street), p.key): p for several in found for p in several}.values())


def _one(found: Iterable[str]) -> str:
    several = set(found)
    return several.pop() if len(several) == 1 else ""

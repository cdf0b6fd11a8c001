"""Communes and quartiers as people name them, and the postcodes of France: where an address says it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, StringConstraints, TypeAdapter
from pydantic.dataclasses import dataclass as checked
from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.entries import Text, raise_if
from knowledge.errors import Problem
from knowledge.streets import name_words
from knowledge.words import sound
from knowledge.yamlfile import parse_file

_STRICT = ConfigDict(extra="forbid")
Insee = Annotated[str, StringConstraints(pattern=r"^[0-9AB]{5}$")]
Postcode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
QuartierCode = Annotated[str, StringConstraints(pattern=r"^QN[0-9A-Z]{6}$")]
LONGEST_NAME = 7
"""Words of the longest name looked for."""
_FUZZY_WORDS = 3
_FUZZY_FROM = 5
"""Letters a name needs to be recognised with a mistake in it."""


@checked(frozen=True, config=_STRICT)
class Commune:
    """A commune of the territory; without `insee` it is only known by name."""

    name: Text
    insee: Insee | None = None
    postcodes: tuple[Postcode, ...] = ()
    aliases: tuple[Text, ...] = ()


@checked(frozen=True, config=_STRICT)
class Quartier:
    """A priority quartier; one over two communes does not say which."""

    id: QuartierCode
    name: Text
    communes: tuple[Insee, ...]
    before: str | None = None
    aliases: tuple[Text, ...] = ()


@checked(frozen=True, config=_STRICT)
class _Communes:
    communes: tuple[Commune, ...]


@checked(frozen=True, config=_STRICT)
class _Quartiers:
    quartiers: tuple[Quartier, ...]


_COMMUNES = TypeAdapter(_Communes)
_QUARTIERS = TypeAdapter(_Quartiers)


@dataclass(frozen=True)
class Places:
    """The places a territory's files name."""

    communes: tuple[Commune, ...] = ()
    quartiers: tuple[Quartier, ...] = ()


def load_places(communes: Path, quartiers: Path) -> tuple[Places, list[Problem]]:
    """The places of two files, and every problem found in them."""
    first, problems = parse_file(communes, _COMMUNES)
    second, found = parse_file(quartiers, _QUARTIERS)
    if first is None or second is None:
        return Places(), problems + found
    places = Places(first.communes, second.quartiers)
    known = {commune.insee for commune in places.communes}
    wrong = [
        Problem(quartiers, 0, f"{q.id} nomme la commune inconnue {c}", "ajoutez-la au fichier des communes")
        for q in places.quartiers
        for c in q.communes
        if c not in known
    ]
    return places, wrong


@dataclass(frozen=True)
class Said:
    """A place named between two words of a text (`end` is after the last). No commune: it is elsewhere."""

    start: int
    end: int
    communes: frozenset[str]
    rank: int
    """0: a commune's name, 1: a quartier, 2: a postcode. The lowest said decides."""


ELSEWHERE: frozenset[str] = frozenset()
NAME, QUARTIER, POSTCODE = 0, 1, 2


@dataclass
class Gazetteer:
    """Finds places in the words of a text. Communes are INSEE codes; only those with addresses are « here »."""

    names: dict[str, tuple[frozenset[str], int]] = field(default_factory=dict)
    postcodes: dict[str, frozenset[str]] = field(default_factory=dict)
    _sounds: dict[str, str] = field(default_factory=dict)
    _around: tuple[str, ...] = ()
    """The communes of the same departments: a slip in their names is still understood."""
    _departments: frozenset[str] = frozenset()

    @classmethod
    def build(cls, places: Places, here: Iterable[tuple[str, str, str]]) -> Gazetteer:
        """From a territory and the (INSEE code, name, postcode) of the addresses."""
        made = cls()
        served = set(here)
        codes = {insee for insee, _, _ in served}
        for insee, name, postcode in sorted(served):
            made._add_commune(name, (), frozenset({insee}))
            made._add_postcode(postcode, insee)
        for commune in places.communes:
            found = frozenset({commune.insee} if commune.insee in codes else ())
            made._add_commune(commune.name, commune.aliases, found)
            for postcode in commune.postcodes if commune.insee in codes else ():
                made._add_postcode(postcode, str(commune.insee))
        for quartier in places.quartiers:
            for name in (quartier.name, *quartier.aliases):
                made.names.setdefault(_key(name), (frozenset(quartier.communes) & codes, QUARTIER))
        made._departments = frozenset(insee[:2] for insee in codes)
        made._around = tuple(name for name in france().of(made._departments) if len(name) > _FUZZY_FROM)
        made._sounds = {sound(key): key for key in sorted(made.names, reverse=True)}
        return made

    def _add_commune(self, name: str, aliases: Sequence[str], found: frozenset[str]) -> None:
        if not name:
            return
        for written in (name, *aliases):
            self.names.setdefault(_key(written), (found, NAME))
        short = _short(name_words(name))
        if short and found:
            self.names.setdefault(short, (found, NAME))

    def _add_postcode(self, postcode: str, insee: str) -> None:
        if postcode:
            self.postcodes[postcode] = self.postcodes.get(postcode, frozenset()) | {insee}

    def find(self, said: Sequence[str]) -> list[Said]:
        """Every place that may be named, longest first at each word; windows may overlap."""
        return [place for i in range(len(said)) for place in self._at(said, i)]

    def _at(self, said: Sequence[str], i: int) -> Iterator[Said]:
        word = said[i]
        if word.isdigit():
            if len(word) == 5 and (word in self.postcodes or word in france().postcodes):
                yield Said(i, i + 1, self.postcodes.get(word, ELSEWHERE), POSTCODE)
            return
        for end in range(min(len(said), i + LONGEST_NAME), i, -1):
            found = self._named("".join(said[i:end]), fuzzy=end - i <= _FUZZY_WORDS)
            if found:
                yield Said(i, end, *found)

    def _named(self, key: str, fuzzy: bool) -> tuple[frozenset[str], int] | None:
        if key in self.names:
            return self.names[key]
        if not fuzzy or len(key) < _FUZZY_FROM or key in france().names:
            return None
        near = self._sounds.get(sound(key)) or _nearest(key, tuple(self.names))
        return self.names[near] if near and near[0] == key[0] else None

    def is_elsewhere(self, key: str, postcode_here: bool) -> bool:
        """True for a commune of France (its name as one word) that is not here.

        Beside a postcode of here a name from another department is rather a quartier of the same name.
        """
        departments = france().names.get(key)
        if departments is not None:
            return not postcode_here or bool(departments & self._departments)
        return len(key) > _FUZZY_FROM and _nearest(key, self._around) is not None


@lru_cache(maxsize=4096)
def _nearest(key: str, names: tuple[str, ...]) -> str | None:
    allowed = 1 if len(key) < 8 else 2
    found = process.extractOne(key, names, scorer=OSA.distance, processor=None, score_cutoff=allowed)
    return found[0] if found and len(found[0]) >= _FUZZY_FROM else None


@dataclass(frozen=True)
class France:
    """Every postcode, and by commune's name (as one folded word) the departments that have one."""

    postcodes: frozenset[str]
    names: dict[str, frozenset[str]]

    def of(self, departments: frozenset[str]) -> tuple[str, ...]:
        """The names in some departments."""
        return tuple(name for name, found in self.names.items() if found & departments)


@lru_cache(maxsize=1)
def france() -> France:
    """The national list (INSEE and La Poste, through Etalab's decoupage-administratif): what exists, elsewhere."""
    names: dict[str, frozenset[str]] = {}
    codes: list[str] = []
    for line in (Path(__file__).parent / "communes.csv").read_text(encoding="utf-8").splitlines()[1:]:
        code, _, together = line.partition(";")
        codes.append(code)
        for name in together.split("|"):
            key = _key(name)
            names[key] = names.get(key, frozenset()) | {code[:2]}
    return France(frozenset(codes), names)


def _key(name: str) -> str:
    """A name as one word: « Hauts-de-Vallières » is hautsdevallieres."""
    return "".join(name_words(name))


def _short(said: Sequence[str]) -> str:
    """« Montigny » for « Montigny-lès-Metz »; nothing when the name has no such end."""
    link = next((i for i in range(1, len(said) - 1) if said[i] in _LINKS), 0)
    return "" if link == 1 and said[0] in _NO_NAME_ALONE else "".join(said[:link])


_LINKS = frozenset(
    ["les", "lez", "le", "la", "l", "sur", "sous", "en", "aux", "au", "du", "de", "des", "d", "devant", "pres", "et"]
)
_NO_NAME_ALONE = frozenset(
    ["saint", "sainte", "le", "la", "les", "l", "ville", "val", "vaux", "mont", "ban", "bois", "pont", "port", "fort"]
)


def check(places: tuple[Places, list[Problem]]) -> Places:
    """The places when nothing is wrong. Raises KnowledgeError."""
    found, problems = places
    raise_if(problems)
    return found

"""Who rents at a number: the share of each bailleur among its homes, and what that makes of an answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from knowledge.words import fold

PRIVATE = -1
"""The owner of what belongs to no social landlord."""
Shares = Mapping[int, int]
"""By owner (a bailleur's place in the list, or PRIVATE), how many homes."""


class Outcome(IntEnum):
    """How sure an answer is. Only CERTAIN may be acted upon without asking the resident."""

    INCONNU = 0
    AMBIGUOUS = 1
    PROBABLE = 2
    CERTAIN = 3

    @property
    def word(self) -> str:
        """As the command line writes it."""
        return self.name.lower()


@dataclass(frozen=True)
class Bailleur:
    """A line of the operator's list; one `name` may have several SIREN."""

    siren: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What is known of a number or a street. `owners` are social landlords, the largest share first."""

    outcome: Outcome
    owners: tuple[int, ...] = ()
    private: bool = False
    """True when some of the homes are no social landlord's."""


NOTHING = Verdict(Outcome.INCONNU)


class Landlords:
    """The social landlords, recognised in the tax office's file by SIREN, else by their exact name."""

    def __init__(self, listed: Iterable[Bailleur]) -> None:
        self.names: list[str] = []
        self._place: dict[str, int] = {}
        self._by_siren: dict[str, int] = {}
        self._by_name: dict[str, int] = {}
        for bailleur in listed:
            place = self.add(bailleur.name)
            self._by_siren[bailleur.siren] = place
            for name in (bailleur.name, *bailleur.aliases):
                self._by_name.setdefault(plain(name), place)

    def add(self, name: str) -> int:
        """The place of a name in the list, made when it is new."""
        if name not in self._place:
            self._place[name] = len(self.names)
            self.names.append(name)
            self._by_name.setdefault(plain(name), self._place[name])
        return self._place[name]

    def named(self, name: str) -> int | None:
        """The bailleur of that name or alias."""
        return self._by_name.get(plain(name))

    def owner(self, siren: str, denomination: str) -> int:
        """The bailleur of a line of the file. With a true SIREN the name does not count, however much alike."""
        if re.fullmatch(r"[0-9]{9}", siren):
            return self._by_siren.get(siren, PRIVATE)
        return self._by_name.get(plain(denomination), PRIVATE)


def plain(name: str) -> str:
    """A name without case, accents or punctuation."""
    return " ".join(re.findall(r"[a-z0-9]+", fold(name)))


def verdict(shares: Shares) -> Verdict:
    """What the homes of one number say: 90 % of one bailleur is certain, 60 % probable."""
    total = sum(shares.values())
    social = sorted((o for o in shares if o != PRIVATE), key=lambda o: (-shares[o], o))
    private = PRIVATE in shares
    if not social:
        return Verdict(Outcome.INCONNU, (), private)
    first = shares[social[0]]
    if first * 10 >= total * 9:
        return Verdict(Outcome.CERTAIN, tuple(social[:1]), private)
    # One bailleur with less than that among private owners: asked of the resident, the careful answer.
    if first * 10 >= total * 6 or len(social) == 1:
        return Verdict(Outcome.PROBABLE, tuple(social[:1]), private)
    return Verdict(Outcome.AMBIGUOUS, tuple(social), private)


def of_neighbours(found: Iterable[Verdict]) -> Verdict:
    """What the numbers nearby say of one that no file has."""
    near = list(found)
    owners = _owners(near)
    some_private = any(not v.owners for v in near)
    if len(owners) == 1:
        # Some neighbours private: nothing says which side this number is on.
        return NOTHING if some_private else Verdict(Outcome.PROBABLE, owners)
    return Verdict(Outcome.AMBIGUOUS, owners) if owners and not some_private else NOTHING


def of_several(found: Iterable[Verdict]) -> Verdict:
    """What all the numbers of a street, or several streets, say together: never certain."""
    together = list(found)
    owners = _owners(together)
    if not owners:
        return Verdict(Outcome.INCONNU, (), any(v.private for v in together))
    return Verdict(Outcome.PROBABLE if len(owners) == 1 else Outcome.AMBIGUOUS, owners)


def _owners(found: Iterable[Verdict]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(owner for v in found for owner in v.owners))

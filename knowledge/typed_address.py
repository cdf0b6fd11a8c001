"""What a person typed or dictated, cut into the words that may be an address and the rest. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from knowledge.streets import ARTICLES, INDEXES, SAID_TYPES, Piece, pieces

LONGEST = 600
"""Characters looked at: an address and the sentence around it."""
MOST_WORDS = 90
_TELEPHONE = re.compile(r"(?<!\d)(?:\+33\s?|0)[1-9](?:[\s.-]?\d\d){4}(?!\d)")
_INSIDE = frozenset(
    [
        "bat",
        "batiment",
        "batment",
        "bt",
        "esc",
        "escalier",
        "esca",
        "entree",
        "entr",
        "etage",
        "etg",
        "appartement",
        "appart",
        "appt",
        "apt",
        "app",
        "aprt",
        "porte",
        "pte",
        "boite",
        "bte",
        "bal",
        "logement",
        "log",
        "hall",
        "cage",
        "digicode",
        "interphone",
        "niveau",
        "palier",
        "couloir",
        "imm",
        "immeuble",
        "bloc",
        "chambre",
        "cave",
        "parking",
        "garage",
        "box",
        "lot",
        "case",
        "casier",
        "sonnette",
    ]
)
"""Where in a building: what follows is not the number in the street."""
_FLOOR = frozenset(["etage", "etages", "etg", "droite", "gauche", "face"])
_FILLERS = frozenset(
    [
        "bonjour",
        "bonsoir",
        "salut",
        "bjr",
        "svp",
        "stp",
        "plait",
        "merci",
        "madame",
        "monsieur",
        "mr",
        "mme",
        "slt",
        "coucou",
        "allo",
        "voila",
        "alors",
        "donc",
        "ben",
        "euh",
        "oui",
        "je",
        "j",
        "suis",
        "habite",
        "habites",
        "habitons",
        "habiter",
        "vis",
        "loge",
        "loges",
        "reside",
        "domicilie",
        "c",
        "est",
        "cest",
        "ici",
        "mon",
        "ma",
        "mes",
        "notre",
        "nos",
        "votre",
        "chez",
        "moi",
        "nous",
        "adresse",
        "immeuble",
        "batiment",
        "residence",
        "appartement",
        "logement",
        "maison",
        "pavillon",
        "hall",
        "devant",
        "derriere",
        "dans",
        "a",
        "au",
        "aux",
        "en",
        "du",
        "de",
        "des",
        "d",
        "le",
        "la",
        "les",
        "l",
        "sur",
        "pour",
        "par",
        "avec",
        "et",
        "ou",
        "numero",
        "num",
        "n",
        "no",
        "nr",
        "niveau",
        "entree",
        "cage",
        "escalier",
        "etage",
        "bas",
        "haut",
        "cote",
        "pres",
        "face",
        "droite",
        "gauche",
        "centre",
        "ville",
        "france",
        "moselle",
        "metropole",
        "eurometropole",
        "quartier",
        "secteur",
        "commune",
        "locataire",
        "locataires",
        "vous",
        "il",
        "y",
        "ai",
        "rdc",
        "rez",
        "chaussee",
        "cedex",
        "cs",
        "bp",
        "dept",
        "departement",
        "svpl",
        "tel",
        "telephone",
        "code",
        "postal",
        "dit",
        "lieu",
        "rue",
        "habitation",
        "concerne",
        "problemes",
        "probleme",
        "panne",
        "ascenseur",
        "depuis",
        "actuellement",
        "bien",
        "toujours",
        "exactement",
        "precisement",
        "environ",
        "vers",
        "ca",
        "se",
        "trouve",
        "situe",
        "situee",
        "bailleur",
        "hlm",
        "cordialement",
    ]
)


class Kind(Enum):
    """What a word of a text is, before any street is known."""

    WORD = "word"
    NUMBER = "number"
    POSTCODE = "postcode"
    MARK = "mark"
    """« n° » before a number."""
    NOISE = "noise"
    """Building, stairs, floor, flat: of no use here, and it ends a name."""


@dataclass
class Token:
    """A word of the text. `index` is b in « 8 bis »; `pause` when a comma stands before."""

    text: str
    kind: Kind = Kind.WORD
    pause: bool = False
    index: str = ""
    ordinal: bool = False

    @property
    def is_article(self) -> bool:
        """True for « de », « la »…"""
        return self.kind is Kind.WORD and self.text in ARTICLES

    @property
    def way_type(self) -> str:
        """The type of way this word announces, or nothing."""
        return SAID_TYPES.get(self.text, "") if self.kind is Kind.WORD else ""

    @property
    def is_filler(self) -> bool:
        """True for the words around an address."""
        return self.kind in (Kind.NOISE, Kind.MARK) or self.text in _FILLERS


def tokens(typed: str) -> list[Token]:
    """The tokens of a text, never too many."""
    text = _TELEPHONE.sub(" , ", typed[:LONGEST])
    found = pieces(text)[:MOST_WORDS]
    return _Reader(found).read()


@dataclass
class _Reader:
    """Goes once over the pieces, from left to right."""

    found: Sequence[Piece]
    done: list[Token] = field(default_factory=list)
    i: int = 0

    def read(self) -> list[Token]:
        while self.i < len(self.found):
            if not (self._inside() or self._postal() or self._number() or self._mark()):
                self._push(Kind.WORD)
        return self.done

    def _at(self, offset: int) -> Piece | None:
        place = self.i + offset
        return self.found[place] if 0 <= place < len(self.found) else None

    def _push(self, kind: Kind, taken: int = 1, index: str = "") -> bool:
        first = self.found[self.i]
        self.done.append(Token(first.text, kind, first.pause, index, first.ordinal))
        self.i += taken
        return True

    def _inside(self) -> bool:
        piece = self.found[self.i]
        if piece.is_number:
            return self._floor(piece)
        if piece.text == "rdc":
            return self._push(Kind.NOISE)
        if piece.text == "rez":
            return self._push(Kind.NOISE, 3 if self._text(2).startswith("chau") else 1)
        if piece.text not in _INSIDE:
            return False
        skip = 1 + (self._text(1) in ("numero", "n", "no", "num"))
        what = self._at(skip)
        if what is None or what.pause or not self._names_a_part(what, skip):
            return False
        glued = self._at(skip + 1)
        letter = glued is not None and glued.glued and len(glued.text) == 1
        return self._push(Kind.NOISE, skip + 1 + letter)

    def _names_a_part(self, what: Piece, skip: int) -> bool:
        if what.is_number:
            # « hall 12 rue » is a hall, then a number and its street; « hall 2 12 rue » a hall's number first.
            after = self._at(skip + 1)
            return not (after and not after.pause and after.text in SAID_TYPES) or self.found[self.i].text in _ALWAYS
        return len(what.text) == 1 and what.text not in "lr"  # l', and r. for rue.

    def _floor(self, piece: Piece) -> bool:
        after = self._text(1)
        if after in _FLOOR and (piece.ordinal or len(piece.text) <= 2):
            return self._push(Kind.NOISE, 2)
        return False

    def _postal(self) -> bool:
        piece = self.found[self.i]
        if piece.text in ("bp", "cs", "cedex"):
            after = self._at(1)
            return self._push(Kind.NOISE, 1 + bool(after and after.is_number))
        return piece.is_number and len(piece.text) == 5 and self._push(Kind.POSTCODE)

    def _number(self) -> bool:
        piece = self.found[self.i]
        if piece.text == "un" and self._starts_a_number():
            self.found = [*self.found[: self.i], Piece("1", piece.pause), *self.found[self.i + 1 :]]
            piece = self.found[self.i]
        if not piece.is_number:
            return False
        index, taken = self._index()
        return self._push(Kind.NUMBER, 1 + taken, index)

    def _starts_a_number(self) -> bool:
        """« un rue », « un bis », « un d rue »: only there is « un » a number."""
        one, two = self._text(1), self._text(2)
        return one in INDEXES or one in SAID_TYPES or (len(one) == 1 and two in SAID_TYPES)

    def _index(self) -> tuple[str, int]:
        after = self._at(1)
        if after is None or after.pause:
            return "", 0
        if after.text in INDEXES:
            return INDEXES[after.text], 1
        if len(after.text) != 1 or not after.text.isalpha() or not after.text.isascii():
            return "", 0
        next_ = self._at(2)
        alone = next_ is None or next_.pause or next_.text in SAID_TYPES
        if after.text == "r" and not after.glued:
            return "", 0
        if after.glued and not (after.text == "r" and not alone):
            return after.text, 1
        return (after.text, 1) if alone else ("", 0)

    def _mark(self) -> bool:
        piece, after = self.found[self.i], self._at(1)
        follows = after is not None and (after.is_number or after.text == "un")
        return piece.text in ("numero", "num", "n", "no", "nr") and follows and self._push(Kind.MARK)

    def _text(self, offset: int) -> str:
        piece = self._at(offset)
        return piece.text if piece else ""


_ALWAYS = frozenset(
    ["appartement", "appart", "appt", "apt", "app", "boite", "bte", "bal", "porte", "pte", "logement", "log", "etage"]
)
"""After these a number is theirs, even before a street."""

"""The words of French street names, as files and people write them: types, abbreviations, numbers in words. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.words import fold

_TYPES = {
    "rue": "r ru rues",
    "avenue": "av ave aven avenues",
    "boulevard": "bd bld bou bould bvd boul blvd bvld",
    "place": "pl pla plac",
    "placette": "ptte",
    "square": "sq squ",
    "allee": "all al alle allees",
    "impasse": "imp impas",
    "chemin": "che ch chem",
    "route": "rte rou",
    "cour": "cou cr",
    "cours": "crs cs",
    "passage": "pas pass psge pge",
    "residence": "res resid residance",
    "quai": "qu q quay",
    "quartier": "qua qrt quart",
    "faubourg": "fg fbg fbourg",
    "esplanade": "esp espl",
    "promenade": "prom prm",
    "lotissement": "lot lotis",
    "cite": "ci cit",
    "sentier": "sen sent sente",
    "ruelle": "rle ruel rul",
    "ruette": "ruet",
    "rond-point": "rpt rdpt rdp rop",
    "chaussee": "chs chse cha",
    "carrefour": "car",
    "villa": "vla",
    "village": "vge vil",
    "venelle": "ven venel",
    "traverse": "tra trav",
    "hameau": "ham",
    "domaine": "dom",
    "montee": "mte",
    "cote": "",
    "parc": "",
    "mail": "",
    "clos": "",
    "tour": "",
    "parvis": "",
    "galerie": "gal",
    "rampe": "rpe",
    "voie": "voi",
    "pont": "",
    "rempart": "rem",
    "terrasse": "",
    "ensemble": "ens",
    "jardin": "jard",
    "za": "",
    "zi": "",
    "zac": "",
    "zup": "",
}
"""By kind of way, the abbreviations of the tax office's files and of people (folded)."""
WAY_TYPES: dict[str, str] = {short: name for name, shorts in _TYPES.items() for short in (name, *shorts.split())}
_NOT_SAID = frozenset({"pas", "qu", "q", "cs", "cote", "voi", "gal"})
"""Words of a sentence (« à côté », « pas ») too often to announce a street when a person types them."""
SAID_TYPES = {short: name for short, name in WAY_TYPES.items() if short not in _NOT_SAID}

ARTICLES = frozenset(
    [
        "de",
        "du",
        "des",
        "d",
        "la",
        "le",
        "les",
        "l",
        "a",
        "au",
        "aux",
        "en",
        "et",
        "sur",
        "sous",
        "lez",
        "s",
        "un",
        "une",
    ]
)
TITLES = frozenset(
    [
        "general",
        "marechal",
        "commandant",
        "colonel",
        "capitaine",
        "lieutenant",
        "president",
        "professeur",
        "docteur",
        "monseigneur",
        "madame",
        "amiral",
        "abbe",
        "saint",
        "sainte",
        "chanoine",
        "pere",
        "frere",
        "soeur",
        "sergent",
        "adjudant",
        "cardinal",
        "eveque",
        "comte",
        "duc",
        "prince",
        "roi",
        "reine",
    ]
)
FIRST_NAMES = frozenset(
    [
        "adrien",
        "agnes",
        "aime",
        "alain",
        "albert",
        "alexandre",
        "alexis",
        "alfred",
        "alice",
        "alphonse",
        "ambroise",
        "anatole",
        "andre",
        "anne",
        "antoine",
        "ariane",
        "aristide",
        "armand",
        "arthur",
        "auguste",
        "augustin",
        "barthelemy",
        "bernard",
        "berthe",
        "camille",
        "catherine",
        "cecile",
        "charles",
        "charlotte",
        "christian",
        "christine",
        "christophe",
        "claire",
        "claude",
        "clement",
        "colette",
        "daniel",
        "danielle",
        "david",
        "denis",
        "desire",
        "edith",
        "edmond",
        "edouard",
        "elisa",
        "elisabeth",
        "elsa",
        "emile",
        "emilie",
        "emmanuel",
        "ernest",
        "etienne",
        "eugene",
        "eugenie",
        "fabien",
        "felix",
        "ferdinand",
        "fernand",
        "francis",
        "francois",
        "francoise",
        "frederic",
        "gabriel",
        "gabrielle",
        "gaston",
        "genevieve",
        "george",
        "georges",
        "gerard",
        "germain",
        "germaine",
        "gilbert",
        "gilles",
        "guillaume",
        "gustave",
        "guy",
        "helene",
        "henri",
        "henriette",
        "henry",
        "hippolyte",
        "honore",
        "hubert",
        "hugues",
        "irene",
        "isaac",
        "isabelle",
        "jacqueline",
        "jacques",
        "jean",
        "jeanne",
        "jerome",
        "joachim",
        "joseph",
        "josephine",
        "jules",
        "julie",
        "julien",
        "julienne",
        "juliette",
        "laurent",
        "leon",
        "leonard",
        "leonie",
        "leopold",
        "louis",
        "louise",
        "luc",
        "lucie",
        "lucien",
        "lucienne",
        "madeleine",
        "marc",
        "marcel",
        "marceline",
        "marguerite",
        "maria",
        "marie",
        "marthe",
        "martin",
        "mathieu",
        "maurice",
        "maxime",
        "michel",
        "nathalie",
        "nicolas",
        "olivier",
        "olympe",
        "oscar",
        "pascal",
        "paul",
        "paule",
        "pauline",
        "philippe",
        "pierre",
        "raoul",
        "raymond",
        "raymonde",
        "rene",
        "renee",
        "richard",
        "robert",
        "roger",
        "roland",
        "romain",
        "rosa",
        "sarah",
        "sebastien",
        "simon",
        "simone",
        "sophie",
        "stephane",
        "suzanne",
        "theodore",
        "theophile",
        "therese",
        "thomas",
        "victor",
        "vincent",
        "virginie",
        "walter",
        "xavier",
        "yves",
        "yvonne",
        "jp",
    ]
)
_EXPANSIONS = {
    "st": "saint",
    "ste": "sainte",
    "sts": "saints",
    "gen": "general",
    "gal": "general",
    "gl": "general",
    "gnal": "general",
    "mal": "marechal",
    "ml": "marechal",
    "cdt": "commandant",
    "cmdt": "commandant",
    "col": "colonel",
    "cpt": "capitaine",
    "cne": "capitaine",
    "lt": "lieutenant",
    "lieut": "lieutenant",
    "pdt": "president",
    "prof": "professeur",
    "pr": "professeur",
    "dr": "docteur",
    "doct": "docteur",
    "mgr": "monseigneur",
    "mme": "madame",
    "nd": "notre dame",
    "gd": "grand",
    "gde": "grande",
    "gds": "grands",
    "ht": "haut",
    "hte": "haute",
    "hts": "hauts",
    "ptes": "petites",
    "anc": "ancien",
    "cathed": "cathedrale",
    "premier": "1",
    "premiere": "1",
    "ier": "1",
}
INDEXES = {"bis": "b", "ter": "t", "quater": "q", "quinquies": "c", "sexies": "s"}
_SMALL = {
    w: n
    for n, w in enumerate(
        [
            "zero",
            "un",
            "deux",
            "trois",
            "quatre",
            "cinq",
            "six",
            "sept",
            "huit",
            "neuf",
            "dix",
            "onze",
            "douze",
            "treize",
            "quatorze",
            "quinze",
            "seize",
        ]
    )
}
_TENS = {
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70,
    "huitante": 80, "octante": 80, "nonante": 90,
}  # fmt: skip
_ORDINAL_ENDS = frozenset({"e", "er", "ere", "eme", "ieme", "em", "nd", "nde", "ier", "iere"})
_AT = re.compile(r"(?<!\w)[àÀ](?!\w)")
_NUMBER_SIGN = re.compile(r"(?i)(?<![^\W\d_])n\s*[°ºo]\.?\s*(?=\d)")
_PIECE = re.compile(r"[0-9]+|[^\W\d_]+|[^\s]")


@dataclass(frozen=True)
class Piece:
    """A word or a number of a text. `pause` when a comma or the like stands before it, `glued` when nothing does."""

    text: str
    pause: bool = False
    glued: bool = False
    ordinal: bool = False

    @property
    def is_number(self) -> bool:
        """True for digits."""
        return self.text[0].isdigit()


def pieces(text: str) -> list[Piece]:
    """The pieces of a text: folded, shorthand spelt out, numbers in figures."""
    return _spell_out(_in_figures(_ordinals(_cut(text))))


def name_words(text: str) -> tuple[str, ...]:
    """The words of a name from a file."""
    return tuple(piece.text for piece in pieces(text))


@dataclass(frozen=True)
class StreetName:
    """A street's name taken apart: « Boulevard d'Alsace » is boulevard, (alsace,)."""

    kind: str
    core: tuple[str, ...]


@lru_cache(maxsize=65536)
def street_name(text: str, kind: str = "") -> StreetName:
    """The name in a file; `kind` is the abbreviated type when it stands in a column of its own."""
    found = name_words(text)
    known = WAY_TYPES.get(fold(kind).strip(" ."), fold(kind).strip()) if kind.strip() else ""
    first = WAY_TYPES.get(fold(text).split(" ")[0].rstrip("."), "") if found else ""
    if first and len(found) > 1 and (not known or known == first) and core_words(found[1:]):
        known, found = first, found[1:]
    core = core_words(found)
    return StreetName(known, core or found)


def core_words(found: Sequence[str]) -> tuple[str, ...]:
    """A name's words without its articles."""
    return tuple(word for word in found if word not in ARTICLES)


def fold_index(text: str) -> str:
    """« bis » and « B » are b; a letter stays the letter; leading nothing is nothing."""
    index = fold(text).strip()
    return INDEXES.get(index, index[:1] if index.isalnum() else "")


def _cut(text: str) -> list[Piece]:
    found: list[Piece] = []
    pause, end = False, -1
    for match in _PIECE.finditer(_folded_keeping_marks(text)):
        piece = match.group()
        if not (piece[0].isalnum()):
            pause = pause or piece in ",;:()\n|!?" or (piece in "-/–" and match.start() != end)
            # What is held by a hyphen or an apostrophe is not glued: « 18-juin » is two words.
            continue
        found.append(Piece(piece, pause, glued=match.start() == end))
        pause, end = False, match.end()
    return found


def _folded_keeping_marks(text: str) -> str:
    # « n° » folds to « n » and a sign or to « no »; « à » to « a », which is also an index: both are said plainly.
    return fold(_AT.sub(" en ", _NUMBER_SIGN.sub(" numero ", unicodedata.normalize("NFC", text))).replace("\n", ","))


def _ordinals(found: list[Piece]) -> list[Piece]:
    done: list[Piece] = []
    for piece in found:
        if piece.text in _ORDINAL_ENDS and piece.glued and done and done[-1].is_number:
            done[-1] = Piece(done[-1].text, done[-1].pause, done[-1].glued, ordinal=True)
        else:
            done.append(piece)
    return done


def _in_figures(found: list[Piece]) -> list[Piece]:
    done: list[Piece] = []
    i = 0
    said = [piece.text for piece in found]
    while i < len(found):
        value, after = _read_number(said, i)
        if after > i and not (after == i + 1 and said[i] == "un"):
            done.append(Piece(str(value), found[i].pause, found[i].glued))
            i = after
        else:
            done.append(found[i])
            i += 1
    return done


def _read_number(said: list[str], i: int) -> tuple[int, int]:
    """The number said from word i and where it ends; it ends at i when none is."""
    total, here = _below_hundred(said, i)
    if here < len(said) and said[here] in ("cent", "cents"):
        rest, after = _below_hundred(said, here + 1)
        return (total or 1) * 100 + rest, after
    if here < len(said) and said[here] == "mille":
        rest, after = _read_number(said, here + 1)
        return (total or 1) * 1000 + rest, after
    return total, here


def _below_hundred(said: list[str], i: int) -> tuple[int, int]:
    word = said[i] if i < len(said) else ""
    tens, here = _TENS.get(word, 0), i + 1
    if word == "quatre" and i + 1 < len(said) and said[i + 1] in ("vingt", "vingts"):
        tens, here = 80, i + 2
    if not tens:
        return _below_twenty(said, i)
    joined = here + (here < len(said) - 1 and said[here] == "et")
    unit, after = _below_twenty(said, joined)
    limit = 19 if tens in (60, 80) else 9
    # « vingt » then « dix-huit » are two numbers.
    return (tens + unit, after) if after > joined and 0 < unit <= limit else (tens, here)


def _below_twenty(said: list[str], i: int) -> tuple[int, int]:
    if i >= len(said) or said[i] not in _SMALL:
        return 0, i
    if said[i] == "dix" and i + 1 < len(said) and said[i + 1] in ("sept", "huit", "neuf"):
        return 10 + _SMALL[said[i + 1]], i + 2
    return _SMALL[said[i]], i + 1


def _spell_out(found: list[Piece]) -> list[Piece]:
    done: list[Piece] = []
    for piece in found:
        words = _EXPANSIONS.get(piece.text, piece.text).split()
        for n, word in enumerate(words):
            done.append(Piece(word, piece.pause and not n, piece.glued and not n, piece.ordinal))
    return done

"""Which streets the words of a text may name: exactly, by sound, with mistakes, with words missing or to spare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.streets import FIRST_NAMES, TITLES, StreetName
from knowledge.typed_address import Kind, Token
from knowledge.words import sound

WORTH_A_LOOK = 0.62
"""Below this share of the words found, a name is not the one that was meant."""
_LOOKED_AT = 40
"""Names compared word by word; the others share fewer words with the text."""
_SAME_SOUND = 0.93
_SURNAME = 0.9
_BEGINNING = 0.87
"""« Ancienne Verrerie » for « Ancienne Verrerie Saint-Louis »."""


@dataclass(frozen=True)
class Name:
    """One name of one street or residence (`owner` is its place in the book's list)."""

    owner: int
    kind: str
    core: tuple[str, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Match:
    """Where a name was read in the text (`start` to `end`, end excluded) and how well, 0 to 1."""

    name: Name
    start: int
    end: int
    quality: float
    kind: str
    """The type of way said before it, or nothing."""
    anchored: bool
    """True when a type stands before it, or a number beside it."""
    type_at: int
    """The first word of the whole: the type and articles before the name count."""


def _weight(word: str, last: bool) -> float:
    if word in TITLES:
        return 0.25
    if word in FIRST_NAMES and not last:
        return 0.4
    return 0.8 if word.isdigit() else 1.0


class StreetIndex:
    """The names of all streets, found by their words."""

    def __init__(self, named: Iterable[tuple[int, StreetName]]) -> None:
        self.names: list[Name] = []
        self._by_word: dict[str, list[tuple[int, float]]] = defaultdict(list)
        """By word, the names that have it and what share of each it is."""
        for owner, name in named:
            weights = tuple(_weight(w, i == len(name.core) - 1) for i, w in enumerate(name.core))
            self._add(Name(owner, name.kind, name.core, weights))
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        # A mistake in the first letter leaves the second where it was, so two small pools do for one large.
        self._pools: dict[tuple[int, int, str], list[str]] = defaultdict(list)
        for word in sorted(self._by_word):
            if not word.isdigit() and len(word) > 2:
                self._by_sound[sound(word)].append(word)
            if not word.isdigit() and len(word) > 3:
                self._pools[len(word), 0, word[0]].append(word)
                self._pools[len(word), 1, word[1]].append(word)
        self.alike = lru_cache(maxsize=20_000)(self._alike)

    def _add(self, name: Name) -> None:
        number = len(self.names)
        self.names.append(name)
        for word in dict.fromkeys(name.core):
            weight = sum(w for w, c in zip(name.weights, name.core, strict=True) if c == word)
            self._by_word[word].append((number, weight / sum(name.weights)))
        if 1 < len(name.core) < 4 and not any(word.isdigit() for word in name.core):
            self._by_word["".join(name.core)].append((number, 1.0))

    def knows(self, word: str) -> bool:
        """True when some street's name has this word."""
        return word in self._by_word

    def _alike(self, word: str) -> dict[str, float]:
        """The words of names that a typed word may be, with how sure."""
        found: dict[str, float] = {}
        if not word.isdigit() and len(word) > 2:
            exact = word in self._by_word
            found |= {} if exact else self._with_mistakes(word)
            found |= dict.fromkeys(self._sounding_like(word), _SAME_SOUND)
            found |= {w: _SAME_SOUND for w in _other_spellings(word) if w in self._by_word}
        if word in self._by_word:
            found[word] = 1.0
        return found

    def _sounding_like(self, word: str) -> list[str]:
        """« ver » and « verte » sound alike to a rough ear: short words must also be of one length, nearly."""
        heard = sound(word)
        return [w for w in self._by_sound.get(heard, ()) if len(heard) > 3 or abs(len(w) - len(word)) < 2]

    def _with_mistakes(self, word: str) -> dict[str, float]:
        allowed = 0 if len(word) < 4 else 1 if len(word) < 7 else 2
        near: dict[str, float] = {}
        for size in range(len(word) - allowed, len(word) + allowed + 1) if allowed else ():
            for place in (0, 1):
                pool = self._pools.get((size, place, word[place]), ())
                for other, distance, _ in process.extract(
                    word, pool, scorer=OSA.distance, score_cutoff=allowed, limit=20
                ):
                    near[other] = 1 - distance / max(len(word), len(other))
        return near

    def find(self, said: Sequence[Token]) -> list[Match]:
        """The names the text may hold, best first."""
        options = self._options(said)
        matches = [match for name in self._likely(options) for match in _read(name, said, options)]
        return sorted(matches, key=lambda m: (-m.quality, m.name.owner, m.start))

    def _options(self, said: Sequence[Token]) -> dict[str, list[tuple[int, int, float]]]:
        """By word of names, where it may stand in the text: (start, length, how sure)."""
        options: dict[str, list[tuple[int, int, float]]] = defaultdict(list)
        for i, token in enumerate(said):
            if token.kind not in (Kind.WORD, Kind.NUMBER) or token.is_article:
                continue
            if token.is_filler and token.text not in self._by_word:
                continue
            for word, likeness in self.alike(token.text).items():
                options[word].append((i, 1, likeness))
            for length, joined in _joined(said, i):
                for word in {joined, *self._by_sound.get(sound(joined), ())}:
                    if word in self._by_word:
                        options[word].append((i, length, _SAME_SOUND))
        return options

    def _likely(self, options: dict[str, list[tuple[int, int, float]]]) -> list[Name]:
        found: dict[int, float] = defaultdict(float)
        for word, places in options.items():
            best = max(likeness for _, _, likeness in places)
            for number, share in self._by_word[word]:
                found[number] += best * share
        ranked = nsmallest(_LOOKED_AT, found, key=lambda n: (-found[n], n))
        return [self.names[n] for n in ranked]


def _other_spellings(word: str) -> tuple[str, ...]:
    """« danjou » for « d'Anjou », « pin » for « pins »."""
    elided = (word[1:],) if word[0] in "dl" and len(word) > 4 else ()
    return (*elided, word + "s", word.removesuffix("s"))


def _joined(said: Sequence[Token], i: int) -> Iterator[tuple[int, str]]:
    """« langue doc » as one word, « bon pasteur » too."""
    word = said[i].text
    for length in (2, 3):
        after = said[i + length - 1] if i + length - 1 < len(said) else None
        if after is None or after.pause or after.kind is not Kind.WORD:
            return
        word += after.text
        yield length, word


def _read(name: Name, said: Sequence[Token], options: dict[str, list[tuple[int, int, float]]]) -> Iterator[Match]:
    """The best reading of a name in a text, if it is worth a look."""
    whole = "".join(name.core)
    readings = [[(i, n, s, None) for i, n, s in options[whole]]] if len(name.core) > 1 and whole in options else []
    best: Match | None = None
    for start, length, likeness, _ in readings[0] if readings else ():
        best = _better(best, _judge(name, said, [(start, length, likeness)] * len(name.core)))
    heaviest = max(range(len(name.core)), key=lambda c: (name.core[c] in options, name.weights[c], c))
    for anchor in options.get(name.core[heaviest], ()):
        best = _better(best, _judge(name, said, _around(name, options, heaviest, anchor, said)))
    if best is not None and best.quality >= WORTH_A_LOOK:
        yield best


def _better(one: Match | None, other: Match) -> Match:
    return other if one is None or (other.quality, other.anchored) > (one.quality, one.anchored) else one


Reading = list[tuple[int, int, float] | None]


def _around(
    name: Name,
    options: dict[str, list[tuple[int, int, float]]],
    heaviest: int,
    anchor: tuple[int, int, float],
    said: Sequence[Token],
) -> Reading:
    """Where each word of the name stands, going out from one of them, each the nearest in its order."""
    places: Reading = [None] * len(name.core)
    places[heaviest] = anchor
    edge = anchor[0]
    for c in range(heaviest - 1, -1, -1):
        before = [o for o in options.get(name.core[c], ()) if o[0] + o[1] <= edge and edge - o[0] - o[1] < 4]
        if before:
            places[c] = max(before, key=lambda o: (o[0], o[2]))
            edge = before[-1][0] if places[c] is None else max(before, key=lambda o: (o[0], o[2]))[0]
        elif _is_initial(said, edge - 1, name.core[c]):
            places[c] = (edge - 1, 1, 0.9)
            edge -= 1
    edge = anchor[0] + anchor[1]
    for c in range(heaviest + 1, len(name.core)):
        after = [o for o in options.get(name.core[c], ()) if o[0] >= edge and o[0] - edge < 4]
        if after:
            nearest = min(after, key=lambda o: (o[0], -o[2]))
            places[c] = nearest
            edge = nearest[0] + nearest[1]
    return places


def _is_initial(said: Sequence[Token], i: int, word: str) -> bool:
    """« P. Chevreux », « Ch. Richet »."""
    return i >= 0 and said[i].kind is Kind.WORD and len(said[i].text) < 4 and word.startswith(said[i].text)


def _judge(name: Name, said: Sequence[Token], places: Reading) -> Match:
    held = {j for place in places if place for j in range(place[0], place[0] + place[1])}
    start, end = min(held), max(held) + 1
    total = sum(name.weights)
    covered = sum(w * place[2] for w, place in zip(name.weights, places, strict=True) if place)
    inside = sum(_spare(said[j]) for j in range(start, end) if j not in held)
    if any(said[j].pause for j in range(start + 1, end)):
        inside += 1
    type_at, kind, extra = _before(said, start)
    quality = covered / (total + inside + extra)
    if not inside:
        quality = max(quality, _shortened(name, places, extra, said[start - 1].text if start else ""))
    return Match(name, start, end, quality, kind, bool(kind) or _beside_number(said, type_at, end), type_at)


def _shortened(name: Name, places: Reading, extra: float, before: str) -> float:
    """The quality of a name said without its end (« Ancienne Verrerie ») or its first names (« rue Chevreux »)."""
    likeness = {i: place[2] for i, place in enumerate(places) if place}
    known = list(likeness)
    sureness = sum(name.weights[i] * likeness[i] for i in known) / sum(name.weights[i] for i in known)
    if len(known) >= 2 and known[-1] == len(known) - 1:
        return 0.0 if extra else _BEGINNING * sureness
    left = name.core[: known[0]]
    if known[0] + len(known) != len(name.core) or not all(w in FIRST_NAMES or w in TITLES for w in left):
        return 0.0
    initials = before == "".join(word[0] for word in left)
    return 0.0 if extra and not initials else _SURNAME * sureness


def _spare(token: Token) -> float:
    """How much a word of the text that the name lacks speaks against it."""
    if token.is_article or token.kind in (Kind.MARK,):
        return 0.0
    if len(token.text) == 1 or token.text in TITLES:
        return 0.15
    return 0.35 if token.text in FIRST_NAMES else 1.0


def _before(said: Sequence[Token], start: int) -> tuple[int, str, float]:
    """What stands before a name: where it begins with its type, that type, and the weight of words to spare between."""
    i, extra, steps = start, 0.0, 0
    while i > 0 and steps < 5:
        token, before = said[i], said[i - 1]
        if token.pause or before.kind is not Kind.WORD:
            break
        if before.way_type:
            return _first_of_types(said, i - 1), before.way_type, extra
        extra += 0.0 if before.is_article else _spare(before)
        steps += 1
        i -= 1
    # No type: words to spare count only between a number and the name.
    if i > 0 and not said[i].pause and said[i - 1].kind is Kind.NUMBER:
        return i, "", extra
    return _past_articles(said, start), "", 0.0


def _past_articles(said: Sequence[Token], start: int) -> int:
    while start > 0 and not said[start].pause and said[start - 1].is_article:
        start -= 1
    return start


def _first_of_types(said: Sequence[Token], i: int) -> int:
    """« rue rue des Pins », « Pl. Place du » begin with the first."""
    while i > 0 and said[i - 1].way_type:
        i -= 1
    return i


def _beside_number(said: Sequence[Token], start: int, end: int) -> bool:
    if start > 0 and said[start - 1].kind is Kind.NUMBER:
        return True
    while end < len(said) and said[end].kind is Kind.MARK:
        end += 1
    return end < len(said) and said[end].kind is Kind.NUMBER

"""Text as Telegram reads it: parse modes to entities, entities found in plain text, and the same refusals.

Offsets and lengths of entities count UTF-16 units, errors count bytes of UTF-8, limits count characters: so does
Telegram.
"""

import re
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import urlsplit

from bot.sandbox.refusals import Refused

Json = dict[str, Any]

SIMPLE_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "blockquote": "blockquote",
}
MOST_ENTITIES = 100
TAGS = {*SIMPLE_TAGS, "a", "pre", "tg-emoji"}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#(?P<dec>\d{1,7})|#[xX](?P<hex>[0-9a-fA-F]{1,6})|(?P<name>lt|gt|amp|quot));?")
PLAIN = re.compile(r"[^<&]+")
# Tags without attributes, by far the most: read at once.
BARE_TAG = re.compile(r"<(b|strong|i|em|u|ins|s|strike|del|code|pre|blockquote|tg-spoiler)>")
END_TAG = re.compile(r"</([a-z-]+)>")
CONTROLS = dict.fromkeys((*range(9), *range(11, 32)), " ") | {0x0D: None, 0x09: " "}

URL = r"https?://[^\s<>\"]+|(?:[\w-]+\.)+(?:com|fr|org|net|eu|info|io|me|be|lu|de)\b(?:/[^\s<>\"]*)?"
FOUND = re.compile(
    r"(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    rf"|(?<![\w@.])(?P<url>{URL})"
    r"|(?<![\w/<>@])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?!\w))"
    r"|(?<!\w)(?P<mention>@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w))"
    r"|(?<!\w)(?P<hashtag>#\w*[^\W\d]\w*)"
    r"|(?<![\w+])(?P<phone_number>(?:\+\d{1,3}[ .-]?|0)\d(?:[ .-]?\d{2}){4}(?!\w))"
)
WORTH_LOOKING = re.compile(r"[/@#]|\w\.\w|\d{2}")


def units(text: str) -> int:
    """The length of a text as entities count it: in UTF-16 units."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """The text as the server keeps it: no control characters, no spaces around."""
    return text.translate(CONTROLS)


def detected(text: str) -> list[Json]:
    """The commands, mentions, addresses and numbers that Telegram finds by itself in a text."""
    if not WORTH_LOOKING.search(text):
        return []
    return [_entity(text, match) for match in FOUND.finditer(text)]


def _entity(text: str, match: re.Match[str]) -> Json:
    kind = str(match.lastgroup)
    value = match.group().rstrip(".,;:!?)'»") if kind == "url" else match.group()
    return {"offset": units(text[: match.start()]), "length": units(value), "type": kind}


def formatted(text: str, parse_mode: str | None, given: list[Json] | None = None) -> tuple[str, list[Json]]:
    """What is shown of a text sent by the bot, and its entities."""
    return _formatted(text, parse_mode or "", given) if given else _formatted_again(text, parse_mode or "")


@lru_cache(maxsize=256)
def _formatted_again(text: str, parse_mode: str) -> tuple[str, list[Json]]:
    # A bot says the same sentences to everyone, and nobody changes these lists.
    return _formatted(text, parse_mode, None)


def _formatted(text: str, parse_mode: str, given: list[Json] | None) -> tuple[str, list[Json]]:
    mode = parse_mode.lower()
    if mode == "html":
        shown, entities = Html(clean(text)).parse()
    elif mode in ("markdownv2", "markdown"):
        from bot.sandbox.markdown import parse_markdown

        shown, entities = parse_markdown(clean(text), mode)
    elif mode:
        raise Refused(400, "Bad Request: unsupported parse_mode")
    else:
        shown = clean(text)
        entities = [entity for entity in given or [] if _inside(shown, entity)]
    for entity in entities:
        check_entity(entity)
    shown, entities = trimmed(shown, entities)
    return shown, with_detected(shown, entities)[:MOST_ENTITIES]


def check_entity(entity: Any) -> None:
    """Refuse an entity given by the bot that is not one."""
    if not isinstance(entity, dict):
        raise Refused(400, "Bad Request: can't parse MessageEntity: expected an Object")
    for name in ("offset", "length"):
        if not isinstance(entity.get(name), int):
            raise Refused(400, f"Bad Request: can't parse MessageEntity: Can't find field \"{name}\"")
    if not isinstance(entity.get("type"), str):
        raise Refused(400, "Bad Request: can't parse MessageEntity: Can't find field \"type\"")
    if entity["type"] == "text_link" and valid_url(str(entity.get("url", ""))) is None:
        raise Refused(400, f"Bad Request: entity URL '{entity.get('url', '')}' is invalid: Wrong HTTP URL")


def _inside(text: str, entity: Any) -> bool:
    """Whether a given entity lies in its text; Telegram drops the others. Other faults are found later."""
    if not isinstance(entity, dict) or not all(isinstance(entity.get(name), int) for name in ("offset", "length")):
        return True
    return bool(entity["offset"] >= 0 and 0 < entity["length"] <= units(text) - entity["offset"])


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """A text without the spaces around it, its entities moved accordingly."""
    body = text.strip()
    if not entities or body == text:
        return body, entities
    lead = units(text[: len(text) - len(text.lstrip())])
    end = units(body)
    kept = []
    for entity in entities:
        start = max(0, entity["offset"] - lead)
        stop = min(end, entity["offset"] + entity["length"] - lead)
        if stop > start:
            kept.append({**entity, "offset": start, "length": stop - start})
    return body, kept


def with_detected(text: str, entities: list[Json]) -> list[Json]:
    """The given entities and those Telegram finds by itself where nothing forbids it."""
    found = detected(text)
    if not found:
        return entities
    closed = [e for e in entities if e["type"] in ("code", "pre", "text_link", "text_mention", "custom_emoji")]
    free = [e for e in found if not any(_overlap(e, other) for other in closed)]
    return sorted(entities + free, key=lambda e: (e["offset"], -e["length"]))


def _overlap(one: Json, other: Json) -> bool:
    return bool(
        one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"],
    )


def valid_url(url: str) -> str | None:
    """The address as Telegram writes it, or None if it is not one it can open."""
    candidate = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(candidate)
    except ValueError:
        return None
    host = parts.hostname or ""
    # A fragment instead of a real address ("x y", "abc"): Telegram wants a dot, or a machine of one's own.
    if parts.scheme.lower() not in ("http", "https", "tg", "ton") or not host or re.search(r"\s", url):
        return None
    if parts.scheme.lower() in ("http", "https") and "." not in host and host != "localhost":
        return None
    return candidate


def broken(message: str) -> Refused:
    """The refusal of a text whose marks are wrong."""
    return Refused(400, f"Bad Request: can't parse entities: {message}")


class Html:
    """The HTML parse mode: a few tags, all closed, everything else escaped."""

    def __init__(self, source: str) -> None:
        """Read `source` once, by `parse`."""
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.units = 0
        self.open: list[tuple[str, int, str, int]] = []  # tag, offset in units, argument, position in the source
        self.entities: list[Json] = []

    def parse(self) -> tuple[str, list[Json]]:
        """The text shown and its entities; refuses what Telegram refuses."""
        if "<" not in self.source and "&" not in self.source:
            return self.source, []
        while self.at < len(self.source):
            char = self.source[self.at]
            if char == "&":
                self._add(self._reference())
            elif char != "<":
                self._plain()
            elif self.source.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise broken(f'Can\'t find end tag corresponding to start tag "{self.open[-1][0]}"')
        self.entities.sort(key=lambda e: (e["offset"], -e["length"]))
        return "".join(self.out), self.entities

    def _fail(self, message: str, position: int) -> NoReturn:
        offset = len(self.source[:position].encode("utf-8", "surrogatepass"))
        raise broken(message.replace("{}", str(offset)))

    def _add(self, text: str) -> None:
        self.out.append(text)
        self.units += units(text)

    def _plain(self) -> None:
        match = PLAIN.match(self.source, self.at)
        assert match
        self._add(match.group())
        self.at = match.end()

    def _reference(self) -> str:
        match = REFERENCE.match(self.source, self.at)
        if match is None:
            self.at += 1
            return "&"
        self.at = match.end()
        if match["name"]:
            return NAMED[match["name"]]
        code = int(match["dec"]) if match["dec"] else int(match["hex"], 16)
        return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else match.group()

    def _peek(self) -> str:
        return self.source[self.at] if self.at < len(self.source) else ""

    def _spaces(self) -> None:
        while self._peek().isspace():
            self.at += 1

    def _token(self, stops: str) -> str:
        begin = self.at
        while self._peek() and not self._peek().isspace() and self._peek() not in stops:
            self.at += 1
        return self.source[begin : self.at]

    def _start_tag(self) -> None:
        begin = self.at
        bare = BARE_TAG.match(self.source, begin)
        if bare:
            self.at = bare.end()
            self.open.append((bare[1], self.units, "", begin))
            return
        self.at += 1
        name = self._token(">").lower()
        if not self._peek():
            self._fail("Unclosed start tag at byte offset {}", begin)
        if name not in TAGS:
            self._fail(f'Unsupported start tag "{name}" at byte offset {{}}', begin)
        attributes = self._attributes(name, begin)
        self.open.append((name, self.units, self._argument(name, attributes, begin), begin))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            self._spaces()
            if self._peek() == ">":
                self.at += 1
                return found
            if not self._peek():
                self._fail(f'Unclosed start tag "{tag}" at byte offset {{}}', begin)
            name = self._token("=>/\"'").lower()
            if not name:
                self._fail(f'Empty attribute name in the tag "{tag}" at byte offset {{}}', begin)
            self._spaces()
            found[name] = self._value(tag, name, begin)

    def _value(self, tag: str, attribute: str, begin: int) -> str:
        if self._peek() != "=":
            if (tag, attribute) == ("blockquote", "expandable"):
                return ""
            self._fail(
                f'Expected equal sign in declaration of an attribute of the tag "{tag}" at byte offset {{}}', begin
            )
        self.at += 1
        self._spaces()
        quote = self._peek()
        if quote not in ("'", '"') or not quote:
            return self._bare_value(tag, begin)
        self.at += 1
        value: list[str] = []
        while self._peek() != quote:
            if not self._peek():
                self._fail("Unclosed start tag at byte offset {}", begin)
            if self._peek() == "&":
                value.append(self._reference())
            else:
                value.append(self._peek())
                self.at += 1
        self.at += 1
        return "".join(value)

    def _bare_value(self, tag: str, begin: int) -> str:
        match = re.compile(r"[A-Za-z0-9.\-]*").match(self.source, self.at)
        value = match.group() if match else ""
        self.at += len(value)
        if not self._peek():
            self._fail(f'Unclosed start tag "{tag}" at byte offset {{}}', begin)
        if not self._peek().isspace() and self._peek() != ">":
            self._fail("Unexpected end of name token at byte offset {}", self.at)
        return value.lower()

    def _argument(self, tag: str, attributes: dict[str, str], begin: int) -> str:
        if tag == "a":
            return attributes.get("href", "")
        if tag == "blockquote":
            return "expandable" if "expandable" in attributes else ""
        if tag == "tg-emoji":
            return attributes.get("emoji-id", "")
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            self._fail('Tag "span" must have class "tg-spoiler" at byte offset {}', begin)
        if tag == "code":
            return attributes.get("class", "").removeprefix("language-")
        return ""

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            self._fail("Unexpected end tag at byte offset {}", begin)
        name = self._end_name(begin)
        tag, offset, argument, _ = self.open.pop()
        if name and name != tag:
            self._fail(f'Unmatched end tag at byte offset {{}}, expected "</{tag}>", found "</{name}>"', begin)
        if self.units > offset:
            self._close(tag, offset, argument)

    def _end_name(self, begin: int) -> str:
        bare = END_TAG.match(self.source, begin)
        if bare:
            self.at = bare.end()
            return bare[1]
        self.at += 2
        name = self._token(">").lower()
        self._spaces()
        if self._peek() != ">":
            self._fail("Unclosed end tag at byte offset {}", begin)
        self.at += 1
        return name

    def _close(self, tag: str, offset: int, argument: str) -> None:
        entity: Json = {"offset": offset, "length": self.units - offset}
        if tag == "a":
            self._link(entity, argument or self._shown(offset))
        elif tag == "pre":
            self._pre(entity)
        elif tag == "tg-emoji":
            self.entities.append({**entity, "type": "custom_emoji", "custom_emoji_id": argument})
        elif tag == "blockquote" and argument:
            self.entities.append({**entity, "type": "expandable_blockquote"})
        elif tag == "code" and argument and self.open and self.open[-1][0] == "pre":
            self.entities.append({**entity, "type": "code", "language": argument})
        else:
            self.entities.append({**entity, "type": SIMPLE_TAGS[tag]})

    def _shown(self, offset: int) -> str:
        raw = "".join(self.out).encode("utf-16-le", "surrogatepass")[offset * 2 :]
        return raw.decode("utf-16-le", "surrogatepass")

    def _link(self, entity: Json, url: str) -> None:
        mention = re.fullmatch(r"tg://user/?\?id=(\d+)", url)
        if mention:
            self.entities.append({**entity, "type": "text_mention", "user_id": int(mention[1])})
            return
        valid = valid_url(url)
        # An address that leads nowhere is dropped, its text stays: Telegram says nothing either.
        if valid:
            parts = urlsplit(valid)
            address = valid if parts.path or parts.query or parts.fragment else f"{valid}/"
            self.entities.append({**entity, "type": "text_link", "url": address})

    def _pre(self, entity: Json) -> None:
        last = self.entities[-1] if self.entities else {}
        if last.get("language") and (last["offset"], last["length"]) == (entity["offset"], entity["length"]):
            self.entities.pop()
            self.entities.append({**entity, "type": "pre", "language": last["language"]})
        else:
            self.entities.append({**entity, "type": "pre"})

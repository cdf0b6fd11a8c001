"""The MarkdownV2 parse mode, with its refusals. The older Markdown is not spoken here."""

import re
from typing import Any

from bot.sandbox.entities import broken, units, valid_url
from bot.sandbox.refusals import Refused

Json = dict[str, Any]
RESERVED = "_*[]()~`>#+-=|{}.!"
MARKS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}
LANGUAGE = re.compile(r"[A-Za-z0-9_+-]+(?=\n)")


def parse_markdown(source: str, mode: str) -> tuple[str, list[Json]]:
    """The text shown and its entities."""
    if mode != "markdownv2":
        raise Refused(400, "Bad Request: unsupported parse_mode")
    return _Markdown(source).parse()


class _Markdown:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.units = 0
        self.open: list[tuple[str, int, int]] = []
        self.entities: list[Json] = []

    def parse(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            self._step()
        if self.open:
            mark, _, begin = self.open[-1]
            self._fail(f"Can't find end of {self._word(mark)} entity at byte offset {{}}", begin)
        self.entities.sort(key=lambda e: (e["offset"], -e["length"]))
        return "".join(self.out), self.entities

    def _fail(self, message: str, position: int) -> None:
        raise broken(message.replace("{}", str(len(self.source[:position].encode("utf-8", "surrogatepass")))))

    @staticmethod
    def _word(mark: str) -> str:
        return {**MARKS, "[": "TextUrl", "`": "Code", "```": "Pre"}[mark].capitalize()

    def _add(self, text: str) -> None:
        self.out.append(text)
        self.units += units(text)

    def _step(self) -> None:
        char = self.source[self.at]
        if char == "\\" and self.source[self.at + 1 : self.at + 2].isascii() and self.at + 1 < len(self.source):
            self._add(self.source[self.at + 1])
            self.at += 2
        elif char == "`":
            self._code()
        elif char in "[]":
            self._link(char)
        elif mark := self._mark():
            self._toggle(mark)
        elif char == ">" and (self.at == 0 or self.source[self.at - 1] == "\n"):
            self._quote()
        elif char in RESERVED:
            self._fail(f"Character '{char}' is reserved and must be escaped with the preceding '\\'", self.at)
        else:
            self._add(char)
            self.at += 1

    def _mark(self) -> str:
        return next((mark for mark in ("__", "||", "*", "_", "~") if self.source.startswith(mark, self.at)), "")

    def _toggle(self, mark: str) -> None:
        if self.open and self.open[-1][0] == mark:
            _, offset, _ = self.open.pop()
            self._entity(MARKS[mark], offset)
        else:
            self.open.append((mark, self.units, self.at))
        self.at += len(mark)

    def _entity(self, kind: str, offset: int, **more: str) -> None:
        if self.units > offset:
            self.entities.append({"offset": offset, "length": self.units - offset, "type": kind, **more})

    def _code(self) -> None:
        mark = "```" if self.source.startswith("```", self.at) else "`"
        begin, offset = self.at, self.units
        self.at += len(mark)
        language = LANGUAGE.match(self.source, self.at) if mark == "```" else None
        if language:
            self.at = language.end()
        end = re.compile(r"(?<!\\)" + mark).search(self.source, self.at)
        if end is None:
            self._fail(f"Can't find end of {self._word(mark)} entity at byte offset {{}}", begin)
            return
        inside = self.source[self.at : end.start()].removeprefix("\n" if mark == "```" else "")
        self._add(re.sub(r"\\([`\\])", r"\1", inside))
        more = {"language": language.group()} if language else {}
        self._entity("pre" if mark == "```" else "code", offset, **more)
        self.at = end.end()

    def _link(self, char: str) -> None:
        if char == "[":
            self.open.append(("[", self.units, self.at))
            self.at += 1
            return
        if not self.open or self.open[-1][0] != "[":
            self._fail("Character ']' is reserved and must be escaped with the preceding '\\'", self.at)
        _, offset, _ = self.open.pop()
        target = re.compile(r"\]\(((?:\\.|[^\\)])*)\)").match(self.source, self.at)
        self.at = target.end() if target else self.at + 1
        url = valid_url(re.sub(r"\\(.)", r"\1", target[1])) if target else None
        if url:
            self._entity("text_link", offset, url=url)

    def _quote(self) -> None:
        stop = re.compile(r"\n(?!>)|\Z").search(self.source, self.at)
        end = stop.start() if stop else len(self.source)
        inside = re.sub(r"(?m)^>", "", self.source[self.at : end])
        text, entities = _Markdown(inside).parse()
        self.entities += [{**entity, "offset": entity["offset"] + self.units} for entity in entities]
        offset = self.units
        self._add(text)
        self._entity("blockquote", offset)
        self.at = end

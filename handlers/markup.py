"""Markdown of fiches to Telegram HTML, and messages cut to what Telegram takes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.texts import Html

MESSAGE_LIMIT = 4096
"""Characters of a message after its marks are removed (Telegram's limit); we count the marks too."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_INLINE = {"strong_open": "<b>", "strong_close": "</b>", "em_open": "<i>", "em_close": "</i>"}


@lru_cache(maxsize=1024)
def render(markdown: str) -> Html:
    """Markdown as Telegram HTML; whatever Telegram has no mark for becomes plain text.

    Kept: only fiches come here, the same ones again and again.
    """
    return Html("\n\n".join(blocks(markdown)))


def blocks(markdown: str) -> list[str]:
    """The paragraphs and lists, each as Telegram HTML."""
    found: list[str] = []
    numbers: list[int] = []
    for token in _MARKDOWN.parse(markdown):
        if token.type.endswith("_list_open"):
            if not numbers:
                found.append("")
            numbers.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else 0)
        elif token.type.endswith("_list_close"):
            numbers.pop()
        elif token.type == "list_item_open":
            found[-1] += _bullet(found[-1], numbers)
        elif token.content and numbers:
            found[-1] += ("" if found[-1].endswith(" ") else "\n") + _content(token)
        elif token.content:
            found.append(_content(token))
    return _joined_lists(found)


def _joined_lists(found: list[str]) -> list[str]:
    """A list stands right below the line that announces it."""
    if not found:
        return []
    joined = [found[0]]
    for before, block in pairwise(found):
        if block.startswith("•") and before.removesuffix("</b>").endswith(":"):
            joined[-1] += "\n" + block
        else:
            joined.append(block)
    return joined


def _bullet(before: str, numbers: list[int]) -> str:
    mark = "•"
    if numbers[-1]:
        mark = f"{numbers[-1]}."
        numbers[-1] += 1
    return ("\n" if before else "") + "   " * (len(numbers) - 1) + mark + " "


def _content(token: Token) -> str:
    return _inline(token) if token.type == "inline" else html.escape(token.content.strip(), quote=False)


def _inline(token: Token) -> str:
    parts = []
    for child in token.children or ():
        if child.type in _INLINE:
            parts.append(_INLINE[child.type])
        elif child.type == "link_open":
            parts.append(f'<a href="{html.escape(str(child.attrGet("href") or ""))}">')
        elif child.type == "link_close":
            parts.append("</a>")
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        else:
            parts.append(html.escape(child.content, quote=False))
    return "".join(parts)


def messages(parts: Iterable[str], limit: int = MESSAGE_LIMIT) -> list[str]:
    """Pack HTML blocks into as few messages as Telegram takes, never cutting a mark in two."""
    packed: list[str] = []
    for part in (piece for whole in parts for piece in _pieces(whole, limit)):
        if packed and len(packed[-1]) + 2 + len(part) <= limit:
            packed[-1] += "\n\n" + part
        else:
            packed.append(part)
    return packed


def _pieces(part: str, limit: int) -> list[str]:
    """The block itself, or, when it alone is too long, parts cut between words with their marks closed and reopened."""
    if len(part) <= limit:
        return [part] if part else []
    pieces: list[str] = []
    current, marks = "", list[str]()
    for atom in _ATOMS.findall(part):
        kept = _marks_after(marks, atom)
        if len(current) + len(atom) + len(_closing(kept)) > limit:
            pieces.append(current.rstrip() + _closing(marks))
            current = "".join(marks) + ("" if atom.startswith("</") else atom.lstrip())
        else:
            current += atom
        marks = kept
    return [*pieces, current]


_ATOMS = re.compile(r"<[^>]+>|&[#\w]+;|\s|[^<&\s]{1,100}|.")
"""Marks, escaped characters, spaces and (pieces of very long) words: what is never cut."""


def _marks_after(marks: list[str], atom: str) -> list[str]:
    if atom.startswith("</"):
        return marks[:-1]
    return [*marks, atom] if atom.startswith("<") and len(atom) > 1 else marks


def _closing(marks: list[str]) -> str:
    return "".join(f"</{mark[1:-1].split()[0]}>" for mark in reversed(marks))

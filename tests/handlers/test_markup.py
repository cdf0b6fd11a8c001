"""Markdown of fiches becomes Telegram HTML: only marks Telegram knows, always balanced, no word lost."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from handlers.markup import MESSAGE_LIMIT, blocks, messages, render


class Strict(HTMLParser):
    """Reads Telegram HTML as Telegram does: refuses what it refuses."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("b", "i", "a"), tag
        assert [name for name, _ in attrs] == (["href"] if tag == "a" else [])
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"closed and never opened: {tag}"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert "<" not in data and ">" not in data, data
        assert "&" not in data, data
        self.text += data

    def handle_entityref(self, name: str) -> None:
        assert name in ("lt", "gt", "amp", "quot"), name
        self.text += html.unescape(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.text += html.unescape(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    handle_decl = handle_pi = unknown_decl = handle_comment


def shown(markup: str) -> str:
    """What a reader sees; fails when Telegram would refuse the text."""
    reader = Strict()
    reader.feed(markup)
    reader.close()
    assert reader.open == []
    return reader.text


def words(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("", ""),
        ("Bonjour.", "Bonjour."),
        ("Un mot **gras** et *penché*.", "Un mot <b>gras</b> et <i>penché</i>."),
        ("***les deux***", "<i><b>les deux</b></i>"),
        ("a\nb", "a\nb"),
        ("a\n\nb", "a\n\nb"),
        ("a  \nb", "a\nb"),
        ("- un\n- deux", "• un\n• deux"),
        ("* un\n\n* deux", "• un\n• deux"),
        ("1. un\n2. deux", "1. un\n2. deux"),
        ("3. un\n3. deux", "3. un\n4. deux"),
        ("- un\n  - sous\n- deux", "• un\n   • sous\n• deux"),
        ("- un\n\n  suite\n- deux", "• un\nsuite\n• deux"),
        ("Il faut :\n- un", "Il faut :\n• un"),
        ("**Il faut :**\n- un", "<b>Il faut :</b>\n• un"),
        ("Fin.\n\n- un", "Fin.\n\n• un"),
        ("[ici](https://exemple.org/a?b=1&c=2)", '<a href="https://exemple.org/a?b=1&amp;c=2">ici</a>'),
        ("<https://exemple.org>", '<a href="https://exemple.org">https://exemple.org</a>'),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("![une image](https://exemple.org/x.png)", "une image"),
        ("moins de 3 < 5 & 7 > 2", "moins de 3 &lt; 5 &amp; 7 &gt; 2"),
        ("<b>gras</b> <script>x</script>", "&lt;b&gt;gras&lt;/b&gt; &lt;script&gt;x&lt;/script&gt;"),
        ("&lt;b&gt; &eacute;", "&lt;b&gt; é"),
        ("# Titre\ntexte", "Titre\n\ntexte"),
        ("`code <b>`", "code &lt;b&gt;"),
        ("```\n<x> & y\n```", "&lt;x&gt; &amp; y"),
        ("> cité", "cité"),
        ("---", ""),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("snake_case_word", "snake_case_word"),
        ("**pas fermé", "**pas fermé"),
        ('"guillemets"', '"guillemets"'),
    ],
)
def test_markdown_becomes_the_marks_telegram_knows(markdown: str, expected: str) -> None:
    assert render(markdown) == expected
    shown(render(markdown))


PIECES = [
    *("**", "*", "_", "__", "`", "\n", "\n\n", "- ", "1. ", "  ", "    ", "> ", "# ", "[a](https://x.fr/?a=1&b='\")"),
    *("[", "](", ")", "<", ">", "&", "&amp;", "<b>", "</b>", "<a href='x'>", "<!--", "-->", "mot", "été :", "\\"),
    *("```\n", '"', "![", "\t", "\r\n"),
]
markdowns = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join)


@settings(deadline=None)
@given(markdowns)
def test_whatever_is_written_gives_what_telegram_takes(markdown: str) -> None:
    shown(render(markdown))
    for block in blocks(markdown):
        shown(block)


plain = st.text(st.characters(categories=("L", "N", "Zs", "So"), exclude_characters="\u2028"), max_size=200)


@settings(deadline=None)
@given(plain)
@example("x é 😀 ½")
def test_plain_words_are_kept(text: str) -> None:
    assume(not re.match(r"\s*\d", text))
    assert words(shown(render(text.strip()))) == words(text)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_what_people_write_can_be_quoted_in_a_fiche_when_escaped(text: str) -> None:
    assert shown(html.escape(text, quote=False)) == text.replace("\r\n", "\n").replace("\r", "\n") or "\r" in text


def test_short_blocks_make_one_message() -> None:
    assert messages(["a", "", "b", "c"]) == ["a\n\nb\n\nc"]
    assert messages([]) == []
    assert messages(["", ""]) == []


def test_blocks_are_packed_into_as_few_messages_as_fit() -> None:
    assert messages(["a" * 2047, "b" * 2047, "c"]) == ["a" * 2047 + "\n\n" + "b" * 2047, "c"]
    assert messages(["a" * MESSAGE_LIMIT, "b"]) == ["a" * MESSAGE_LIMIT, "b"]


def test_a_block_too_long_is_cut_between_words_with_its_marks_closed_and_reopened() -> None:
    found = messages(["<b>" + "mot " * 40 + "</b>"], limit=60)
    assert all(len(message) <= 60 for message in found)
    assert found[0].startswith("<b>mot mot") and found[0].endswith("mot</b>")
    assert found[1].startswith("<b>mot")
    assert sum(shown(message).count("mot") for message in found) == 40


@settings(deadline=None)
@given(st.lists(markdowns, max_size=4), st.sampled_from([200, 300, MESSAGE_LIMIT]))
@example(["**" + "a & b " * 2000 + "**"], MESSAGE_LIMIT)
@example(["x" * 10_000], MESSAGE_LIMIT)
@example(["&" * 9000], MESSAGE_LIMIT)
@example(["- **a**\n" * 900], MESSAGE_LIMIT)
def test_messages_fit_are_valid_and_lose_no_word(markdown: list[str], limit: int) -> None:
    parts = [render(text) for text in markdown]
    found = messages(parts, limit)
    assert all(0 < len(message) <= limit for message in found)
    said = re.sub(r"\s", "", "".join(shown(message) for message in found))
    assert said == re.sub(r"\s", "", "".join(shown(part) for part in parts))

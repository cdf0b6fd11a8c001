import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.entities import detected, formatted, units
from bot.sandbox.refusals import Refused


def html(text):
    return formatted(text, "HTML")


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("a &lt; b &amp; c &copy;", "a < b & c &copy;", []),
        ("<b>x</b>", "x", [("bold", 0, 1)]),
        ("<strong>x</strong><em>y</em>", "xy", [("bold", 0, 1), ("italic", 1, 1)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("😀<u>é</u>", "😀é", [("underline", 2, 1)]),
        ("  <s>x</s> ", "x", [("strikethrough", 0, 1)]),
        ("<code>&lt;b&gt;</code>", "<b>", [("code", 0, 3)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<B>x</b>", "x", [("bold", 0, 1)]),
        ("<b>x</>", "x", [("bold", 0, 1)]),
        ("<b></b>x", "x", []),
        ("&#233;&#xe9;", "éé", []),
    ],
)
def test_html_is_read(source, text, entities):
    """HTML gives the text and entities that Telegram gives, counted in UTF-16 units."""
    shown, found = html(source)
    assert (shown, [(e["type"], e["offset"], e["length"]) for e in found]) == (text, entities)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é<x>", 'Unsupported start tag "x" at byte offset 2'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("<!-- x -->", 'Unsupported start tag "!--" at byte offset 0'),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ("<a href='x>y</a>", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_broken_html_is_refused(source, words):
    """Broken HTML is refused with Telegram's words and byte offsets."""
    with pytest.raises(Refused) as refusal:
        html(source)
    assert refusal.value.description == f"Bad Request: can't parse entities: {words}"


def test_links():
    """Links keep their address, links to people become mentions, links to nowhere disappear."""
    assert html('<a href="https://a.fr/x?y=1&amp;z=2">x</a>')[1][0]["url"] == "https://a.fr/x?y=1&z=2"
    assert html('<a href="tg://user?id=101">x</a>')[1][0] == {
        "offset": 0,
        "length": 1,
        "type": "text_mention",
        "user_id": 101,
    }
    assert html('<a href="nulle part">x</a>') == ("x", [])


def test_code_blocks_have_a_language():
    """A code block says its language."""
    assert html('<pre><code class="language-python">x</code></pre>')[1] == [
        {"offset": 0, "length": 1, "type": "pre", "language": "python"}
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("/start x", ["bot_command"]),
        ("/aide@passerelle_bac_a_sable_bot", ["bot_command"]),
        ("et/ou", []),
        ("bonjour @samira_ex #metz", ["mention", "hashtag"]),
        ("voir https://service-public.fr/x.", ["url"]),
        ("voir metz.fr", ["url"]),
        ("écrire à a.b@exemple.fr", ["email"]),
        ("appeler le 03 87 00 00 00", ["phone_number"]),
        ("rien du tout", []),
    ],
)
def test_what_telegram_finds(text, kinds):
    """Commands, mentions, addresses and numbers are found in plain text."""
    assert [entity["type"] for entity in detected(text)] == kinds


def test_nothing_is_found_in_code():
    """A command inside code is only code."""
    assert [entity["type"] for entity in html("<code>/start</code>")[1]] == ["code"]


@pytest.mark.parametrize(
    ("source", "text", "kinds"),
    [
        ("*a* _b_ __c__ ~d~ ||e||", "a b c d e", ["bold", "italic", "underline", "strikethrough", "spoiler"]),
        (r"1\.2 `x`", "1.2 x", ["code"]),
        ("[x](https://a.fr)", "x", ["text_link"]),
        ("```py\nx```", "x", ["pre"]),
        (">cité", "cité", ["blockquote"]),
    ],
)
def test_markdown(source, text, kinds):
    """MarkdownV2 is read."""
    shown, entities = formatted(source, "MarkdownV2")
    assert (shown, [entity["type"] for entity in entities]) == (text, kinds)


@pytest.mark.parametrize("source", ["1.2", "*x", "x]", "`x", "```x", "[x](a.fr) *"])
def test_broken_markdown_is_refused(source):
    """Broken MarkdownV2 is refused."""
    with pytest.raises(Refused, match="can't parse entities"):
        formatted(source, "MarkdownV2")


@given(
    st.text(alphabet=st.sampled_from("<>/ab=&;\"' é😀-!\n"), max_size=40), st.sampled_from(["HTML", "MarkdownV2", ""])
)
def test_any_text_is_read_or_refused(source, mode):
    """Whatever the text, it is read with entities inside it, or refused in Telegram's way."""
    try:
        text, entities = formatted(source, mode)
    except Refused:
        return
    assert all(e["offset"] >= 0 and e["length"] > 0 and e["offset"] + e["length"] <= units(text) for e in entities)


@given(st.text(max_size=200))
def test_detection_stays_inside(text):
    """What is found lies in the text."""
    assert all(e["offset"] + e["length"] <= units(text) for e in detected(text))

"""Every sentence the bot says: there, used, complete, safe, polite."""

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import texts
from bot.questions import REASONS
from bot.texts import DEFAULT, FOLDER, Html, TextError, has, languages, plain, say
from handlers.profile import _GROUP, _PRIVATE
from handlers.render import _SECTION_BUTTONS
from knowledge.courtesy import kinds
from knowledge.entries import SECTION_TITLES
from knowledge.language import LANGUAGES

ROOT = Path(__file__).parents[1]
MESSAGE_LIMIT = 4096
LABEL_LIMIT = 40
SAYING = {"say", "plain", "shown", "opening"}


def entries(language: str = DEFAULT) -> dict[str, ftl.Message]:
    resource = FluentParser().parse((FOLDER / f"{language}.ftl").read_text(encoding="utf-8"))
    return {entry.id.name: entry for entry in resource.body if isinstance(entry, ftl.Message)}


FRENCH = entries()


def inside(message: ftl.Message, kind: type) -> list[Any]:
    """Every node of a kind in a sentence."""
    found: list[Any] = []

    def walk(node: object) -> None:
        if isinstance(node, kind):
            found.append(node)
        if isinstance(node, ftl.BaseNode):
            for child in vars(node).values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(message.value)
    return found


def variables(key: str) -> set[str]:
    """What a sentence wants, its parts included."""
    own = {ref.id.name for ref in inside(FRENCH[key], ftl.VariableReference)}
    return own.union(*(variables(ref.id.name) for ref in inside(FRENCH[key], ftl.MessageReference)))


def variants(key: str) -> Iterator[dict[str, object]]:
    """Values for a sentence: once for each of its choices."""
    values: dict[str, object] = dict.fromkeys(variables(key), "valeur")
    selects = inside(FRENCH[key], ftl.SelectExpression)
    yield values
    for select in selects:
        for variant in select.variants:
            name = variant.key.name if isinstance(variant.key, ftl.Identifier) else variant.key.value
            chosen: object = {"one": 1, "other": 2}.get(name, name)
            yield {**values, select.selector.id.name: chosen}


def spoken() -> Iterator[tuple[str, str]]:
    """Every sentence with every choice made."""
    for key in FRENCH:
        for values in variants(key):
            yield key, say(key, **{name.replace("-", "_"): value for name, value in values.items()})


def code() -> Iterator[tuple[Path, ast.AST]]:
    for package in ("bot", "handlers", "schedules"):
        for path in (ROOT / package).rglob("*.py"):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_the_file_has_no_line_that_is_no_sentence() -> None:
    resource = FluentParser().parse((FOLDER / "fr.ftl").read_text(encoding="utf-8"))
    assert [entry.content for entry in resource.body if isinstance(entry, ftl.Junk)] == []


def test_no_sentence_is_written_twice() -> None:
    keys = re.findall(r"^([a-z][\w-]*) =", (FOLDER / "fr.ftl").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(keys) == sorted(set(keys))
    assert len(keys) > 100


def keys_said() -> Iterator[tuple[str, str, ast.Call]]:
    """File, key and call of everything said by its name."""
    for path, tree in code():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("say", "plain"):
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value in FRENCH:
                        yield path.name, part.value, node
                if isinstance(node.args[0], ast.Constant):
                    yield path.name, node.args[0].value, node


def test_every_sentence_said_in_the_code_exists() -> None:
    said = {key for _, key, _ in keys_said()}
    assert said - set(FRENCH) == set()
    assert len(said) > 60


def test_every_sentence_is_given_what_it_wants_where_it_is_said() -> None:
    """A forgotten value would fail only when somebody comes there."""
    wrong = []
    for path, key, call in keys_said():
        given_names = {
            keyword.arg.replace("_", "-") for keyword in call.keywords if keyword.arg and keyword.arg != "language"
        }
        if not variables(key) <= given_names:
            wrong.append((path, key, variables(key) - given_names))
    assert wrong == []


def test_sentences_named_in_pieces_exist() -> None:
    """Those whose key is put together when they are said."""
    wanted = {f"button-reason-{reason}" for reason in REASONS}
    wanted |= {f"command-{name}" for name in (*_PRIVATE, *_GROUP)}
    wanted |= {_SECTION_BUTTONS[title] for title in SECTION_TITLES}
    wanted |= kinds()
    assert wanted - set(FRENCH) == set()


def test_no_sentence_is_left_over() -> None:
    """Named whole or in pieces in the code, or part of another sentence."""
    used = kinds() | {ref.id.name for message in FRENCH.values() for ref in inside(message, ftl.MessageReference)}
    patterns = []
    for _, tree in code():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                used.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                head = str(node.values[0].value)
                patterns += [head] if re.fullmatch(r"[a-z-]+-", head) else []
    left = {key for key in FRENCH if key not in used and not key.startswith(tuple(patterns))}
    assert left == set()


def test_the_note_in_their_language_is_there_for_the_languages_told_apart() -> None:
    """Those of the town first; for another one the answer comes without the note."""
    notes = {key.removeprefix("language-note-") for key in FRENCH if key.startswith("language-note-")}
    assert notes <= set(LANGUAGES)
    assert {"ar", "tr", "en", "pt", "es", "it", "de", "ru"} <= notes


@pytest.mark.parametrize("key", FRENCH)
def test_each_sentence_can_be_said_and_fits_a_message(key: str) -> None:
    for values in variants(key):
        text = say(key, **{name.replace("-", "_"): value for name, value in values.items()})
        assert text.strip()
        assert len(text) <= MESSAGE_LIMIT
        assert "{" not in text


def test_a_forgotten_value_is_noticed() -> None:
    with pytest.raises(TextError, match="place"):
        say("place", name="a")


def test_an_unknown_sentence_is_noticed() -> None:
    with pytest.raises(TextError, match="nulle-part"):
        say("nulle-part")


def test_sentences_are_balanced_telegram_html() -> None:
    for key, text in spoken():
        tags = re.findall(r"</?(\w+)[^>]*>", text)
        assert set(tags) <= {"b", "i"}, key
        depth = 0
        for mark in re.findall(r"<(/?)[bi]>", text):
            depth += -1 if mark else 1
            assert 0 <= depth <= 2, key
        assert depth == 0, key
        assert "<" not in re.sub(r"</?[bi]>", "", text), key


def test_buttons_and_menus_fit_a_telephone_and_carry_no_marks() -> None:
    for key, text in spoken():
        if key.startswith(("button-", "menu-")) and key != "menu-title":
            assert len(plain(key)) <= LABEL_LIMIT, key
            assert "<" not in text and "\n" not in text, key


def test_commands_and_descriptions_fit_what_telegram_takes() -> None:
    for key in FRENCH:
        if key.startswith("command-"):
            assert 3 <= len(plain(key)) <= 256
    assert len(plain("bot-description")) <= 512
    assert len(plain("bot-short-description")) <= 120


def test_the_bot_says_vous_and_never_tu() -> None:
    familiar = re.compile(r"\b(?:tu|toi|ton|ta|tes|te)\b|\bt'", re.IGNORECASE)
    for key, text in spoken():
        if not key.startswith("language-note-"):
            assert not familiar.search(re.sub(r"\{[^}]*\}", "", text)), key


def test_sentences_are_short() -> None:
    """Facile à lire et à comprendre: the same limit as for fiches."""
    for key, text in spoken():
        bare = html.unescape(re.sub(r"<[^>]+>", "", text))
        for sentence in re.split(r"(?<=[.!?…:])\s+|\n+", bare):
            assert len(sentence.split()) <= 25, (key, sentence)


def test_values_are_escaped_unless_they_are_html() -> None:
    assert "<b>&lt;b&gt;&amp; x</b>" in say("official-item", title="<b>& x") if "official-item" in FRENCH else True
    assert say("doleance-public", label="<i>a & b", who="ville").startswith("🛠️ <b>&lt;i&gt;a &amp; b</b>")
    assert "<i>ici</i>" in say("human", places=Html("<i>ici</i>"))


@settings(deadline=None)
@given(st.text())
def test_no_value_can_open_a_mark(value: str) -> None:
    text = say("emergency-head", icon="x", title=value)
    assert text == f"x <b>{html.escape(value, quote=False)}</b>"


def test_plain_is_what_a_button_shows() -> None:
    assert plain("emergency-head", icon="x", title="a & <b>") == "x <b>a & <b></b>"
    assert plain("button-menu") == "🏠 Menu"


def test_a_language_that_lacks_a_sentence_says_it_in_french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fr.ftl").write_text("a = bonjour\nb = au revoir\n", encoding="utf-8")
    (tmp_path / "xx.ftl").write_text("a = hello\n", encoding="utf-8")
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    for cached in (texts.languages, texts._bundle):
        cached.cache_clear()
    try:
        assert (say("a", "xx"), say("b", "xx"), say("a", "zz")) == ("hello", "au revoir", "bonjour")
        assert has("a", "xx") and not has("b", "xx") and not has("a", "zz")
        assert languages() == ("fr", "xx")
    finally:
        for cached in (texts.languages, texts._bundle):
            cached.cache_clear()


@pytest.mark.parametrize("language", [name for name in languages() if name != DEFAULT])
def test_another_language_has_no_sentence_french_lacks(language: str) -> None:
    assert set(entries(language)) <= set(FRENCH)

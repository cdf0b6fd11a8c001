"""French as people type it: the same word however it is written, and never a failure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.words import (
    LONGEST_WORD,
    fold,
    is_asking,
    letter_pieces,
    sound,
    sound_pieces,
    word_pieces,
    words,
)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Éléonore À L'ÉCOLE", "eleonore a l'ecole"),
        ("cœur, Æ, Ç", "coeur, ae, c"),
        ("l\u2019eau", "l'eau"),
        ("e\u0301te\u0301", "ete"),
        ("C.L.A.S", "clas"),
        ("q.p.v. et c.a.f", "qpv. et caf"),
        ("co\u200bpil", "copil"),
        ("\u202eabc\u202c", "abc"),
        ("ﬁn", "fin"),
        ("２０１９", "2019"),
        ("objectif 12.4", "objectif 12.4"),
        ("", ""),
    ],
)
def test_accents_capitals_and_invisible_marks_make_no_difference(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bjr koi 2 neuf", "bonjour quoi 2 neuf"),
        ("slt jai pa de taf ajd", "salut j ai pas de travail aujourd hui"),
        ("mon appart é froid", "mon appartement e froid"),
        ("svp", "s il vous plait"),
    ],
)
def test_shorthand_is_spelt_out(typed: str, meant: str) -> None:
    assert words(typed) == words(meant)


def test_a_word_without_end_is_cut_and_a_text_without_end_too() -> None:
    assert words("a" * 500) == ["a" * LONGEST_WORD]
    assert len("".join(words("b " * 5000))) <= 4096


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("loyer", "loyé"),
        ("caution", "kaution"),
        ("quittance", "kitance"),
        ("pharmacie", "farmacie"),
        ("eau", "au"),
        ("appartement", "apartement"),
        ("charge", "charges"),
        ("ascenseur", "assenseur"),
        ("expulser", "expulsé"),
        ("chauffage", "chofage"),
        ("impayé", "impayer"),
    ],
)
def test_words_that_sound_alike_are_alike(one: str, other: str) -> None:
    assert sound(fold(one)) == sound(fold(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("loyer", "foyer"), ("rat", "rue"), ("bail", "bal"), ("gaz", "gare"), ("115", "119"), ("vol", "sol")],
)
def test_words_that_sound_different_stay_different(one: str, other: str) -> None:
    assert sound(one) != sound(other)


@pytest.mark.parametrize("word", ["إيجار", "аренда", "3919", "a", "x", "et", "ent", "h"])
def test_other_scripts_numbers_and_tiny_words_keep_a_sound(word: str) -> None:
    assert sound(word)


def test_pieces_hold_words_sounds_and_neighbours_and_leave_out_little_words() -> None:
    found = word_pieces(words("je paie le loyer de la maison"))
    assert {"w:loyer", f"s:{sound('loyer')}", "le_loyer"} <= set(found)
    assert not {"w:le", "w:la", "w:de"} & set(found)


def test_little_words_are_kept_when_there_is_nothing_else() -> None:
    assert "w:quoi" in word_pieces(["quoi"])


def test_letters_and_sounds_run_across_words() -> None:
    assert letter_pieces(["un", "mot"]) == [" un ", "un m", "n mo", " mot", "mot "]
    assert sound_pieces(["mot"]) == sound_pieces(["mots"])


@pytest.mark.parametrize("text", ["ça va", "il pleut dans ma cuisine", "bonjour", "merci"])
def test_telling_is_not_asking(text: str) -> None:
    assert not is_asking(words(text), text)


@pytest.mark.parametrize("text", ["ai-je droit à l'apl", "copil ?", "qui paie", "c légal", "comment faire", "c koi"])
def test_asking_is_heard(text: str) -> None:
    assert is_asking(words(text), text)


anything = st.text() | st.text(st.characters(categories=("Cs", "Cc", "Cf", "Mn", "Lo", "Nd")))


@settings(deadline=None)
@given(anything)
def test_no_text_fails_and_folding_again_changes_little(text: str) -> None:
    tokens = words(text)
    assert all(token and token == token.strip() for token in tokens)
    for pieces in (word_pieces, letter_pieces, sound_pieces):
        assert all(isinstance(piece, str) for piece in pieces(tokens))
    is_asking(tokens, text)


@settings(deadline=None)
@given(st.text(st.sampled_from("abcdéèàœÉ'’.,- ?\u0301\u200b1234567890"), max_size=60))
def test_folding_twice_is_folding_once_for_what_french_people_type(text: str) -> None:
    assert words(fold(text)) == words(text)


@settings(deadline=None)
@given(st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=1, max_size=15))
def test_every_word_has_a_sound(word: str) -> None:
    assert sound(word)

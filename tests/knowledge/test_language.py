"""The language somebody writes in: told when sure, French when in doubt."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.language import FRENCH, LANGUAGES, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Comment payer mon loyer ce mois-ci ?", "fr"),
        ("How can I pay my rent this month?", "en"),
        ("Bu ay kiramı ödeyemiyorum, ne yapmalıyım?", "tr"),
        ("كيف أدفع الإيجار هذا الشهر؟", "ar"),
        ("Não consigo pagar a renda este mês, o que faço?", "pt"),
        ("No puedo pagar el alquiler de este mes, ¿qué hago?", "es"),
        ("Non riesco a pagare l'affitto questo mese", "it"),
        ("Ich kann diesen Monat meine Miete nicht bezahlen", "de"),
        ("Я не могу заплатить за квартиру в этом месяце", "ru"),
    ],
)
def test_a_whole_sentence_tells_its_language(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "?", "123", "😀😀", "ok", "QPV"])
def test_what_tells_nothing_passes_for_french(text: str) -> None:
    assert language_of(text) == FRENCH


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=100))
def test_any_text_has_one_of_our_languages_and_always_the_same(text: str) -> None:
    assert language_of(text) in LANGUAGES
    assert language_of(text) == language_of(text)

"""What buttons carry fits Telegram's 64 bytes, and nothing forged makes the bot stumble."""

import re
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import InlineKeyboardButton

from bot.questions import REASONS
from bot.understanding import PAGE, Understanding
from handlers import callbacks as cb
from handlers.callbacks import LIMIT_BYTES, Pressed, data, parse
from handlers.render import (
    LABEL_LIMIT,
    category_rows,
    doleance_rows,
    emergency_list,
    emergency_rows,
    fiche_choices,
    fiche_rows,
    menu_rows,
    shelf,
    shelves,
    shortened,
)
from handlers.table import BUTTONS
from knowledge.territory import Territory

TICKET = "x" * 12


@pytest.fixture(scope="session")
def understanding(territory: Territory) -> Understanding:
    """Everything but the search, which no button needs."""
    return Understanding(territory, None)  # type: ignore[arg-type]


def all_buttons(understanding: Understanding) -> Iterable[InlineKeyboardButton]:
    """Every button the bot can make from what it knows."""
    territory = understanding.territory
    rows = [*menu_rows(), *emergency_list(understanding), *category_rows(territory.categories.values())]
    for fiche in territory.library.fiches.values():
        rows += [*fiche_rows(fiche), *fiche_choices([fiche])]
    for emergency in territory.emergencies.values():
        rows += emergency_rows(emergency)
    for category in territory.categories.values():
        rows += doleance_rows(understanding, category, tuple(territory.library.fiches)[:3])
    for section in territory.library.sections:
        found = shelves(understanding, section.id)
        assert found is not None
        rows += found[1]
        for theme in section.themes:
            first = understanding.shelf(section.id, theme.id, 0)
            assert first is not None
            for number in range(first.count):
                page = understanding.shelf(section.id, theme.id, number)
                assert page is not None
                rows += shelf(page)[1]
    return [button for row in rows for button in row]


def test_every_button_fits_and_is_one_the_bot_knows(understanding: Understanding) -> None:
    """Made from every fiche, shelf, page, danger and category."""
    buttons = list(all_buttons(understanding))
    assert len(buttons) > 2000
    for button in buttons:
        assert isinstance(button.callback_data, str)
        assert len(button.callback_data.encode()) <= LIMIT_BYTES
        assert parse(button.callback_data).verb in BUTTONS
        assert 0 < len(button.text) <= LABEL_LIMIT


def test_every_verb_with_its_longest_argument_fits(understanding: Understanding) -> None:
    longest = max(understanding.territory.library.fiches, key=len)
    for reason in REASONS:
        data(cb.REASON, longest, reason)
    for verb in (cb.SECTION_OF_FICHE, cb.FICHE, cb.RELATED, cb.USEFUL, cb.USELESS):
        data(verb, longest, 3)
    for verb in (cb.NOTIFY, cb.FORGET):
        data(verb, TICKET)


def test_what_a_button_of_a_fiche_carries_leads_back_to_it(understanding: Understanding) -> None:
    for fiche in understanding.territory.library.fiches.values():
        for row in fiche_rows(fiche)[:-1]:
            for button in row:
                pressed = parse(str(button.callback_data))
                assert understanding.fiche(pressed.argument(0)) is fiche
                if pressed.verb == cb.SECTION_OF_FICHE:
                    assert pressed.number(1) < len(fiche.sections)


def test_every_deep_link_fits_and_leads_to_its_fiche(understanding: Understanding) -> None:
    payloads = set()
    for fiche in understanding.territory.library.fiches.values():
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", fiche.payload)
        assert understanding.by_payload(fiche.payload) is fiche
        payloads.add(fiche.payload)
    assert len(payloads) == len(understanding.territory.library.fiches)


def test_every_verb_is_its_own_and_has_its_handler() -> None:
    verbs = [value for name, value in vars(cb).items() if name.isupper() and isinstance(value, str)]
    assert len(set(verbs)) == len(verbs)
    assert set(BUTTONS) == set(verbs)


def test_data_telegram_would_refuse_is_never_made() -> None:
    assert data("f", "x" * 62) == "f:" + "x" * 62
    with pytest.raises(ValueError, match="64"):
        data("f", "x" * 63)
    with pytest.raises(ValueError, match="64"):
        data("f", "é" * 32)


@settings(deadline=None)
@given(st.text())
def test_parsing_never_fails_and_arguments_are_texts_or_small_numbers(text: str) -> None:
    pressed = parse(text)
    assert ":".join((pressed.verb, *pressed.arguments)) == text
    for position in range(-1 + len(pressed.arguments) + 3):
        assert isinstance(pressed.argument(position), str)
        assert 0 <= pressed.number(position) <= 9999


@pytest.mark.parametrize(
    ("typed", "number"),
    [("0", 0), ("7", 7), ("9999", 9999), ("10000", 0), ("-1", 0), ("²", 0), ("٣", 0), ("1e3", 0), (" 1", 0), ("", 0)],
)
def test_a_number_is_small_or_nothing(typed: str, number: int) -> None:
    assert Pressed("s", (typed,)).number(0) == number


def test_a_page_past_the_end_is_the_last_one(understanding: Understanding) -> None:
    section = understanding.territory.library.sections[0]
    page = understanding.shelf(section.id, section.themes[0].id, 9999)
    assert page is not None
    assert page.number == page.count - 1
    assert 0 < len(page.fiches) <= PAGE


@pytest.mark.parametrize(("section", "theme"), [("", ""), ("droits", "rien"), ("rien", "logement"), ("droits", "")])
def test_a_shelf_that_does_not_exist_is_none(understanding: Understanding, section: str, theme: str) -> None:
    assert understanding.shelf(section, theme, 0) is None


@settings(deadline=None)
@given(st.text(max_size=200), st.integers(2, 60))
def test_a_label_is_shortened_to_its_limit(label: str, limit: int) -> None:
    short = shortened(label, limit)
    assert len(short) <= limit
    assert short == label or (short.endswith("…") and label.startswith(short[:-1]))

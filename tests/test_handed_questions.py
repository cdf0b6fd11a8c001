"""What is kept around questions: masked, under a ticket nobody can guess, and forgotten in time."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.clock import FixedClock
from bot.questions import ASKER_DAYS, TEXT_LIMIT, Questions, masked
from bot.store.database import Store, open_store

CLOCK = FixedClock(datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
NUMBER, ADDRESS = "[numéro caché]", "[adresse cachée]"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "passerelle.db")
    yield opened
    opened.close()


@pytest.fixture
def questions(store: Store) -> Questions:
    return Questions(store, CLOCK)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("appelez le 06 12 34 56 78 svp", f"appelez le {NUMBER} svp"),
        ("0612345678", NUMBER),
        ("06.12.34.56.78.", f"{NUMBER}."),
        ("06-12-34-56-78", NUMBER),
        ("06/12/34/56/78", NUMBER),
        ("+33 6 12 34 56 78", NUMBER),
        ("+33 (0)6 12 34 56 78", NUMBER),
        ("0033612345678", NUMBER),
        ("(03) 87 00 00 00", NUMBER),
        ("06 12 34 56 78 ou 07 12 34 56 78", f"{NUMBER} ou {NUMBER}"),
        ("tel:0612345678,merci", f"tel:{NUMBER},merci"),
        ("mon num c 0612345678a", f"mon num c {NUMBER}a"),
        ("tel0612345678", f"tel{NUMBER}"),
        ("06\u00a012\u00a034\u00a056\u00a078", NUMBER),
        ("06\u202f12\u202f34\u202f56\u202f78", NUMBER),
        ("06–12–34–56–78", NUMBER),
        ("0️⃣6️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣", f"{NUMBER}\ufe0f\u20e3"),
        ("né le 12/03/1950", f"né le {NUMBER}"),
        ("٠٦١٢٣٤٥٦٧٨", NUMBER),
        ("1 85 05 78 006 084 36", NUMBER),
        ("écrire à jean.dupont+loyer@exemple.org.", f"écrire à {ADDRESS}."),
        ("JEAN@EXEMPLE.FR", ADDRESS),
        ("é.à@exémple.fr", ADDRESS),
        ("mail:a@b.fr;c@d.org", f"mail:{ADDRESS};{ADDRESS}"),
        ("a'b@exemple.org", ADDRESS),
        ("06 12 34 56 78 a@b.fr", f"{NUMBER} {ADDRESS}"),
    ],
)
def test_numbers_and_addresses_are_masked(written: str, kept: str) -> None:
    assert masked(written) == kept


@pytest.mark.parametrize(
    "text",
    [
        "objectif 2.12.4 et 3.9.2",
        "le 12 mars 2026 à 14h30, ou le 12/03",
        "57000 Metz",
        "500 euros, 12 rue de Paris, étage 3",
        "composez le 3919 ou le 115",
        "@passerelle_bot bonjour",
        "lot@ et @ seuls",
        "de 2019 à 2023",
        "",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert masked(text) == text


def naked(text: str) -> bool:
    """True when an address, or eight digits in a row as people space them, can still be read."""
    return bool(re.search(r"[\w.+-]+@[\w-]+\.\w", text) or re.search(r"\d(?:[\s./()–-]{0,2}\d){7,}", text))


spaces = st.sampled_from(["", " ", ".", "-", "/", "\u00a0", ". ", " - "])
phones = st.builds(
    lambda head, digits, space: head + space.join(digits),
    st.sampled_from(["", "+", "00", "(0)"]),
    st.lists(st.text("0123456789", min_size=1, max_size=3), min_size=8, max_size=20),
    spaces,
)
mails = st.builds(
    lambda who, where, end: f"{who}@{where}.{end}",
    *(st.text("abcXYZ019._+-é", min_size=n, max_size=9).filter(lambda t: t[0].isalnum()) for n in (1, 1)),
    st.sampled_from(["fr", "org", "co.uk"]),
)
around = st.text(st.sampled_from("aé .,;:!?()'\"@<>\n12"), max_size=12)


@settings(deadline=None)
@given(around, phones | mails, around)
@example("", "a_b@c.fr", "_")
@example("x", "0612345678", "x")
def test_no_number_of_eight_digits_and_no_address_survives(before: str, secret: str, after: str) -> None:
    assert not naked(masked(before + secret + after)), masked(before + secret + after)


@settings(deadline=None)
@given(st.text() | st.lists(phones | mails | around).map("".join))
def test_masking_never_fails_and_masking_again_changes_nothing(text: str) -> None:
    once = masked(text)
    assert not naked(once)
    assert masked(once) == once


@pytest.mark.parametrize("text", ["1" * 4096, "a" * 4096 + "@", "a." * 2048, ("0 " * 2048), "@" * 4096, "-" * 4096])
def test_long_texts_are_masked_without_hanging(text: str) -> None:
    assert len(masked(text)) <= len(text)


def test_a_handed_question_is_kept_masked_and_short_with_no_name(questions: Questions, store: Store) -> None:
    ticket = questions.hand("7:q", "Mon numéro : 06 12 34 56 78. " + "é" * 5000)
    row = store.rows("SELECT * FROM handed_questions")[0]
    assert row["text"].startswith(f"Mon numéro : {NUMBER}.")
    assert len(row["text"]) == TEXT_LIMIT
    assert (row["ticket"], row["cause"]) == (ticket, "7:q")
    assert set(row) == {"id", "cause", "ticket", "text", "handed_at", "answered_at"}
    assert store.rows("SELECT * FROM askers") == []


def test_a_number_cut_by_the_limit_is_masked_first(questions: Questions, store: Store) -> None:
    questions.hand("7:q", "x" * (TEXT_LIMIT - 8) + " 06 12 34 56 78")
    assert not re.search(r"\d", store.rows("SELECT text FROM handed_questions")[0]["text"])


def test_a_text_with_half_an_emoji_can_be_handed(questions: Questions, store: Store) -> None:
    questions.hand("7:q", "au secours \ud83d")
    assert store.rows("SELECT text FROM handed_questions")[0]["text"] == "au secours ?"


def test_the_same_press_hands_once_and_gives_the_same_ticket(questions: Questions, store: Store) -> None:
    assert questions.hand("7:q", "a") == questions.hand("7:q", "a")
    assert questions.hand("8:q", "a") != questions.hand("7:q", "a")
    assert len(store.rows("SELECT * FROM handed_questions")) == 2


def test_a_ticket_fits_a_button(questions: Questions) -> None:
    assert re.fullmatch(r"[\w-]{12}", questions.hand("7:q", "a"))


def test_the_chat_that_wants_the_answer_is_kept_sixty_days(questions: Questions, store: Store) -> None:
    ticket = questions.hand("7:q", "a")
    assert questions.notify(ticket, 101)
    asker = store.rows("SELECT chat_id, until FROM askers")[0]
    assert asker == {"chat_id": 101, "until": (CLOCK.now() + timedelta(days=ASKER_DAYS)).isoformat()}
    assert ASKER_DAYS == 60


@pytest.mark.parametrize("ticket", ["", "1", "%", "' OR 1=1 --", "x" * 64])
def test_a_forged_ticket_keeps_nobody(questions: Questions, store: Store, ticket: str) -> None:
    questions.hand("7:q", "a")
    assert not questions.notify(ticket, 101)
    questions.forget(ticket, 101)
    assert store.rows("SELECT * FROM askers") == []


def test_another_chat_cannot_unsubscribe_somebody(questions: Questions, store: Store) -> None:
    ticket = questions.hand("7:q", "a")
    questions.notify(ticket, 101)
    questions.forget(ticket, 102)
    assert len(store.rows("SELECT * FROM askers")) == 1
    questions.forget(ticket, 101)
    assert store.rows("SELECT * FROM askers") == []


def test_an_opinion_counts_once_keeps_the_day_in_paris_and_only_known_reasons(
    questions: Questions, store: Store
) -> None:
    assert questions.rate("7:q", "droits/x", useful=False, reason="wrong")
    assert not questions.rate("7:q", "droits/x", useful=True)
    assert questions.rate("8:q", "droits/x", useful=False, reason="<script>")
    kept = store.rows("SELECT useful, reason, day FROM opinions ORDER BY id")
    assert kept == [
        {"useful": 0, "reason": "wrong", "day": "2026-03-02"},
        {"useful": 0, "reason": None, "day": "2026-03-02"},
    ]

"""Rows of the outbox, of opinions, of handed questions and of the schedule."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import FixedClock
from bot.retention import ENDED_MESSAGES, HANDLED_UPDATES, SET_ASIDE, WITHOUT_IDENTITY, Retention
from bot.store import inbox, opinions, outbox, questions, schedules
from bot.store.database import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def one(store: Store, table: str) -> dict[str, object]:
    return store.rows(f"SELECT * FROM {table}")[0]


def test_the_same_key_is_written_once_whatever_it_says(store: Store) -> None:
    assert outbox.add(store, "k", "telegram", "1", {"text": "a"}, NOW)
    assert not outbox.add(store, "k", "telegram", "1", {"text": "b"}, NOW)
    assert [waiting.payload for waiting in outbox.due(store, NOW, 9)] == [{"text": "a"}]


def test_a_key_stays_taken_after_its_message_was_sent(store: Store) -> None:
    outbox.add(store, "k", "telegram", "1", {"text": "a"}, NOW)
    outbox.end(store, outbox.due(store, NOW, 9)[0].id, "sent", NOW)
    assert not outbox.add(store, "k", "telegram", "1", {"text": "a"}, NOW)
    assert outbox.due(store, NOW, 9) == []


def test_messages_are_due_oldest_first_and_by_batches(store: Store) -> None:
    for name in "abc":
        outbox.add(store, name, "telegram", name, {}, NOW)
    assert [waiting.recipient for waiting in outbox.due(store, NOW, 2)] == ["a", "b"]
    assert outbox.due(store, NOW - timedelta(seconds=1), 9) == []


def test_an_ended_message_forgets_its_words(store: Store) -> None:
    outbox.add(store, "k", "telegram", "1", {"text": "secret"}, NOW)
    outbox.end(store, 1, "refused", NOW, "Bad Request")
    row = one(store, "outbox")
    assert (row["payload"], row["outcome"], row["error"], row["attempts"]) == (None, "refused", "Bad Request", 1)


def test_a_postponed_message_comes_back_at_its_time_with_its_words(store: Store) -> None:
    outbox.add(store, "k", "telegram", "1", {"text": "é"}, NOW)
    outbox.postpone(store, 1, LATER, "429")
    assert outbox.due(store, LATER - timedelta(seconds=1), 9) == []
    waiting = outbox.due(store, LATER, 9)[0]
    assert (waiting.payload, waiting.attempts) == ({"text": "é"}, 1)


def test_outbox_purge_never_takes_what_is_still_to_send(store: Store) -> None:
    outbox.add(store, "ended", "telegram", "1", {}, NOW)
    outbox.end(store, 1, "sent", NOW)
    outbox.add(store, "waits", "telegram", "1", {}, NOW - timedelta(days=400))
    assert outbox.purge(store, NOW) == 0
    assert outbox.purge(store, LATER) == 1
    assert [row["key"] for row in store.rows("SELECT key FROM outbox")] == ["waits"]


def test_an_opinion_counts_once_per_cause(store: Store) -> None:
    assert opinions.add(store, "7:a", "droits/x", True, None, "2026-03-01")
    assert not opinions.add(store, "7:a", "droits/x", False, "wrong", "2026-03-01")
    assert opinions.add(store, "8:a", "droits/x", False, "wrong", "2026-03-01")
    assert [row["useful"] for row in store.rows("SELECT useful FROM opinions ORDER BY id")] == [1, 0]


def test_opinions_of_old_days_go(store: Store) -> None:
    for day in ("2025-01-31", "2025-02-01"):
        opinions.add(store, day, "droits/x", True, None, day)
    assert opinions.purge(store, "2025-02-01") == 1
    assert one(store, "opinions")["day"] == "2025-02-01"


def test_a_question_handed_twice_by_the_same_press_keeps_its_first_ticket(store: Store) -> None:
    assert questions.hand(store, "7", "ticket-1", "texte", NOW) == "ticket-1"
    assert questions.hand(store, "7", "ticket-2", "texte", NOW) == "ticket-1"
    assert len(store.rows("SELECT * FROM handed_questions")) == 1


def test_an_asker_is_forgotten_at_their_date_and_the_question_stays(store: Store) -> None:
    questions.hand(store, "7", "t", "texte", NOW)
    assert questions.remember_asker(store, "t", 101, LATER)
    assert questions.purge(store, LATER, NOW) == 0
    assert questions.purge(store, LATER + timedelta(seconds=1), NOW) == 1
    assert store.rows("SELECT * FROM askers") == []
    assert len(store.rows("SELECT * FROM handed_questions")) == 1


def test_deleting_a_question_forgets_its_asker_too(store: Store) -> None:
    questions.hand(store, "7", "t", "texte", NOW)
    questions.remember_asker(store, "t", 101, NOW + timedelta(days=400))
    assert questions.purge(store, NOW, LATER) == 1
    assert store.rows("SELECT * FROM askers") == []


def test_nobody_is_kept_for_a_question_that_was_answered(store: Store) -> None:
    questions.hand(store, "7", "t", "texte", NOW)
    store.write("UPDATE handed_questions SET answered_at = ?", (NOW.isoformat(),))
    assert not questions.remember_asker(store, "t", 101, LATER)
    assert store.rows("SELECT * FROM askers") == []


def test_forgetting_takes_only_the_chat_that_asks_for_it(store: Store) -> None:
    questions.hand(store, "7", "t", "texte", NOW)
    questions.remember_asker(store, "t", 101, LATER)
    questions.forget_asker(store, "t", 102)
    assert one(store, "askers")["chat_id"] == 101
    questions.forget_asker(store, "t", 101)
    assert store.rows("SELECT * FROM askers") == []


def test_the_last_run_of_a_job_is_the_one_written_last(store: Store) -> None:
    assert schedules.last_run(store, "forget") is None
    schedules.ran(store, "forget", NOW)
    schedules.ran(store, "forget", LATER)
    assert schedules.last_run(store, "forget") == LATER
    assert schedules.last_run(store, "other") is None


@pytest.mark.parametrize("moment", [NOW, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)])
async def test_the_nightly_forgetting_takes_each_thing_at_its_own_age(store: Store, moment: datetime) -> None:
    old, young = timedelta(hours=25), -timedelta(hours=1)
    for n, extra in enumerate((old, young)):
        done, aside = inbox.add(store, [{"update_id": 2 * n}, {"update_id": 2 * n + 1}], moment)
        inbox.finish(store, [done.id], moment - HANDLED_UPDATES - extra)
        inbox.set_aside(store, aside.id, {}, moment - SET_ASIDE - extra)
        outbox.add(store, f"k{n}", "telegram", "1", {}, moment)
        outbox.end(store, n + 1, "sent", moment - ENDED_MESSAGES - extra)
        questions.hand(store, f"{n}", f"t{n}", "texte", moment - WITHOUT_IDENTITY - extra)
        opinions.add(store, f"{n}", "droits/x", True, None, (moment - WITHOUT_IDENTITY - extra).date().isoformat())
    assert await Retention(store, FixedClock(moment)).forget() == 5
    left = {t: len(store.rows(f"SELECT * FROM {t}")) for t in ("inbox", "outbox", "handed_questions", "opinions")}
    assert left == {"inbox": 2, "outbox": 1, "handed_questions": 1, "opinions": 1}

"""Rows of the inbox: written once, taken up in order, emptied of words as soon as they are handled."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store import inbox
from bot.store.database import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO, SOON = NOW - timedelta(days=9), NOW + timedelta(days=9)


def rows(store: Store) -> list[dict[str, object]]:
    return store.rows("SELECT * FROM inbox ORDER BY id")


def test_updates_wait_in_the_order_they_came(store: Store) -> None:
    updates = [{"update_id": n, "message": {"text": f"é{n}"}} for n in (7, 3, 5)]
    added = inbox.add(store, updates, NOW)
    assert [received.update for received in added] == updates
    assert inbox.waiting(store) == added


def test_an_update_that_comes_again_is_left_out(store: Store) -> None:
    update = {"update_id": 7, "message": {"text": "a"}}
    assert len(inbox.add(store, [update, update], NOW)) == 1
    assert inbox.add(store, [dict(update)], NOW) == []
    assert len(rows(store)) == 1


def test_a_repeat_is_known_after_it_was_handled(store: Store) -> None:
    update = {"update_id": 7, "message": {"text": "a"}}
    inbox.finish(store, [inbox.add(store, [update], NOW)[0].id], NOW)
    assert inbox.add(store, [update], NOW) == []
    assert inbox.waiting(store) == []


@pytest.mark.parametrize("number", [None, "7", 7.5, 2**63, -(2**64), {}])
def test_malformed_updates_without_a_number_are_told_apart_by_what_they_say(store: Store, number: object) -> None:
    one, two = {"update_id": number, "a": 1}, {"update_id": number, "a": 2}
    assert len(inbox.add(store, [one, two, one], NOW)) == 2
    assert [received.update for received in inbox.waiting(store)] == [one, two]


def test_one_broken_update_loses_no_other_of_its_batch(store: Store) -> None:
    """Half a character of an emoji comes through JSON and cannot be written as UTF-8."""
    good = {"update_id": 2, "message": {"text": "bonjour"}}
    broken = json.loads('{"update_id": 1, "message": {"text": "a\\ud83d"}}')
    added = inbox.add(store, [broken, good], NOW)
    assert [received.update for received in added] == [broken, good]
    assert inbox.waiting(store) == added


def test_finish_forgets_the_words_and_remembers_the_number(store: Store) -> None:
    first, second = inbox.add(store, [{"update_id": 1, "t": "x"}, {"update_id": 2, "t": "y"}], NOW)
    inbox.finish(store, [first.id], NOW)
    assert inbox.waiting(store) == [second]
    assert rows(store)[0]["payload"] is None
    assert rows(store)[0]["update_id"] == 1


def test_failures_are_counted_and_survive(store: Store) -> None:
    received = inbox.add(store, [{"update_id": 1}], NOW)[0]
    assert inbox.fail(store, received.id, "KeyError") == 1
    assert inbox.fail(store, received.id, "ValueError") == 2
    assert inbox.waiting(store)[0].attempts == 2
    assert rows(store)[0]["error"] == "ValueError"


def test_what_is_set_aside_waits_no_more_and_keeps_only_its_shape(store: Store) -> None:
    received = inbox.add(store, [{"update_id": 1, "t": "secret"}], NOW)[0]
    inbox.set_aside(store, received.id, {"update_id": 1, "t": "<6 caractères>"}, NOW)
    assert inbox.waiting(store) == []
    assert "secret" not in str(rows(store))
    assert "6 caractères" in str(json.loads(str(rows(store)[0]["payload"])))


def test_purge_takes_only_what_is_past_its_time(store: Store) -> None:
    done_old, done_new, aside_old, aside_new, still_waiting = inbox.add(
        store, [{"update_id": n} for n in range(5)], LONG_AGO
    )
    inbox.finish(store, [done_old.id], LONG_AGO)
    inbox.finish(store, [done_new.id], NOW)
    inbox.set_aside(store, aside_old.id, {}, LONG_AGO)
    inbox.set_aside(store, aside_new.id, {}, NOW)
    assert inbox.purge(store, NOW - timedelta(days=2), NOW - timedelta(days=2)) == 2
    assert [row["id"] for row in rows(store)] == [done_new.id, aside_new.id, still_waiting.id]
    assert inbox.purge(store, SOON, SOON) == 2
    assert inbox.waiting(store) == [still_waiting]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(updates=st.lists(st.dictionaries(st.sampled_from(["update_id", "message", "x"]), json_values), max_size=4))
def test_any_json_object_is_written_down_and_read_back(store: Store, updates: list[dict[str, object]]) -> None:
    store.write("DELETE FROM inbox")
    added = inbox.add(store, updates, NOW)
    assert inbox.waiting(store) == added
    assert all(received.update in updates for received in added)

"""The official fiches in the database: all or nothing."""

import sqlite3
from datetime import UTC, datetime

import pytest

from bot.store import official
from bot.store.database import StoreError, open_store
from knowledge.official import OfficialFiche, Reading, Refusal

NOW = datetime(2025, 1, 2, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "p.db")
    yield opened
    opened.close()


def fiche(fiche_id, day="2020-01-01", keywords=("a", "b")):
    return OfficialFiche(fiche_id, f"Titre {fiche_id} é", "Résumé.", "https://x", day, "Thème", keywords)


def replace(store, *found, source="set.zip"):
    readings = [
        Reading(f"{n}.xml", 1.0, f) if isinstance(f, OfficialFiche) else Reading(f"{n}.xml", 1.0, None, f)
        for n, f in enumerate(found)
    ]
    return official.replace(store, readings, source, NOW, lambda done: None)


def ids(store):
    return [f.id for f in official.all(store)]


def test_what_is_put_in_comes_out(store):
    """A fiche goes to the database and back unchanged, keywords included."""
    replace(store, fiche("F1"), fiche("F2", keywords=()))
    assert official.all(store) == [fiche("F1"), fiche("F2", keywords=())]


def test_the_import_is_remembered(store):
    """Where the set came from, when, and its counts can be shown."""
    assert official.last_import(store) is None
    replace(store, fiche("F1"), Refusal("x.xml", "illisible"))
    assert official.last_import(store) == official.Import("set.zip", NOW, 1, 1)


def test_an_import_replaces_all_of_the_one_before(store):
    """Fiches the State withdrew disappear."""
    replace(store, fiche("F1"), fiche("F2"))
    replace(store, fiche("F2"), fiche("F3"))
    assert ids(store) == ["F2", "F3"]


@pytest.mark.parametrize("days", [("2020-01-01", "2021-01-01"), ("2021-01-01", "2020-01-01")])
def test_of_two_with_one_id_the_newest_stays_and_the_other_is_named(store, days):
    """Whatever the order, the newest date wins; the count and the name tell of the other."""
    done = replace(store, fiche("F1", days[0]), fiche("F1", days[1]))
    assert (done.rows, done.refused) == (1, 1)
    assert official.all(store)[0].date == "2021-01-01"
    assert done.refusals[0].name == f"{days.index('2020-01-01')}.xml"


def test_a_failure_while_reading_leaves_the_set_before(store):
    """A damaged archive found half-way changes nothing."""

    def broken():
        yield Reading("F2.xml", 0.5, fiche("F2"))
        raise ValueError

    replace(store, fiche("F1"))
    with pytest.raises(ValueError):
        official.replace(store, broken(), "s", NOW, lambda done: None)
    assert ids(store) == ["F1"]


def test_a_failure_while_replacing_leaves_the_set_before(store):
    """The disk failing in the middle of the swap changes nothing, and is told in French."""
    replace(store, fiche("F1"))
    store.write("CREATE TRIGGER full BEFORE INSERT ON official_imports BEGIN SELECT RAISE(ABORT, 'plein'); END")
    with pytest.raises(StoreError, match="plein"):
        replace(store, fiche("F2"))
    assert ids(store) == ["F1"]


def test_an_empty_set_replaces_nothing(store):
    """A folder without a fiche does not empty the library."""
    replace(store, fiche("F1"))
    assert replace(store).rows == 0
    assert ids(store) == ["F1"]


def test_others_may_write_while_a_set_is_gathered(store, tmp_path):
    """The bot goes on during an import: no lock is held before the swap."""
    with official.staging(store) as room:
        room.add(fiche("F1"), "F1.xml")
        other = sqlite3.connect(tmp_path / "p.db", timeout=0)
        with other:
            other.execute("INSERT INTO schedule_runs VALUES ('job', 'now')")
        other.close()
        room.put_in_force("s", 0, NOW)
    assert ids(store) == ["F1"]


def test_only_the_first_refusals_are_kept(store):
    """A thousand refusals take no more room than twenty; all are counted."""
    done = replace(store, fiche("F1"), *(Refusal(f"{n}.xml", "non") for n in range(1000)))
    assert (done.refused, len(done.refusals)) == (1000, official.REFUSALS_KEPT)

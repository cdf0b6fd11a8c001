"""The SQLite file: made from nothing, written together or not at all."""

import sqlite3
from pathlib import Path

import pytest

from bot.store.database import Store, StoreError, open_store
from bot.store.migrations import MIGRATIONS

TABLES = {
    "inbox",
    "outbox",
    "opinions",
    "handed_questions",
    "askers",
    "schedule_runs",
    "official_fiches",
    "official_imports",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "nouveau" / "passerelle.db"


def days(store: Store) -> list[str]:
    return [row["day"] for row in store.rows("SELECT day FROM opinions ORDER BY id")]


def insert(store: Store, cause: str, day: str = "2026-01-01") -> int | None:
    return store.insert(
        "INSERT OR IGNORE INTO opinions (cause, fiche, useful, day) VALUES (?, 'droits/x', 1, ?)", (cause, day)
    )


def test_an_empty_folder_gets_the_whole_schema(path: Path) -> None:
    store = open_store(path)
    assert set(store.database.table_names()) >= TABLES
    store.close()


def test_opening_again_changes_nothing_and_keeps_the_rows(path: Path) -> None:
    store = open_store(path)
    insert(store, "a")
    schema = store.rows("SELECT sql FROM sqlite_master ORDER BY name")
    store.close()
    store = open_store(path)
    assert days(store) == ["2026-01-01"]
    assert store.rows("SELECT sql FROM sqlite_master ORDER BY name") == schema
    store.close()


def test_an_older_file_gets_only_the_migrations_it_lacks(path: Path) -> None:
    """A file of the first release, with a row in it."""
    path.parent.mkdir()
    connection = sqlite3.connect(path, isolation_level=None)
    from sqlite_utils import Database

    MIGRATIONS.apply(Database(connection), stop_before="outbox")
    connection.execute("INSERT INTO inbox (update_id, digest, payload, received_at) VALUES (1, 'd', '{}', 'x')")
    connection.close()
    store = open_store(path)
    assert set(store.database.table_names()) >= TABLES
    assert len(store.rows("SELECT * FROM inbox")) == 1
    store.close()


def test_the_file_is_safe_against_power_cuts_and_forgets_what_is_deleted(path: Path) -> None:
    store = open_store(path)
    settings = {name: next(iter(store.rows(f"PRAGMA {name}")[0].values())) for name in (
        "journal_mode", "synchronous", "foreign_keys", "secure_delete"
    )}  # fmt: skip
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    store.close()


def test_a_transaction_that_fails_writes_nothing(path: Path) -> None:
    store = open_store(path)

    def fail() -> None:
        with store.transaction():
            insert(store, "a")
            insert(store, "b")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert days(store) == []
    with store.transaction():
        insert(store, "c")
    assert days(store) == ["2026-01-01"]
    store.close()


def test_transactions_do_not_nest_and_the_outer_one_is_undone(path: Path) -> None:
    store = open_store(path)

    def nest() -> None:
        with store.transaction():
            insert(store, "a")
            with store.transaction():
                insert(store, "b")

    with pytest.raises(RuntimeError, match="nest"):
        nest()
    assert days(store) == []
    store.close()


def test_another_reader_sees_nothing_before_the_commit_and_all_after(path: Path) -> None:
    store, other = open_store(path), open_store(path)
    with store.transaction():
        insert(store, "a")
        assert days(other) == []
    assert days(other) == ["2026-01-01"]
    store.close()
    other.close()


def test_insert_says_the_new_row_or_none_when_it_was_there(path: Path) -> None:
    store = open_store(path)
    first = insert(store, "a")
    assert first is not None
    assert insert(store, "a", "2030-01-01") is None
    assert days(store) == ["2026-01-01"]
    store.close()


def test_write_says_how_many_rows_it_touched(path: Path) -> None:
    store = open_store(path)
    insert(store, "a")
    insert(store, "b")
    assert store.write("DELETE FROM opinions") == 2
    assert store.write("DELETE FROM opinions") == 0
    store.close()


def test_closing_folds_the_log_into_the_file(path: Path) -> None:
    store = open_store(path)
    insert(store, "a")
    store.close()
    log = path.with_name(path.name + "-wal")
    assert not log.exists() or log.stat().st_size == 0


@pytest.mark.parametrize("kind", ["damaged", "folder", "file-in-the-way"])
def test_an_unusable_file_is_refused_in_french(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "base" / "passerelle.db"
    if kind == "file-in-the-way":
        path.parent.write_text("x")
    else:
        path.parent.mkdir()
        path.mkdir() if kind == "folder" else path.write_bytes(b"ceci n'est pas une base" * 500)
    with pytest.raises(StoreError) as caught:
        open_store(path)
    assert str(path) in str(caught.value)
    assert "sauvegarde" in str(caught.value)

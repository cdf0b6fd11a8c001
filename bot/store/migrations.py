"""The schema, one migration a change, applied in order and never edited once released."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

MIGRATIONS = Migrations("passerelle")


@MIGRATIONS()
def inbox(db: Database) -> None:
    """Updates received: `payload` (raw JSON) goes once handled, `done_at` stays a while so that a repeat is known."""
    db.conn.execute(
        """
        CREATE TABLE inbox (
            id INTEGER PRIMARY KEY,
            update_id INTEGER NOT NULL,
            digest TEXT NOT NULL,
            payload TEXT,
            received_at TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            done_at TEXT,
            set_aside_at TEXT,
            error TEXT,
            UNIQUE (update_id, digest)
        )
        """
    )
    db.conn.execute("CREATE INDEX inbox_waiting ON inbox (id) WHERE done_at IS NULL AND set_aside_at IS NULL")


@MIGRATIONS()
def outbox(db: Database) -> None:
    """Messages to send: `key` says once and for all what is sent to whom and why."""
    db.conn.execute(
        """
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            channel TEXT NOT NULL,
            recipient TEXT NOT NULL,
            payload TEXT,
            created_at TEXT NOT NULL,
            next_try_at TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            outcome TEXT,
            error TEXT,
            ended_at TEXT
        )
        """
    )
    db.conn.execute("CREATE INDEX outbox_due ON outbox (next_try_at) WHERE outcome IS NULL")


@MIGRATIONS()
def opinions(db: Database) -> None:
    """👍 and 👎 on fiches: what and when, never who. `cause` is the update it came from, so that it counts once."""
    db.conn.execute(
        """
        CREATE TABLE opinions (
            id INTEGER PRIMARY KEY,
            cause TEXT NOT NULL UNIQUE,
            fiche TEXT NOT NULL,
            useful INTEGER NOT NULL,
            reason TEXT,
            day TEXT NOT NULL
        )
        """
    )


@MIGRATIONS()
def handed_questions(db: Database) -> None:
    """Questions a person chose to hand to the team; who asked is apart, and only for who wants the answer."""
    db.conn.execute(
        """
        CREATE TABLE handed_questions (
            id INTEGER PRIMARY KEY,
            cause TEXT NOT NULL UNIQUE,
            ticket TEXT NOT NULL UNIQUE,
            text TEXT NOT NULL,
            handed_at TEXT NOT NULL,
            answered_at TEXT
        )
        """
    )
    db.conn.execute(
        """
        CREATE TABLE askers (
            question_id INTEGER PRIMARY KEY REFERENCES handed_questions (id) ON DELETE CASCADE,
            chat_id INTEGER NOT NULL,
            until TEXT NOT NULL
        )
        """
    )


@MIGRATIONS()
def schedule_runs(db: Database) -> None:
    """When each periodic job last ran (UTC, ISO 8601)."""
    db.conn.execute("CREATE TABLE schedule_runs (job TEXT PRIMARY KEY, last_run_at TEXT NOT NULL)")


@MIGRATIONS()
def official_fiches(db: Database) -> None:
    """The State's fiches (`keywords` one a line), and when each set came; an import replaces them all at once."""
    db.conn.execute(
        """
        CREATE TABLE official_fiches (
            id TEXT PRIMARY KEY,
            title TEXT NOT NULL,
            summary TEXT NOT NULL,
            url TEXT NOT NULL,
            date TEXT NOT NULL,
            theme TEXT NOT NULL,
            keywords TEXT NOT NULL
        ) WITHOUT ROWID
        """
    )
    db.conn.execute(
        """
        CREATE TABLE official_imports (
            id INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            imported_at TEXT NOT NULL,
            rows INTEGER NOT NULL,
            refused INTEGER NOT NULL
        )
        """
    )


@MIGRATIONS()
def addresses(db: Database) -> None:
    """Whose homes are where, as imported; an import replaces the kinds it brings, all at once."""
    for name, columns in {
        "address_homes": "insee, commune, road, kind, street, number INTEGER, door_index, parcel, siren, "
        "denomination, count INTEGER",
        "address_points": "road, insee, commune, postcode, street, number INTEGER, door_index, longitude REAL, "
        "latitude REAL, residence, parcels",
        "address_bailleurs": "siren, name, aliases",
        "address_contacts": "owner, level, services, name, phone, email, hours, out_of_hours, valid_from, valid_until, "
        "commune, residence, street, numbers, quartier",
        "address_perimeters": "code, name, insee, rings",
        "address_social": "insee, kind, street, number INTEGER, door_index, quartier, count INTEGER",
    }.items():
        db.conn.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, {columns})")
    db.conn.execute(
        """
        CREATE TABLE address_imports (
            kind TEXT PRIMARY KEY,
            sources TEXT NOT NULL,
            imported_at TEXT NOT NULL,
            rows INTEGER NOT NULL,
            refused INTEGER NOT NULL,
            example INTEGER NOT NULL
        ) WITHOUT ROWID
        """
    )

"""The address book in force: read from what the operator imported, else (sandbox) from the invented example."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date

from bot.clock import PARIS, SystemClock
from bot.settings import Settings
from bot.store import addresses
from bot.store.database import Store, open_store
from knowledge.addresses import AddressBook, Routed
from knowledge.territory import Category, Territory, load_territory


class RoutingError(Exception):
    """What was asked cannot be; the text says why, in French."""


@dataclass(frozen=True)
class Routing:
    """The address book of a territory, and the categories that choose a contact."""

    book: AddressBook
    territory: Territory

    def category(self, category_id: str | None) -> Category | None:
        """The category of that id. Raises RoutingError when there is none."""
        if category_id is None:
            return None
        found = self.territory.categories.get(category_id)
        if found is None:
            known = ", ".join(self.territory.categories)
            raise RoutingError(f"La catégorie « {category_id} » n'existe pas. Choisissez parmi : {known}.")
        return found

    def in_words(self, routed: Routed) -> str:
        """For an operator at a terminal."""
        lines = [f"{routed.typed} : {routed.outcome}"]
        for found in routed.candidates:
            lines.append(
                f"  {found.bailleur} ({' '.join(filter(None, (found.number, found.street)))}, {found.commune})"
            )
        if routed.contact:
            contact = routed.contact
            lines.append("  " + ", ".join(filter(None, (contact.level, contact.name, contact.phone, contact.email))))
        return "\n".join(lines)


def open_book(store: Store, territory: Territory, today: Callable[[], date]) -> AddressBook:
    """The address book; an invented territory without any import takes its own example files first.

    Raises StoreError or KnowledgeError.
    """
    if territory.invented and territory.patrimoine and addresses.is_empty(store):
        files = sorted(path for path in territory.patrimoine.iterdir() if path.suffix in (".csv", ".txt", ".geojson"))
        addresses.replace(store, files, SystemClock().now(), lambda done: None, example=True)
    return AddressBook(addresses.records(store), territory.where, today)


def load_routing(settings: Settings) -> Routing:
    """The address book in force. Raises StoreError or KnowledgeError."""
    territory = load_territory(settings.territory_folder)
    clock = SystemClock()
    with closing(open_store(settings.database)) as store:
        return Routing(open_book(store, territory, lambda: clock.now().astimezone(PARIS).date()), territory)

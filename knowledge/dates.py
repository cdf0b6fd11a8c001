"""Partial dates as people say them in French."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date


def spoken(partial: str) -> str:
    """« 2019 », « novembre 2020 » or « 6 novembre 2025 » from an ISO date that may lack month or day."""
    parts = [int(part) for part in partial.split("-")]
    if len(parts) == 1:
        return str(parts[0])
    if len(parts) == 2:
        return format_date(date(parts[0], parts[1], 1), "MMMM y", locale="fr")
    words = format_date(date(parts[0], parts[1], parts[2]), "d MMMM y", locale="fr")
    return words.replace("1 ", "1er ", 1) if parts[2] == 1 else words


def of_date(partial: str) -> str:
    """The same after « de », elided where French does: « d'avril 2020 »."""
    words = spoken(partial)
    if words[0] in "ao":
        return f"d'{words}"
    return f"du {words}" if partial.count("-") == 2 else f"de {words}"

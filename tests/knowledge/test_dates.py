"""Dates as people say them in French."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.dates import of_date, spoken
from knowledge.territory import Territory


@pytest.mark.parametrize(
    ("partial", "said", "after_de"),
    [
        ("2019", "2019", "de 2019"),
        ("2020-11", "novembre 2020", "de novembre 2020"),
        ("2020-04", "avril 2020", "d'avril 2020"),
        ("2020-08", "août 2020", "d'août 2020"),
        ("2020-10", "octobre 2020", "d'octobre 2020"),
        ("2025-11-06", "6 novembre 2025", "du 6 novembre 2025"),
        ("2025-05-01", "1er mai 2025", "du 1er mai 2025"),
        ("2025-05-11", "11 mai 2025", "du 11 mai 2025"),
        ("2025-05-21", "21 mai 2025", "du 21 mai 2025"),
    ],
)
def test_a_date_is_said_as_far_as_it_is_known(partial: str, said: str, after_de: str) -> None:
    assert spoken(partial) == said
    assert of_date(partial) == after_de


@settings(deadline=None)
@given(st.dates())
def test_any_day_can_be_said_with_its_year(day: object) -> None:
    assert re.fullmatch(r"\d{1,2}(er)? \w+ \d+", spoken(str(day)))


def test_every_date_of_the_territory_can_be_said(territory: Territory) -> None:
    for fiche in territory.library.fiches.values():
        for partial in (fiche.verified, *(source.date for source in fiche.sources)):
            assert spoken(partial)[-4:].isdigit(), fiche.id
            assert of_date(partial).startswith(("de ", "d'", "du ")), fiche.id

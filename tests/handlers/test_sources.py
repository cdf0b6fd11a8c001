"""Where an answer comes from, said once for each work."""

from dataclasses import replace

from handlers.render import source_lines
from knowledge.entries import Fiche, Source

SITE = "https://example.org/"
FICHE = Fiche("droits/x", "X", "x", verified="2020-11")


def shown(*sources: Source) -> str:
    return source_lines(replace(FICHE, sources=sources)).splitlines()[0]


def test_pages_of_one_site_name_it_once() -> None:
    """Two pages of a site are two links after one name and one date."""
    line = shown(
        Source("site.fr, fiche F1", "2020-11", f"{SITE}1"),
        Source("site.fr, fiche F2", "2020-11", f"{SITE}2"),
    )
    assert line.count("site.fr") == line.count("novembre 2020") == 1
    assert f'<a href="{SITE}1">fiche F1</a> ; <a href="{SITE}2">fiche F2</a>' in line


def test_a_site_and_its_page_name_it_once() -> None:
    """The site itself is the link that its pages follow."""
    line = shown(Source("site.fr", "2020-11", SITE), Source("site.fr, fiche F1", "2020-11", f"{SITE}1"))
    assert f'<a href="{SITE}">site.fr</a> : <a href="{SITE}1">fiche F1</a>' in line
    assert line.count("site.fr") == 1


def test_parts_of_one_document_name_it_once() -> None:
    """A document with its year is named once, then its parts."""
    line = shown(Source("Accord (Ville, 2019), annexe 1", "2019"), Source("Accord (Ville, 2019), article 2", "2019"))
    assert "Accord (Ville, 2019) : annexe 1 ; article 2<" in line


def test_other_sources_stand_as_they_are() -> None:
    """Different works, and one work of two dates, are each named in full."""
    line = shown(
        Source("a.fr", "2020-11", SITE),
        Source("b.fr, fiche F1", "2020-11", f"{SITE}1"),
        Source("b.fr, fiche F2", "2021-03", f"{SITE}2"),
    )
    assert all(name in line for name in ("a.fr", "b.fr, fiche F1", "b.fr, fiche F2", "mars 2021"))

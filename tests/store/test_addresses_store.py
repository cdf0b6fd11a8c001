"""Importing the open files: kinds told by the header, all or nothing, errors an operator can mend."""

import gzip
import json
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.store import addresses
from bot.store.database import Store
from knowledge.errors import KnowledgeError

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LONG = (
    "Département (Champ géographique);Code Direction (Champ géographique);Code Commune (Champ géographique);"
    "Nom Commune (Champ géographique);Préfixe (Références cadastrales);Section (Références cadastrales);"
    "N° plan (Références cadastrales);Bâtiment (Identification du local);Entrée (Identification du local);"
    "Niveau (Identification du local);Porte (Identification du local);N° voirie (Adresse du local);"
    "Indice de répétition (Adresse du local);Code voie MAJIC (Adresse du local);Code voie rivoli (Adresse du local);"
    "Nature voie (Adresse du local);Nom voie (Adresse du local);Code droit (Propriétaire(s) du local);"
    "N° MAJIC (Propriétaire(s) du local);N° SIREN (Propriétaire(s) du local);"
    "Groupe personne (Propriétaire(s) du local);"
    "Forme juridique (Propriétaire(s) du local);Forme juridique abrégée (Propriétaire(s) du local);"
    "Dénomination (Propriétaire(s) du local)"
)
SHORT = LONG.replace("Indice de répétition (Adresse du local)", "Indice").replace(
    "Dénomination (Propriétaire(s) du local)", "Dénomination - par"
)
BAN = "id;numero;rep;nom_voie;code_postal;code_insee;nom_commune;lon;lat;nom_ld;cad_parcelles"


def local(number: str = "0004", door: str = "1", right: str = "P", siren: str = "000000101", index: str = "") -> str:
    values = [
        "57",
        "0",
        "901",
        "BOURGNEUF",
        "   ",
        "AA",
        "0001",
        "A",
        "01",
        "00",
        door,
        number,
        index,
        "X",
        "0123",
        "RUE",
    ]
    return ";".join(f'"{v}"' for v in [*values, "VERTE", right, "PEX", siren, "5", "1", "SA", "ALPHA É"])


def write(folder: Path, name: str, lines: Sequence[str], encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return path


def bring(store: Store, *paths: Path) -> list[tuple[str, int, int]]:
    done = addresses.replace(store, paths, NOW, lambda part: None)
    return [(kind.kind, kind.rows, kind.refused) for kind in done]


def refused(store: Store, *paths: Path) -> str:
    with pytest.raises(KnowledgeError) as error:
        bring(store, *paths)
    return str(error.value)


@pytest.mark.parametrize("header", [LONG, SHORT, LONG.upper()])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig"])
def test_the_tax_office_s_headers_and_encodings_are_understood(
    store: Store, tmp_path: Path, header: str, encoding: str
) -> None:
    """Long, short or upper-case headers, latin-1 or UTF-8 with its mark: the same homes."""
    path = write(tmp_path, "l.txt", [header, local(), local(door="2"), local("0006", "3", index="B")], encoding)
    assert bring(store, path) == [("locaux", 3, 0)]
    homes = sorted(addresses.records(store).homes, key=lambda h: h.number or 0)
    assert [(h.insee, h.road, h.number, h.index, h.parcel, h.denomination, h.count) for h in homes] == [
        ("57901", "0123", 4, "", "57901000AA0001", "ALPHA É", 2),
        ("57901", "0123", 6, "b", "57901000AA0001", "ALPHA É", 1),
    ]


@pytest.mark.parametrize(("first", "second"), [("P", "E"), ("E", "P"), ("V", "W"), ("W", "V"), ("P", "G")])
def test_of_two_lines_of_one_home_the_one_who_rents_stays(
    store: Store, tmp_path: Path, first: str, second: str
) -> None:
    """Emphytéose, gérance and bail à réhabilitation win over ownership, in any order."""
    lets = "000000102"
    rows = [local(right=r, siren=lets if r in "EWG" else "000000999") for r in (first, second)]
    bring(store, write(tmp_path, "l.txt", [LONG, *rows], "latin-1"))
    assert [(h.siren, h.count) for h in addresses.records(store).homes] == [(lets, 1)]


def test_each_kind_is_told_by_its_header(store: Store, tmp_path: Path) -> None:
    """Six files in one call, a compressed one among them; each comes out as it went in."""
    ban = gzip.compress(
        f"{BAN}\n57901_0123_00004;4;bis;Rue Verte;57990;57901;Bourgneuf;6.1;49.1;;57901000AA0001\n".encode()
    )
    (tmp_path / "ban.csv.gz").write_bytes(ban)
    shape = {"type": "Polygon", "coordinates": [[[6, 49], [7, 49], [7, 50]]]}
    qpv = {
        "features": [
            {"properties": {"code_qp": "QN05790M", "lib_qp": "Genêts", "insee_com": "57901"}, "geometry": shape}
        ]
    }
    rpls = "DEPCOM;NUMVOIE;INDREP;TYPVOIE;NOMVOIE;PLG_QP24"
    contact_line = "ALPHA,Residence,technique|Proximité,Loge,01 99 00 00 00,,31/12/2026,Rue Verte,004 bis|6"
    contacts = "bailleur,niveau,service,nom,telephone,courriel,valide_au,voie,numeros"
    paths = [
        write(tmp_path, "l.txt", [LONG, local()], "latin-1"),
        tmp_path / "ban.csv.gz",
        write(tmp_path, "b.csv", ["siren;nom;alias", "000 000 101;ALPHA;Alpha Logis|AL"]),
        write(tmp_path, "c.csv", [contacts, contact_line]),
        write(tmp_path, "q.geojson", [json.dumps(qpv)], "utf-8-sig"),
        write(tmp_path, "r.csv", [rpls, *["57901;4;B;RUE;VERTE;QN05790M"] * 2]),
    ]  # fmt: skip
    assert bring(store, *paths) == [
        ("locaux", 1, 0),
        ("ban", 1, 0),
        ("bailleurs", 1, 0),
        ("contacts", 1, 0),
        ("qpv", 1, 0),
        ("rpls", 2, 0),
    ]
    found = addresses.records(store)
    (point,), (bailleur,), (contact,) = tuple(found.points), tuple(found.bailleurs), tuple(found.contacts)
    (quartier,), (social,) = tuple(found.perimeters), tuple(found.social)
    assert (point.road, point.number, point.index, point.parcels) == ("0123", 4, "b", "57901000AA0001")
    assert (bailleur.siren, bailleur.aliases) == ("000000101", ("Alpha Logis", "AL"))
    assert (contact.level, contact.services, contact.numbers) == ("résidence", ("technique", "proximite"), ("4b", "6"))
    assert contact.valid_until == date(2026, 12, 31)
    assert quartier.holds(6.6, 49.2) and not quartier.holds(6.2, 49.6)
    assert (social.index, social.quartier, social.count) == ("b", "QN05790M", 2)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([LONG.replace("Code droit", "Droit"), local()], ["l.txt", "« code droit »"]),
        ([LONG.replace("Porte (", "Clé ("), local()], ["l.txt", "« porte »"]),
        ([BAN.replace("cad_parcelles", "parcelles"), "x"], ["l.txt", "« cad parcelles »"]),
        (["siren;alias", "1;2"], ["« nom »"]),
        ([LONG.replace("Bâtiment", "Contenance"), local()], ["parcelles"]),
        (["a;b;c", "1;2;3"], ["d'aucun genre connu", "« a »"]),
        ([], ["d'aucun genre connu"]),
        (['{"type": "FeatureCollection"}'], ["GeoJSON"]),
        (['{"features": ['], ["GeoJSON"]),
        ([LONG], ["aucune ligne utilisable"]),
        ([LONG, "57;0"], ["aucune ligne utilisable", "l.txt:2"]),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(
    store: Store, tmp_path: Path, lines: list[str], words: list[str]
) -> None:
    """The sentence has the file and the column, and nothing is in force."""
    said = refused(store, write(tmp_path, "l.txt", lines))
    assert all(word in said for word in words), said
    assert addresses.is_empty(store)


def test_a_file_that_is_not_there_or_cut_is_named(store: Store, tmp_path: Path) -> None:
    """A missing path, a folder, a truncated archive."""
    cut = tmp_path / "ban.csv.gz"
    cut.write_bytes(gzip.compress(f"{BAN}\n{'x;' * 40000}".encode())[:60])
    for path in (tmp_path / "rien.csv", tmp_path, cut):
        assert path.name in refused(store, path)


def test_when_one_file_is_wrong_nothing_changes(store: Store, tmp_path: Path) -> None:
    """The good files of the call are not put in force either, and those of before stay."""
    good = write(tmp_path, "b.csv", ["siren;nom;alias", "000000101;ALPHA;"])
    bring(store, good)
    other = write(tmp_path, "b2.csv", ["siren;nom;alias", "000000102;BETA;"])
    refused(store, other, write(tmp_path, "l.txt", [LONG, "57;0"]))
    assert [b.name for b in addresses.records(store).bailleurs] == ["ALPHA"]


def test_an_import_replaces_its_kinds_and_only_them(store: Store, tmp_path: Path) -> None:
    """Two files of one kind in one call are one set."""
    b1, b2, b3 = (
        write(tmp_path, f"b{n}.csv", ["siren;nom;alias", f"00000010{n};NOM {n};"]) for n in (1, 2, 3)
    )  # fmt: skip
    locaux = write(tmp_path, "l.txt", [LONG, local()], "latin-1")
    bring(store, b1, locaux)
    assert bring(store, b2, b3) == [("bailleurs", 2, 0)]
    found = addresses.records(store)
    assert [b.name for b in found.bailleurs] == ["NOM 2", "NOM 3"]
    assert len(tuple(found.homes)) == 1


def test_an_example_gives_way_whole_to_a_true_import(store: Store, tmp_path: Path) -> None:
    """Invented contacts never stay beside real addresses."""
    bailleurs = write(tmp_path, "b.csv", ["siren;nom;alias", "000000101;ALPHA;"])
    locaux = write(tmp_path, "l.txt", [LONG, local()], "latin-1")
    addresses.replace(store, [bailleurs, locaux], NOW, lambda part: None, example=True)
    bring(store, bailleurs)
    assert tuple(addresses.records(store).homes) == ()


def test_bad_rows_are_counted_and_the_first_are_told(store: Store, tmp_path: Path) -> None:
    """Thirty bad rows: thirty counted, twenty told with their line; the good ones are kept."""
    path = write(tmp_path, "l.txt", [LONG, local(), *[local("12x")] * 30], "latin-1")
    (done,) = addresses.replace(store, [path], NOW, lambda part: None)
    assert (done.rows, done.refused, len(done.refusals)) == (1, 30, addresses.REFUSALS_KEPT)
    assert done.refusals[0].startswith("l.txt:3 :")


def test_a_large_file_is_read_in_little_memory_and_progress_grows(store: Store, tmp_path: Path) -> None:
    """40,000 lines (6 MB) pass through less than 12 MB; what is told of progress only grows, to the end."""
    path = tmp_path / "l.txt"
    with path.open("w", encoding="latin-1") as file:
        file.write(LONG + "\n")
        for number in range(1, 40_001):
            file.write(local(f"{number % 2000:04}", str(number)) + "\n")
    told: list[float] = []
    tracemalloc.start()
    addresses.replace(store, [path], NOW, told.append)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12_000_000
    assert told == sorted(told) and told[-1] == 1.0 and len(told) > 3
    assert sum(home.count for home in addresses.records(store).homes) == 40_000

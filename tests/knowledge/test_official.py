"""Reading the State's fiches, and finding one."""

import datetime
import gzip
import io
import json
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import official
from knowledge.errors import KnowledgeError
from knowledge.official import OfficialFiche, Reading, Refusal, cut, parse, read_set
from knowledge.official_index import OfficialIndex

PAGE = "https://www.service-public.fr/particuliers/vosdroits/"


def xml(fiche_id="F10", title="Permis bateau", day="2020-04-03", audience="Particuliers", encoding="UTF-8", more=""):
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n'
        f'<Publication xmlns:dc="http://purl.org/dc/elements/1.1/" ID="{fiche_id}" type="Fiche d\'information" '
        f'spUrl="{PAGE}{fiche_id}"><dc:title>{title}</dc:title>'
        "<dc:description>Il faut un permis pour naviguer en mer.</dc:description>"
        f"<dc:date>modified {day}</dc:date><Audience>{audience}</Audience>"
        '<FilDAriane><Niveau ID="Particuliers">Accueil particuliers</Niveau><Niveau ID="N1">Loisirs</Niveau>'
        f'<Niveau ID="N2">Bateau de plaisance</Niveau><Niveau ID="{fiche_id}">{title}</Niveau></FilDAriane>'
        "<Texte><Chapitre><Titre><Paragraphe>Âge minimum</Paragraphe></Titre><Paragraphe>16 ans</Paragraphe>"
        f"</Chapitre></Texte>{more}</Publication>"
    )


def tree(fiche_id="F10", title="Permis bateau", page=True):
    def element(name, text):
        return {"type": "element", "name": name, "children": [{"type": "text", "text": text}]}

    attributes = {"ID": fiche_id, **({"spUrl": PAGE + fiche_id} if page else {})}
    children = [element("dc:title", title), element("dc:date", "modified 2020-04-03")]
    return {
        "id": fiche_id,
        "children": [{"type": "element", "name": "Publication", "attributes": attributes, "children": children}],
    }


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def tgz(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def fiches(path):
    return [reading.fiche for reading in read_set(path) if reading.fiche]


def refusals(path):
    return [reading.refusal for reading in read_set(path) if reading.refusal]


def why(data, name="F10.xml"):
    found = parse(name, data)
    assert isinstance(found, Refusal)
    return found.why


def test_everything_shown_and_searched_is_read_from_the_xml():
    """A publication gives its title, summary, page, date, theme without its ends, and chapter titles."""
    assert parse("F10.xml", xml().encode()) == OfficialFiche(
        "F10", "Permis bateau", "Il faut un permis pour naviguer en mer.", PAGE + "F10", "2020-04-03",
        "Loisirs > Bateau de plaisance", ("Âge minimum",),
    )  # fmt: skip


def test_json_gives_the_same_fiche_as_xml():
    """The npm package's trees are read by the same eyes."""
    fiche = parse("F10.json", json.dumps(tree()).encode())
    assert isinstance(fiche, OfficialFiche)
    assert (fiche.id, fiche.title, fiche.url, fiche.date) == ("F10", "Permis bateau", PAGE + "F10", "2020-04-03")


def test_a_withdrawn_fiche_of_the_package_is_named():
    """The package keeps fiches that no longer have a page: they would be dead links."""
    assert "retirée" in why(json.dumps(tree(page=False)).encode(), "F10.json")


def test_a_link_that_leads_elsewhere_is_replaced():
    """Nobody is sent to another site by a forged publication."""
    fiche = parse("F10.xml", xml().replace("www.service-public.fr", "service-public.fr.example.org").encode())
    assert isinstance(fiche, OfficialFiche)
    assert fiche.url == PAGE + "F10"


@pytest.mark.parametrize("name", ["N10.xml", "R10.xml", "arborescence.txt", "index.json", "professionnels/F1.xml"])
def test_what_is_not_a_fiche_is_left_in_silence(tmp_path, name):
    """Dossiers, resources, indexes and other audiences' folders are no mistakes."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("<broken", encoding="utf-8")
    assert list(read_set(tmp_path)) == []


def test_only_fiches_for_particuliers_by_default():
    """A fiche for companies is left out unless asked for."""
    data = xml(audience="Professionnels").encode()
    assert parse("F10.xml", data) is None
    assert isinstance(parse("F10.xml", data, "professionnels"), OfficialFiche)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (xml()[:300].encode(), "XML illisible"),
        (b"", "XML illisible"),
        (xml(title=" ").encode(), "pas de titre"),
        (xml(title="x" * 301).encode(), "dépasse 300"),
        (xml(fiche_id="../F1").encode(), "n'a pas la forme"),
        (xml(title="État").encode("latin-1"), "encodage annoncé"),
        (xml(encoding="klingon").encode(), "encodage"),
        (b"<html/>", "pas une publication"),
        (xml(more="<a>" * 300 + "</a>" * 300).encode(), "emboîtés"),
        (xml().replace("\n", '<!DOCTYPE a [<!ENTITY b "bbbb">]>\n', 1).encode(), "DOCTYPE"),
    ],
)
def test_a_malformed_publication_is_refused_with_its_reason(data, reason):
    """Each way of being malformed is told in French, and nothing is raised."""
    assert reason in why(data)


@pytest.mark.parametrize("data", [b"{", b"[" * 100_000, b'"\xe9"', b'{"children": []}', b"[1]"])
def test_malformed_json_is_refused(data):
    """Broken, too deep, wrongly encoded or empty JSON is named."""
    assert why(data, "F10.json")


def test_latin_1_that_says_so_is_read():
    """Another encoding is no obstacle when it is declared."""
    fiche = parse("F10.xml", xml(title="État civil", encoding="ISO-8859-1").encode("latin-1"))
    assert isinstance(fiche, OfficialFiche)
    assert fiche.title == "État civil"


def test_a_lone_surrogate_or_a_control_character_does_not_reach_the_database():
    """JSON may hold what UTF-8 cannot: it becomes a blank."""
    fiche = parse("F10.json", json.dumps(tree(title="Carte\ud800\u0000 grise")).encode())
    assert isinstance(fiche, OfficialFiche)
    assert fiche.title == "Carte grise"


@given(st.binary(max_size=400), st.sampled_from(["F10.xml", "F10.json", "x.xml"]))
def test_any_bytes_give_a_fiche_a_refusal_or_nothing(data, name):
    """No bytes whatever raise."""
    assert isinstance(parse(name, data), OfficialFiche | Refusal | None)


@given(st.data())
def test_a_publication_with_a_hole_never_raises(data):
    """A good file cut, or with bytes replaced, is a fiche or a refusal."""
    good = data.draw(st.sampled_from([xml().encode(), json.dumps(tree()).encode()]))
    at = data.draw(st.integers(0, len(good)))
    bad = good[:at] + data.draw(st.binary(max_size=8)) + good[at + data.draw(st.integers(0, 40)) :]
    assert isinstance(parse("F10.json" if good.startswith(b"{") else "F10.xml", bad), OfficialFiche | Refusal | None)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from(["element", "text", "Publication"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "name", "attributes", "children", "text"]), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_any_json_gives_a_fiche_a_refusal_or_nothing(value):
    """Well-formed JSON of any shape does not raise."""
    parse("F10.json", json.dumps({"children": [value]}).encode())


def test_a_folder_a_zip_and_a_tgz_give_the_same(tmp_path):
    """The set is the same however it is packed."""
    files = {f"vdd/F{n}.xml": xml(f"F{n}") for n in range(1, 5)}
    folder = tmp_path / "folder"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    ids = ["F1", "F2", "F3", "F4"]
    for path in (folder, folder / "vdd", zipped(tmp_path / "a.zip", files), tgz(tmp_path / "a.tgz", files)):
        assert [fiche.id for fiche in fiches(path)] == ids


def test_progress_ends_at_the_whole(tmp_path):
    """What is done grows to 1."""
    done = [reading.done for reading in read_set(zipped(tmp_path / "a.zip", {f"F{n}.xml": xml() for n in range(9)}))]
    assert done == sorted(done) and done[-1] == 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_refused_whole(tmp_path, share):
    """An archive cut anywhere raises one clear sentence."""
    files = {f"F{n}.xml": xml(f"F{n}") for n in range(1, 200)}
    for path in (zipped(tmp_path / "a.zip", files), tgz(tmp_path / "a.tgz", files)):
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(KnowledgeError, match="abîmée ou incomplète"):
            list(read_set(path))


def test_a_flipped_byte_in_an_archive_refuses_it(tmp_path):
    """A checksum that does not fit refuses the whole."""
    path = zipped(tmp_path / "a.zip", {"F1.xml": xml(more="<a>" + "b" * 5000 + "</a>")})
    data = bytearray(path.read_bytes())
    data[120] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(KnowledgeError, match="abîmée"):
        list(read_set(path))


@settings(max_examples=40)
@given(st.binary(max_size=300), st.sampled_from([b"PK\x03\x04", b"\x1f\x8b\x08", b""]))
def test_any_archive_bytes_raise_only_the_designed_error(tmp_path_factory, data, magic):
    """Whatever the file holds, an operator reads a sentence."""
    path = tmp_path_factory.mktemp("any") / "set.zip"
    path.write_bytes(magic + data)
    try:
        list(read_set(path))
    except KnowledgeError as error:
        assert "→" in str(error)  # noqa: PT017


def test_a_tar_in_gzip_that_asks_for_gigabytes_is_refused(tmp_path):
    """A forged extended header is not read into memory."""
    header = tarfile.TarInfo("F1.xml")
    header.type, header.size = tarfile.XHDTYPE, 4 * 1024**3
    (tmp_path / "a.tgz").write_bytes(gzip.compress(header.tobuf() + bytes(1024 * 1024)))
    with pytest.raises(KnowledgeError, match="abîmée"):
        list(read_set(tmp_path / "a.tgz"))


@pytest.mark.parametrize("pack", [zipped, tgz])
def test_a_member_beyond_all_measure_is_named_and_skipped(tmp_path, monkeypatch, pack):
    """A bomb costs its own place only."""
    monkeypatch.setattr(official, "MEMBER_LIMIT", 100_000)
    suffix = "zip" if pack is zipped else "tgz"
    path = pack(tmp_path / f"a.{suffix}", {"F1.xml": xml("F1") + " " * 200_000, "F2.xml": xml("F2")})
    assert [fiche.id for fiche in fiches(path)] == ["F2"]
    assert [(r.name, r.why[:7]) for r in refusals(path)] == [("F1.xml", "elle dé")]


def test_a_member_that_climbs_out_writes_nothing(tmp_path):
    """Names in an archive are shown, never opened."""
    path = zipped(tmp_path / "a.zip", {"../../F1.xml": xml("F1"), "/etc/F2.xml": xml("F2")})
    assert [fiche.id for fiche in fiches(path)] == ["F1", "F2"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


@pytest.mark.parametrize("make", [lambda path: path, lambda path: path.write_text("bonjour") and path])
def test_a_path_that_is_no_set_is_refused(tmp_path, make):
    """A missing file or another kind of file gets a sentence."""
    make(tmp_path / "x.txt")
    with pytest.raises(KnowledgeError):
        list(read_set(tmp_path / "x.txt"))


@pytest.mark.parametrize("pack", [zipped, tgz])
def test_memory_does_not_grow_with_the_set(tmp_path, pack):
    """Ten times the fiches take no more memory to read."""

    def peak(count):
        text = "<Texte>" + "<Paragraphe>bla bla</Paragraphe>" * 400 + "</Texte>"
        files = {f"F{n}.xml": xml(f"F{n}", more=text) for n in range(count)}
        path = pack(tmp_path / f"{count}.{'zip' if pack is zipped else 'tgz'}", files)
        del files
        tracemalloc.start()
        for reading in read_set(path):
            assert isinstance(reading, Reading)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(100) < 2 * peak(10)


def test_a_summary_is_cut_after_a_sentence():
    """At most 400 characters, at a full stop when there is one, else at a word."""
    assert cut("Court.") == "Court."
    assert cut("Un. " + "mot " * 200) == "Un."
    long = cut("mot " * 200)
    assert len(long) <= 400 and long.endswith("mot…")


def test_a_fiche_is_old_after_two_years_or_without_a_date():
    """The warning depends on the day of asking."""
    fiche = OfficialFiche("F1", "t", "s", "u", "2020-11-05")
    assert not fiche.is_old(datetime.date(2022, 11, 5))
    assert fiche.is_old(datetime.date(2022, 11, 6))
    assert OfficialFiche("F1", "t", "s", "u", "").is_old(datetime.date(2020, 1, 1))


SET = [
    OfficialFiche("F1", "Permis bateau de plaisance option côtière", "Pour naviguer.", "u", "2020-01-01", "Loisirs"),
    OfficialFiche("F2", "Autorisation de sortie du territoire (AST)", "Pour un mineur.", "u", "2020-01-01", "Papiers"),
    OfficialFiche("F3", "Passeport d'un majeur : en cas de perte", "Déclarez-la.", "u", "2020-01-01", "Papiers"),
    OfficialFiche("F4", "Carte grise", "Le certificat.", "u", "2020-01-01", "Transports", ("Immatriculation",)),
    OfficialFiche("F5", "Mariage en France", "Les papiers à fournir.", "u", "2020-01-01", "Famille"),
    OfficialFiche("F6", "Carte grise", "Une autre du même nom.", "u", "2020-01-01", "Transports"),
]
INDEX = OfficialIndex(SET)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("permis bateau", "F1"),
        ("PERMI BATAU", "F1"),
        ("autorisasion sortie territoir", "F2"),
        ("c'est quoi l’AST ?", "F2"),
        ("j'ai perdu mon passeport", "F3"),
        ("passport perdu", "F3"),
        ("carte grise", "F4"),
        ("mariage papiers", "F5"),
    ],
)
def test_a_question_finds_its_fiche(question, first):
    """Accents, slips, acronyms and lay words lead to the right title."""
    assert INDEX.find(question)[:1] == (first,)


@pytest.mark.parametrize(
    "text",
    ["", " ", "🙂🙂", "quel temps fait-il demain", "t'es nul", "123456", "le match du psg", "مرحبا", "\x00\ud800"],
)
def test_nothing_is_offered_for_what_is_elsewhere(text):
    """Nonsense, weather, sport, insults and emoji get no fiche."""
    assert INDEX.find(text) == ()


def test_two_fiches_of_one_name_are_offered_once():
    """Two buttons that read the same would puzzle."""
    assert INDEX.find("carte grise") == ("F4",)


def test_an_empty_set_finds_nothing():
    """Before the first import the bot answers as before."""
    assert OfficialIndex([]).find("carte grise") == ()
    assert OfficialIndex([]).get("F1") is None


def test_a_fiche_is_got_by_its_id():
    """What was found can be shown."""
    assert INDEX.get("F5") == SET[4]
    assert INDEX.get("F404") is None


@given(st.text(max_size=300))
def test_any_text_gives_at_most_three_ids_twice_the_same(text):
    """Pure and deterministic, whatever people write."""
    found = INDEX.find(text)
    assert found == OfficialIndex(reversed(SET)).find(text)
    assert len(found) <= 3 and len(set(found)) == len(found)


def test_reading_a_folder_leaves_it_as_it_was(tmp_path: Path):
    """Importing never writes beside the operator's files."""
    (tmp_path / "F1.xml").write_text(xml("F1"), encoding="utf-8")
    assert [fiche.id for fiche in fiches(tmp_path)] == ["F1"]
    assert [p.name for p in tmp_path.iterdir()] == ["F1.xml"]

"""`passerelle fiches import PATH`, run as operators run it."""

import json
import os
import subprocess
import sys
import zipfile

import pytest

from bot.store import official
from bot.store.database import open_store


def xml(fiche_id, title="Permis bateau"):
    return (
        f'<Publication xmlns:dc="d" ID="{fiche_id}"><dc:title>{title}</dc:title>'
        "<dc:date>modified 2020-04-03</dc:date><Audience>Particuliers</Audience></Publication>"
    )


@pytest.fixture
def run(tmp_path):
    def go(*arguments):
        environment = {**os.environ, "PASSERELLE_DATA": str(tmp_path / "data")}
        command = [sys.executable, "-m", "bot", "fiches", "import", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)

    return go


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "set"
    made.mkdir()
    for n in range(1, 4):
        (made / f"F{n}.xml").write_text(xml(f"F{n}"), encoding="utf-8")
    return made


def ids(tmp_path):
    store = open_store(tmp_path / "data" / "passerelle.db")
    try:
        return [fiche.id for fiche in official.all(store)]
    finally:
        store.close()


def test_one_json_line_says_what_was_done(run, folder, tmp_path):
    """Standard output is one line for scripts; the fiches are in force."""
    done = run(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == json.dumps({"kind": "fiches", "rows": 3, "refused": 0}) + "\n"
    assert ids(tmp_path) == ["F1", "F2", "F3"]


def test_the_first_twenty_refused_are_named_then_counted(run, folder):
    """Standard error names what was left out and why, and does not flood."""
    for n in range(25):
        (folder / f"F9{n:02}.xml").write_text("<broken", encoding="utf-8")
    done = run(folder)
    lines = done.stderr.splitlines()
    assert json.loads(done.stdout) == {"kind": "fiches", "rows": 3, "refused": 25}
    assert lines[0].startswith("F900.xml : XML illisible")
    assert len(lines) == 21 and "5 autres" in lines[-1]


def test_a_truncated_zip_is_refused_and_the_set_before_stays(run, folder, tmp_path):
    """Exit status 1, one sentence, nothing changed."""
    run(folder)
    path = tmp_path / "vosdroits-latest.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("F8.xml", xml("F8"))
    path.write_bytes(path.read_bytes()[:-30])
    done = run(path)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "abîmée" in done.stderr
    assert ids(tmp_path) == ["F1", "F2", "F3"]


@pytest.mark.parametrize("name", ["absent", "vide", "texte.txt"])
def test_a_wrong_path_is_refused_with_one_sentence(run, tmp_path, name):
    """A missing path, an empty folder or another file: exit status 1, no traceback."""
    (tmp_path / "vide").mkdir()
    (tmp_path / "texte.txt").write_text("bonjour", encoding="utf-8")
    done = run(tmp_path / name)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "Traceback" not in done.stderr


def test_a_folder_of_broken_fiches_says_so(run, tmp_path):
    """When all are refused, the sentence gives one as an example."""
    (tmp_path / "F1.xml").write_text("<broken", encoding="utf-8")
    done = run(tmp_path)
    assert done.returncode == 1
    assert "F1.xml" in done.stderr

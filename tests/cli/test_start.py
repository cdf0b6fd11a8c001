"""What an operator must mend stops the start: status 1, the file, the line and the cure, never a traceback."""

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from processes import EXAMPLE, Application, LocalTelegram, environment, free_port, passerelle, with_vectors

from knowledge.territory import load_territory

KNOWLEDGE = EXAMPLE.parent


@pytest.fixture
def territory_folder(tmp_path: Path) -> Path:
    """A territory one may break: the example, with fiches of its own."""
    folder = tmp_path / "ville"
    shutil.copytree(KNOWLEDGE / "metz", folder)
    text = (KNOWLEDGE / "exemple" / "territory.yaml").read_text(encoding="utf-8")
    (folder / "territory.yaml").write_text(text.replace("../metz/", "./"), encoding="utf-8")
    assert load_territory(folder)
    return folder


def refused(data: Path, *arguments: str, **settings: str) -> str:
    """Run a command that must be refused; its sentence."""
    settings.setdefault("http", "127.0.0.1:0")
    done = passerelle(data, *arguments, stdin=None, **settings)
    said = done.stderr.decode()
    assert done.returncode == 1, said
    assert "Traceback" not in said and done.stdout == b""
    return said


def a_fiche(folder: Path) -> Path:
    """One of the territory's fiches."""
    return sorted((folder / "fiches").rglob("*.md"))[0]


def test_a_fiche_without_head_stops_the_start(tmp_path: Path, territory_folder: Path) -> None:
    """A fiche that lost its front matter is named with its line and what to do."""
    fiche = a_fiche(territory_folder)
    fiche.write_text("Bonjour", encoding="utf-8")
    said = refused(tmp_path, "run", territory=str(territory_folder))
    assert re.search(rf"{fiche.name}:1 : .+ → .+", said)


def test_a_missing_key_is_named_with_its_line(tmp_path: Path, territory_folder: Path) -> None:
    """A fiche whose head misses a key says which, where and what to write."""
    fiche = a_fiche(territory_folder)
    fiche.write_text(re.sub(r"(?m)^title:.*\n", "", fiche.read_text(encoding="utf-8")), encoding="utf-8")
    said = refused(tmp_path, "run", territory=str(territory_folder))
    assert re.search(rf"{fiche.name}:\d+ : .*title.* → .+", said)


def test_broken_yaml_is_named_with_its_line(tmp_path: Path, territory_folder: Path) -> None:
    """A head that is no YAML says at which line it breaks."""
    fiche = a_fiche(territory_folder)
    lines = fiche.read_text(encoding="utf-8").splitlines()
    lines.insert(3, 'cassé: [ "sans fin')
    fiche.write_text("\n".join(lines), encoding="utf-8")
    assert re.search(rf"{fiche.name}:\d+ : .+ → .+", refused(tmp_path, "run", territory=str(territory_folder)))


def test_several_broken_files_are_all_told_at_once(tmp_path: Path, territory_folder: Path) -> None:
    """An operator mends everything in one go: each broken file has its line."""
    names = [path.name for path in sorted((territory_folder / "fiches").rglob("*.md"))[:3]]
    for path in sorted((territory_folder / "fiches").rglob("*.md"))[:3]:
        path.write_text("Bonjour", encoding="utf-8")
    said = refused(tmp_path, "run", territory=str(territory_folder))
    assert [name for name in names if name not in said] == []


@pytest.mark.parametrize("content", ["", "- une\n- liste\n", "id: [\n", "id: ville\n", "\x00\x01"])
def test_a_broken_territory_file_stops_the_start(tmp_path: Path, territory_folder: Path, content: str) -> None:
    """territory.yaml that is empty, cut, of another shape or not text is named with what to do."""
    (territory_folder / "territory.yaml").write_text(content, encoding="utf-8")
    said = refused(tmp_path, "run", territory=str(territory_folder))
    assert re.search(r"territory\.yaml:\d+ : .+ → .+", said), said


@pytest.mark.parametrize("name", ["contrat.yaml", "categories.yaml"])
@pytest.mark.parametrize("content", ["", "cassé: [\n", "- 1\n"])
def test_a_broken_data_file_stops_the_start(tmp_path: Path, territory_folder: Path, name: str, content: str) -> None:
    """A data file of the territory that is empty, cut or of another shape is named with its line and what to do."""
    (territory_folder / name).write_text(content, encoding="utf-8")
    said = refused(tmp_path, "run", territory=str(territory_folder))
    assert re.search(rf"{name}:\d+ : .+ → .+", said), said


def test_a_file_in_another_encoding_stops_the_start(tmp_path: Path, territory_folder: Path) -> None:
    """A fiche saved in another encoding is named, with the encoding to use."""
    fiche = a_fiche(territory_folder)
    fiche.write_bytes(fiche.read_text(encoding="utf-8").encode("utf-16"))
    said = refused(tmp_path, "run", territory=str(territory_folder))
    assert fiche.name in said and "UTF-8" in said.upper()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("http", "nimporte"),
        ("http", "127.0.0.1:99999"),
        ("token", "sans-deux-points"),
        ("api_url", "telegram.org"),
        ("webhook_url", "://"),
        ("admins", "moi,toi"),
        ("territory", "/nulle/part"),
    ],
)
def test_a_wrong_setting_is_named_with_its_cure(tmp_path: Path, setting: str, value: str) -> None:
    """A setting that cannot be used is named, in French, with what to write; a secret is not repeated."""
    said = refused(tmp_path, "run", **{setting: value})
    assert f"PASSERELLE_{setting.upper()}" in said
    assert setting != "token" or value not in said


def test_a_port_in_use_stops_the_start(tmp_path: Path, vectors: Path) -> None:
    """When something listens there already, the address is named and another one proposed."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        said = refused(with_vectors(tmp_path / "data", vectors), "run", http=address)
    assert address in said and "PASSERELLE_HTTP" in said


def test_a_damaged_database_stops_the_start(tmp_path: Path, vectors: Path) -> None:
    """A database that is no database is named with what to do, and is left as it is."""
    damaged = with_vectors(tmp_path, vectors) / "passerelle.db"
    damaged.write_bytes(b"ceci n'est pas une base" * 100)
    assert str(damaged) in refused(tmp_path, "run")
    assert damaged.read_bytes().startswith(b"ceci")


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """A data folder that cannot be one is named with what to do."""
    (tmp_path / "fichier").write_text("x")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "fiches", "import", str(tmp_path)],
        env=environment(tmp_path / "fichier"), cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert b"fichier" in done.stderr and b"Traceback" not in done.stderr


def test_a_refused_token_is_told(tmp_path: Path, vectors: Path) -> None:
    """When Telegram refuses the token the operator is told where to copy it from, and the token is not shown."""
    with LocalTelegram(tmp_path / "telegram") as telegram:
        settings = {**telegram.settings(), "token": "999:mauvais", "http": f"127.0.0.1:{free_port()}"}
        application = Application(with_vectors(tmp_path / "data", vectors), **settings).start(wait=False)
        assert application.wait() == 1
        assert "PASSERELLE_TOKEN" in application.complaints and "999:mauvais" not in application.complaints
        assert "Traceback" not in application.complaints

"""`passerelle adresses import` and `passerelle route`, run as operators run them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from example_addresses import FILES

Run = Callable[..., "subprocess.CompletedProcess[str]"]
OPEN_FILES = [FILES / name for name in ("locaux-57-exemple.txt", "ban-57-exemple.csv", "bailleurs.csv")]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def go(*arguments: object, typed: str = "") -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "PASSERELLE_DATA": str(tmp_path / "data")}
        command = [sys.executable, "-m", "bot", *map(str, arguments)]
        return subprocess.run(
            command, input=typed, capture_output=True, text=True, encoding="utf-8", env=environment, check=False
        )

    return go


def test_an_import_prints_a_line_for_each_kind(run: Run) -> None:
    """Kind, rows and refused, in the order of the files; nothing else on either output."""
    done = run("adresses", "import", *OPEN_FILES)
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"kind": "locaux", "rows": 5536, "refused": 0},
        {"kind": "ban", "rows": 913, "refused": 0},
        {"kind": "bailleurs", "rows": 6, "refused": 0},
    ]


def test_a_refused_import_is_one_sentence_and_status_1(run: Run, tmp_path: Path) -> None:
    """The file is named, there is no traceback and nothing on standard output; no file at all is wrong usage."""
    wrong = tmp_path / "faux.csv"
    wrong.write_text("a;b\n1;2\n", encoding="utf-8")
    done = run("adresses", "import", OPEN_FILES[2], wrong)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "faux.csv" in done.stderr and "Traceback" not in done.stderr
    assert run("adresses", "import").returncode == 2


def test_each_line_gets_a_line_blank_ones_too(run: Run) -> None:
    """Standard input in, JSON lines out, in order, every key present."""
    run("adresses", "import", *OPEN_FILES)
    done = run("route", "--jsonl", typed="12 cour du languedoc borny\n\nrue inconnue\n")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["typed"] for line in lines] == ["12 cour du languedoc borny", "", "rue inconnue"]
    assert lines[0] == {
        "typed": "12 cour du languedoc borny",
        "outcome": "certain",
        "candidates": [
            {
                "bailleur": "HABITAT DU SAULNOIS SA HLM",
                "commune": "Metz",
                "street": "Rue du Languedoc",
                "number": "12",
                "quartier": None,
                "residence": None,
            }
        ],
        "contact": None,
    }
    assert lines[1] == {"typed": "", "outcome": "inconnu", "candidates": [], "contact": None}


def test_without_an_import_the_example_answers_with_its_contacts(run: Run) -> None:
    """The sandbox's territory has its own files; the category chooses the service; arguments win over input."""
    keys = {"level", "name", "service", "phone", "email", "hours", "out_of_hours", "valid_until"}
    address = "12 rue du Languedoc borny"
    (line,) = run("route", "--jsonl", "--category", "chauffage", address).stdout.splitlines()
    found = json.loads(line)
    assert found["candidates"][0]["quartier"] == "QN05720M"
    assert set(found["contact"]) == keys
    assert (found["contact"]["level"], found["contact"]["name"]) == ("agence", "Agence de Borny")
    (line,) = run("route", "--jsonl", "--category", "acces", address).stdout.splitlines()
    assert json.loads(line)["contact"]["level"] == "résidence"
    assert "Loge" in run("route", address).stdout


def test_an_unknown_category_is_refused(run: Run) -> None:
    """One sentence that names it and the known ones."""
    done = run("route", "--category", "lune", "12 rue du Languedoc")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "lune" in done.stderr and "chauffage" in done.stderr

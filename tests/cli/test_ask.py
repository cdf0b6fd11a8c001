"""The commands scripts rely on: `ask`, `evaluate`, and wrong usage."""

import json
from pathlib import Path

import pytest
from processes import passerelle, with_vectors

KEYS = ["question", "outcome", "ids", "category", "emergency", "official"]
OUTCOMES = {"answer", "suggest", "doleance", "emergency", "unknown"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, vectors: Path) -> Path:
    """A data folder with the vectors."""
    return with_vectors(tmp_path_factory.mktemp("ask"), vectors)


def test_ask_prints_an_object_a_line_in_order(data: Path) -> None:
    """Lines of standard input, blank, odd and badly encoded ones too, each give one object with every key, in order."""
    lines = [
        "c'est quoi le copil",
        "",
        "   ",
        "ça sent le gaz",
        "3.9.2",
        "\t",
        "il y a des cafards dans ma cuisine",
        "é" * 4096,
    ]
    raw = "\n".join(lines).encode() + b"\n\xff\xfe casse\nfin\r\nsans fin de ligne"
    done = passerelle(data, "ask", "--jsonl", stdin=raw)
    assert done.returncode == 0, done.stderr.decode()
    objects = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [one["question"] for one in objects[: len(lines)]] == lines
    assert [one["question"] for one in objects[len(lines) + 1 :]] == ["fin", "sans fin de ligne"]
    assert all(list(one) == KEYS for one in objects)
    assert all(one["outcome"] in OUTCOMES and len(one["ids"]) <= 3 for one in objects)
    assert objects[3]["emergency"] == "urgence/gaz"
    assert objects[4]["ids"][0] == "contrat/objectif-3-9-2"
    assert objects[6]["category"] == "nuisibles"


def test_ask_takes_arguments(data: Path) -> None:
    """Questions may be given as arguments, and without --jsonl they are answered in words."""
    done = passerelle(data, "ask", "3.9.2", "copil")
    assert done.returncode == 0
    said = done.stdout.decode()
    assert "contrat/objectif-3-9-2" in said and said.index("3.9.2") < said.index("copil")


def test_ask_says_the_same_every_time(data: Path) -> None:
    """The same questions in two processes give the same lines, byte for byte."""
    questions = ["comment payer mon loyer", "ascenseur", "mon voisin fait du bruit la nuit"]
    first, second = (passerelle(data, "ask", "--jsonl", *questions).stdout for _ in range(2))
    assert first == second != b""


def test_nothing_in_nothing_out(data: Path) -> None:
    """An empty standard input gives no line and status 0."""
    done = passerelle(data, "ask", "--jsonl", stdin=b"")
    assert (done.returncode, done.stdout) == (0, b"")


def test_evaluate_shows_a_table(data: Path, tmp_path: Path) -> None:
    """`evaluate` tells how many of each outcome were found, and names the misses."""
    exam = tmp_path / "examen.csv"
    exam.write_text(
        "question;outcome;gold;voice\n"
        "3.9.2;answer;contrat/objectif-3-9-2;test\n"
        "ça sent le gaz dans ma cuisine;emergency;urgence/gaz;test\n"
        "3.9.3;answer;glossaire/copil;test\n",
        encoding="utf-8",
    )
    done = passerelle(data, "evaluate", str(exam))
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "answer" in said and "emergency" in said
    assert "glossaire/copil" in said


@pytest.mark.parametrize("content", ["", "a;b\n1;2\n", "question;outcome;gold;voice\nbonjour;danse;x;y\n"])
def test_a_broken_exam_is_refused(data: Path, tmp_path: Path, content: str) -> None:
    """A file that is no exam is refused with one sentence that names it."""
    exam = tmp_path / "examen.csv"
    exam.write_text(content, encoding="utf-8")
    done = passerelle(data, "evaluate", str(exam))
    assert done.returncode == 1
    assert "examen.csv" in done.stderr.decode() and b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["danse"], ["ask", "--nimporte"], ["evaluate"], ["evaluate", "absent.csv"], ["run", "trop"], ["knowledge", "x"]],
)
def test_wrong_usage_is_status_2(tmp_path: Path, arguments: list[str]) -> None:
    """Wrong usage ends with status 2 and says how to use the command."""
    done = passerelle(tmp_path, *arguments)
    assert done.returncode == 2
    assert b"Usage" in done.stderr and b"Traceback" not in done.stderr

"""What is slow to compute is kept, and whatever happens to the file costs seconds and nothing else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge import cache, meaning
from knowledge.cache import INDEX_NAMES, NAME, cached_indexes, cached_vectors
from knowledge.meaning import DIMENSIONS, Vectors
from knowledge.ranking import Example

TEXTS = ["un", "deux", "trois", "deux"]


class Model:
    """Stands for the model of sentence vectors; remembers what it computed."""

    def __init__(self) -> None:
        self.computed: list[str] = []

    def encode_all(self, texts: Sequence[str]) -> Vectors:
        self.computed += texts
        rows = [np.random.default_rng(len(text) * 7 + ord(text[0])).random(DIMENSIONS) for text in texts]
        return np.array(rows, np.float32)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    made = Model()
    monkeypatch.setattr(meaning, "encode_all", made.encode_all)
    return made


def test_each_text_is_computed_once_and_never_again(model: Model, tmp_path: Path) -> None:
    first = cached_vectors(TEXTS, tmp_path / "new")
    assert first.shape == (4, DIMENSIONS)
    assert sorted(model.computed) == ["deux", "trois", "un"]
    model.computed.clear()
    assert np.array_equal(cached_vectors(TEXTS, tmp_path / "new"), first)
    assert model.computed == []


def test_only_what_is_new_is_computed_and_the_rest_stays_the_same(model: Model, tmp_path: Path) -> None:
    first = cached_vectors(TEXTS, tmp_path)
    model.computed.clear()
    more = cached_vectors(["quatre", *TEXTS], tmp_path)
    assert model.computed == ["quatre"]
    assert np.array_equal(more[1:], first)


def test_what_is_no_longer_said_leaves_the_file(model: Model, tmp_path: Path) -> None:
    cached_vectors(TEXTS, tmp_path)
    cached_vectors(["quatre"], tmp_path)
    with np.load(tmp_path / NAME) as kept:
        assert len(kept["names"]) == 1


def damage(path: Path, how: str) -> None:
    whole = path.read_bytes()
    path.unlink()
    contents = {"half": whole[: len(whole) // 2], "empty": b"", "other": b"pas un fichier numpy"}
    arrays = {
        "other shape": {"names": np.zeros((2, 12), np.uint8), "rows": np.zeros((2, 3), np.float16)},
        "fewer rows": {"names": np.zeros((2, 12), np.uint8), "rows": np.zeros((1, DIMENSIONS), np.float16)},
        "pickle": {"names": np.array([{}]), "rows": np.array([{}])},
    }
    if how == "folder":
        path.mkdir()
    elif how in contents:
        path.write_bytes(contents[how])
    elif how in arrays:
        np.savez(path, **arrays[how])  # type: ignore[arg-type]
    else:
        assert how == "missing"


@pytest.mark.parametrize("how", ["missing", "half", "empty", "other", "folder", "other shape", "fewer rows", "pickle"])
def test_a_damaged_file_only_costs_the_computing(model: Model, tmp_path: Path, how: str) -> None:
    first = cached_vectors(TEXTS, tmp_path)
    damage(tmp_path / NAME, how)
    model.computed.clear()
    assert np.array_equal(cached_vectors(TEXTS, tmp_path), first)
    assert sorted(model.computed) == ["deux", "trois", "un"]


def test_a_folder_that_refuses_stops_nothing(model: Model, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("un fichier à la place du dossier")
    assert cached_vectors(TEXTS, tmp_path / "x").shape == (4, DIMENSIONS)


def test_nothing_half_written_is_left_in_the_folder(model: Model, tmp_path: Path) -> None:
    cached_vectors(TEXTS, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_disk_that_fills_up_leaves_the_file_before_and_no_crumbs(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached_vectors(TEXTS, tmp_path)
    before = (tmp_path / NAME).read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.np, "savez", full)
    assert len(cached_vectors(["cinq"], tmp_path)) == 1
    assert (tmp_path / NAME).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


EXAMPLES = [Example("le loyer est cher", "droits/a"), Example("un ascenseur en panne", "category:b")]
BODIES = {"droits/a": "On paie le loyer tous les mois."}


def same(one: list[dict[str, np.ndarray]], other: list[dict[str, np.ndarray]]) -> bool:  # type: ignore[type-arg]
    return all(
        np.array_equal(a[name], b[name]) for a, b in zip(one, other, strict=True) for name in a if name != "digest"
    )


def test_indexes_are_kept_and_the_same_when_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cached_indexes(EXAMPLES, BODIES, tmp_path)

    def never(*_: object) -> None:
        raise AssertionError("made anew")

    monkeypatch.setattr(cache, "index", never)
    assert same(cached_indexes(EXAMPLES, BODIES, tmp_path), first)


@pytest.mark.parametrize("how", ["missing", "half", "empty", "other", "folder", "other shape", "pickle"])
def test_a_damaged_index_is_made_anew(tmp_path: Path, how: str) -> None:
    first = cached_indexes(EXAMPLES, BODIES, tmp_path)
    damage(tmp_path / INDEX_NAMES[1], how)
    assert same(cached_indexes(EXAMPLES, BODIES, tmp_path), first)


def test_a_changed_sentence_or_fiche_makes_the_indexes_anew(tmp_path: Path) -> None:
    first = cached_indexes(EXAMPLES, BODIES, tmp_path)
    assert not same(cached_indexes([Example("autre chose", "droits/a"), EXAMPLES[1]], BODIES, tmp_path), first)
    assert not same(cached_indexes(EXAMPLES, {"droits/a": "Tout autre chose."}, tmp_path), first)

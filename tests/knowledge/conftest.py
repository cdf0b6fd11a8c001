"""The search, loaded once for all tests of a worker: it takes long."""

import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest

from knowledge import meaning
from knowledge.search import Search, load_search
from knowledge.territory import Territory


@pytest.fixture(scope="session")
def search(territory: Territory, vectors: Path) -> Search:
    """The search in force, with meaning."""
    assert meaning.available()
    return load_search(territory, vectors)


@pytest.fixture(scope="session")
def search_by_words(territory: Territory, vectors: Path) -> Search:
    """The search on a machine where the package of the sentence vectors is not installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(meaning, "available", lambda: False)
        patch.setattr(meaning, "encode", _missing)
        patch.setattr(meaning, "encode_all", _missing)
        return load_search(territory, vectors)


def _missing(*_: object) -> None:
    raise AssertionError("there is no model on this machine")

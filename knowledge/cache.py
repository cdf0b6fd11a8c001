"""What is slow to compute, kept between starts: sentence vectors and indexes. Losing a file costs some seconds."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge import meaning
from knowledge.meaning import Vectors
from knowledge.ranking import PIECES, Example, Pieces, Postings, index, labels_of

log = logging.getLogger(__name__)

NAME = "vectors.npz"
INDEX_NAMES = ("index-words.npz", "index-letters.npz", "index-sounds.npz")
_CODE = ("words.py", "ranking.py", "sms.yaml")
"""What an index depends on besides the sentences."""


def cached_vectors(texts: Sequence[str], folder: Path) -> Vectors:
    """A vector a text; only those never seen before are computed."""
    names = [meaning.fingerprint(text) for text in texts]
    known = _load(folder / NAME)
    missing = {name: text for name, text in zip(names, texts, strict=True) if name not in known}
    if missing:
        log.info("computing sentence vectors", extra={"count": len(missing)})
        # What is kept is what is used: half precision, so that a first start and a later one agree.
        rows = meaning.encode_all(list(missing.values())).astype(np.float16)
        known |= dict(zip(missing, rows, strict=True))
        kept = list(dict.fromkeys(names))
        shape = np.array([np.frombuffer(name, np.uint8) for name in kept])
        _save(folder / NAME, {"names": shape, "rows": np.stack([known[name] for name in kept])})
    return np.stack([known[name] for name in names]).astype(np.float32)


def cached_indexes(examples: Sequence[Example], bodies: dict[str, str], folder: Path) -> list[Postings]:
    """The three indexes of the ranking; made anew when a sentence, a fiche or the way of cutting words changed."""
    digest = _digest(examples, bodies)
    return [
        _load_index(folder / name, digest) or _make_index(folder / name, digest, pieces, examples, bodies)
        for name, pieces in zip(INDEX_NAMES, PIECES, strict=True)
    ]


def _digest(examples: Sequence[Example], bodies: dict[str, str]) -> str:
    told = hashlib.blake2b(digest_size=16)
    for name in _CODE:
        told.update((Path(__file__).parent / name).read_bytes())
    told.update(json.dumps([[e.label, e.text] for e in examples]).encode())
    told.update(json.dumps(bodies).encode())
    return told.hexdigest()


def _load_index(path: Path, digest: str) -> Postings | None:
    try:
        with np.load(path) as kept:
            if str(kept["digest"]) == digest:
                return {name: kept[name] for name in ("pieces", "starts", "labels", "weights")}
    except FileNotFoundError:
        pass
    except Exception as error:
        log.warning("index unreadable, made anew", extra={"error": type(error).__name__})
    return None


def _make_index(
    path: Path, digest: str, pieces: Pieces, examples: Sequence[Example], bodies: dict[str, str]
) -> Postings:
    log.info("making an index", extra={"file": path.name})
    postings = index(pieces, examples, bodies, labels_of(examples))
    _save(path, {**postings, "digest": np.array(digest)})
    return postings


def _load(path: Path) -> dict[bytes, np.ndarray[tuple[int], np.dtype[np.float16]]]:
    try:
        with np.load(path) as kept:
            names, rows = kept["names"], kept["rows"]
            if rows.ndim == 2 and rows.shape == (len(names), meaning.DIMENSIONS):
                return {bytes(name): row for name, row in zip(names, rows, strict=True)}
    except FileNotFoundError:
        pass
    except Exception as error:
        log.warning("sentence vectors unreadable, computed anew", extra={"error": type(error).__name__})
    return {}


def _save(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Replace the file in one step; a disk that refuses only costs the next start some seconds."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
            fresh = Path(file.name)
            try:
                np.savez(file, **arrays)  # type: ignore[arg-type]
                fresh.replace(path)
            finally:
                fresh.unlink(missing_ok=True)
    except OSError as error:
        log.warning("not kept between starts", extra={"file": path.name, "error": type(error).__name__})

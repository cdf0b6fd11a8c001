"""Sentence vectors kept between starts. Losing the file costs some seconds, nothing else."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge import meaning
from knowledge.meaning import Vectors

log = logging.getLogger(__name__)

NAME = "vectors.npz"


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
        _save(folder, {name: known[name] for name in dict.fromkeys(names)})
    return np.stack([known[name] for name in names]).astype(np.float32)


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


def _save(folder: Path, vectors: dict[bytes, np.ndarray[tuple[int], np.dtype[np.float16]]]) -> None:
    names = np.array([np.frombuffer(name, np.uint8) for name in vectors])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=folder, suffix=".npz")
        with os.fdopen(handle, "wb") as file:
            np.savez(file, names=names, rows=np.stack(list(vectors.values())))
        Path(fresh).replace(folder / NAME)
    except OSError as error:
        log.warning("sentence vectors not kept", extra={"error": type(error).__name__})
        with contextlib.suppress(OSError, UnboundLocalError):
            Path(fresh).unlink()

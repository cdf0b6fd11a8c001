"""Benchmarks: `make bench`, or one part alone, `python -m bench questions`. They print tables; nothing is asserted.

They drive real processes with the tests' own means (tests/processes.py, tests/telephones.py).
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "tests" / "questions"

# Before numpy is first imported: one BLAS thread, as the application runs.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(ROOT / "tests"))

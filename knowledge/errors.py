"""What is wrong in a knowledge or territory file, said so that an operator can mend it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend: the file, the line (1 is the first, 0 when the whole file is meant), what, and the cure."""

    path: Path
    line: int
    what: str
    cure: str

    def __str__(self) -> str:
        path = os.path.relpath(self.path)
        place = f"{path}:{self.line}" if self.line else path
        return f"{place} : {self.what} → {self.cure}"


class KnowledgeError(Exception):
    """Raised when files cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

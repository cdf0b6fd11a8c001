"""The house stays as it was designed: who may import whom, where each library lives, what no file may hold."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "knowledge", "handlers", "schedules")
MAY_IMPORT = {
    "knowledge": {"knowledge"},
    "bot": {"knowledge", "bot"},
    "handlers": {"knowledge", "bot", "handlers"},
    "schedules": {"knowledge", "bot", "schedules"},
    "bot.app": {"knowledge", "bot", "handlers", "schedules"},
    "bot.__main__": {"knowledge", "bot", "handlers", "schedules", "bot.app"},
}
"""By room, the rooms it may know; bot/app.py and bot/__main__.py are rooms of their own."""
HOMES = {
    "telegram": ("handlers/", "bot/channels/telegram.py", "bot/web/", "bot/app.py"),
    "sqlite_utils": ("bot/store/",),
    "rapidfuzz": ("knowledge/",),
    "apscheduler": ("schedules/", "bot/app.py"),
}
"""By library, the only places that may import it."""
NO_NAMES = {"utils.py", "helpers.py", "const.py", "common.py"}


def imported(source: str) -> Iterator[str]:
    """Every module a source names in an import, wherever it stands; `from a import b` may name a or a.b."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room_of(module: str) -> str | None:
    """The room of a module of ours; None for libraries."""
    for name in ("bot.app", "bot.__main__"):
        if module == name or module.startswith(name + "."):
            return name
    top = module.partition(".")[0]
    return top if top in PACKAGES else None


def breaches(path: str, source: str) -> list[str]:
    """The imports of a file (by its path from the root) that the plan forbids."""
    room = room_of(path.removesuffix(".py").replace("/", "."))
    assert room is not None
    found = []
    for module in imported(source):
        other, library = room_of(module), module.partition(".")[0]
        if module.startswith("."):
            found.append(f"{path}: relative import {module}")
        elif other and other != room and other not in MAY_IMPORT[room]:
            found.append(f"{path}: {room} may not know {module}")
        elif library in HOMES and not path.startswith(HOMES[library]):
            found.append(f"{path}: {library} does not live here")
    return found


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_every_room_has_its_files() -> None:
    """The rule below would hold of an empty house too."""
    assert {path.relative_to(ROOT).parts[0] for path in sources()} == set(PACKAGES)
    assert len(sources()) > 40


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_file_imports_only_what_its_room_may_know(path: Path) -> None:
    assert breaches(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("knowledge/search.py", "from bot.clock import Clock"),
        ("knowledge/search.py", "def f():\n    import bot.settings"),
        ("bot/inbox.py", "from handlers.table import register"),
        ("bot/inbox.py", "from bot.app import run"),
        ("bot/inbox.py", "from bot import app"),
        ("bot/outbox.py", "import schedules.table"),
        ("handlers/menu.py", "from schedules import Job"),
        ("schedules/table.py", "from handlers import menu"),
        ("handlers/menu.py", "from bot.app import Service"),
        ("schedules/table.py", "import bot.__main__"),
        ("bot/app.py", "from bot.__main__ import cli"),
        ("bot/sandbox/world.py", "from telegram import Update"),
        ("bot/inbox.py", "import telegram.error"),
        ("handlers/menu.py", "from sqlite_utils import Database"),
        ("bot/understanding.py", "from rapidfuzz import fuzz"),
        ("bot/clock.py", "import apscheduler"),
        ("handlers/menu.py", "from . import callbacks"),
        ("knowledge/search.py", "if TYPE_CHECKING:\n    from bot.store import inbox"),
    ],
)
def test_a_forbidden_import_is_noticed(path: str, source: str) -> None:
    assert breaches(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("bot/app.py", "from handlers.table import register\nfrom telegram.ext import Application"),
        ("bot/__main__.py", "from bot.app import run"),
        ("handlers/menu.py", "from knowledge.entries import Fiche\nfrom bot.texts import say\nimport telegram"),
        ("bot/channels/telegram.py", "from telegram import Bot"),
    ],
)
def test_an_allowed_import_is_no_breach(path: str, source: str) -> None:
    assert breaches(path, source) == []


def our_files() -> list[Path]:
    """Every file that git keeps or would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def test_no_file_is_a_drawer_for_everything() -> None:
    assert [path for path in our_files() if path.name in NO_NAMES] == []


MACHINE_PATH = re.compile(r"(?<![\w.~}>-])/(?:work|root|home|Users|mnt|farm)/[\w.]")
REGISTRY = re.compile(
    r"\b(?:pypi\.org/simple|files\.pythonhosted|registry\.npmjs|index-url|trusted-host|proxy\.golang|jfrog|nexus\.)",
    re.I,
)


@pytest.mark.parametrize("text", ["see " + "/work" + "/main/bot", "'/home" + "/someone/x'", "cd /root" + "/x"])
def test_a_machine_path_is_recognised(text: str) -> None:
    assert MACHINE_PATH.search(text)


def test_no_file_names_a_machine_or_a_package_registry() -> None:
    found = []
    for path in our_files():
        if path == Path(__file__) or b"\0" in (content := path.read_bytes())[:8000]:
            continue
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
            if MACHINE_PATH.search(line) or REGISTRY.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []

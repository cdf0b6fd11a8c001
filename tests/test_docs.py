"""What the documents promise is there: commands, settings, files."""

import re
from pathlib import Path

import click
import pytest

from bot.__main__ import cli
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
names = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


def code_of(path: Path) -> str:
    """What stands between backquotes: what a reader will type."""
    text = path.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def test_there_are_documents_for_newcomers_operators_and_contributors() -> None:
    assert {path.name for path in DOCUMENTS} >= {"README.md", "exploitation.md", "contributing.md"}
    assert all(len(path.read_text(encoding="utf-8")) > 1000 for path in DOCUMENTS)


@names
def test_every_make_target_a_document_names_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert "run" in targets
    assert set(re.findall(r"\bmake ([a-z]+)", code_of(path))) - targets == set()


@names
def test_every_command_a_document_names_exists(path: Path) -> None:
    for first, second in re.findall(r"\bpasserelle ([a-z]+)(?: ([a-z]+))?", code_of(path)):
        command = cli.commands.get(first)
        assert command is not None, f"passerelle {first}"
        if isinstance(command, click.Group):
            assert second in command.commands, f"passerelle {first} {second}"


@names
def test_every_setting_a_document_names_exists(path: Path) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", path.read_text(encoding="utf-8"))) - known == set()


def test_every_setting_is_explained_to_operators() -> None:
    text = (ROOT / "docs" / "exploitation.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert PREFIX + name.upper() in text
        if field.default not in (None, ()):
            assert str(field.default) in text, name


@names
def test_every_file_a_document_links_to_is_there(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert missing == []

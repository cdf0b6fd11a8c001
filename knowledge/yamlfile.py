"""YAML read into frozen dataclasses; every mistake is told with its file and line.

pydantic checks the shape, PyYAML says where each key stands. Parsing with the C loader is fast;
the slow walk that finds line numbers runs only when something is wrong.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, TypeVar

import yaml
from pydantic import ValidationError

from knowledge.errors import Problem

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Loc = tuple[int | str, ...]


class Adapter(Protocol[T_co]):
    """A pydantic TypeAdapter: what makes a checked value of a raw one."""

    def validate_python(self, value: Any, /) -> T_co:
        """The value, checked. Raises ValidationError."""
        ...


class _Loader(yaml.CSafeLoader):
    """Dates stay as they are typed: sources rarely give a whole one, and a wrong one is told with its line."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}

_FRENCH = {
    "missing": ("le champ « {field} » manque", "ajoutez-le"),
    "extra_forbidden": ("le champ « {field} » n'existe pas", "corrigez son nom ou enlevez-le"),
    "unexpected_keyword_argument": ("le champ « {field} » n'existe pas", "corrigez son nom ou enlevez-le"),
    "string_type": ("« {field} » doit être un texte, pas {value!r}", "mettez la valeur entre guillemets"),
    "list_type": ("« {field} » doit être une liste", "écrivez [a, b] ou un tiret par ligne"),
    "tuple_type": ("« {field} » doit être une liste", "écrivez [a, b] ou un tiret par ligne"),
    "string_too_short": ("« {field} » est vide", "écrivez un texte"),
    "string_too_long": ("« {field} » est trop long ({max_length} caractères au plus)", "raccourcissez-le"),
    "string_pattern_mismatch": ("« {field} » n'a pas la bonne forme : {value!r}", "forme attendue : {pattern}"),
    "value_error": ("« {field} » vaut {value!r} : {error}", "corrigez la valeur"),
    "literal_error": ("« {field} » vaut {value!r}", "valeurs possibles : {expected}"),
    "too_short": ("« {field} » a trop peu d'éléments", "il en faut au moins {min_length}"),
    "dataclass_type": ("« {field} » doit être un groupe de champs", "écrivez des lignes « champ: valeur »"),
}


def read_text(path: Path) -> tuple[str, list[Problem]]:
    """The file's text, without a byte order mark; unreadable files give one problem and an empty text."""
    try:
        return path.read_text(encoding="utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return "", [Problem(path, line, "le fichier n'est pas en UTF-8", "enregistrez-le en UTF-8")]
    except OSError as error:
        return "", [Problem(path, 0, f"lecture impossible ({error.strerror})", "vérifiez le fichier et ses droits")]


def parse(text: str, path: Path, adapter: Adapter[T], first_line: int = 1) -> tuple[T | None, list[Problem]]:
    """The checked value of a YAML text that begins at `first_line` of `path`, or None and why not."""
    try:
        raw = yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader, less its dates)
    except yaml.YAMLError as error:
        return None, [_syntax_problem(error, path, first_line)]
    except (ValueError, TypeError, AttributeError, RecursionError) as error:  # PyYAML's own, on strange values
        return None, [Problem(path, first_line, f"YAML illisible ({error})", "écrivez les valeurs comme du texte")]
    try:
        return adapter.validate_python(raw), []
    except ValidationError as error:
        lines = _Lines(text)
        return None, [_shape_problem(e, path, lines, first_line) for e in error.errors(include_url=False)]


def parse_file(path: Path, adapter: Adapter[T]) -> tuple[T | None, list[Problem]]:
    """The checked value of a YAML file, or None and why not."""
    text, problems = read_text(path)
    return (None, problems) if problems else parse(text, path, adapter)


def _syntax_problem(error: yaml.YAMLError, path: Path, first_line: int) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = first_line + mark.line if mark else first_line
    what = " ".join((getattr(error, "problem", None) or str(error)).split())
    return Problem(path, line, f"YAML illisible ({what})", "vérifiez les guillemets, les deux-points et le retrait")


def _shape_problem(error: Any, path: Path, lines: _Lines, first_line: int) -> Problem:
    loc: Loc = error["loc"]
    field = ".".join(str(part) for part in loc) or "le fichier"
    what, cure = _FRENCH.get(error["type"], ("« {field} » est refusé : {msg}", "corrigez la valeur"))
    words = {"field": field, "value": error.get("input"), "msg": error["msg"], **(error.get("ctx") or {})}
    return Problem(path, first_line + lines.of(loc), what.format_map(words), cure.format_map(words))


class _Lines:
    """Where each key of a YAML text stands (0 is its first line)."""

    def __init__(self, text: str) -> None:
        self._root = yaml.compose(text, Loader=_Loader)

    def of(self, loc: Loc) -> int:
        node, line = self._root, 0
        for part in loc:
            node, line = self._step(node, part, line)
            if node is None:
                break
        return line

    @staticmethod
    def _step(node: Any, part: int | str, line: int) -> tuple[Any, int]:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            return child, child.start_mark.line
        if isinstance(node, yaml.MappingNode):
            for key, child in node.value:
                if key.value == str(part):
                    return child, key.start_mark.line
            return None, node.start_mark.line
        return None, line

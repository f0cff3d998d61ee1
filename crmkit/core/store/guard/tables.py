"""The names of the tables that are protected, and finding them in the text of a statement.

Must not know models: a name is noted when its model is mapped.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Any

_names: set[str] = set()
_models: dict[str, list[type[Any]]] = {}
_patterns: dict[int, re.Pattern[str]] = {}

_LOCKED = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+)?(?:UPDATE|SHARE)\s+OF\s+[\w\", ]+", re.IGNORECASE)


def protect(name: str, model: type[Any]) -> None:
    """Note a table as protected, and the model that is mapped to it."""
    _names.add(name)
    _models.setdefault(name, []).append(model)


def models_named(name: str) -> list[type[Any]]:
    """Return the models that were mapped to tables of a name."""
    return _models.get(name, [])


def is_protected(name: str) -> bool:
    """Say whether a table is protected."""
    return name in _names


def _pattern() -> re.Pattern[str]:
    found = _patterns.get(len(_names))
    if found is None:
        alternatives = "|".join(sorted(map(re.escape, _names), key=len, reverse=True)) or r"(?!)"
        # A name that a dot follows qualifies a column, and one in %(…)s is a parameter's.
        found = re.compile(rf"(?<![\w$])(?<!%\()\"?({alternatives})\"?(?![\w$\"]|\s*\.)", re.IGNORECASE)
        _patterns[len(_names)] = found
    return found


def occurrences(statement: str) -> Counter[str]:
    """Count how often the protected tables stand in the text of a statement as tables."""
    return Counter(name.lower() for name in _pattern().findall(_LOCKED.sub("", statement)))


@lru_cache(maxsize=2048)
def _mentioned(statement: str, names: int) -> tuple[str, ...]:
    return tuple(sorted(occurrences(statement)))


def mentioned(statement: str) -> tuple[str, ...]:
    """Return the protected tables that a statement in text mentions."""
    return _mentioned(statement, len(_names))

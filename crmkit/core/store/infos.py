"""What a field says of itself beside its column. Must not know models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from crmkit.hooks.contributions import FieldClass


@frozen(kw_only=True)
class FieldInfo:
    """What a field says of itself beside its column: for pages, import, export, search and protection."""

    title: str = ""
    classified: FieldClass = "sensitive"
    searchable: bool = False
    matchable: bool = False
    options: str | None = None
    """Name of the option list that an admin edits, where values come from one."""
    choices: Mapping[str, str] | None = None
    """The possible values with their titles, where they are settled."""
    editable: bool = True
    derived: Mapping[str, Callable[[Any], Any]] | None = None
    """Of a sealed field: the plain columns that follow from its value, each with the function that makes theirs."""


def field_info(column: Any) -> FieldInfo:
    """Return what a column says of itself; a column that says nothing is sensitive."""
    info = column.info.get("crmkit")
    return info if isinstance(info, FieldInfo) else FieldInfo()

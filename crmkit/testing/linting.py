"""Reads a plugin's source for what would go past the guard, so that its author hears of it before an admin does.

It keeps from forgetting, not from malice. Must not import the plugin.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

from crmkit.hooks.contributions import Finding
from crmkit.i18n import texts
from crmkit.testing.report import broken

_ = texts("crmkit")

_GUARD = "crmkit.core.store.guard"
_OWN = _("A plugin acts as its actor. For what it does on its own behalf, run operations that its manifest uses.")
_MODELS = _("Select models in the session: session.scalars(select(Model)).")
_SESSIONS = _("Use crm.session(actor) or crm.transaction(actor).")
_WRITING = _("Add records to the session inside an operation, or run operations by run_many.")
_FACTS = _("Select the model. Facts alone are selected from tables, in facts.py.")

_ATTRIBUTES: Mapping[str, str] = {
    "__table__": _FACTS,
    "bulk_insert_mappings": _WRITING,
    "bulk_save_objects": _WRITING,
    "bulk_update_mappings": _WRITING,
    "exec_driver_sql": _MODELS,
    "system_read": _SESSIONS,
    "system_write": _SESSIONS,
}
"""Attributes that reach past the guard, whatever they are of, each with what to do instead."""

_CALLED: Mapping[str, str] = {"connection": _MODELS}
"""The same for methods, of which the name alone says nothing."""

_OF_SQLALCHEMY: Mapping[str, str] = {
    "text": _MODELS,
    "create_engine": _SESSIONS,
    "create_async_engine": _SESSIONS,
    "engine_from_config": _SESSIONS,
}
"""Functions of SQLAlchemy."""

_OF_GUARD = ("region", "lookup")
"""What the framework alone may use of the guard."""


@frozen(kw_only=True)
class Breach:
    """A place in a source file that goes past the guard: its line, what stands there, and what to do instead."""

    line: int
    name: str
    instead: str


def code_keeps_to_the_guard(package: Path, migrations: Path | None) -> Iterator[Finding]:
    """Read all modules of a package but its migrations, which have no actor."""
    for file in sorted(package.rglob("*.py")):
        if migrations is not None and file.is_relative_to(migrations):
            continue
        try:
            found = list(breaches(file.read_text("utf-8"), tables=file.name == "facts.py"))
        except (SyntaxError, ValueError):
            continue  # what cannot be imported is said by what imports it
        for breach in found:
            yield broken(
                "CK305",
                _("{file}:{line}: {name} goes past what the actor may read and write."),
                breach.instead,
                file=file.relative_to(package.parent).as_posix(),
                line=breach.line,
                name=breach.name,
            )


def breaches(source: str, *, tables: bool = False) -> Iterator[Breach]:
    """Return what goes past the guard in a source text, by line; ``tables`` allows ``__table__``.

    Raises SyntaxError, and ValueError for text that is no source.
    """
    tree = ast.parse(source)
    bound = _bound(tree)
    places = {
        (node.lineno, name): instead  # type: ignore[attr-defined]
        for node in ast.walk(tree)
        for name, instead in _named(node, bound)
        if not (tables and name == "__table__")
    }
    for (line, name), instead in sorted(places.items()):
        yield Breach(line=line, name=name, instead=instead)


def _bound(tree: ast.Module) -> Mapping[str, str]:
    """Return the names that a module binds by imports, each with the dotted name of what it is."""
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                top = each.name.partition(".")[0]
                bound[each.asname or top] = each.name if each.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for each in node.names:
                bound[each.asname or each.name] = f"{node.module}.{each.name}"
    return bound


def _named(node: ast.AST, bound: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return what a node names that goes past the guard."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        for each in node.names:
            path = f"{module}.{each.name}".strip(".")
            if f"{path}.".startswith(f"{_GUARD}.") or (path.startswith("crmkit.") and each.name in _OF_GUARD):
                yield each.name, _OWN
        return
    if isinstance(node, ast.Attribute) and node.attr in _ATTRIBUTES:
        yield node.attr, _ATTRIBUTES[node.attr]
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "getattr":
            for each in node.args[1:2]:
                if isinstance(each, ast.Constant) and (given := str(each.value)) in {**_ATTRIBUTES, **_CALLED}:
                    yield given, {**_ATTRIBUTES, **_CALLED}[given]
        if isinstance(node.func, ast.Attribute) and node.func.attr in _CALLED:
            yield node.func.attr, _CALLED[node.func.attr]
    if isinstance(node, (ast.Name, ast.Attribute)):
        path = _dotted(node, bound)
        top, _dot, last = path.rpartition(".")
        if top.partition(".")[0] == "sqlalchemy" and last in _OF_SQLALCHEMY:
            yield last, _OF_SQLALCHEMY[last]
        elif f"{top}.".startswith(f"{_GUARD}.") and last in _OF_GUARD:
            yield last, _OWN


def _dotted(node: ast.expr, bound: Mapping[str, str]) -> str:
    """Return the dotted name of what an expression is, as far as imports say so."""
    if isinstance(node, ast.Name):
        return bound.get(node.id, "")
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value, bound)
        return f"{inner}.{node.attr}" if inner else ""
    return ""

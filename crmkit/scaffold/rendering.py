"""Renders the files of a new plugin and writes them into a folder of its own.

Everything is rendered before anything is written, so a failure leaves no half of a plugin. Must not decide which parts
there are.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from crmkit.errors import AlreadyExists, UsageError
from crmkit.i18n import texts
from crmkit.manifest import HOOK_API, NAME
from crmkit.scaffold.locale import catalogues
from crmkit.scaffold.parts import DEFAULT, completed

_ = texts("crmkit")

TEMPLATES = Path(__file__).parent / "templates"

TAKEN = frozenset({"crmkit", "crm"})
"""Names whose prefixes are the kernel's own."""

_MODULES = ("models", "operations", "events", "facts", "subscriptions", "jobs", "checks", "commands", "settings")
"""The parts that have a module of their own."""

_QUERIED = frozenset({"timeline", "jobs", "checks", "commands"})

_CONTRIBUTIONS: Mapping[str, tuple[str, ...]] = {
    "models": ("PersonalData", "Resource"),
    "facts": ("FactSet",),
    "timeline": ("TimelineEntry",),
    "subscriptions": ("Subscription",),
    "jobs": ("Job",),
    "checks": ("Check",),
    "kinds": ("InteractionKind", "PayloadField"),
}
"""The values that each part's hooks return."""


def render(name: str, target: Path, *, title: str | None = None, parts: Iterable[str] = DEFAULT) -> list[Path]:
    """Write a new plugin into the folder ``target``, which must not exist, and return its files.

    ``name`` is the prefix of everything that the plugin has; ``title`` what people call it; ``parts`` are names of
    `PARTS`, or ``all``. Raises UsageError for a name or part that cannot be used, AlreadyExists for a folder that is
    there, and OSError's reason as UsageError when it cannot be written.
    """
    if not NAME.fullmatch(name) or name in TAKEN or name.startswith("crm_") or name.endswith("_"):
        raise UsageError(
            _('"{name}" cannot be the name of a plugin.'),
            fix=_("Use at most 30 small letters, digits and underscores, a letter first, such as acme_rentals."),
            name=name,
        )
    if target.exists() or target.is_symlink():
        raise AlreadyExists(_("{folder} exists already."), fix=_("Name another folder."), folder=target)
    context = _context(name, title, completed(parts))
    files = {path: text.encode() for path, text in _rendered(context)}
    package = context["package"]
    sources = {str(path): content for path, content in files.items() if path.parts[0] == package}
    for path, content in catalogues(package, sources).items():
        files[Path(path)] = content
    try:
        for path, content in files.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_bytes(content)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise UsageError(_("{folder} cannot be written: {reason}."), folder=target, reason=error) from error
    return [target / path for path in sorted(files)]


def _context(name: str, title: str | None, parts: frozenset[str]) -> dict[str, Any]:
    from crmkit import __version__

    plain = " ".join((title or "").split()) or name.replace("_", " ").capitalize()
    values = sorted(value for part in parts for value in _CONTRIBUTIONS.get(part, ()))
    line = f"from crmkit.hooks.contributions import {', '.join(values)}" if values else ""
    if len(line) > 120:
        line = "from crmkit.hooks.contributions import (\n" + "".join(f"    {each},\n" for each in values) + ")"
    typing = [
        *(["TYPE_CHECKING"] if "timeline" in parts else []),
        *(["Any"] if parts & {"models", "operations"} else []),
    ]
    third_party = [*(["CRM", "Actor"] if "kinds" in parts else []), *(["Settings"] if "settings" in parts else [])]
    return {
        "name": name,
        "package": f"crmkit_{name}",
        "distribution": f"crmkit-{name.replace('_', '-')}",
        "command": name.replace("_", "-"),
        "code": "".join(char for char in name if char.isalpha())[:3].upper(),
        "title": plain,
        "parts": parts,
        "kernel": ".".join(__version__.split(".")[:2]),
        "api": ".".join(str(part) for part in HOOK_API),
        "contributions": line,
        "sequences": bool(parts - {"commands", "settings"}),
        "marks_texts": bool(parts & {"models", "kinds", "timeline"}),
        "typing": ", ".join(typing),
        "third_party": ", ".join(third_party),
    }


def _files(context: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each template with the path that it is rendered to."""
    parts: frozenset[str] = context["parts"]
    package, name = context["package"], context["name"]
    yield "pyproject.toml", "pyproject.toml"
    yield "README.md", "README.md"
    yield "gitignore", ".gitignore"
    for module in ("__init__", "manifest", "plugin"):
        yield f"package/{module}.py", f"{package}/{module}.py"
    for module in (
        "models",
        "operations",
        "events",
        "facts",
        "subscriptions",
        "jobs",
        "checks",
        "commands",
        "settings",
    ):
        if module in parts:
            yield f"package/{module}.py", f"{package}/{module}.py"
    if parts & _QUERIED:
        yield "package/queries.py", f"{package}/queries.py"
    if "models" in parts:
        yield "package/migrations/__init__.py", f"{package}/migrations/__init__.py"
        yield "package/migrations/first.py", f"{package}/migrations/{name}_0001_items.py"
    yield "tests/test_conformance.py", "tests/test_conformance.py"
    if "operations" in parts:
        yield "tests/test_items.py", "tests/test_items.py"
    if parts & {"kinds", "settings", "commands"} or "operations" not in parts:
        yield "tests/test_parts.py", "tests/test_parts.py"


def _rendered(context: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - what is rendered is Python and Markdown, where HTML's escapes are wrong
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["string_literal"] = _string_literal
    for template, path in _files(context):
        text = environment.get_template(f"{template}.j2").render(context)
        yield Path(path), text.strip("\n") + "\n"
    yield Path(context["package"], "py.typed"), ""


def _string_literal(text: str) -> str:
    """Return a text as Python writes it, in double quotes where that needs no escape."""
    literal = repr(text)
    return f'"{text}"' if literal == f"'{text}'" and '"' not in text and "\\" not in text else literal

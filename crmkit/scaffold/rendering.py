"""Renders the files of a new plugin and puts them, all at once, into a folder of its own.

Must not decide which parts there are.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from crmkit.errors import AlreadyExists, UsageError
from crmkit.i18n import is_phrase, texts
from crmkit.manifest import HOOK_API, NAME
from crmkit.scaffold.imports import imports
from crmkit.scaffold.locale import catalogues
from crmkit.scaffold.parts import DEFAULT, completed

_ = texts("crmkit")

TEMPLATES = Path(__file__).parent / "templates"

TAKEN = frozenset({"crmkit", "crm"})
"""Names whose prefixes are the kernel's own."""

_MODULES: Mapping[str, frozenset[str]] = {
    **{
        part: frozenset({part})
        for part in (
            "models",
            "operations",
            "events",
            "facts",
            "rules",
            "dimensions",
            "segments",
            "reports",
            "pages",
            "cards",
            "public",
            "subscriptions",
            "jobs",
            "checks",
            "commands",
            "api",
            "settings",
        )
    },
    "display": frozenset({"panels", "timeline"}),
    "views": frozenset({"boards", "calendars"}),
    "queries": frozenset({"pages", "panels", "timeline", "cards", "public", "jobs", "checks", "commands"}),
}
"""Each module of the package, with the parts of which one needs it."""

_TEMPLATES: Mapping[str, str] = {"pages": "due", "public": "mine"}
"""The parts that have a template of HTML, with its name."""

_DUES = frozenset({"pages", "cards", "jobs", "checks", "commands"})
"""The parts that ask what is due."""

_CONTRIBUTIONS: Mapping[str, tuple[str, ...]] = {
    "models": ("PersonalData",),
    "resources": ("Resource",),
    "facts": ("FactSet",),
    "rules": ("Rule",),
    "dimensions": ("Dimension",),
    "segments": ("Segment",),
    "reports": ("Report",),
    "pages": ("Page",),
    "panels": ("Panel",),
    "timeline": ("TimelineEntry",),
    "cards": ("DashboardCard",),
    "boards": ("Board",),
    "calendars": ("Calendar",),
    "search": ("Searchable", "SearchField"),
    "public": ("PublicPage",),
    "subscriptions": ("Subscription",),
    "jobs": ("Job",),
    "checks": ("Check",),
    "kinds": ("InteractionKind", "PayloadField"),
}
"""The values that each part's hooks return."""

_HOOKS: Mapping[str, str] = {"cards": "dashboard_cards", "public": "public_pages"}
"""The hooks that have another name than their part."""


def render(
    name: str,
    target: Path,
    *,
    title: str | None = None,
    title_zh: str | None = None,
    parts: Iterable[str] = DEFAULT,
) -> list[Path]:
    """Write a new plugin into the folder ``target``, which must not exist, and return its files.

    ``name`` is the prefix of everything that the plugin has; ``title`` what people call it, and ``title_zh`` what they
    call it in Chinese: where it is not given, a title of English words is left to be translated; ``parts`` are names
    of `PARTS`, or ``all``. The folder is there with all of its files, or not at all. Raises UsageError for a name or
    part that cannot be used, AlreadyExists for a folder or a plugin of crmkit's own that is there, and OSError's
    reason as UsageError when it cannot be written.
    """
    if not NAME.fullmatch(name) or name in TAKEN or name.startswith("crm_") or name.endswith("_"):
        raise UsageError(
            _('"{name}" cannot be the name of a plugin.'),
            fix=_("Use at most 30 small letters, digits and underscores, a letter first, such as acme_rentals."),
            name=name,
        )
    if name in _shipped():
        raise AlreadyExists(_('crmkit has a plugin "{name}" itself.'), fix=_("Choose another name."), name=name)
    if target.exists() or target.is_symlink():
        raise AlreadyExists(_("{folder} exists already."), fix=_("Name another folder."), folder=target)
    context = _context(name, title, completed(parts))
    files = {path: text.encode() for path, text in _rendered(context)}
    package = context["package"]
    sources = {path.as_posix(): content for path, content in files.items() if path.parts[0] == package}
    chinese = " ".join((title_zh or "").split()) or ("" if is_phrase(context["title"]) else context["title"])
    own = {context["title"]: chinese} if chinese else {}
    for path, content in catalogues(package, sources, own).items():
        files[Path(path)] = content
    try:
        _write(target, files)
    except OSError as error:
        raise UsageError(_("{folder} cannot be written: {reason}."), folder=target, reason=error) from error
    return [target / path for path in sorted(files)]


def _shipped() -> set[str]:
    found = metadata.entry_points(group="crmkit.plugins")
    return {point.name for point in found if point.dist is not None and point.dist.name == "crmkit"}


def _write(target: Path, files: Mapping[Path, bytes]) -> None:
    """Write the files beside the folder first, then give the folder its name: whoever is interrupted leaves no half."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent, ignore_cleanup_errors=True) as made:
        # A folder within the temporary one, as that is for its owner's eyes alone.
        folder = Path(made) / target.name
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        os.rename(folder, target)


def _context(name: str, title: str | None, parts: frozenset[str]) -> dict[str, Any]:
    from crmkit import __version__

    plain = " ".join((title or "").split()) or name.replace("_", " ").capitalize()
    return {
        "name": name,
        "package": f"crmkit_{name}",
        "distribution": f"crmkit-{name.replace('_', '-')}",
        "command": name.replace("_", "-"),
        "code": "".join(char for char in name if char.isalpha())[:3].upper(),
        "title": plain,
        "parts": parts,
        "dues": bool(parts & _DUES),
        "kernel": ".".join(__version__.split(".")[:2]),
        "api": ".".join(str(part) for part in HOOK_API),
        "contributions": [value for part in parts for value in _CONTRIBUTIONS.get(part, ())],
        "hooks": {part: _HOOKS.get(part, part) for part in parts},
        "imports": imports,
        "has": lambda *wanted: not parts.isdisjoint(wanted),
    }


def _files(context: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each template with the path that it is rendered to."""
    parts: frozenset[str] = context["parts"]
    package, name = context["package"], context["name"]
    yield "pyproject.toml", "pyproject.toml"
    yield "README.md", "README.md"
    yield "gitignore", ".gitignore"
    yield "babel.cfg", "babel.cfg"
    for module in ("__init__", "manifest", "plugin", *(name for name, users in _MODULES.items() if parts & users)):
        yield f"package/{module}.py", f"{package}/{module}.py"
    for part in sorted(parts & set(_TEMPLATES)):
        yield f"package/templates/{_TEMPLATES[part]}.html", f"{package}/templates/{_TEMPLATES[part]}.html"
    if "models" in parts:
        yield "package/migrations/__init__.py", f"{package}/migrations/__init__.py"
        yield "package/migrations/first.py", f"{package}/migrations/{name}_0001_items.py"
    if "operations" in parts:
        yield "tests/conftest.py", "tests/conftest.py"
    yield "tests/test_conformance.py", "tests/test_conformance.py"
    for part in sorted(parts):
        if (TEMPLATES / "tests" / f"test_{part}.py.j2").is_file():
            yield f"tests/test_{part}.py", f"tests/test_{part}.py"


def _rendered(context: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - what is rendered is Python and Markdown, where HTML's escapes are wrong
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["string_literal"] = _string_literal
    # What is rendered to HTML is a template itself, so the scaffold's own marks are others there.
    of_templates = environment.overlay(
        block_start_string="[%", block_end_string="%]", variable_start_string="[[", variable_end_string="]]"
    )
    for template, path in _files(context):
        marks = of_templates if path.endswith(".html") else environment
        text = marks.get_template(f"{template}.j2").render(context)
        yield Path(path), text.strip("\n") + "\n"
    yield Path(context["package"], "py.typed"), ""


def _string_literal(text: str) -> str:
    """Return a text as Python writes it, in double quotes where that needs no escape."""
    literal = repr(text)
    return f'"{text}"' if literal == f"'{text}'" and '"' not in text and "\\" not in text else literal

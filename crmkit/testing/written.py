"""Checks what a plugin's package brings beside its code: README, translations, types, revisions that last.

Only files are read. Must not enable anything.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from crmkit.hooks.contributions import Finding
from crmkit.i18n import LANGUAGES, is_phrase, texts
from crmkit.manifest import PluginManifest
from crmkit.testing.report import broken, doubtful, named

_ = texts("crmkit")

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "install": ("install", "enable", "安装", "启用"),
    "configure": ("configur", "setting", "配置", "设置"),
    "remove": ("remov", "uninstall", "purge", "卸载", "移除", "删除"),
}
"""The sections that a README needs, each with words of which one stands in its heading."""
USE = ("use", "usage", "using", "work with", "用法", "使用")
SECURITY = ("security", "weakness", "vulnerabilit", "安全")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{4,}")
_SHOWN = 5
"""How many texts of a kind a finding names."""


def package_of(manifest: PluginManifest) -> Path | None:
    """Return the folder of a plugin's import package, or None where it is not in a folder."""
    try:
        spec = importlib.util.find_spec(manifest.package.partition(".")[0])
    except ImportError:
        return None
    return next((Path(each) for each in (spec.submodule_search_locations or ())), None) if spec is not None else None


def readme_of(manifest: PluginManifest) -> str | None:
    """Return a plugin's README: the one in its package, the one beside it, or what its distribution says of itself.

    A plugin that shares its distribution with others has it in its package.
    """
    package = package_of(manifest)
    for folder in () if package is None else (package, package.parent):
        file = folder / "README.md"
        if file.is_file():
            return file.read_text("utf-8")
    for point in metadata.entry_points(group="crmkit.plugins", name=manifest.name):
        if point.dist is not None and len(point.dist.entry_points.select(group="crmkit.plugins")) == 1:
            said = point.dist.metadata.json.get("description")
            return str(said) if said else None
    return None


def readme_is_whole(manifest: PluginManifest) -> Iterator[Finding]:
    """Look for the sections of the README, and for the names of permissions, commands and settings in it."""
    text = readme_of(manifest)
    if text is None:
        yield broken(
            "CK901",
            _("There is no README."),
            _("Write README.md beside the package, or in it, with sections on installing, configuring and removing."),
        )
        text = ""
    headings = [each.casefold() for each in _HEADING.findall(text)]
    missing = [name for name, words in SECTIONS.items() if not _among(words, headings)]
    if missing and text:
        yield broken(
            "CK901",
            _("The README has no section for these: {sections}."),
            _("Give each a heading, such as: ## Install, ## Configure, ## Remove."),
            sections=named(missing),
        )
    silent = [each.name for each in manifest.permissions if not _mentions(text, each.name)]
    if silent:
        yield broken(
            "CK902",
            _("The README does not name these permissions: {names}."),
            _("List them with what they let somebody do: an admin reads them before enabling."),
            names=named(silent),
        )
    if not manifest.security_contact and not _among(SECURITY, headings):
        yield broken(
            "CK903",
            _("Nobody is named who is told of a weakness."),
            _("Set security_contact in the manifest, or give the README a section on security."),
        )
    unused = [f"crmkit {name}" for name in manifest.commands if not _mentions(text, f"crmkit {name}")]
    unused += [name for name in _settings(manifest) if not _mentions(text, name)]
    if unused:
        yield broken(
            "CK906",
            _("The README does not name these commands and settings: {names}."),
            _("Show how each is used."),
            names=named(unused),
        )
    if not _among(USE, headings):
        yield broken("CK906", _("The README has no section on use."), _("Give it a heading, such as: ## Use."))


def _among(words: Sequence[str], headings: Sequence[str]) -> bool:
    return any(word in heading for word in words for heading in headings)


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w]|\.\w)", text) is not None


def _settings(manifest: PluginManifest) -> list[str]:
    if manifest.settings is None:
        return []
    module, _colon, name = manifest.settings.partition(":")
    try:
        shape: Any = getattr(importlib.import_module(module), name)
        return [attribute.name for attribute in attrs.fields(shape)]
    except (ImportError, AttributeError, attrs.exceptions.NotAnAttrsClassError):
        return []  # said by CK107


def texts_are_translated(manifest: PluginManifest) -> Iterator[Finding]:
    """Compare the texts that modules and templates mark with the catalogue, and that with its compiled form."""
    package = package_of(manifest)
    if package is None:
        return
    for language in (each for each in LANGUAGES if each != "en"):
        folder = package / "locale" / language / "LC_MESSAGES"
        source, compiled = folder / f"{package.name}.po", folder / f"{package.name}.mo"
        marked = _marked(package)
        written = _entries(source) if source.is_file() else None
        shipped = _entries(compiled) if compiled.is_file() else None
        known = written if written is not None else shipped or {}
        title = str(manifest.title)
        same = {title} if is_phrase(title) and known.get(title) == title else set[str]()
        missing = sorted(each for each in marked if not known.get(each) or each in same)
        if missing:
            yield doubtful(
                "CK705",
                _("{count} texts are not translated, such as: {texts}"),
                _("Add them to {file}, and compile it: pybabel compile -d locale -D {domain}"),
                count=len(missing),
                texts=" · ".join(missing[:_SHOWN]),
                file=source.relative_to(package.parent).as_posix(),
                domain=package.name,
            )
        if marked and shipped is None:
            yield broken(
                "CK905",
                _("There is no {file}: nobody will see the translations."),
                _("Compile the catalogue: pybabel compile -d locale -D {domain}"),
                file=compiled.relative_to(package.parent).as_posix(),
                domain=package.name,
            )
        elif written is not None and shipped is not None:
            old = sorted(each for each, said in written.items() if said and shipped.get(each) != said)
            if old:
                yield broken(
                    "CK905",
                    _("{file} is older than its source: {count} texts differ, such as: {texts}"),
                    _("Compile the catalogue: pybabel compile -d locale -D {domain}"),
                    file=compiled.relative_to(package.parent).as_posix(),
                    count=len(old),
                    texts=" · ".join(old[:_SHOWN]),
                    domain=package.name,
                )


def _marked(package: Path) -> set[str]:
    found: set[str] = set()
    for file in sorted((*package.rglob("*.py"), *package.rglob("*.html"))):
        method = "python" if file.suffix == ".py" else "jinja2"
        with file.open("rb") as content:
            rows: Any = extract(method, content, keywords={"_": None}, options={"silent": "false"})
            found.update(str(message) for _line, message, _comments, _context in rows if message)
    return found


def _entries(file: Path) -> Mapping[str, str]:
    with file.open("rb") as content:
        catalogue = read_po(content) if file.suffix == ".po" else read_mo(content)
        return {str(each.id): str(each.string or "") for each in catalogue if each.id and not each.fuzzy}


def package_is_typed(manifest: PluginManifest) -> Iterator[Finding]:
    """Look for the marker that says that the package is typed, and for functions that do not say their types."""
    package = package_of(manifest)
    if package is None:
        return
    if not (package / "py.typed").is_file():
        yield broken(
            "CK904",
            _("There is no {file}, so type checkers do not read the package."),
            _("Add it as an empty file, and see that it is in the wheel."),
            file=f"{package.name}/py.typed",
        )
    migrations = None if manifest.migrations is None else manifest.migrations.split(".")
    silent: list[str] = []
    for file in sorted(package.rglob("*.py")):
        parts = (package.name, *file.relative_to(package).parent.parts)
        if migrations is not None and list(parts[: len(migrations)]) == migrations:
            continue
        silent += [f"{file.relative_to(package.parent).as_posix()}:{line}" for line in _untyped(file)]
    if silent:
        yield broken(
            "CK904",
            _("{count} functions do not say all of their types, such as: {places}"),
            _("Say the type of every parameter and of what is returned."),
            count=len(silent),
            places=", ".join(silent[:_SHOWN]),
        )


def _untyped(file: Path) -> Iterator[int]:
    try:
        tree = ast.parse(file.read_text("utf-8"))
    except (SyntaxError, ValueError):
        return  # said by what imports it
    methods = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for inner in node.body
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        given = node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
        static = any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list)
        own = id(node) in methods and not static
        if node.returns is None or any(each.annotation is None for each in (every[1:] if own else every)):
            yield node.lineno


def revisions_stand_alone(manifest: PluginManifest) -> Iterator[Finding]:
    """Read the revisions for what will not be there any more when the plugin has moved on."""
    if manifest.migrations is None:
        return
    package = package_of(manifest)
    try:
        spec = importlib.util.find_spec(manifest.migrations)
    except ImportError:
        return
    if package is None or spec is None:
        return
    for folder in spec.submodule_search_locations or ():
        for file in sorted(Path(folder).glob("*.py")):
            source = file.read_text("utf-8")
            for line, what in _leaning(source, package.name):
                yield broken(
                    "CK405",
                    _("{file}:{line}: {what} may be something else when the revision runs."),
                    _("Write into the revision what it needs: names, types and values as they are now."),
                    file=file.relative_to(package.parent).as_posix()
                    if file.is_relative_to(package.parent)
                    else file.name,
                    line=line,
                    what=what,
                )


def _leaning(source: str, package: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.splitlines(), 1):
        if found := _ADDRESS.search(line):
            yield number, found[0]
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return  # said by CK402
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named_here = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            named_here = [package if node.level else node.module or ""]
        else:
            continue
        for each in named_here:
            if each.partition(".")[0] == package:
                yield node.lineno, f"import {each}"

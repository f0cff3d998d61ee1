"""Records what plugins may rely on: hooks, contributions, the manifest, and the public names with their signatures.

``python tools/api.py`` writes ``tests/api/*.txt``; with ``--check`` it ends with 1 when the code differs from them, and
says what has to be done. Once a version of the hook API was released, an addition needs a higher minor version and
anything else a higher major one; both are recorded in ``crmkit/hooks/changes.py``.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "api"

MODULES = (
    "crmkit.manifest",
    "crmkit.hooks",
    "crmkit.hooks.contributions",
    "crmkit.hooks.ports",
    "crmkit.hooks.rooms",
    "crmkit.errors",
    "crmkit.i18n",
    "crmkit.testing",
    "crmkit.cli.api",
    "crmkit.exchange.yaml_files",
    "crmkit.engines.statistics",
    "crmkit.engines.search.searching",
    "crmkit.engines.search.rarity",
    "crmkit.engines.search.tokens",
    "crmkit.deprecated",
)
"""The modules whose names plugins may import, beside those of crmkit itself."""


def surface() -> Mapping[str, list[str]]:
    """Return the lines of each file by its name."""
    import crmkit

    names = {f"crmkit.{name}": getattr(crmkit, name) for name in crmkit.__all__ if name != "__version__"}
    seen = {id(value) for value in names.values()}
    for path in MODULES:
        module = importlib.import_module(path)
        for name in _public(module):
            value = getattr(module, name)
            if id(value) not in seen:
                names[f"{path}.{name}"] = value
    lines = {line for path, value in names.items() for line in _lines(path, value)}
    return {"hooks": list(_hooks()), "names": sorted(lines)}


def _hooks() -> Iterator[str]:
    from crmkit.hooks.catalogue import kernel_specifications

    for each in kernel_specifications().values():
        answer = each.signature.rpartition(" -> ")[2]
        yield f"{each.name} -> {answer}, errors: {each.policy.errors}"
        for name, parameter in _parameters(each.signature):
            yield f"{each.name}.{name}: {parameter}"


def _parameters(signature: str) -> Iterator[tuple[str, str]]:
    inner = signature.partition("(")[2].rpartition(") -> ")[0]
    for part in re.split(r", (?=\w+: )", inner):
        if part:
            name, _colon, annotation = part.partition(": ")
            yield name, annotation


def _public(module: Any) -> list[str]:
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return list(listed)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not inspect.ismodule(value) and _of_crmkit(module, value)
    ]


def _of_crmkit(module: Any, value: Any) -> bool:
    return str(getattr(value, "__module__", module.__name__)).startswith("crmkit")


def _lines(path: str, value: Any) -> Iterator[str]:
    if inspect.isclass(value):
        code = getattr(value, "code", None)
        yield f"class {path} {code}" if isinstance(code, str) else f"class {path}"
        yield from _members(path, value)
    elif inspect.isfunction(value):
        yield from _callable(f"function {path}", value)
    else:
        yield f"value {path}: {type(value).__name__}"


def _members(path: str, cls: type[Any]) -> Iterator[str]:
    if attrs.has(cls):
        for each in attrs.fields(cls):
            if not each.name.startswith("_"):
                yield f"field {path}.{each.name}: {_plain(each.type)}{_default(each.default)}"
    elif hasattr(cls, "__table__"):
        yield from (f"column {path}.{each.key}" for each in cls.__table__.columns)
    known = {each.name for each in attrs.fields(cls)} if attrs.has(cls) else set()
    for name, member in vars(cls).items():
        if name.startswith("_") or name in known:
            continue
        plain = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        if isinstance(plain, property):
            yield f"property {path}.{name}"
        elif inspect.isfunction(plain):
            yield from _callable(f"method {path}.{name}", plain)


def _callable(label: str, function: Any) -> Iterator[str]:
    signature = inspect.signature(function)
    yield f"{label} -> {_plain(signature.return_annotation)}"
    for position, (name, each) in enumerate(signature.parameters.items()):
        if name in ("self", "cls") and position == 0:
            continue
        shown = "" if each.annotation is each.empty else f": {_plain(each.annotation)}"
        starred = {each.VAR_POSITIONAL: "*", each.VAR_KEYWORD: "**"}.get(each.kind, "")
        default = "" if starred else _default(attrs.NOTHING if each.default is each.empty else each.default)
        alone = " (keyword)" if each.kind is each.KEYWORD_ONLY else ""
        yield f"{label}.{starred}{name}{shown}{default}{alone}"


def _default(value: Any) -> str:
    if value is attrs.NOTHING:
        return " (required)"
    if isinstance(value, attrs.Factory):  # type: ignore[arg-type]
        return " = made anew"
    # What is no plain value differs from machine to machine, as the environment does.
    return f" = {value!r}" if _is_plain(value) else f" = a {type(value).__name__}"


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, bool | int | float | str | bytes)


def _plain(annotation: Any) -> str:
    if annotation is inspect.Signature.empty or annotation is None:
        return "None"
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", None) or str(annotation)


def recorded() -> Mapping[str, list[str]]:
    """Return the lines of the files as they were recorded last."""
    return {path.stem: path.read_text("utf-8").splitlines() for path in sorted(FOLDER.glob("*.txt"))}


def changes(before: Mapping[str, list[str]], after: Mapping[str, list[str]]) -> tuple[list[str], list[str], str]:
    """Return the lines that were added, those that went, and which number of the hook API that raises: "", "minor" or
    "major". A new parameter or field that has to be given breaks whoever calls without it."""
    old = {line for lines in before.values() for line in lines}
    new = {line for lines in after.values() for line in lines}
    owners = {" ".join(re.split(r" -> |: ", line)[0].split()[:2]) for line in old}
    added, gone = sorted(new - old), sorted(old - new)
    breaking = [line for line in added if line.endswith("(required)") and _owner(line) in owners]
    return added, gone, "major" if gone or breaking else "minor" if added else ""


def _owner(line: str) -> str:
    kind, _space, rest = line.partition(" ")
    owner = re.split(r": | -> | \(", rest)[0].rpartition(".")[0]
    return f"class {owner}" if kind == "field" else f"{kind} {owner}"


def verdict(added: list[str], gone: list[str], raises: str) -> str:
    """Return what has to be done about a difference, or nothing where the version was raised as it has to be."""
    from crmkit.hooks.changes import CHANGES, RELEASED
    from crmkit.manifest import HOOK_API

    if not raises or RELEASED is None:
        return ""
    major, minor = RELEASED
    needed = (major + 1, 0) if raises == "major" else (major, minor + 1)
    named = f"{needed[0]}.{needed[1]}"
    if needed > HOOK_API:
        listed = "\n".join([*(f"+ {line}" for line in added), *(f"- {line}" for line in gone)])
        return (
            f"What plugins rely on has changed since hook API {major}.{minor}:\n{listed}\n"
            f"Take it back, or make HOOK_API in crmkit/manifest.py {needed} and record it in crmkit/hooks/changes.py."
        )
    if all(each.api != named for each in CHANGES):
        return f"crmkit/hooks/changes.py says nothing of hook API {named}."
    return ""


def main() -> int:
    """Write the files, or check them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, say what is out of date")
    arguments = parser.parse_args()
    now = surface()
    added, gone, raises = changes(recorded(), now)
    complaint = verdict(added, gone, raises)
    if complaint:
        print(complaint)
        return 1
    if arguments.check:
        for line in (*(f"+ {each}" for each in added), *(f"- {each}" for each in gone)):
            print(line)
        if raises:
            print("Run python tools/api.py to record this: it is part of no release yet, or its version was raised.")
        return 1 if raises else 0
    FOLDER.mkdir(exist_ok=True)
    for name, lines in now.items():
        (FOLDER / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())

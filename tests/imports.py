"""Who imports whom, read from the source without running it.

Used by the test of the architecture. Imports inside functions count, as laziness does not make a dependency right;
imports for the type checker alone are told apart. Must not know which directions are allowed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen


@frozen(kw_only=True)
class Import:
    """One import: the module that has it, its line, and the dotted name imported.

    ``target`` ends in the name after ``import`` for ``from module import name``, be it a module or not.
    """

    importer: str
    line: int
    target: str
    typing_only: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.target}"


def modules_of(package: Path) -> dict[str, Path]:
    """Return the modules of a package folder by dotted name, which begins with the folder's name."""
    found: dict[str, Path] = {}
    for path in sorted(package.rglob("*.py")):
        parts = (package.name, *path.relative_to(package).with_suffix("").parts)
        if all(part.isidentifier() for part in parts):
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(module: str, path: Path) -> list[Import]:
    """Return every import of a module. Raises SyntaxError when the file is no Python."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return [
        Import(importer=module, line=node.lineno, target=target, typing_only=typing_only)
        for node, typing_only in _walk(tree, typing_only=False)
        for target in _targets(node, package)
    ]


def resolve(target: str, modules: Mapping[str, Path], exports: Mapping[str, str]) -> str | None:
    """Return the module that an import reaches, or None for one that is not among ``modules``.

    ``exports`` are the names that the root package loads lazily, with the modules that define them.
    """
    root, _, name = target.partition(".")
    if name in exports and root in modules:
        return exports[name]
    while target and target not in modules:
        target = target.rpartition(".")[0]
    return target or None


def _walk(node: ast.AST, *, typing_only: bool) -> Iterator[tuple[ast.AST, bool]]:
    yield node, typing_only
    for name, value in ast.iter_fields(node):
        guarded = typing_only or (name == "body" and isinstance(node, ast.If) and _is_typing_guard(node.test))
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child, typing_only=guarded)


def _is_typing_guard(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _targets(node: ast.AST, package: str) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            parent = package.split(".")
            base = [] if level == 0 else parent[: len(parent) - level + 1]
            prefix = ".".join([*base, *([module] if module else [])])
            yield from (prefix if alias.name == "*" else f"{prefix}.{alias.name}" for alias in names)
        case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]) if ast.unparse(function) in (
            "import_module",
            "importlib.import_module",
            "__import__",
        ):
            yield name
        case _:
            pass

"""Hook modules made from source text, so that each test shows the whole plugin it is about."""

from __future__ import annotations

import linecache
from types import ModuleType

_HEAD = "from crmkit.hooks import hookimpl; from crmkit.hooks.markers import hookspec\n"


def module(name: str, source: str) -> ModuleType:
    """Return a module with this source, which begins on line 1; ``hookimpl`` and ``hookspec`` are there already."""
    file = f"/plugins/{name}/plugin.py"
    made = ModuleType(f"plugin_{name}")
    made.__file__ = file
    exec(_HEAD, made.__dict__)
    exec(compile(source, file, "exec"), made.__dict__)
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    return made

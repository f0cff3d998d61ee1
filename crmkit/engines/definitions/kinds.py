"""The kinds of definition that there are: each engine says what its own are made of, who may publish them, and what has
to hold of one.

Must not know any kind.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from attrs import frozen

import crmkit.engines as _house
from crmkit.errors import Problem, UnknownDefinition
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.operations.registry import Registry
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


@frozen(kw_only=True)
class DefinitionKind:
    """A kind of definition.

    ``type`` is the attrs class of its values, which have a ``name``; ``sort`` the sort of contribution by which plugins
    ship some, if they do; ``check(session, value)`` returns what is wrong with one; ``permission`` is the right to
    publish one. ``rank`` orders kinds where one refers to another: what is referred to comes first. ``shipped_as``
    makes of everything that is contributed, by name, what is shipped.
    """

    name: str
    title: str
    type: type[Any]
    permission: str
    sort: str | None = None
    check: Callable[[CrmSession, Any], Iterable[Problem]] | None = None
    rank: int = 100
    shipped_as: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None

    def shipped(self, registry: Registry) -> Mapping[str, Any]:
        """Return the values that plugins and the kernel ship, by name."""
        given = {} if self.sort is None else registry.tables[self.sort]
        return given if self.shipped_as is None else self.shipped_as(given)


@cache
def definition_kinds() -> Mapping[str, DefinitionKind]:
    """Return all kinds by name, in the order of their ranks (``DEFINITIONS`` of each room's catalogue)."""
    found: list[DefinitionKind] = []
    for module in pkgutil.iter_modules(_house.__path__):
        dotted = f"{_house.__name__}.{module.name}.catalogue"
        if module.ispkg and find_spec(dotted) is not None:
            kinds: Sequence[DefinitionKind] = getattr(import_module(dotted), "DEFINITIONS", ())
            found.extend(kinds)
    return {kind.name: kind for kind in sorted(found, key=lambda kind: (kind.rank, kind.name))}


def kind_named(name: str) -> DefinitionKind:
    """Return a kind. Raises UnknownDefinition."""
    kinds = definition_kinds()
    if name not in kinds:
        raise UnknownDefinition(
            _('There is no kind of definition "{name}". Known: {known}.'), name=name, known=", ".join(kinds)
        )
    return kinds[name]

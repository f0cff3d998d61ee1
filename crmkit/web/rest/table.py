"""The endpoints that there are, and which of them a method and an address mean.

Collected from the modules of this room, and again whenever something is registered. Must not know what they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from attrs import define, field

from crmkit.core.operations.inputs import structure
from crmkit.errors import InvalidInput, MethodNotAllowed, NotFound
from crmkit.i18n import texts
from crmkit.web.rest.declaring import Endpoint
from crmkit.web.rest.parameters import shape_of_type

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.operations.registry import Registry

_ = texts("crmkit")

MODULES: tuple[str, ...] = (
    "index",
    "records",
    "operations",
    "documentation",
    "bulk",
    "customers",
    "facts",
    "segments",
    "definitions",
    "experiments",
    "reports",
    "search",
    "imports",
    "exports",
    "events",
)
"""The modules of this room that have endpoints: ``ENDPOINTS``, or a function ``endpoints(registry)``."""
BEFORE: tuple[str, ...] = ("limits", "idempotency")
"""The modules of this room that look at each call: ``before(call, endpoint)`` and ``after(call, endpoint, response)``,
whichever of the two they have."""

_PARAMETER = "{}"


@define(eq=False)
class _Node:
    """One segment of addresses: what follows it, and the endpoints that end at it by method."""

    below: dict[str, _Node] = field(factory=dict[str, Any])
    endpoints: dict[str, tuple[Endpoint, tuple[str, ...]]] = field(factory=dict[str, Any])


class Table:
    """The endpoints of one registry."""

    def __init__(self, registry: Registry) -> None:
        self.revision = registry.revision
        self.endpoints: tuple[Endpoint, ...] = tuple(_collect(registry))
        self._root = _Node()
        for endpoint in self.endpoints:
            self._add(endpoint)

    def _add(self, endpoint: Endpoint) -> None:
        node, names = self._root, []
        for segment in _segments(endpoint.path.strip("/")):
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                segment = _PARAMETER
            node = node.below.setdefault(segment, _Node())
        known = node.endpoints.setdefault(endpoint.method, (endpoint, tuple(names)))
        if known[0] is not endpoint:
            raise ValueError(f"{endpoint.method} {endpoint.path} is declared twice: {known[0].name}, {endpoint.name}")

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, Any]]:
        """Return the endpoint of a method and an address below the API's, and the values in the address.

        Raises NotFound, and MethodNotAllowed, which says what is allowed.
        """
        allowed: dict[str, None] = {}
        for node, values in _walk(self._root, _segments(path), ()):
            found = node.endpoints.get("GET" if method == "HEAD" else method)
            if found is not None:
                endpoint, names = found
                return endpoint, _typed(endpoint, dict(zip(names, values, strict=True)))
            allowed.update(dict.fromkeys(node.endpoints))
        if allowed:
            raise MethodNotAllowed(allowed=_methods(allowed))
        raise NotFound(_("There is nothing at this address."))

    def allowed(self, path: str) -> tuple[str, ...]:
        """Return the methods of an address. Raises NotFound."""
        found = dict.fromkeys(
            method for node, _values in _walk(self._root, _segments(path), ()) for method in node.endpoints
        )
        if not found:
            raise NotFound(_("There is nothing at this address."))
        return _methods(found)


_tables: WeakKeyDictionary[Any, Table] = WeakKeyDictionary()


def table_of(crm: CRM) -> Table:
    """Return the endpoints that a customer base has at present."""
    known = _tables.get(crm)
    if known is None or known.revision != crm.registry.revision:
        known = _tables[crm] = Table(crm.registry)
    return known


def _segments(path: str) -> list[str]:
    return path.split("/") if path else []


def _walk(node: _Node, segments: list[str], values: tuple[str, ...]) -> Iterable[tuple[_Node, tuple[str, ...]]]:
    """Return the nodes that an address leads to, literal segments first, with the values of its parameters."""
    if not segments:
        if node.endpoints:
            yield node, values
        return
    first, rest = segments[0], segments[1:]
    literal = node.below.get(first) if first != _PARAMETER else None
    if literal is not None:
        yield from _walk(literal, rest, values)
    other = node.below.get(_PARAMETER)
    if other is not None and first:
        yield from _walk(other, rest, (*values, first))


def _methods(found: Iterable[str]) -> tuple[str, ...]:
    names = [*found]
    return (*names, *(["HEAD"] if "GET" in names else []), "OPTIONS")


def _typed(endpoint: Endpoint, values: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in values.items():
        type_ = endpoint.path_types.get(name, str)
        try:
            found[name] = structure(shape_of_type(type_), {"value": text}).value
        except InvalidInput:
            raise NotFound(_("There is no such record: {id}."), id=text) from None
    return found


def _collect(registry: Registry) -> Iterable[Endpoint]:
    for name in MODULES:
        module = import_module(f"crmkit.web.rest.{name}")
        yield from getattr(module, "ENDPOINTS", ())
        make = getattr(module, "endpoints", None)
        if make is not None:
            yield from make(registry)


def hooks(name: str) -> list[Any]:
    """Return the functions of a name of the modules that look at each call."""
    modules = [import_module(f"crmkit.web.rest.{each}") for each in BEFORE]
    return [found for module in modules if (found := getattr(module, name, None)) is not None]

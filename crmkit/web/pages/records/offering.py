"""What operations offer to do with the records of others: those that take any record of some resources as text."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attrs import frozen

from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms.inputs import specs_of
from crmkit.web.pages.records.links import operation_path

if TYPE_CHECKING:
    from crmkit.core.operations.operation import Operation


@frozen(kw_only=True)
class Offer:
    """An operation whose form begins with a record in it: its name, its title, and the path of that form."""

    name: str
    title: str
    path: str


def offers_on(call: PageCall, resource: str, identity: Any, following: str | None = None) -> list[Offer]:
    """Return what can be done with a record by operations that are not its own and that the caller may run, by title;
    afterwards it goes on with ``following``."""
    found = [
        Offer(
            name=operation.name,
            title=operation.title,
            path=operation_path(operation.name, **{field: f"{resource}:{identity}"}, next=following),
        )
        for operation in call.crm.registry.operations.values()
        for named, field in _taken_by(operation)
        if named == resource and call.rights.scope(operation.resource, *operation.actions) != "none"
    ]
    return sorted(found, key=lambda each: call.text(each.title))


@lru_cache(maxsize=2048)
def _taken_by(operation: Operation[Any, Any]) -> tuple[tuple[str, str], ...]:
    if operation.hidden or operation.target is not None:
        return ()
    return tuple((resource, spec.name) for spec in specs_of(operation) for resource in spec.info.records)

"""What tests of interactions share: an actor, and short ways to make customers and interactions."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any
from uuid import UUID

from sqlalchemy import func, inspect, select, text

from crmkit import CRM, Actor
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Interaction
from crmkit.core.store.opening import plain
from crmkit.core.store.sealed import sealed_fields, slots_of
from crmkit.errors import CrmkitError

ACTOR = Actor.system("tests of interactions")
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Return an instant some minutes after the start."""
    return START + timedelta(minutes=minutes)


def customer(crm: CRM, name: str = "Li Wei", **values: Any) -> Customer:
    """Add a customer."""
    made: Customer = crm.run(ACTOR, "customer.create", {"name": name, **values})
    return made


def record(crm: CRM, kind: str = "note", **values: Any) -> Interaction:
    """Record an interaction."""
    made: Interaction = crm.run(ACTOR, "interaction.record", {"kind": kind, **values})
    return made


def problems(crm: CRM, operation: str, values: dict[str, Any], **options: Any) -> dict[str | None, str]:
    """Run an operation that is refused, and return its problems by field."""
    try:
        crm.run(ACTOR, operation, values, **options)
    except CrmkitError as error:
        return {problem.field: problem.render().removeprefix(f"{problem.field}: ") for problem in error.problems}
    raise AssertionError("was not refused")


def count(crm: CRM, model: type[Any], *where: Any) -> int:
    """Return how many rows there are."""
    with crm.session(ACTOR) as session:
        return int(session.scalar(select(func.count()).select_from(model).where(*where)) or 0)


def rows(crm: CRM, model: type[Any], *order: Any, leave_out: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """Return the rows of a table as they are stored, without some columns; what is sealed is opened."""
    slots = slots_of(model)
    names = [item.key for item in inspect(model).column_attrs if item.key not in slots]
    names = [name for name in (*names, *sealed_fields(model)) if name not in leave_out]
    with crm.session(ACTOR) as session:
        found = session.scalars(select(model).order_by(*order)).all()
        return [{name: plain(record, name) for name in names} for record in found]


@contextmanager
def raw(crm: CRM) -> Generator[Callable[..., Any]]:
    """Give a way to run SQL on a connection of its own, as somebody without crmkit would."""
    with crm.engines.system_write.connect() as connection:
        yield lambda statement, **values: connection.execute(text(statement), values)
        connection.commit()


def plugin(crm: CRM, name: str, **hooks: Callable[..., Any]) -> None:
    """Register a plugin that consists of hooks alone."""
    from crmkit.hooks import hookimpl

    module = ModuleType(f"probe_{name}")
    for hook, function in hooks.items():
        setattr(module, hook, hookimpl(function))
    crm.dispatcher.add_plugin(name, module)


def ids(items: Any) -> list[UUID]:
    """Return the ids of records."""
    return [item.id for item in items]

"""A careless plugin's models and operation: what the bypass matrix tries to get past the guard with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, column_property, relationship

from crmkit import Access, Actor, Customer, CustomerRecord, Interaction, Record, field, operation
from crmkit.app import CRM
from crmkit.core.store.model import metadata_of


class Note(CustomerRecord):
    """A note about a customer, with everything that SQLAlchemy can compute from other tables."""

    __plugin__ = "probe"
    __tablename__ = "probe_note"

    text: Mapped[str] = field(String(200), classified="internal")
    sales: Mapped[int] = column_property(
        select(func.count(Interaction.id)).where(Interaction.kind == "purchase").scalar_subquery()
    )
    lines: Mapped[list[Line]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    line_texts: AssociationProxy[list[str]] = association_proxy("lines", "text")

    @hybrid_property
    def customer_name(self) -> str:
        """Return the customer's name."""
        return self.customer.name

    @customer_name.inplace.expression
    @classmethod
    def _customer_name(cls) -> Any:
        return select(Customer.name).where(Customer.id == cls.customer_id).scalar_subquery()


class Line(Record):
    """A line of a note."""

    __plugin__ = "probe"
    __tablename__ = "probe_line"
    __access__ = Access.via("note_id")

    note_id: Mapped[UUID] = field(ForeignKey("probe_note.id", ondelete="CASCADE"), classified="internal", index=True)
    text: Mapped[str] = field(String(200), classified="internal")


_todo: list[Callable[..., Any]] = []


@operation("probe.act", title="Act")
def act(session: Any) -> Any:
    """Do what the test wants, inside an operation of the plugin."""
    return _todo.pop()(session)


def install(crm: CRM) -> None:
    """Add the plugin's models and operation to a CRM."""
    with crm.engines.system_write.begin() as connection:
        metadata_of("probe").create_all(connection)
    crm.registry.add("probe", "model", [Note, Line])
    crm.registry.add("probe", "operation", [act])


def doing(crm: CRM, actor: Actor, what: Callable[[Any], Any]) -> Any:
    """Do something inside an operation of the plugin."""
    _todo.append(what)
    return crm.run(actor, "probe.act")


def acting(crm: CRM, actor: Actor, what: Callable[[Any], Any]) -> Any:
    """Do something inside an operation of the plugin, and undo it."""
    _todo.append(what)
    with crm.transaction(actor) as session:
        result = session.run("probe.act")
        raise Undo(result)


class Undo(Exception):
    """Ends a transaction without an error of its own."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result

"""A customer base in which a plugin is tried: people with different rights, customers of theirs, and what the plugin
keeps about these.

Must not know what is looked for.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import define, field, frozen
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit.core.privacy.mapping import PERSONAL, customer_column
from crmkit.core.store.guard import region
from crmkit.core.store.infos import field_info
from crmkit.core.store.opening import plain
from crmkit.core.store.sealed import slots_of, tokens_of
from crmkit.testing.people import Actors
from crmkit.testing.rows import write_rows

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.core.store.session import CrmSession
    from crmkit.testing.workbench import Workbench

Use = Callable[["CRM", UUID], None]
"""What a vendor does instead of the rows that are made up: use the plugin for one customer."""

WHY = "checking a plugin"
HOSTILE = "<script>alert({number})</script>"
"""A text that does harm where it is shown as it is; the number makes it one of a kind."""


@frozen(kw_only=True)
class Subject:
    """Somebody whom a plugin was used for: the customer, the name, and a text that stands in what is personal."""

    id: UUID
    name: str
    text: str


@define(kw_only=True)
class Scene:
    """A CRM with the plugin enabled."""

    crm: CRM
    plugin: str
    use: Use | None = None
    actors: Actors = field(init=False)
    _numbers: Iterator[int] = field(factory=lambda: itertools.count(1), repr=False)

    def __attrs_post_init__(self) -> None:
        self.actors = Actors(crm=self.crm)

    @property
    def models(self) -> list[type[Any]]:
        """Return the plugin's models."""
        return self.crm.registry.owned(self.plugin, "model")

    def customer(self, owner: Actor | None = None, *, used: bool = True) -> Subject:
        """Add a customer, of an owner if there is one, and use the plugin for it. Raises what that raises."""
        number = next(self._numbers)
        name, text = f"Customer {number:04} <b>", HOSTILE.format(number=f"{number:04}")
        values: dict[str, Any] = {"name": name, "city": f"City {number:04}"}
        if owner is not None:
            values["owner_id"] = owner.user_id
        made = self.crm.run(self.crm.system(WHY), "customer.create", values)
        subject = Subject(id=made.id, name=name, text=text)
        if used:
            self.fill(subject, owner)
        return subject

    def fill(self, subject: Subject, owner: Actor | None = None) -> None:
        """Use the plugin for a customer. Raises what that raises."""
        use_for(self.crm, self.plugin, subject.id, self.use, owner=owner, text=subject.text)

    def ids(self) -> Mapping[str, frozenset[UUID]]:
        """Return the ids of all rows of the plugin, by table, of tables that have an id."""
        with self.crm.engines.system_read.connect() as connection:
            return {
                model.__tablename__: frozenset(connection.execute(select(model.__table__.c.id)).scalars())
                for model in self.models
                if "id" in model.__table__.c
            }

    def added(self, before: Mapping[str, frozenset[UUID]]) -> Mapping[str, frozenset[UUID]]:
        """Return the ids of the rows that the plugin has now and did not have before, by table."""
        return {name: ids - before.get(name, frozenset()) for name, ids in self.ids().items()}

    def concerned(self) -> list[type[Any]]:
        """Return the plugin's models whose rows are about customers: they name one, or a record that does."""
        all_models = self.crm.registry.models
        about: set[str] = {name for name, model in all_models.items() if customer_column(model)} | {"crm_customer"}
        while True:
            more = {
                name
                for name, model in all_models.items()
                if name not in about
                and any(
                    key.column.table.name in about and not column.nullable
                    for column in model.__table__.columns
                    for key in column.foreign_keys
                )
            }
            if not more:
                return [model for model in self.models if model.__tablename__ in about]
            about |= more

    def personal(self, rows: Mapping[str, frozenset[UUID]]) -> Mapping[tuple[str, UUID, str], str]:
        """Return what some rows hold about a person: each value as text, by table, id and field. What is not set is
        left out, and so is what is shorter than any text that could be told from others."""
        found: dict[tuple[str, UUID, str], str] = {}
        with self.crm.session(self.crm.system(WHY)) as session, region(session, WHY):
            for model in self.concerned():
                ids = rows.get(model.__tablename__, frozenset())
                for record in session.scalars(select(model).where(cast(Any, model).id.in_(ids))) if ids else ():
                    for name in personal_fields(model):
                        value = _value_of(session, record, name)
                        if isinstance(value, str) and len(value) >= 4:
                            found[model.__tablename__, record.id, name] = value
        return found


def use_for(
    crm: CRM, plugin: str, customer: UUID, use: Use | None, *, owner: Actor | None = None, text: str = ""
) -> None:
    """Use a plugin for a customer: as the vendor says, else by rows that are made up, two where there can be.

    Raises what that raises.
    """
    if use is not None:
        use(crm, customer)
        return
    models = crm.registry.owned(plugin, "model")
    known: dict[str, Mapping[str, Any]] = {"crm_customer": {"id": customer}}
    if owner is not None:
        known["crm_user"] = {"id": owner.user_id}
    with crm.transaction(crm.system(WHY)) as session:
        for number in (1, 2):
            try:
                with session.begin_nested():
                    write_rows(session, models, known, number=number, text=text)
            except IntegrityError:
                if number == 1:
                    raise
                # One row for each customer is all that a table may allow.


def personal_fields(model: Any) -> list[str]:
    """Return the fields of a model that tell something of a person; what is secret is kept from everybody."""
    slots, tokens = slots_of(model), tokens_of(model)
    found: dict[str, None] = {}
    for attribute in model.__mapper__.column_attrs:
        if attribute.key in tokens or field_info(attribute.columns[0]).classified not in PERSONAL:
            continue
        if field_info(attribute.columns[0]).classified != "secret":
            found[slots.get(attribute.key, attribute.key)] = None
    return list(found)


def _value_of(session: CrmSession, record: Any, name: str) -> Any:
    from crmkit.errors import CrmkitError

    try:
        return plain(record, name)
    except CrmkitError:
        return None  # its key is gone, and with it what it held


@contextmanager
def scene(bench: Workbench, use: Use | None = None) -> Iterator[Scene]:
    """Open a CRM of its own with the plugin enabled."""
    with bench.crm() as crm:
        yield Scene(crm=crm, plugin=bench.subject.name, use=use)

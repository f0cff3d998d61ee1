"""Writes the records of a plugin from a file, by the operation that its resource declares for that.

What a row means is for the operation to say; here its cells are read, and its customer and owner found. Must not know
files or any plugin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit.core.access.models import User
from crmkit.core.business.money import Money
from crmkit.core.customers.models import Customer
from crmkit.core.customers.names import folded
from crmkit.core.customers.references import chunks
from crmkit.core.interactions.lookups import customers_by_contact, customers_by_identifier
from crmkit.core.operations.inputs import fields_of
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError, Problem
from crmkit.exchange.convert import Converter, column_problem
from crmkit.exchange.customer_values import with_raw
from crmkit.exchange.declared import Declared
from crmkit.exchange.pieces import is_withdrawn
from crmkit.exchange.references import take_reference
from crmkit.exchange.rows import Row, problem
from crmkit.exchange.units import Built, Policy
from crmkit.exchange.values import Amount
from crmkit.i18n import texts

_ = texts("crmkit")

_FOUND = "_"
"""Among a unit's values, what its customer and its owner are to be found by."""


class RecordTarget:
    """A plugin's resource that declares how it is filled from files."""

    def __init__(
        self,
        declared: Declared,
        converter: Converter,
        policy: Policy,
        *,
        region: str | None,
        currency: str | None,
        withdrawn: Mapping[int, frozenset[str]],
    ) -> None:
        self._imports = declared.imports
        self._resource = declared.resource
        self._converter = converter
        self._column_of = converter.column_of
        self._policy = policy
        self._region = region
        self._currency = currency
        self._withdrawn = withdrawn
        self._money = [one.name for one in self._imports.fields if one.type == "money"]
        self.table = declared.resource.replace(".", "_")
        self.extras: list[tuple[Row, UUID]] = []

    def build(self, rows: Sequence[Row]) -> Built:
        """Return a row as a unit, without touching the database."""
        (row,) = rows
        unit = Built(rows)
        if row.problem is not None:
            unit.reject([with_raw(row)])
            return unit
        if is_withdrawn(row.cells, self._withdrawn) is not None:
            unit.reject([problem(_("The row says that it was deleted."))])
            return unit
        values, wrong = self._converter.read(row)
        found: dict[str, Any] = {}
        if self._imports.customer != "none":
            found["name"] = values.pop("customer_name", None)
            found["reference"] = take_reference(values, self._policy.source, self._region) or {}
        if self._imports.owner:
            found["owner"] = values.pop("owner_hint", None)
        self._take_money(values, wrong)
        if values.get("external_id"):
            values["external_source"] = self._policy.source
        for one in self._imports.fields:
            filled = one.name in values or f"{one.name}_minor" in values
            if one.required and not filled and not wrong:
                wrong.append(problem(_("This is required."), field=self._column_of.get(one.name)))
        unit.values = {**values, _FOUND: found}
        if wrong:
            unit.reject(wrong)
        return unit

    def _take_money(self, values: dict[str, Any], wrong: list[Problem]) -> None:
        """Put minor units and their currency in the place of amounts."""
        said = values.pop("currency", None) if self._money else None
        currency = said
        for name in self._money:
            amount = values.pop(name, None)
            if not isinstance(amount, Amount):
                continue
            try:
                money = Money.of(amount.number, amount.currency or said or self._currency or "")
            except CrmkitError as error:
                wrong += [column_problem(one, self._column_of, name) for one in error.problems]
                continue
            if currency not in (None, money.currency):
                wrong.append(problem(_("The amounts of a row are of one currency."), field=self._column_of.get(name)))
            values[f"{name}_minor"], currency = money.amount, money.currency
        if any(f"{name}_minor" in values for name in self._money):
            values["currency"] = currency

    def write(self, session: CrmSession, units: Sequence[Built]) -> None:
        """Make the records and note what became of each row."""
        waiting = [unit for unit in units if unit.result is None]
        if self._imports.customer != "none":
            self._find_customers(session, waiting)
        if self._imports.owner:
            self._find_owners(session, waiting)
        waiting = [unit for unit in waiting if unit.result is None]
        known = self._known(session, waiting)
        for unit in waiting:
            try:
                self._put(session, unit, known.get(id(unit)))
            except CrmkitError as error:
                unit.reject(column_problem(one, self._column_of, self._field(one.field)) for one in error.problems)

    def _put(self, session: CrmSession, unit: Built, known: UUID | None) -> None:
        if known is None:
            made = session.run(self._imports.operation, self._inputs(session, self._imports.operation, unit))
            unit.settle("created", made.id, getattr(made, "version", None))
        elif self._policy.on_duplicate == "review":
            unit.reject([problem(_("There is such a record already."), field=self._named(known=True))])
        elif self._policy.on_duplicate == "update" and self._imports.update:
            values = self._inputs(session, self._imports.update, unit)
            made = session.run(self._imports.update, values, target=known)
            unit.settle("updated", known, getattr(made, "version", None))
        else:
            unit.settle("duplicate", known)

    def _inputs(self, session: CrmSession, operation: str, unit: Built) -> dict[str, Any]:
        """Return of a row's values those that an operation takes."""
        taken = {one.name for one, _type, _info in fields_of(session.gate.registry.operations[operation].inputs)}
        return {name: value for name, value in unit.values.items() if name in taken}

    def _field(self, name: str | None) -> str | None:
        """Return the field of the file that an input of the operation came from."""
        if name is None:
            return None
        bare = name.removesuffix("_minor")
        return bare if bare in self._money else {"customer_id": "customer", "owner_id": "owner_hint"}.get(name, name)

    def _named(self, *, known: bool) -> str | None:
        """Return the heading of the column by which a record is known."""
        names = [name for group in self._imports.known for name in group if name in self._column_of]
        return self._column_of.get(names[0]) if known and names else None

    # --- what is there already ---------------------------------------------------------------------------------------

    def _known(self, session: CrmSession, units: Sequence[Built]) -> dict[int, UUID]:
        """Return the records that rows are about which were there before the file came, by the units' identity."""
        model = session.gate.registry.resources[self._resource].model
        found: dict[int, UUID] = {}
        told: set[int] = set()
        for group in self._imports.known:
            wanted = {
                id(unit): tuple(_same(name, unit.values[name]) for name in group)
                for unit in units
                if id(unit) not in told and all(unit.values.get(name) is not None for name in group)
            }
            if not wanted:
                continue
            told |= wanted.keys()
            there = self._there(session, model, group, [unit for unit in units if id(unit) in wanted])
            found.update({unit: there[key] for unit, key in wanted.items() if key in there})
        return found

    @staticmethod
    def _there(
        session: CrmSession, model: Any, group: Sequence[str], units: Sequence[Built]
    ) -> dict[tuple[Any, ...], UUID]:
        """Return the records that have the values of rows in a group of columns, by those values as they compare."""
        columns = [getattr(model, name) for name in group]
        # Asked for by the column that tells most: by an id, else by the last one.
        place = next((at for at, name in enumerate(group) if name.endswith("_id")), len(group) - 1)
        asked = {unit.values[group[place]] for unit in units}
        found: dict[tuple[Any, ...], UUID] = {}
        for part in chunks(asked):
            narrow = columns[place].in_(part)
            if not group[place].endswith("_id") and all(isinstance(one, str) for one in part):
                narrow = narrow | func.lower(columns[place]).in_([one.lower() for one in part])
            for id_, *values in session.execute(select(model.id, *columns).where(narrow)):
                found.setdefault(tuple(map(_same, group, values)), id_)
        return found

    # --- customers and owners ----------------------------------------------------------------------------------------

    def _find_customers(self, session: CrmSession, units: Sequence[Built]) -> None:
        references = {id(unit): unit.values[_FOUND]["reference"] for unit in units}
        pairs = {(one["source"], one["external_id"]) for one in references.values() if one.get("external_id")}
        points = {(kind, one[kind]) for one in references.values() for kind in ("email", "phone") if one.get(kind)}
        by_id, by_contact = customers_by_identifier(session, pairs), customers_by_contact(session, points)
        by_name = _customers_named(session, {name for unit in units if (name := unit.values[_FOUND]["name"])})
        for unit in units:
            one, name = references[id(unit)], unit.values[_FOUND]["name"]
            known = by_id.get((one.get("source", ""), one.get("external_id", "")))
            if known is None:
                reached = (by_contact.get((kind, one.get(kind, "")), set[UUID]()) for kind in ("email", "phone"))
                # An address that several customers share is nobody's.
                known = next((next(iter(ids)) for ids in reached if len(ids) == 1), None)
            if known is None and name:
                known = by_name.get(folded(name))
                if known is None and self._policy.create_customers:
                    known = session.run("customer.create", {"kind": "organization", "name": name}).id
                    by_name[folded(name)] = known
            if known is not None:
                unit.values["customer_id"] = known
            elif self._imports.customer == "required" or name or one:
                heading = self._column_of.get("customer_name") or self._column_of.get("customer")
                hint = _("Import the customers first, or add those that are not there.")
                value = name or one.get("external_id")
                unit.reject([problem(_("No customer is known by this."), field=heading, value=value, hint=hint)])

    @staticmethod
    def _find_owners(session: CrmSession, units: Sequence[Built]) -> None:
        known: dict[str, UUID] = {}
        for id_, login, email in session.execute(select(User.id, User.login, User.email).where(User.active.is_(True))):
            known.update({said.casefold(): id_ for said in (login, email) if said})
        for unit in units:
            owner = unit.values[_FOUND]["owner"]
            if owner and (id_ := known.get(owner.strip().casefold())) is not None:
                unit.values["owner_id"] = id_


def _customers_named(session: CrmSession, names: Iterable[str]) -> dict[str, UUID]:
    """Return the customers of names, by those without case; a name that several have is nobody's."""
    found: dict[str, UUID] = {}
    several: set[str] = set()
    for part in chunks({folded(name) for name in names}):
        query = select(Customer.name_key, Customer.id).where(Customer.name_key.in_(part), Customer.deleted_at.is_(None))
        for key, id_ in session.execute(query):
            if found.setdefault(key, id_) != id_:
                several.add(key)
    return {key: id_ for key, id_ in found.items() if key not in several}


def _same(name: str, value: Any) -> Any:
    """Return a value as it compares with others in a column."""
    return folded(value) if isinstance(value, str) and not name.endswith("_id") else value

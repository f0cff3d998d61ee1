"""Writes deals from a file: what customers may buy, each with a title, a stage and an amount, by the operations of
whatever plugin keeps them.

A resource of deals is told by its name alone: ``<resource>.create``, and ``win`` and ``lose`` where there are such.
Must not know files or a plugin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from crmkit.core.access.models import User
from crmkit.core.business.money import Money
from crmkit.core.customers.models import Customer
from crmkit.core.customers.names import folded
from crmkit.core.customers.references import chunks
from crmkit.core.interactions.lookups import customers_by_contact, customers_by_identifier
from crmkit.core.operations.inputs import fields_of
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError
from crmkit.exchange.convert import Converter, column_problem
from crmkit.exchange.customer_values import with_raw
from crmkit.exchange.pieces import is_withdrawn
from crmkit.exchange.references import take_reference
from crmkit.exchange.rows import Row, problem
from crmkit.exchange.systems.model import normal
from crmkit.exchange.units import Built, Policy
from crmkit.exchange.values import Amount
from crmkit.i18n import texts

_ = texts("crmkit")

_WON = frozenset(normal(word) for word in ("won", "closed won", "closedwon", "赢单", "已赢单", "成交", "赢", "已成交"))
_LOST = frozenset(
    normal(word) for word in ("lost", "closed lost", "closedlost", "输单", "已输单", "丢单", "输", "无效")
)
_COLUMNS = {"amount_minor": "amount", "customer_id": "customer", "customer": "customer", "owner_id": "owner_hint"}


class DealTarget:
    """A resource of deals."""

    def __init__(
        self,
        resource: str,
        converter: Converter,
        policy: Policy,
        *,
        region: str | None,
        currency: str | None,
        withdrawn: Mapping[int, frozenset[str]],
    ) -> None:
        self.table = resource.replace(".", "_")
        self._resource = resource
        self._converter = converter
        self._column_of = converter.column_of
        self._policy = policy
        self._region = region
        self._currency = currency
        self._withdrawn = withdrawn
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
        name, owner = values.pop("customer_name", None), values.pop("owner_hint", None)
        values.pop("external_id", None)
        reference = take_reference(values, self._policy.source, self._region)
        stage = normal(str(values.pop("stage", "")))
        amount, currency = values.pop("amount", None), values.pop("currency", None)
        if isinstance(amount, Amount):
            try:
                money = Money.of(amount.number, amount.currency or currency or self._currency or "")
                values |= {"amount_minor": money.amount, "currency": money.currency}
            except CrmkitError as error:
                wrong += [column_problem(one, self._column_of, "amount") for one in error.problems]
        if not values.get("title"):
            wrong.append(problem(_("This is required."), field=self._column_of.get("title")))
        unit.values = {**values, "_": {"reference": reference, "name": name, "owner": owner, "stage": stage}}
        if wrong:
            unit.reject(wrong)
        return unit

    def write(self, session: CrmSession, units: Sequence[Built]) -> None:
        """Add deals and note what became of each row; one with the title of a known one of the same customer is that
        one."""
        waiting = [unit for unit in units if unit.result is None]
        self._find_customers(session, waiting)
        self._find_owners(session, waiting)
        waiting = [unit for unit in waiting if unit.result is None]
        known = self._known(session, {unit.values["customer_id"] for unit in waiting})
        stages = self._stages(session)
        for unit in waiting:
            # Two deals of one file may have one title: what was there before the file came is a duplicate.
            key = (unit.values["customer_id"], folded(unit.values["title"]))
            if key in known:
                if self._policy.on_duplicate == "review":
                    field = self._column_of.get("title")
                    unit.reject([problem(_("The customer has one with this title already."), field=field)])
                else:
                    unit.settle("duplicate", known[key])
                continue
            try:
                self._add(session, unit, stages)
            except CrmkitError as error:
                unit.reject(
                    column_problem(one, self._column_of, _COLUMNS.get(one.field or "", one.field))
                    for one in error.problems
                )

    def _add(self, session: CrmSession, unit: Built, stages: Mapping[str, str]) -> None:
        stage = unit.values["_"]["stage"]
        values = {name: value for name, value in unit.values.items() if name != "_"}
        if stage in stages:
            values["stage"] = stages[stage]
        made = session.run(f"{self._resource}.create", values)
        ending = "win" if stage in _WON else "lose" if stage in _LOST else None
        if ending is not None and f"{self._resource}.{ending}" in session.gate.registry.operations:
            made = session.run(f"{self._resource}.{ending}", target=made.id)
        unit.settle("created", made.id, made.version)

    def _stages(self, session: CrmSession) -> dict[str, str]:
        """Return the stages that a new deal can have, by their names and titles."""
        operation = session.gate.registry.operations[f"{self._resource}.create"]
        choices = next((info.choices for one, _type, info in fields_of(operation.inputs) if one.name == "stage"), ())
        found: dict[str, str] = {}
        for name, title in choices:
            found[normal(name)] = found[normal(title)] = name
        return found

    def _known(self, session: CrmSession, customers: set[UUID]) -> dict[tuple[UUID, str], UUID]:
        model = session.gate.registry.models.get(self.table)
        found: dict[tuple[UUID, str], UUID] = {}
        if model is not None:
            for part in chunks(customers):
                query = select(model.customer_id, model.title, model.id).where(model.customer_id.in_(part))
                for customer_id, title, id_ in session.execute(query):
                    found[customer_id, folded(title)] = id_
        return found

    def _find_customers(self, session: CrmSession, units: Sequence[Built]) -> None:
        references = {id(unit): unit.values["_"]["reference"] or {} for unit in units}
        pairs = {(one["source"], one["external_id"]) for one in references.values() if one.get("external_id")}
        points = {(kind, one[kind]) for one in references.values() for kind in ("email", "phone") if one.get(kind)}
        by_id, by_contact = customers_by_identifier(session, pairs), customers_by_contact(session, points)
        by_name = self._by_name(session, {unit.values["_"]["name"] for unit in units if unit.values["_"]["name"]})
        for unit in units:
            one, name = references[id(unit)], unit.values["_"]["name"]
            known = by_id.get((one.get("source", ""), one.get("external_id", "")))
            known = known or next(
                (by_contact[kind, one[kind]] for kind in ("email", "phone") if (kind, one.get(kind)) in by_contact),
                None,
            )
            if known is None and name:
                known = by_name.get(folded(name))
                if known is None and self._policy.create_customers:
                    known = session.run("customer.create", {"kind": "organization", "name": name}).id
                    by_name[folded(name)] = known
            if known is None:
                heading = self._column_of.get("customer_name") or self._column_of.get("customer")
                hint = _("Import the customers first, or add those that are not there.")
                value = name or one.get("external_id")
                unit.reject([problem(_("No customer is known by this."), field=heading, value=value, hint=hint)])
            else:
                unit.values["customer_id"] = known

    @staticmethod
    def _by_name(session: CrmSession, names: set[str]) -> dict[str, UUID]:
        found: dict[str, UUID] = {}
        several: set[str] = set()
        for part in chunks({folded(name) for name in names}):
            query = select(Customer.name_key, Customer.id).where(
                Customer.name_key.in_(part), Customer.deleted_at.is_(None)
            )
            for key, id_ in session.execute(query):
                if found.setdefault(key, id_) != id_:
                    several.add(key)
        return {key: id_ for key, id_ in found.items() if key not in several}

    @staticmethod
    def _find_owners(session: CrmSession, units: Sequence[Built]) -> None:
        known: dict[str, UUID] = {}
        for id_, login, email in session.execute(select(User.id, User.login, User.email).where(User.active.is_(True))):
            known.update({said.casefold(): id_ for said in (login, email) if said})
        for unit in units:
            owner = unit.values["_"]["owner"]
            if owner and (id_ := known.get(owner.strip().casefold())) is not None:
                unit.values["owner_id"] = id_

"""Writes customers from a file: finds those that are known, adds the others, changes known ones where that is wanted.

All writing goes through the operations on customers. Must not know files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import fields
from sqlalchemy import select

from crmkit.core.access.models import Team, User
from crmkit.core.customers.inputs import CustomerUpdate
from crmkit.core.customers.models import Customer
from crmkit.core.customers.names import folded
from crmkit.core.customers.references import chunks
from crmkit.core.store.ids import parse_id
from crmkit.core.store.session import CrmSession
from crmkit.errors import Problem
from crmkit.exchange.convert import column_problem
from crmkit.exchange.customer_values import OWN, CustomerBuilder
from crmkit.exchange.duplicates import Finder, Match, Probe, probe_of
from crmkit.exchange.options import ColumnPlan
from crmkit.exchange.rows import Row, problem
from crmkit.exchange.units import Built, Policy
from crmkit.i18n import texts

_ = texts("crmkit")

_CHANGEABLE = frozenset(attribute.name for attribute in fields(CustomerUpdate))


class CustomerTarget:
    """The resource customers."""

    table = Customer.__tablename__

    def __init__(
        self,
        builder: CustomerBuilder,
        policy: Policy,
        column_of: Mapping[str, str],
        columns: Sequence[ColumnPlan] = (),
    ) -> None:
        self._builder = builder
        self._policy = policy
        self._column_of = column_of
        self._columns = columns

    def build(self, rows: Sequence[Row]) -> Built:
        """Return a row as a unit, without touching the database."""
        return self._builder.build(rows)

    def write(self, session: CrmSession, units: Sequence[Built]) -> None:
        """Write rows and note what became of each."""
        self._look_up(session, [unit for unit in units if unit.result is None])
        pending = [unit for unit in units if unit.result is None]
        while pending:
            # A row that was taken for the double of an earlier one which was then refused gets another turn.
            pending = self._round(session, pending)

    def _round(self, session: CrmSession, units: Sequence[Built]) -> list[Built]:
        probes = [probe_of(unit.values) for unit in units]
        finder = Finder(session, probes)
        matches: list[Match | None] = []
        new: list[Built] = []
        for place, probe in enumerate(probes):
            match = finder.find(probe)
            matches.append(match)
            if match is None:
                finder.add(place, probe)
                new.append(units[place])
        named = self._bare_organizations(session, new)
        self._create(session, [unit for unit in new if id(unit) not in named])
        changes: list[tuple[Built, UUID, Probe]] = [
            (unit, named[id(unit)], probe)
            for unit, probe in zip(units, probes, strict=True)
            if id(unit) in named
        ]
        again: list[Built] = []
        for unit, match, probe in zip(units, matches, probes, strict=True):
            if match is None:
                continue
            known = match.customer_id
            if match.place is not None:
                first = units[match.place]
                if first.result == "rejected":
                    again.append(unit)
                    continue
                known = first.record_id or named.get(id(first))
            if known is None:
                again.append(unit)
            elif self._policy.on_duplicate == "update":
                changes.append((unit, known, probe))
            elif self._policy.on_duplicate == "review":
                unit.reject([self._looks_like(match, known)])
            else:
                unit.settle("duplicate", known)
        self._update(session, changes)
        return again

    def _create(self, session: CrmSession, units: Sequence[Built]) -> None:
        # Organisations first, so that those who belong to one find it.
        for kind in ("organization", "person"):
            part = [unit for unit in units if unit.values["kind"] == kind]
            if not part:
                continue
            for unit, outcome in zip(
                part, session.run_many("customer.create", [self._input(unit) for unit in part]), strict=True
            ):
                if outcome.ok:
                    unit.settle("created", outcome.result, 1)
                else:
                    unit.reject(self._explain(unit, outcome.problems))

    def _input(self, unit: Built) -> dict[str, Any]:
        values = {name: value for name, value in unit.values.items() if name != "_"}
        own = unit.values["_"].get("crmkit_id")
        if own:
            values["identifiers"] = [*values.get("identifiers", ()), {"source": OWN, "external_id": own}]
        return values

    def _update(self, session: CrmSession, changes: Sequence[tuple[Built, UUID, Probe]]) -> None:
        for unit, known, _probe in changes:
            if unit.result is not None:
                continue
            values = {name: value for name, value in unit.values.items() if name in _CHANGEABLE and name != "kind"}
            if "kind" in self._column_of or "is_company" in self._column_of:
                values["kind"] = unit.values["kind"]
            (outcome,) = session.run_many(
                "customer.update_many", [{"id": known, "changes": values}]
            )
            if outcome.ok:
                version = getattr(outcome.result, "version", None)
                unit.settle("updated", known, version)
            else:
                unit.reject(self._explain(unit, outcome.problems))

    def _bare_organizations(self, session: CrmSession, units: Sequence[Built]) -> dict[int, UUID]:
        """Return for organisations of the file the one that was made when somebody named it, by name alone: theirs to
        fill in, not another one of the same name."""
        by_name: dict[str, Built] = {}
        for unit in units:
            if unit.values["kind"] == "organization" and unit.values.get("name"):
                by_name.setdefault(folded(unit.values["name"]), unit)
        found: dict[int, UUID] = {}
        for part in chunks(by_name):
            query = select(Customer.name_key, Customer.id).where(
                Customer.name_key.in_(part),
                Customer.kind == "organization",
                Customer.deleted_at.is_(None),
                Customer.version == 1,
                Customer.source.is_(None),
                Customer.city.is_(None),
                ~Customer.contact_points.any(),
                ~Customer.identifiers.any(),
            )
            for key, id_ in session.execute(query):
                found.setdefault(id(by_name[key]), id_)
        return found

    def _looks_like(self, match: Match, known: UUID) -> Problem:
        field = {"email": "email", "phone": "phone", "identifier": "external_id"}.get(match.by, match.by)
        return problem(
            _("This looks like a customer that is known already: {customer}."),
            field=self._column_of.get(field) or self._column_of.get("mobile" if field == "phone" else field),
            value=match.value,
            hint=_("Leave the row out, or import it with --on-duplicate update."),
            customer=str(known),
        )

    def _explain(self, unit: Built, problems: Sequence[Problem]) -> list[Problem]:
        return [column_problem(one, self._column_of, self._field(unit, one)) for one in problems]

    def _field(self, unit: Built, one: Problem) -> str | None:
        """Return the import field that a problem of the operation is about."""
        if one.field and one.field.startswith("contact_points."):
            place = one.field.split(".")[1]
            points = unit.values.get("contact_points", ())
            if place.isdigit() and int(place) < len(points):
                return self._field_of_point(points[int(place)])
        if one.field == "name" and "name" not in self._column_of:
            return "family_name"
        return one.field

    def _field_of_point(self, point: Mapping[str, Any]) -> str | None:
        from crmkit.exchange.fields import fields_for

        known = fields_for("customers")
        for name, heading in self._column_of.items():
            one = known.get(name)
            if one is None or not heading:
                continue
            if one.contact and one.contact[0] == point.get("kind") and one.contact[1] == point.get("label"):
                return name
            if one.part and one.part[0] == point.get("label"):
                return name
        return "contact_points"

    # --- records that rows refer to ------------------------------------------------------------------------------

    def _look_up(self, session: CrmSession, units: Sequence[Built]) -> None:
        self._look_up_named(session, units, "owner", "owner_id", User.login, User.id)
        self._look_up_named(session, units, "team", "team_id", Team.name, Team.id)
        wanted = {own for unit in units if (own := unit.values["_"].get("organization_id"))}
        if not wanted:
            return
        known = own_customers(session, wanted)
        for unit in units:
            own = unit.values["_"].get("organization_id")
            if own in known:
                unit.values["parent_id"] = known[own]
                unit.values.pop("organization", None)

    def _look_up_named(
        self, session: CrmSession, units: Sequence[Built], helper: str, target: str, column: Any, id_column: Any
    ) -> None:
        wanted = {name for unit in units if (name := unit.values["_"].get(helper))}
        if not wanted:
            return
        known: dict[str, UUID] = {}
        for part in chunks(wanted):
            known.update(dict(session.execute(select(column, id_column).where(column.in_(part))).tuples()))
        for unit in units:
            name = unit.values["_"].get(helper)
            if name in known:
                unit.values[target] = known[name]
            elif name:
                hint = _("Add it first, or leave the column out with --map.")
                heading = self._column_of.get(helper)
                unit.reject([problem(_("There is nobody and nothing of this name."), field=heading, value=name, hint=hint)])


def own_customers(session: CrmSession, ids: set[str]) -> dict[str, UUID]:
    """Return the customers that are called by ids of crmkit: this one's, or another one's that they came from."""
    from crmkit.core.customers.references import taken_identifiers

    found: dict[str, UUID] = {}
    for (_source, own), id_ in taken_identifiers(session, [(OWN, own) for own in ids]).items():
        found[own] = id_
    parsed = {id_: own for own in ids if (id_ := parse_id(own)) is not None}
    for part in chunks(parsed):
        for id_ in session.scalars(select(Customer.id).where(Customer.id.in_(part), Customer.deleted_at.is_(None))):
            found[parsed[id_]] = id_
    return found

"""Writes customers from a file: finds those that are known, adds the others, changes known ones where that is wanted.

All writing goes through the operations on customers. Must not know files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from attrs import fields
from sqlalchemy import select
from sqlalchemy.orm import aliased

from crmkit.core.access.models import Team, User
from crmkit.core.customers.inputs import CustomerUpdate
from crmkit.core.customers.models import ContactPoint, Customer
from crmkit.core.customers.names import folded
from crmkit.core.customers.references import chunks
from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import parse_id
from crmkit.core.store.locks import hold
from crmkit.core.store.opening import plain
from crmkit.core.store.session import CrmSession
from crmkit.errors import Problem
from crmkit.exchange.convert import column_problem
from crmkit.exchange.customer_values import OWN, CustomerBuilder
from crmkit.exchange.duplicates import Earlier, Finder, Match, probe_of
from crmkit.exchange.kept import leave_kept
from crmkit.exchange.likeness import alike
from crmkit.exchange.related import find_organizations, find_owners
from crmkit.exchange.rows import Row, problem
from crmkit.exchange.units import Built, Policy
from crmkit.i18n import texts

_ = texts("crmkit")

KNOWING_CUSTOMERS = "import of customers"
"""Held while a batch looks for customers and adds those that nobody knows: imports at the same time add none twice."""
_CHANGEABLE = frozenset(attribute.name for attribute in fields(CustomerUpdate))


class Watcher(Protocol):
    """Looks at customers before a file changes them."""

    def before(self, session: CrmSession, ids: Sequence[UUID]) -> None:
        """Note how customers stand."""
        ...


def _line(match: Match) -> str:
    return f"#{match.line}"


class CustomerTarget:
    """The resource customers."""

    table = Customer.__tablename__

    def __init__(
        self,
        builder: CustomerBuilder,
        policy: Policy,
        column_of: Mapping[str, str],
        *,
        rehearsal: bool = False,
    ) -> None:
        self._builder = builder
        self._policy = policy
        self._column_of = column_of
        self.extras: list[tuple[Row, UUID]] = []
        self.watcher: Watcher | None = None
        # A rehearsal undoes each batch: what the batches before would have added is known here alone.
        self._before = Earlier() if rehearsal else None

    def build(self, rows: Sequence[Row]) -> Built:
        """Return a row as a unit, without touching the database."""
        return self._builder.build(rows)

    def write(self, session: CrmSession, units: Sequence[Built]) -> None:
        """Write rows and note what became of each."""
        self.extras.clear()
        hold(session, KNOWING_CUSTOMERS)
        self._look_up(session, [unit for unit in units if unit.result is None])
        pending = [unit for unit in units if unit.result is None]
        while pending:
            # A row that was taken for the double of an earlier one which was then refused gets another turn.
            pending = self._round(session, pending)

    def _round(self, session: CrmSession, units: Sequence[Built]) -> list[Built]:
        probes = [probe_of(unit.values) for unit in units]
        finder = Finder(session, probes)
        review = self._policy.on_duplicate == "review"
        resembled = alike(session, [unit.values for unit in units]) if review else {}
        matches: list[Match | None] = []
        new: list[Built] = []
        for place, probe in enumerate(probes):
            match = finder.find(probe)
            if match is None and self._before is not None:
                match = self._before.find(probe)
            match = match or resembled.get(place)
            matches.append(match)
            units[place].met = match
            if match is None:
                finder.add(place, probe)
                new.append(units[place])
        named = self._bare_organizations(session, new)
        self._create(session, [unit for unit in new if id(unit) not in named])
        changes = [(unit, named[id(unit)]) for unit in new if id(unit) in named]
        again: list[Built] = []
        for unit, match in zip(units, matches, strict=True):
            if match is None:
                continue
            known = match.customer_id
            if match.line is not None:
                self._settle_repeated(unit, match)
                continue
            if match.place is not None:
                first = units[match.place]
                if first.result == "rejected":
                    again.append(unit)
                    continue
                known = first.record_id or named.get(id(first))
            if known is None:
                again.append(unit)
            elif self._policy.on_duplicate == "update":
                changes.append((unit, known))
            elif self._policy.on_duplicate == "review":
                unit.reject([self._looks_like(match, known)])
            else:
                unit.settle("duplicate", known)
        if self.watcher is not None:
            self.watcher.before(session, [known for _unit, known in changes])
        self._update(session, changes)
        if self._before is not None:
            self._before.note(units, probes)
        return again

    def _settle_repeated(self, unit: Built, match: Match) -> None:
        """Settle a row of a rehearsal that repeats one of an earlier batch."""
        if self._policy.on_duplicate == "update":
            unit.settle("updated", None)
        elif self._policy.on_duplicate == "review":
            unit.reject([self._looks_like(match, None)])
        else:
            unit.settle("duplicate", None)

    def _create(self, session: CrmSession, units: Sequence[Built]) -> None:
        # Organisations first, so that those who belong to one find it.
        for kind in ("organization", "person"):
            part = [unit for unit in units if unit.values["kind"] == kind]
            if not part:
                continue
            since = system_now()
            for unit, outcome in zip(
                part, session.run_many("customer.create", [self._input(unit) for unit in part]), strict=True
            ):
                if outcome.ok:
                    unit.settle("created", outcome.result, 1)
                else:
                    unit.reject(self._explain(unit, outcome.problems))

            self._note_organizations(session, part, since)

    def _note_organizations(self, session: CrmSession, units: Sequence[Built], since: datetime) -> None:
        """Note the organisations that were made because somebody named them."""
        naming = {
            unit.record_id: unit for unit in units if unit.result == "created" and unit.values.get("organization")
        }
        seen: set[UUID] = set()
        above = aliased(Customer)
        for part in chunks([id_ for id_ in naming if id_ is not None]):
            query = (
                select(Customer.id, above.id)
                .join(above, above.id == Customer.parent_id)
                .where(Customer.id.in_(part), above.created_at >= since)
                .order_by(Customer.id)
            )
            for id_, organization_id in session.execute(query):
                if organization_id not in seen:
                    seen.add(organization_id)
                    self.extras.append((naming[id_].rows[0], organization_id))

    def _input(self, unit: Built) -> dict[str, Any]:
        values = {name: value for name, value in unit.values.items() if name != "_"}
        if self._policy.owner_id is not None:
            values.setdefault("owner_id", self._policy.owner_id)
        if self._policy.tags:
            values["tags"] = tuple(dict.fromkeys((*values.get("tags", ()), *self._policy.tags)))
        own = unit.values["_"].get("crmkit_id")
        if own:
            values["identifiers"] = [*values.get("identifiers", ()), {"source": OWN, "external_id": own}]
        return values

    def _update(self, session: CrmSession, changes: Sequence[tuple[Built, UUID]]) -> None:
        waiting = list(changes)
        while waiting:
            # A customer that several rows change is changed by one after the other.
            now: dict[UUID, Built] = {}
            later: list[tuple[Built, UUID]] = []
            for unit, known in waiting:
                if known in now:
                    later.append((unit, known))
                else:
                    now[known] = unit
            self._update_once(session, now)
            waiting = later

    def _update_once(self, session: CrmSession, changes: Mapping[UUID, Built]) -> None:
        points = self._points_of(session, [known for known, unit in changes.items() if "contact_points" in unit.values])
        wanted: dict[UUID, dict[str, Any]] = {}
        for known, unit in changes.items():
            wanted[known] = {name: value for name, value in unit.values.items() if name in _CHANGEABLE}
            if not unit.values["_"].get("says_kind"):
                wanted[known].pop("kind", None)
        leave_kept(session, self._policy.source, wanted, changes, self._column_of)
        items: list[dict[str, Any]] = []
        for known, values in wanted.items():
            if "contact_points" in values and "contact_points" not in self._column_of:
                # Columns of their own add to what is there; a list of all replaces it.
                values["contact_points"] = [*points.get(known, ()), *values["contact_points"]]
            items.append({"id": known, "changes": values})
        outcomes = session.run_many("customer.update_many", items)
        versions: dict[UUID, int] = {}
        for part in chunks([known for known, outcome in zip(changes, outcomes, strict=True) if outcome.ok]):
            rows = session.execute(select(Customer.id, Customer.version).where(Customer.id.in_(part)))
            versions.update(dict(rows.all()))
        for (known, unit), outcome in zip(changes.items(), outcomes, strict=True):
            if outcome.ok:
                unit.settle("updated", known, versions.get(known))
            else:
                unit.reject(self._explain(unit, outcome.problems))

    def _points_of(self, session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
        found: dict[UUID, list[dict[str, Any]]] = {}
        for part in chunks(ids):
            query = (
                select(ContactPoint)
                .where(ContactPoint.customer_id.in_(part))
                .order_by(ContactPoint.customer_id, ContactPoint.position, ContactPoint.id)
            )
            for point in session.scalars(query):
                found.setdefault(point.customer_id, []).append(
                    {
                        "kind": point.kind,
                        "value": plain(point, "value"),
                        "label": point.label,
                        "preferred": point.preferred,
                        "verified_at": point.verified_at,
                        "details": plain(point, "details"),
                    }
                )
        return found

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

    def _looks_like(self, match: Match, known: UUID | None) -> Problem:
        field = {"email": "email", "phone": "phone", "identifier": "external_id"}.get(match.by, match.by)
        return problem(
            _("This looks like a customer that is known already: {customer}."),
            field=self._column_of.get(field) or self._column_of.get("mobile" if field == "phone" else field),
            value=match.value,
            hint=_("Leave the row out, or import it with --on-duplicate update."),
            customer=str(known) if known is not None else _line(match),
        )

    def _explain(self, unit: Built, problems: Sequence[Problem]) -> list[Problem]:
        return [column_problem(one, self._column_of, self._field(unit, one)) for one in problems]

    def _field(self, unit: Built, one: Problem) -> str | None:
        """Return the import field that a problem of the operation is about."""
        if one.field and one.field.startswith("contact_points."):
            place = one.field.split(".")[1]
            origins = unit.values["_"].get("origins", ())
            if place.isdigit() and int(place) < len(origins):
                return str(origins[int(place)])
        if one.field == "name" and "name" not in self._column_of:
            return "family_name"
        return one.field

    # --- records that rows refer to ------------------------------------------------------------------------------

    def _look_up(self, session: CrmSession, units: Sequence[Built]) -> None:
        self._look_up_named(session, units, "owner", "owner_id", User.login, User.id)
        self._look_up_named(session, units, "team", "team_id", Team.name, Team.id)
        find_owners(session, units)
        find_organizations(session, units)
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
            known.update(dict(session.execute(select(column, id_column).where(column.in_(part))).all()))
        for unit in units:
            name = unit.values["_"].get(helper)
            if name in known:
                unit.values[target] = known[name]
            elif name:
                hint = _("Add it first, or leave the column out with --map.")
                heading = self._column_of.get(helper)
                unit.reject(
                    [problem(_("There is no user or team of this name."), field=heading, value=name, hint=hint)]
                )


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

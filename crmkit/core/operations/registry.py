"""What a CRM has: operations, models, events, kinds, facts … each under its name, with the plugin that owns it.

Filled once when the CRM is built, then read only.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, cast

from attrs import define, field, frozen

from crmkit.core.operations.events import check_event, event_name
from crmkit.core.operations.operation import Operation
from crmkit.core.store.infos import field_info
from crmkit.errors import ContributionError, UnknownOperation
from crmkit.hooks import contributions
from crmkit.hooks.contributions import (
    FactSet,
    InteractionKind,
    Job,
    PersonalData,
    Resource,
    Searchable,
    Subscription,
)
from crmkit.i18n import texts

_ = texts("crmkit")

KERNEL = "crmkit"
EVERY = "*"
"""In place of an event's name: every event."""


@frozen
class _Sort:
    """How one sort of contribution is registered: the hook that gives it, its type, what its name begins with."""

    hook: str
    type: type[Any] | None = None
    separator: str = "."


SORTS: Mapping[str, _Sort] = {
    "model": _Sort("crmkit_models", None, "_"),
    "resource": _Sort("crmkit_resources", contributions.Resource),
    "operation": _Sort("crmkit_operations", Operation),
    "event": _Sort("crmkit_events", None),
    "interaction kind": _Sort("crmkit_interaction_kinds", contributions.InteractionKind),
    "channel": _Sort("crmkit_channels", contributions.Channel),
    "fact set": _Sort("crmkit_facts", contributions.FactSet, ""),
    "dimension": _Sort("crmkit_dimensions", contributions.Dimension, ""),
    "segment": _Sort("crmkit_segments", contributions.Segment),
    "rule": _Sort("crmkit_rules", contributions.Rule),
    "report": _Sort("crmkit_reports", contributions.Report),
    "searchable": _Sort("crmkit_searchables", contributions.Searchable),
    "subscription": _Sort("crmkit_subscriptions", contributions.Subscription),
    "job": _Sort("crmkit_jobs", contributions.Job),
    "page": _Sort("crmkit_pages", contributions.Page),
    "board": _Sort("crmkit_boards", contributions.Board),
    "calendar": _Sort("crmkit_calendars", contributions.Calendar),
    "public page": _Sort("crmkit_public_pages", contributions.PublicPage),
    "public site": _Sort("crmkit_public_sites", contributions.PublicSite),
    "dashboard card": _Sort("crmkit_dashboard_cards", contributions.DashboardCard),
    "check": _Sort("crmkit_checks", contributions.Check),
    "personal data": _Sort("crmkit_personal_data", contributions.PersonalData, "_"),
}
"""Every sort of contribution, in the order in which they are read."""


@define
class Registry:
    """Everything that can be called by name. ``owners`` says who registered it, for messages and for disabling."""

    tables: dict[str, dict[str, Any]] = field(factory=lambda: {sort: dict[str, Any]() for sort in SORTS})
    owners: dict[tuple[str, str], str] = field(factory=dict[tuple[str, str], str])
    guarded: dict[str, frozenset[str]] = field(factory=dict[str, frozenset[str]])
    """Resources beyond its own that a plugin guards, by plugin."""
    uses: dict[str, frozenset[str]] = field(factory=dict[str, frozenset[str]])
    """Permissions that a plugin exercises on its own behalf, by plugin; as approved when it was enabled."""
    permissions: dict[str, frozenset[str]] = field(factory=dict[str, frozenset[str]])
    """Permissions that a plugin introduces, by plugin."""
    revision: int = 0
    """Grows whenever something is registered or forgotten, for what is derived from it and kept."""
    _resource_names: dict[str, str] = field(factory=dict[str, str])
    _by_event: dict[str, tuple[Subscription, ...]] = field(factory=dict[str, tuple[Subscription, ...]])

    @property
    def operations(self) -> dict[str, Operation[Any, Any]]:
        """Return the operations by name."""
        return self.tables["operation"]

    @property
    def models(self) -> dict[str, type[Any]]:
        """Return the models by table name."""
        return self.tables["model"]

    @property
    def events(self) -> dict[str, type[Any]]:
        """Return the events' classes by event name."""
        return self.tables["event"]

    @property
    def jobs(self) -> dict[str, Job]:
        """Return the jobs by name."""
        return self.tables["job"]

    @property
    def searchables(self) -> dict[str, Searchable]:
        """Return the kinds of record that are found by their words, by name."""
        return self.tables["searchable"]

    @property
    def subscriptions(self) -> dict[str, Subscription]:
        """Return the subscriptions by name."""
        return self.tables["subscription"]

    @property
    def interaction_kinds(self) -> dict[str, InteractionKind]:
        """Return the kinds of interaction by name."""
        return self.tables["interaction kind"]

    @property
    def resources(self) -> dict[str, Resource]:
        """Return the resources by name."""
        return self.tables["resource"]

    @property
    def personal_data(self) -> dict[str, PersonalData]:
        """Return the personal-data map by "table.column"."""
        return self.tables["personal data"]

    def add(self, owner: str, sort: str, items: Iterable[Any]) -> None:
        """Register what an owner has of one sort.

        Raises ContributionError for a value of the wrong type, a foreign prefix or a name that is taken; then nothing
        of the call is kept.
        """
        known = self.tables[sort]
        wanted: dict[str, Any] = {}
        for item in items:
            name = self._name(owner, sort, item)
            prefix = f"{owner}{SORTS[sort].separator}"
            if owner != KERNEL and not name.startswith(prefix):
                raise ContributionError(
                    _('The {sort} "{name}" must begin with "{prefix}".'),
                    plugin=owner,
                    sort=sort,
                    name=name,
                    prefix=prefix,
                )
            if wanted.get(name, known.get(name, item)) is not item:
                raise ContributionError(
                    _('The {sort} "{name}" is registered by {other} already.'),
                    plugin=owner,
                    sort=sort,
                    name=name,
                    other=self.owners.get((sort, name), owner),
                )
            wanted[name] = item
        if sort == "fact set":
            _check_facts(owner, {**known, **wanted}.values())
        for name, item in wanted.items():
            known[name] = item
            self.owners[sort, name] = owner
        self.revision += 1
        self._by_event.clear()
        self._resource_names.clear()

    def remove(self, owner: str) -> None:
        """Forget everything of an owner."""
        for sort, name in [key for key, who in self.owners.items() if who == owner]:
            self.tables[sort].pop(name, None)
            del self.owners[sort, name]
        for by_owner in (self.guarded, self.uses, self.permissions):
            by_owner.pop(owner, None)
        self.revision += 1
        self._by_event.clear()
        self._resource_names.clear()

    def resource_name(self, table: str) -> str:
        """Return the name of the resource whose records a table holds: as declared, else made from the table's name."""
        name = self._resource_names.get(table)
        if name is None:
            declared = (item.name for item in self.resources.values() if item.model.__tablename__ == table)
            owner = self.owners.get(("model", table), KERNEL)
            rest = table.removeprefix("crm_" if owner == KERNEL else f"{owner}_")
            name = next(declared, rest if owner == KERNEL else f"{owner}.{rest}")
            self._resource_names[table] = name
        return name

    def resource_of(self, model: Any) -> str:
        """Return the resource whose rights apply to a model's rows: as its policy says, else its own."""
        policy = model.__access__
        return (policy.resource if policy is not None else None) or self.resource_name(model.__tablename__)

    def owned(self, owner: str, sort: str) -> list[Any]:
        """Return what an owner has of one sort, in the order in which it was registered."""
        return [item for name, item in self.tables[sort].items() if self.owners.get((sort, name)) == owner]

    def operation(self, name: str) -> Operation[Any, Any]:
        """Return the operation of a name. Raises UnknownOperation, suggesting the one that was probably meant."""
        found = self.operations.get(name)
        if found is None:
            close = difflib.get_close_matches(name, self.operations, 1)
            raise UnknownOperation(
                _('There is no operation "{name}".'),
                fix=_('Did you mean "{close}"?') if close else None,
                name=name,
                close=close[0] if close else "",
            )
        return found

    def subscribers(self, event: str) -> tuple[Subscription, ...]:
        """Return the subscriptions to an event, by name."""
        found = self._by_event.get(event)
        if found is None:
            all_of = self.subscriptions
            found = tuple(all_of[name] for name in sorted(all_of) if all_of[name].event in (event, EVERY))
            self._by_event[event] = found
        return found

    def _name(self, owner: str, sort: str, item: Any) -> str:
        expected = SORTS[sort].type
        if expected is not None and not isinstance(item, expected):
            raise ContributionError(
                _("{item} is not of the type {expected}."),
                plugin=owner,
                fix=_("Decorate the function with @operation.") if expected is Operation else None,
                item=getattr(item, "__name__", repr(item)),
                expected=expected.__name__,
            )
        if sort == "model":
            table = getattr(item, "__tablename__", None)
            if not isinstance(table, str):
                raise ContributionError(_("{item} is not a model."), plugin=owner, item=repr(item))
            return table
        if sort == "event":
            name = event_name(item)
            check_event(item, owner)
            return name
        if sort == "personal data":
            entry = cast(PersonalData, item)
            return f"{entry.table}.{entry.column}"
        if sort == "operation":
            # A signature that does not fit shows here, not at the first call.
            cast("Operation[Any, Any]", item).inputs  # noqa: B018
        if sort == "fact set":
            # Several sets may share a name: each is known by its first fact.
            return f"{item.name}.{item.columns[0].name}" if item.columns else cast(str, item.name)
        if sort == "job":
            _check_actor(owner, item)
        if sort == "searchable":
            _check_plain(owner, item)
        return cast(str, item.name)


def _check_facts(owner: str, sets: Iterable[FactSet]) -> None:
    known: set[str] = set()
    for name in (f"{each.name}.{fact.name}" for each in sets for fact in each.columns):
        if name in known:
            raise ContributionError(_('The fact "{name}" is there twice.'), plugin=owner, name=name)
        known.add(name)


def _check_actor(owner: str, job: Job) -> None:
    if job.acts_as not in ("system", "actor"):
        raise ContributionError(
            _('The job "{name}" does not say as whom it acts.'),
            plugin=owner,
            fix=_('Say acts_as="actor" for whoever defers it, or acts_as="system".'),
            name=job.name,
        )
    if job.acts_as == "actor" and (job.every or job.cron):
        raise ContributionError(
            _('The job "{name}" is periodic, so there is nobody as whom it could act.'),
            plugin=owner,
            fix=_('Say acts_as="system".'),
            name=job.name,
        )


def _check_plain(owner: str, searchable: Searchable) -> None:
    for item in searchable.fields:
        column = searchable.model.__table__.c.get(item.name)
        info = None if column is None else field_info(column)
        if info is None or info.classified in ("sensitive", "secret"):
            raise ContributionError(
                _('The field "{field}" of {name} is not kept in plain, so it cannot be searched.'),
                plugin=owner,
                fix=_("Name a column that is public, internal, personal or text."),
                field=item.name,
                name=searchable.name,
            )

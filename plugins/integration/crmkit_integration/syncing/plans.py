"""A plan as a run needs it: read once, with its secret, its marks, and its connector opened."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from attrs import field, frozen

from crmkit import CRM, Actor, NotFound, Refused, User, secret_of, texts
from crmkit_integration.syncing.connectors import Access, Connector, ConnectorKind
from crmkit_integration.syncing.crmkit_api import KIND
from crmkit_integration.syncing.deciding import Mark, canonical
from crmkit_integration.syncing.models import SyncPlan

_ = texts("crmkit_integration")

WHY = "synchronising customers"
_PURPOSE = "integration.sync"


@frozen(kw_only=True)
class Plan:
    """A synchronisation as it is run. ``marks`` are by the version of the key that they are made with."""

    id: UUID
    name: str
    direction: str
    policy: Any
    owners: Mapping[str, Any]
    match_by: str
    watermark_ours: str | None
    watermark_theirs: str | None
    marks: Mapping[int, Mark] = field(repr=False)
    mark_version: int

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields that are kept in step."""
        return tuple(self.owners)

    @property
    def source(self) -> str:
        """Return the source that customers from over there have."""
        return f"sync:{self.name}"

    @property
    def mark(self) -> Mark:
        """Return what makes marks."""
        return self.marks[self.mark_version]


def kinds_of(crm: CRM) -> dict[str, ConnectorKind]:
    """Return the kinds of system that there are, by name."""
    found = {KIND.name: KIND}
    for answer in crm.dispatcher.collect("integration_connectors"):
        for kind in answer.value or ():
            found.setdefault(kind.name, kind)
    return found


def open_plan(crm: CRM, sync_id: UUID) -> tuple[Plan, Actor, Connector]:
    """Return a plan, the user whom it acts as, and its connector. Raises NotFound, and Refused where it cannot run."""
    with crm.session(crm.system(WHY)) as session:
        row = session.get(SyncPlan, sync_id)
        if row is None:
            raise NotFound(_("There is no synchronisation {id}."), id=sync_id)
        user = session.get(User, row.runs_as_id) if row.runs_as_id is not None else None
        if user is None or not user.active:
            raise Refused(_("Whoever the synchronisation acts as is no active user."))
        kind = kinds_of(crm).get(row.connector)
        if kind is None:
            raise Refused(_('Nothing connects to "{name}".'), name=row.connector)
        access = Access(url=row.url, secret=secret_of(row, "secret") or "", private=row.private)
        codes = crm.vault.codes(_PURPOSE)
        marks = {version: partial(_mark, version, code) for version, code in codes.versions.items()}
        plan = Plan(
            id=row.id,
            name=row.name,
            direction=row.direction,
            policy=row.policy,
            owners=dict(row.fields),
            match_by=row.match_by,
            watermark_ours=row.watermark_ours,
            watermark_theirs=row.watermark_theirs,
            marks=marks,
            mark_version=codes.version,
        )
        names = {each: row.names.get(each, each) for each in plan.fields}
        actor = Actor.user(user.id, user.name)
    inner = kind.open(access, list(names.values()))
    from crmkit_integration.syncing.renaming import Renaming

    return plan, actor, Renaming(inner=inner, names=names) if any(k != v for k, v in names.items()) else inner


def _mark(version: int, code: Any, value: Any) -> str:
    return f"{version}:{code(canonical(value).encode())[:12].hex()}"

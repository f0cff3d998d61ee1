"""Declaring a kind of interaction searchable, or no longer so, and filing what is recorded anew.

Subjects and texts of a searchable kind are kept in plain; of any other kind they are sealed. What was recorded before
is changed over by a job, batch by batch.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import ColumnElement, or_, select

from crmkit.core.interactions.models import Interaction
from crmkit.core.interactions.openness import SearchableKind, forget_declared, is_searchable
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.ids import parse_id
from crmkit.core.store.opening import reseal
from crmkit.core.store.sealed import sealed_fields
from crmkit.core.store.session import CrmSession
from crmkit.errors import Erased, InvalidInput, Problem
from crmkit.hooks.contributions import Job
from crmkit.i18n import texts

_ = texts("crmkit")

JOB = "interaction.refile"
BATCH = 500
BATCHES = 10
"""Batches of one transaction: what is left is done in the next."""
AGAIN = timedelta(minutes=10)
"""When it is looked once more: by then nobody is still writing who began before the declaration."""
TEXTS = ("subject", "body")

KindName = Annotated[str, Input(title=_("Kind"), max_length=60, classified="internal")]


@frozen(kw_only=True)
class Declared:
    """What is declared of a kind now, and whether a job is changing over what was recorded before."""

    kind: str
    searchable: bool
    refiling: bool


@operation(
    "interaction.declare_searchable",
    title=_("Declare a kind searchable"),
    effect="update",
    permission="interaction.admin",
)
def declare_searchable(
    session: CrmSession,
    *,
    kind: KindName,
    searchable: Annotated[bool, Input(title=_("Searchable"), classified="internal")] = True,
) -> Declared:
    """Say that subjects and texts of a kind are kept in plain, so that they can be searched, or that they are sealed.

    What was recorded before follows by a job. Raises InvalidInput for a kind that is not known.
    """
    if kind not in session.gate.registry.interaction_kinds:
        raise InvalidInput([Problem("CK500", _("There is no such kind of interaction."), field="kind", value=kind)])
    changed = is_searchable(session, kind) != searchable
    now = session.gate.clock.now()
    declared = session.get(SearchableKind, kind)
    if declared is None:
        session.add(SearchableKind(kind=kind, searchable=searchable, declared_at=now, declared_by=session.actor.id))
    else:
        declared.searchable, declared.declared_at, declared.declared_by = searchable, now, session.actor.id
    session.flush()
    forget_declared(session)
    if changed:
        session.defer(JOB, kind=kind)
        session.defer(JOB, run_at=now + AGAIN, kind=kind)
    return Declared(kind=kind, searchable=searchable, refiling=changed)


@operation("interaction.refile", title=_("Change over texts"), hidden=True, permission="interaction.admin")
def refile(session: CrmSession, *, kind: KindName, after: UUID | None = None) -> int:
    """Seal the texts of a kind, or keep them in plain, as is declared now; return how many interactions were changed.

    A part of them at a time: the rest is left to a job. What was erased stays as it is.
    """
    wrong = _wrong(is_searchable(session, kind))
    number = 0
    for _batch in range(BATCHES):
        query = select(Interaction).where(Interaction.kind == kind, wrong).order_by(Interaction.id).limit(BATCH)
        found = session.scalars(query if after is None else query.where(Interaction.id > after)).all()
        for interaction in found:
            after = interaction.id
            try:
                reseal(interaction, TEXTS)
            except Erased:
                continue
            session.unit.allow_touching(interaction)
            number += 1
        session.flush()
        for interaction in found:
            session.expunge(interaction)
        if len(found) < BATCH:
            return number
    session.defer(JOB, kind=kind, after=str(after))
    return number


def _wrong(searchable: bool) -> ColumnElement[bool]:
    """Return the condition for interactions that are kept the other way."""
    fields = [sealed_fields(Interaction)[name] for name in TEXTS]
    if searchable:
        return or_(*(getattr(Interaction, field.slot).is_not(None) for field in fields))
    return or_(*(field.in_plain.is_not(None) for field in fields))


def _refile_job(session: CrmSession, *, kind: str, after: str | None = None) -> None:
    session.run("interaction.refile", {"kind": kind, "after": None if after is None else parse_id(after)})


def declared_kinds(session: CrmSession) -> list[SearchableKind]:
    """Return what admins have declared, by kind; kinds without an entry are as their declaration says."""
    return list(session.scalars(select(SearchableKind).order_by(SearchableKind.kind)))


SEARCHABLE_OPERATIONS: list[Any] = [declare_searchable, refile]
JOBS = (Job(name=JOB, title=_("Change over texts of a kind of interaction"), handler=_refile_job, acts_as="system"),)

"""Making the index anew from the records: after a restore of parts, a change of the company's language, or a doubt."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from attrs import frozen

from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.engines.search.indexing import drop_orphans, index, next_ids
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

BATCH = 2000


@frozen(kw_only=True)
class Rebuilt:
    """How many records of a part were indexed anew, and after which one the next part begins, if there is one."""

    records: int
    after: UUID | None = None


@operation("search.rebuild", title=_("Index records anew"), permission="business.admin", effect="update")
def rebuild(
    session: CrmSession,
    *,
    resource: Annotated[str, Input(title=_("Kind of record"), classified="internal")],
    after: UUID | None = None,
) -> Rebuilt:
    """Index a part of the records of a kind anew, those that come ``after`` one. Raises InvalidInput for a kind that is
    not searched."""
    searchable = session.gate.registry.searchables.get(resource)
    if searchable is None:
        raise InvalidInput([Problem("CK500", _("There is no such kind of record."), field="resource", value=resource)])
    with region(session, "indexing records anew"):
        if after is None:
            drop_orphans(session, searchable)
        ids = next_ids(session, searchable, after, BATCH)
        index(session, searchable, ids, known=ids, anew=True)
    return Rebuilt(records=len(ids), after=ids[-1] if len(ids) == BATCH else None)

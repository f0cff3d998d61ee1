"""What ``crmkit doctor`` says of segments: those that cannot be used, and those that moved more than is usual although
nobody had changed them.

Must not know doors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from crmkit.core.store.guard import region
from crmkit.engines.definitions.publishing import defined
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.segments.membership import WHY, last_run
from crmkit.engines.segments.resolving import KIND
from crmkit.errors import CrmkitError
from crmkit.hooks.contributions import Check, Finding
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

UNSTABLE = 0.3
"""The part of a segment's members that comes or goes in a run and is still usual."""
FEWEST = 20
"""Fewer members than these move by chance."""


def _find(session: CrmSession) -> Iterator[Finding]:
    catalogue = catalogue_of(session)
    for name, item in sorted(defined(session, KIND, broken=True).items()):
        try:
            if item.broken:
                problem = item.broken
            else:
                catalogue.closure(sorted(catalogue.checked(item.value.where).facts))
                problem = ""
        except CrmkitError as error:
            problem = error.render()
        if problem:
            message = _('The segment "{name}" cannot be used: {problem}')
            hint = _("Mend it by crmkit segment save, or take it back by crmkit segment reset.")
            yield Finding(
                level="warning", code="CK730", message=message, hint=hint, values={"name": name, "problem": problem}
            )
            continue
        with region(session, WHY):
            last, before = last_run(session, name), last_run(session, name, back=1)
        if last is None or before is None or last.definition != before.definition:
            continue
        moved = (last.entered + last.gone) / max(before.members, FEWEST)
        if moved > UNSTABLE:
            message = _('{percent} % of the segment "{name}" came or went in one run, and nobody had changed it.')
            hint = _("Look whether the data is right; crmkit segment stability {name} shows how it moved.")
            values = {"name": name, "percent": round(moved * 100)}
            yield Finding(level="warning", code="CK731", message=message, hint=hint, values=values)


def _segments(session: CrmSession) -> Sequence[Finding]:
    return list(_find(session))


CHECKS = [Check(name="crm.segments", title=_("Segments"), run=_segments)]

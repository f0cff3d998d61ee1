"""For who addresses many: which segments grew or shrank, which experiments run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmkit.engines.definitions.publishing import defined
from crmkit.engines.segments.figures import stability
from crmkit.engines.segments.resolving import all_segments
from crmkit.errors import CrmkitError
from crmkit.hooks.contributions import CardLine, DashboardCard
from crmkit.i18n import texts
from crmkit.web.pages.home.cards.kinds import OwnCard

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

MOST = 6
LOOKED_AT = 30
RUNS = 8


def moving(session: CrmSession) -> Sequence[CardLine]:
    """Return the segments that moved most in their last runs."""
    found: list[tuple[int, CardLine]] = []
    for name, item in sorted(all_segments(session).items())[:LOOKED_AT]:
        try:
            past = stability(session, name, limit=RUNS)
        except CrmkitError:
            continue
        if not past:
            continue
        change = past[-1].members - past[0].members
        line = CardLine(
            title=item.value.title,
            hint=_("{change} since {day}") if change else _("as many as before"),
            values={"change": f"{change:+,}", "day": past[0].as_of},
            figure=past[-1].members,
            path=f"/segments/{name}",
            tone="" if not change else "good" if change > 0 else "warn",
        )
        found.append((abs(change), line))
    return [line for _size, line in sorted(found, key=lambda each: -each[0])[:MOST]]


def running(session: CrmSession) -> Sequence[CardLine]:
    """Return the experiments that run."""
    now = session.gate.clock.business_now()
    return [
        CardLine(title=item.value.title, at=item.published_at, path=f"/experiments/{name}", icon="flask")
        for name, item in sorted(defined(session, "experiment").items())
        if item.in_effect(now)
    ][:MOST]


CARDS = (
    OwnCard(
        rights=("segment.update",),
        slow=True,
        card=DashboardCard(
            name="crmkit.segments",
            title=_("Segments on the move"),
            rows=moving,
            icon="filter",
            path="/segments",
            empty=_("No segment was looked at yet. Build one: it begins with one of several conditions."),
        ),
    ),
    OwnCard(
        rights=("experiment.read",),
        card=DashboardCard(
            name="crmkit.experiments", title=_("Experiments that run"), rows=running, icon="flask", path="/experiments"
        ),
    ),
)

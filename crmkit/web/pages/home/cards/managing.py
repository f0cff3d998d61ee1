"""For who runs a team: figures against goals, how customers move, files that were not taken in whole, rules that were
refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmkit.core.store.clock import system_now
from crmkit.engines.classification.reading import matrix, may_read
from crmkit.engines.definitions.publishing import defined
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.reports.goals import attainment, goals
from crmkit.engines.rules.listing import log_of
from crmkit.errors import CrmkitError
from crmkit.exchange.tables import ImportRun
from crmkit.hooks.contributions import CardLine, DashboardCard
from crmkit.i18n import Text, texts
from crmkit.web.pages.home.cards.kinds import OwnCard

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

MOST = 6
BACK = 30
"""Days over which movement is shown."""
WATCHED = ("activity", "value", "lifecycle")
STATES: dict[str, tuple[Text, Any]] = {
    "reached": (_("reached"), "good"),
    "ahead": (_("on the way"), "good"),
    "behind": (_("behind"), "warn"),
    "missed": (_("missed"), "bad"),
}


def targets(session: CrmSession) -> Sequence[CardLine]:
    """Return the goals with how far they are attained."""
    found: list[CardLine] = []
    for name, item in sorted(goals(session).items())[:MOST]:
        try:
            reached = attainment(session, name)
        except CrmkitError:
            continue
        title, tone = STATES[reached.state]
        found.append(
            CardLine(
                title=item.value.title,
                hint=title,
                figure=None if reached.attained is None else f"{reached.attained:.0%}",
                path="/goals",
                tone=tone,
            )
        )
    return found


def moved(session: CrmSession) -> Sequence[CardLine]:
    """Return the largest movements between labels in the last month."""
    now = moment_of(session)
    before = moment_of(session, now.as_of - timedelta(days=BACK))
    known = defined(session, "dimension")
    lines: list[tuple[int, CardLine]] = []
    for name in WATCHED:
        item = known.get(name)
        if item is None or not item.in_effect(now.as_of) or not may_read(session, item.value):
            continue
        titles = {label.name: label.title for label in item.value.labels}
        places = {label.name: place for place, label in enumerate(item.value.labels)}
        for move in matrix(session, name, before, now).moves:
            if move.before is None or move.after is None or move.before == move.after:
                continue
            worse = places.get(move.after, 0) < places.get(move.before, 0)
            line = CardLine(
                title=_("{dimension}: {before} → {after}"),
                values={
                    "dimension": item.value.title,
                    "before": titles.get(move.before, move.before),
                    "after": titles.get(move.after, move.after),
                },
                figure=move.customers,
                path=f"/dimensions/{name}",
                tone="warn" if worse else "good",
            )
            lines.append((move.customers, line))
    return [line for _number, line in sorted(lines, key=lambda each: -each[0])[:MOST]]


def files(session: CrmSession) -> Sequence[CardLine]:
    """Return the imports of which rows were rejected."""
    since = system_now() - timedelta(days=BACK)
    statement = (
        select(ImportRun)
        .where(ImportRun.rejected > 0, ImportRun.state == "done", ImportRun.started_at >= since)
        .order_by(ImportRun.started_at.desc())
        .limit(MOST)
    )
    return [
        CardLine(
            title=run.file_name,
            hint=_("rows were rejected; mend them and import them again"),
            figure=run.rejected,
            at=run.started_at,
            path=f"/imports/{run.id}",
            tone="warn",
        )
        for run in session.scalars(statement)
    ]


def refused(session: CrmSession) -> Sequence[CardLine]:
    """Return the rules whose firings were refused or failed this week, each once."""
    since = system_now() - timedelta(days=7)
    counted: dict[str, int] = {}
    for outcome in ("refused", "failed"):
        for entry in log_of(session, outcome=outcome, since=since, limit=200):
            counted[entry.rule] = counted.get(entry.rule, 0) + 1
    known = defined(session, "rule", broken=True)
    return [
        CardLine(
            title=known[name].value.title if name in known and known[name].value is not None else name,
            hint=_("times it could not do what it should"),
            figure=number,
            path=f"/rules/{name}",
            tone="bad",
        )
        for name, number in sorted(counted.items(), key=lambda each: -each[1])[:MOST]
    ]


CARDS = (
    OwnCard(
        rights=("report.read", "goal.update"),
        slow=True,
        card=DashboardCard(
            name="crmkit.goals",
            title=_("Goals"),
            rows=targets,
            icon="target",
            path="/goals",
            empty=_("No goal is set. Say what a figure is to reach, and see here how far it is."),
        ),
    ),
    OwnCard(
        rights=("report.read", "goal.update"),
        slow=True,
        card=DashboardCard(
            name="crmkit.moved",
            title=_("How customers moved in 30 days"),
            rows=moved,
            icon="arrows-sort",
            path="/dimensions",
            empty=_("Nobody has moved."),
        ),
    ),
    OwnCard(
        rights=("import.run",),
        card=DashboardCard(name="crmkit.files", title=_("Files with rejected rows"), rows=files, icon="file-import"),
    ),
    OwnCard(
        rights=("report.read", "goal.update"),
        card=DashboardCard(name="crmkit.refused", title=_("Rules that could not act"), rows=refused, icon="bolt"),
    ),
)

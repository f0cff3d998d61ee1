"""All definitions of figures: those that plugins ship, overlaid with those that somebody has laid down."""

from __future__ import annotations

from typing import Annotated, Literal

import attrs

from crmkit import CrmSession, Input, operation, texts
from crmkit_analytics.definitions.keeping import content_of, listed, save, withdraw
from crmkit_analytics.definitions.models import Definition
from crmkit_analytics.metrics.values import Metric, Unit

_ = texts("crmkit_analytics")

UNITS = {
    "count": _("Count"),
    "share": _("Share"),
    "money": _("Money"),
    "days": _("Days"),
    "number": _("Number"),
}


@attrs.frozen(kw_only=True)
class Kept:
    """What is kept of a figure that somebody has defined."""

    formula: str
    grain: str
    unit: Unit = "count"
    filters: str = ""
    owner: str = ""
    doc: str = ""


@attrs.frozen(kw_only=True)
class NewMetric:
    """The definition of a figure as it is laid down."""

    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
    formula: Annotated[str, Input(title=_("Formula in words"), max_length=1000, multiline=True, classified="internal")]
    grain: Annotated[str, Input(title=_("One figure for each"), max_length=200, classified="internal")]
    unit: Annotated[
        Literal["count", "share", "money", "days", "number"],
        Input(title=_("Unit"), choices=UNITS, classified="internal"),
    ] = "count"
    filters: Annotated[str, Input(title=_("Left out"), max_length=500, classified="internal")] = ""
    owner: Annotated[str, Input(title=_("Who answers for it"), max_length=80, classified="internal")] = ""
    doc: Annotated[str, Input(title=_("Note"), max_length=2000, multiline=True, classified="internal")] = ""
    note: Annotated[str, Input(title=_("What has changed"), max_length=500, classified="internal")] = ""


@operation("analytics.metric.save", title=_("Define a figure"), permission="analytics.definition.manage")
def save_metric(session: CrmSession, new: NewMetric) -> Definition:
    """Define a figure, or a new version of it. Raises InvalidInput for a name that is none."""
    kept = Kept(
        formula=new.formula,
        grain=new.grain,
        unit=new.unit,
        filters=new.filters,
        owner=new.owner or session.actor.id,
        doc=new.doc,
    )
    return save(session, "metric", new.name, new.title, kept, new.note)


@operation("analytics.metric.withdraw", title=_("Withdraw a figure"), permission="analytics.definition.manage")
def withdraw_metric(
    session: CrmSession, *, name: Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
) -> Definition:
    """Have a definition no longer count; its versions stay. Raises NotFound."""
    return withdraw(session, "metric", name)


def metrics(session: CrmSession) -> dict[str, Metric]:
    """Return all definitions of figures by name; a plugin that fails to name its own is left out."""
    found: dict[str, Metric] = {}
    for answer in session.gate.dispatcher.collect("analytics_metrics"):
        for each in (answer.value or ()) if answer.error is None else ():
            found.setdefault(each.name, each)
    for definition in listed(session, "metric"):
        kept = content_of(definition, Kept)
        found[definition.name] = Metric(
            name=definition.name,
            title=definition.title,
            version=definition.number,
            since=definition.recorded_at.date().isoformat(),
            **attrs.asdict(kept),
        )
    return dict(sorted(found.items()))


def definition_of_cell(session: CrmSession, report: str, column: str) -> Metric | None:
    """Return what a column of a report means, if a figure says that it is shown there."""
    return next((each for each in metrics(session).values() if (report, column) in each.shown), None)


OPERATIONS = [save_metric, withdraw_metric]

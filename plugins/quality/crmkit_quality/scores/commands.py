"""``crmkit quality report`` and ``crmkit quality check``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

if TYPE_CHECKING:
    from crmkit_quality.scores.reading import GroupScore, QualityReport

_ = texts("crmkit_quality")

_LEVELS = "▁▂▃▄▅▆▇█"


def add_to(group: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(group, "report", _("Show scores by owner and source, the worst fields, violations and their course."))
    @option("--check", is_flag=True, help=_("Check all customers first."))
    @option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help=_("Lines of each table."))
    def report(cli: Invocation, check: bool, limit: int) -> None:
        """Print the report on the customers that the caller may see."""
        from crmkit_quality.scores.reading import quality_report

        if check:
            check_now(cli)
        with cli.session() as session:
            found = quality_report(session)
        if cli.json:
            cli.output.document(document_of(cli, found))
        else:
            _show(cli, found, limit)

    @command(group, "check", _("Check all customers now: field rules and scores."))
    def check(cli: Invocation) -> None:
        """Check everything and print what was found."""
        found = check_now(cli)
        if cli.json:
            cli.output.document({"customers": found.customers, "violations": found.violations, "score": found.score})
            return
        cli.output.say(
            _("{customers} customers were checked: {violations} violations, score {score}."),
            customers=found.customers,
            violations=found.violations,
            score=_percent(found.score),
        )


def check_now(cli: Invocation) -> Any:
    """Check all customers in this process, as whoever calls may."""
    from crmkit_quality.scores.checking import check_all

    cli.run("quality.check.allow")
    with cli.output.progress(_("Checking customers")) as advance:
        return check_all(cli.crm, lambda count: advance(count, None))


def document_of(cli: Invocation, found: QualityReport) -> dict[str, Any]:
    """Return the report as one JSON document."""

    def group(each: GroupScore) -> dict[str, Any]:
        return {
            "key": each.key,
            "title": cli.text(each.title),
            "customers": each.customers,
            "score": each.score,
            **each.aspects,
        }

    return {
        "checked_at": found.checked_at,
        "overall": group(found.overall),
        "owners": [group(each) for each in found.owners],
        "sources": [group(each) for each in found.sources],
        "fields": [group(each) for each in found.fields],
        "violations": [
            {
                "rule": each.rule,
                "title": cli.text(each.title),
                "field": each.about,
                "severity": each.severity,
                "customers": each.customers,
            }
            for each in found.violations
        ],
        "trend": [
            {
                "measured_at": each.measured_at,
                "customers": each.customers,
                "violations": each.violations,
                "score": each.score,
                **each.aspects,
            }
            for each in found.trend
        ],
    }


def _show(cli: Invocation, found: QualityReport, limit: int) -> None:
    output = cli.output
    if found.checked_at is None:
        output.say(_("Nothing has been checked yet: crmkit quality check"))
        return
    _groups(cli, _("All customers"), [found.overall], limit)
    _groups(cli, _("By owner, the worst first"), found.owners, limit)
    _groups(cli, _("By source, the worst first"), found.sources, limit)
    _groups(cli, _("The worst fields"), found.fields, limit)
    output.heading(_("Rules that do not hold"))
    rows = [
        {
            "title": cli.text(each.title),
            "severity": each.severity,
            "customers": each.customers,
            "bar": _bar(each.customers, found.violations[0].customers),
        }
        for each in found.violations[:limit]
    ]
    columns = (
        Column("title", _("Rule")),
        Column("severity", _("Severity")),
        Column("customers", _("Customers"), "right"),
        Column("bar", ""),
    )
    output.table(columns, rows, empty=_("Every rule holds for everybody."))
    scores = [each.score for each in found.trend if each.score is not None]
    if len(scores) > 1:
        output.heading(_("The course of the score"))
        output.say("{line}  {first} → {last}", line=_line(scores), first=_percent(scores[0]), last=_percent(scores[-1]))


def _groups(cli: Invocation, title: str, groups: Sequence[GroupScore], limit: int) -> None:
    cli.output.heading(title)
    rows = [
        {
            "title": cli.text(each.title),
            "customers": each.customers,
            "score": _percent(each.score),
            **{name: _percent(value) for name, value in each.aspects.items()},
            "bar": _bar(each.score or 0.0, 1.0),
        }
        for each in groups[:limit]
    ]
    columns = (
        Column("title", _("Group")),
        Column("customers", _("Customers"), "right"),
        Column("score", _("Score"), "right"),
        Column("completeness", _("Completeness"), "right"),
        Column("validity", _("Validity"), "right"),
        Column("uniqueness", _("Uniqueness"), "right"),
        Column("consistency", _("Consistency"), "right"),
        Column("timeliness", _("Timeliness"), "right"),
        Column("bar", ""),
    )
    cli.output.table(columns, rows)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _bar(value: float, largest: float, width: int = 20) -> str:
    return "█" * max(0, round(value / largest * width)) if largest > 0 else ""


def _line(values: Sequence[float]) -> str:
    """Return one character for each score, as high as it is from 0 to 1 among all of them."""
    low, high = min(values), max(values)
    span = high - low
    return "".join(_LEVELS[round((value - low) / span * 7) if span else 3] for value in values)

"""The analyses as commands: each runs its report, so that rights, withholding and audit are those of reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_analytics")

_PERIOD = _("Such as 2026-07, 2026-Q3, 2026-01-01..2026-06-30 or last 12 months.")
_AS_OF = _("As it stood at the end of this day.")
_UNITS = click.Choice(["day", "week", "month", "quarter", "year"])


def add_to(analytics: click.Group) -> None:
    """Add the commands of this room to a group."""
    _times(analytics)
    _groups(analytics)
    _kept(analytics)


def _times(analytics: click.Group) -> None:
    @command(analytics, "activity", _("Show how many customers were active by day, week and month."))
    @option("--period", metavar="PERIOD", help=_PERIOD)
    @option("--unit", type=_UNITS, help=_("Divided by."))
    @option("--kinds", metavar="KINDS", help=_("Kinds of interaction, divided by commas (purchase, usage)."))
    @option("--as-of", metavar="DAY", help=_AS_OF)
    def activity(cli: Invocation, as_of: str | None, **values: Any) -> None:
        """Print active customers, DAU, WAU, MAU and stickiness."""
        _report(cli, "analytics.activity", as_of, values)

    @command(analytics, "cohorts", _("Show which part of each cohort bought in each time since."))
    @option("--period", metavar="PERIOD", help=_PERIOD)
    @option("--unit", type=_UNITS, help=_("Divided by."))
    @option("--where", metavar="CONDITION", help=_("Only customers for whom a condition over facts holds."))
    @option("--revenue", is_flag=True, help=_("What they spent by what they spent at first, in place of how many."))
    @option("--as-of", metavar="DAY", help=_AS_OF)
    def cohorts(cli: Invocation, revenue: bool, as_of: str | None, **values: Any) -> None:
        """Print a retention triangle."""
        _report(cli, "analytics.cohort_revenue" if revenue else "analytics.retention", as_of, values)

    @command(analytics, "revenue", _("Show what of revenue stayed: GRR, NRR and customers kept."))
    @option("--period", metavar="PERIOD", help=_PERIOD)
    @option("--unit", type=_UNITS, help=_("Divided by."))
    @option("--as-of", metavar="DAY", help=_AS_OF)
    def revenue(cli: Invocation, as_of: str | None, **values: Any) -> None:
        """Print gross and net revenue retention with intervals."""
        _report(cli, "analytics.kept_revenue", as_of, values)


def _groups(analytics: click.Group) -> None:
    @command(analytics, "survival", _("Show how long customers stay, by the labels of a dimension."))
    @option("--dimension", metavar="NAME", help=_("By which dimension."))
    @option("--silent-days", metavar="N", help=_("Who is silent for so long has left (180)."))
    @option("--end", metavar="FACT", help=_("Ends at this fact, such as custom.cancelled_on."))
    @option("--where", metavar="CONDITION", help=_("Only customers for whom a condition over facts holds."))
    @option("--hazard", is_flag=True, help=_("Which part leaves in the next days, in place of which part is left."))
    @option("--as-of", metavar="DAY", help=_AS_OF)
    def survival(cli: Invocation, hazard: bool, as_of: str | None, **values: Any) -> None:
        """Print a survival curve, or the hazard by tenure."""
        _report(cli, "analytics.hazard" if hazard else "analytics.survival", as_of, values)

    @command(analytics, "baskets", _("Show what is bought together more often than by chance."))
    @option("--period", metavar="PERIOD", help=_PERIOD)
    @option("--of", type=click.Choice(["product", "category"]), help=_("Products or categories (product)."))
    @option("--together", type=click.Choice(["basket", "customer"]), help=_("In one purchase, or by one customer."))
    @option("--least", metavar="N", help=_("From how many together on (5)."))
    def baskets(cli: Invocation, **values: Any) -> None:
        """Print pairs with support, confidence and lift."""
        _report(cli, "analytics.baskets", None, values)

    @command(analytics, "funnel", _("Show the steps of a funnel, or how the labels of a dimension come through it."))
    @click.argument("funnel")
    @option("--period", metavar="PERIOD", help=_PERIOD)
    @option("--dimension", metavar="NAME", help=_("Compare its labels."))
    @option("--version", metavar="N", help=_("By an earlier version of its definition."))
    @option("--as-of", metavar="DAY", help=_AS_OF)
    def funnel(cli: Invocation, dimension: str | None, as_of: str | None, **values: Any) -> None:
        """Print a funnel."""
        if dimension:
            _report(cli, "analytics.funnel_by_label", as_of, {**values, "dimension": dimension})
        else:
            _report(cli, "analytics.funnel", as_of, values)


def _kept(analytics: click.Group) -> None:
    @command(analytics, "funnels", _("List the funnels that are laid down."))
    def funnels(cli: Invocation) -> None:
        """Print the funnels by name."""
        from crmkit_analytics.definitions.keeping import listed

        with cli.session() as session:
            rows = [
                {
                    "name": each.name,
                    "version": each.number,
                    "title": each.title,
                    "steps": [step["title"] for step in each.content["steps"]],
                    "window_days": each.content["window_days"],
                }
                for each in listed(session, "funnel")
            ]
        columns = (
            Column("name", _("Name")),
            Column("version", _("Version"), "right"),
            Column("title", _("Title")),
            Column("steps", _("Steps")),
        )
        cli.output.table(columns, rows, empty=_("No funnel is laid down yet."))

    @command(analytics, "save-funnel", _("Lay down a funnel from a TOML file."))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def save_funnel(cli: Invocation, file: Path) -> None:
        """Save a funnel, or a new version of one."""
        import tomllib

        from crmkit import InvalidInput

        try:
            values = tomllib.loads(file.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidInput(_("{file} is no TOML: {error}"), file=file.name, error=str(error)) from None
        made = cli.run("analytics.funnel.save", values)
        cli.output.say(cli.text(_('Version {number} of "{name}" counts.')), number=made.number, name=made.name)

    @command(analytics, "figures", _("List what figures mean."))
    def figures(cli: Invocation) -> None:
        """Print the definitions of figures by name."""
        from crmkit_analytics.metrics.registry import metrics

        with cli.session() as session:
            rows = [
                {
                    "name": name,
                    "title": cli.text(each.title),
                    "formula": cli.text(each.formula),
                    "grain": cli.text(each.grain),
                    "filters": cli.text(each.filters) if each.filters else "",
                    "unit": each.unit,
                    "owner": each.owner,
                    "version": each.version,
                    "shown": [f"{report}:{column}" for report, column in each.shown],
                }
                for name, each in metrics(session).items()
            ]
        cli.output.table((Column("name", _("Name")), Column("formula", _("Formula"))), rows)

    @command(analytics, "alerts", _("List figures that were unusual."))
    @option("--all", "every", is_flag=True, help=_("Those that are over, too."))
    def alerts(cli: Invocation, every: bool) -> None:
        """Print alerts, the newest first."""
        from sqlalchemy import select

        from crmkit_analytics.alerts.models import Alert

        names = ("id", "metric", "direction", "state", "first_day", "last_day", "value", "expected", "z", "note")
        query = select(Alert) if every else select(Alert).where(Alert.state != "over")
        with cli.session() as session:
            found = session.scalars(query.order_by(Alert.last_day.desc(), Alert.id).limit(200))
            rows = [{name: getattr(each, name) for name in names} for each in found]
        columns = (
            Column("last_day", _("Last day")),
            Column("metric", _("Figure")),
            Column("direction", _("Direction")),
            Column("value", _("Value"), "right"),
            Column("expected", _("Expected"), "right"),
            Column("z", _("Deviations"), "right"),
            Column("state", _("State")),
        )
        cli.output.table(columns, rows, empty=_("Nothing was unusual."))


def _report(cli: Invocation, name: str, as_of: str | None, values: dict[str, Any]) -> None:
    """Run a report as ``crmkit report run`` does."""
    context = click.get_current_context()
    root = context.find_root()
    reports = root.command.get_command(root, "report") if isinstance(root.command, click.Group) else None
    run = reports.get_command(context, "run") if isinstance(reports, click.Group) else None
    if run is None:
        raise click.UsageError(cli.text(_("There are no reports here.")))
    given = [f"{key}={value}" for key, value in values.items() if value is not None]
    arguments = [name, *(part for each in given for part in ("-p", each)), *(["--as-of", as_of] if as_of else [])]
    with run.make_context("run", [*arguments, *(["--format", "json"] if cli.json else [])], parent=context) as made:
        run.invoke(made)

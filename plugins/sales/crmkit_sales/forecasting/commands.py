"""``crmkit sales forecast``: what a period will bring, what changed, what it may come to, and what was learnt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import click

from crmkit import Money, texts
from crmkit.cli.api import Column, Invocation, command, group, option

_ = texts("crmkit_sales")

_PERIOD = _("2026-07, 2026-Q3, 2026-07-01..2026-09-30, month, quarter or next quarter (quarter).")
_BASIS = _("At which exchange rates: deal, close or budget (close).")


def add_to(sales: click.Group) -> None:
    """Add the commands of this room to a group."""
    forecast = group(help=_("What will be sold, how sure that is, and how right it was."), name="forecast")
    sales.add_command(forecast)
    _looking(forecast)
    _trying(forecast)
    _keeping(forecast)
    _learning(forecast)


def _looking(forecast: click.Group) -> None:
    @command(forecast, "show", _("Show the forecast of a period by owner."))
    @option("--period", default="quarter", metavar="PERIOD", help=_PERIOD)
    @option("--basis", type=click.Choice(["deal", "close", "budget"]), default="close", help=_BASIS)
    def show(cli: Invocation, period: str, basis: Any) -> None:
        """Print the forecast of what whoever calls may see."""
        from crmkit_sales.forecasting.board import board_of
        from crmkit_sales.forecasting.inputs import period_of
        from crmkit_sales.forecasting.measures import MEASURES
        from crmkit_sales.forecasting.pages import names_of

        with cli.session() as session:
            found = board_of(session, period_of(session, period), basis=basis)
            names = names_of(session, [each.owner_id for each in found.owners])
        rows = [
            {
                "owner_id": each.owner_id,
                "owner": cli.text(_("All together"))
                if each is found.whole
                else names.get(each.owner_id or UUID(int=0)),
                **{name: _money(each.said(name), found.currency) for name in MEASURES},
                "quota": _money(each.quota_minor, found.currency),
                "attainment": _percent(each.attainment),
                "coverage": None if each.coverage is None else round(each.coverage, 2),
                "open": each.figures.open_count,
                "won": each.figures.won_count,
            }
            for each in (*found.owners, found.whole)
        ]
        columns = (
            Column("owner", _("Owner")),
            *(Column(name, title, "right") for name, title in MEASURES.items()),
            Column("quota", _("Quota"), "right"),
            Column("attainment", _("Attained"), "right"),
            Column("coverage", _("Coverage"), "right"),
        )
        cli.output.table(columns, rows, empty=_("Nothing closes in this period."))
        _name_missing(cli, found.unconverted)

    @command(forecast, "movement", _("Show what came into the pipeline and left it between the ends of two days."))
    @click.argument("since")
    @click.argument("until", required=False)
    @option("--period", metavar="PERIOD", help=_("Deals that close in it alone; else all."))
    @option("--basis", type=click.Choice(["deal", "close", "budget"]), default="close", help=_BASIS)
    @option("--weighted", is_flag=True, help=_("By amounts times their probabilities."))
    def movement(
        cli: Invocation, since: str, until: str | None, period: str | None, basis: Any, weighted: bool
    ) -> None:
        """Print the lines of a movement."""
        from crmkit_sales.forecasting.inputs import period_of
        from crmkit_sales.forecasting.movement import LINES
        from crmkit_sales.forecasting.moving import moved

        with cli.session() as session:
            found = moved(
                session,
                _day(since),
                None if until is None else _day(until),
                period=None if period is None else period_of(session, period),
                basis=basis,
                measure="weighted" if weighted else "amount",
            )
        rows = [
            {
                "line": line,
                "title": cli.text(title),
                "deals": len(found.movement.of(line)),
                "amount": _money(found.movement.total(line), found.currency),
            }
            for line, title in LINES.items()
        ]
        columns = (
            Column("title", _("Line")),
            Column("deals", _("Deals"), "right"),
            Column("amount", _("Amount"), "right"),
        )
        cli.output.table(columns, rows)
        _name_missing(cli, found.movement.unconverted)


def _trying(forecast: click.Group) -> None:
    @command(forecast, "simulate", _("Try out many times what a period may bring."))
    @option("--period", default="quarter", metavar="PERIOD", help=_PERIOD)
    @option("--basis", type=click.Choice(["deal", "close", "budget"]), default="close", help=_BASIS)
    @option("--runs", type=int, default=10_000, metavar="N", help=_("How many trials (10000)."))
    @option(
        "--seed", type=click.IntRange(0), default=1, metavar="N", help=_("The same seed gives the same figures (1).")
    )
    def simulate(cli: Invocation, period: str, basis: Any, runs: int, seed: int) -> None:
        """Print P10, P50 and P90 and the chance of reaching the quota."""
        from crmkit_sales.forecasting.board import board_of
        from crmkit_sales.forecasting.histories import slips
        from crmkit_sales.forecasting.inputs import period_of
        from crmkit_sales.forecasting.simulation import outlook

        with cli.session() as session:
            board = board_of(session, period_of(session, period), basis=basis)
            found = outlook(
                board.deals,
                board.period,
                today=board.today,
                slips=slips(session),
                quota=board.whole.quota_minor,
                runs=runs,
                seed=seed,
            )
        row = {
            "p10": _money(found.p10, board.currency),
            "p50": _money(found.p50, board.currency),
            "p90": _money(found.p90, board.currency),
            "mean": _money(found.mean, board.currency),
            "closed": _money(found.closed, board.currency),
            "chance": _percent(found.chance),
            "deals": found.deals,
            "undated": found.undated,
            "slips": found.slips,
            "runs": found.runs,
            "seed": found.seed,
        }
        columns = (
            Column("closed", _("Closed"), "right"),
            Column("p10", "P10", "right"),
            Column("p50", "P50", "right"),
            Column("p90", "P90", "right"),
            Column("mean", _("On average"), "right"),
            Column("chance", _("Chance of the quota"), "right"),
            Column("deals", _("Deals"), "right"),
        )
        cli.output.table(columns, [row])
        _name_missing(cli, board.unconverted)


def _keeping(forecast: click.Group) -> None:
    @command(forecast, "keep", _("Keep the forecast of a period as it stands; a worker does so."))
    @option("--period", default="quarter", metavar="PERIOD", help=_PERIOD)
    @option("--basis", type=click.Choice(["deal", "close", "budget"]), default="close", help=_BASIS)
    def keep(cli: Invocation, period: str, basis: str) -> None:
        """Have a snapshot taken."""
        cli.run("sales.forecast.snapshot", {"period": period, "basis": basis})
        cli.output.say(cli.text(_("A worker will keep it within moments.")))

    @command(
        forecast, "adjust", _("Say what a figure of somebody's forecast really is; without an amount take it back.")
    )
    @click.argument("measure", type=click.Choice(["closed", "commit", "best_case", "pipeline", "weighted"]))
    @click.argument("amount", required=False)
    @option("--reason", required=True, metavar="TEXT", help=_("Why."))
    @option("--owner", metavar="LOGIN", help=_("Whose forecast; without it that of all."))
    @option("--period", default="quarter", metavar="PERIOD", help=_PERIOD)
    def adjust(cli: Invocation, measure: str, amount: str | None, reason: str, owner: str | None, period: str) -> None:
        """Adjust a forecast; amounts are in major units of the base currency."""
        from sqlalchemy import select

        from crmkit import NotFound, User
        from crmkit_sales.forecasting.inputs import base_currency

        with cli.session() as session:
            minor = None if amount is None else Money.of(amount, base_currency(session)).amount
            owner_id = None if owner is None else session.scalar(select(User.id).where(User.login == owner))
        if owner is not None and owner_id is None:
            raise NotFound(_('There is no user "{login}".'), login=owner)
        values = {"measure": measure, "amount_minor": minor, "reason": reason, "owner_id": owner_id, "period": period}
        cli.run("sales.forecast.adjust", values)
        cli.output.say(cli.text(_("Done.")))


def _learning(forecast: click.Group) -> None:
    @command(forecast, "train", _("Learn win probabilities from history; a worker does so."))
    @option(
        "--method", type=click.Choice(["best", "bayes", "logistic"]), default="best", help=_("By which method (best).")
    )
    def train(cli: Invocation, method: str) -> None:
        """Have a model trained."""
        cli.run("sales.win_model.train", {"method": method})
        cli.output.say(cli.text(_("A worker will learn within moments.")))

    @command(forecast, "models", _("List what was learnt, and how good it was on history that it had not seen."))
    def models(cli: Invocation) -> None:
        """Print the models, the newest first."""
        from sqlalchemy import select

        from crmkit_sales.forecasting.models import WinModel

        with cli.session() as session:
            rows = [
                {
                    "number": each.number,
                    "state": each.state,
                    "method": each.method,
                    "trained_at": each.trained_at,
                    "won": each.won,
                    "lost": each.lost,
                    "brier": round(each.brier, 4),
                    "brier_typed": round(each.brier_typed, 4),
                }
                for each in session.scalars(select(WinModel).order_by(WinModel.number.desc()))
            ]
        columns = (
            Column("number", _("Number"), "right"),
            Column("state", _("State")),
            Column("method", _("Method")),
            Column("trained_at", _("Trained at")),
            Column("won", _("Won"), "right"),
            Column("lost", _("Lost"), "right"),
            Column("brier", _("Brier score"), "right"),
            Column("brier_typed", _("Of the stages"), "right"),
        )
        cli.output.table(columns, rows, empty=_("Nothing was learnt yet."))

    @command(forecast, "adopt", _("Have the probabilities of a model count; 0 for those of the stages."))
    @click.argument("number", type=click.IntRange(0))
    def adopt(cli: Invocation, number: int) -> None:
        """Adopt a model by its number."""
        from sqlalchemy import select

        from crmkit import NotFound
        from crmkit_sales.forecasting.models import WinModel

        if number == 0:
            cli.run("sales.win_model.release", {})
        else:
            with cli.session() as session:
                found = session.scalar(select(WinModel.id).where(WinModel.number == number))
            if found is None:
                raise NotFound(_("There is no model {number}."), number=number)
            cli.run("sales.win_model.adopt", {}, target=found)
        cli.output.say(cli.text(_("A worker will write the probabilities within moments.")))

    @command(forecast, "explain", _("Say why an opportunity has its probability, by its number."))
    @click.argument("number", type=int)
    def explain(cli: Invocation, number: int) -> None:
        """Print the parts of a probability, the largest effect first."""
        from sqlalchemy import select

        from crmkit import NotFound
        from crmkit_sales.forecasting.explaining import explained
        from crmkit_sales.forecasting.past import FEATURES
        from crmkit_sales.pipelines.models import Opportunity

        with cli.session() as session:
            identity = session.scalar(select(Opportunity.id).where(Opportunity.number == number))
            if identity is None:
                raise NotFound(_("There is no opportunity {id}."), id=number)
            found = explained(session, identity)
        rows = [
            {
                "feature": each.feature,
                "title": cli.text(FEATURES[each.feature]),
                "value": each.value,
                "log_odds": round(each.log_odds, 3),
            }
            for each in found.shares
        ]
        columns = (
            Column("title", _("What is known")),
            Column("value", _("Value")),
            Column("log_odds", _("Log-odds"), "right"),
        )
        cli.output.table(columns, rows, empty=_("No model says anything of it."))
        cli.output.say(
            cli.text(_("Counts: {counts}. Of its stage: {typed}. By the model: {model}.")).format(
                counts=_percent(found.counts), typed=_percent(found.typed), model=_percent(found.probability) or "–"
            )
        )


def _money(amount: int | None, currency: str | None) -> str | None:
    return None if amount is None or currency is None else str(Money(amount, currency))


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share * 100:.1f} %"


def _day(text: str) -> Any:
    from datetime import date

    from crmkit import InvalidInput, Problem

    try:
        return date.fromisoformat(text)
    except ValueError:
        problem = Problem(InvalidInput.code, _("This is no day; write 2026-07-31."), field="since", value=text)
        raise InvalidInput([problem]) from None


def _name_missing(cli: Invocation, missing: Sequence[Any]) -> None:
    """Say what is in no sum."""
    for each in missing:
        words = cli.text(_("Not converted, and in no sum: {amount} (deals: {count})"))
        cli.output.say(words.format(amount=Money(each.amount_minor, each.currency), count=each.count))

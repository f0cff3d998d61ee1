"""``crmkit churn``: what leaving means, learning who will, scoring, warnings and what was done."""

from __future__ import annotations

from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, group, option
from crmkit_churn.printing import show_run

_ = texts("crmkit_churn")

churn = group(help=_("Who is leaving, why, what to do, and whether it helped."), name="churn")
"""The group ``crmkit churn``."""

_METHOD = click.Choice(["best", "logistic", "boosting", "hazard", "points", "alive"])


@command(churn, "define", _("Say what leaving means; the first definition is the usual one."))
@click.argument("name")
@option(
    "--kind",
    type=click.Choice(["gap", "alive", "contractual", "partial", "expression"]),
    default="gap",
    help=_("gap: silent for longer than usual; alive: P(alive); contractual; partial; expression (gap)."),
)
@option("--title", default="", metavar="TEXT", help=_("What people read; else the name."))
@option("--outcome", default="", metavar="EXPR", help=_("The condition, the day of the end, or the figure that falls."))
@option("--among", default="true", metavar="EXPR", help=_("Which customers it is about."))
@option("--horizon", type=click.IntRange(1, 3650), default=90, metavar="DAYS", help=_("Predicted days (90)."))
@option("--grace", type=click.IntRange(0, 3650), default=0, metavar="DAYS", help=_("Days after the end (0)."))
@option("--features", multiple=True, metavar="EXPR", help=_("Facts or expressions; several, or one by commas."))
@option("--delay", multiple=True, metavar="SOURCE=DAYS", help=_("After how many days imported history was known."))
def define(
    cli: Invocation,
    name: str,
    kind: str,
    title: str,
    outcome: str,
    among: str,
    horizon: int,
    grace: int,
    features: tuple[str, ...],
    delay: tuple[str, ...],
) -> None:
    """Add a definition."""
    cli.run(
        "churn.definition.create",
        {
            "name": name,
            "title": title or name,
            "kind": kind,
            "outcome": outcome,
            "among": among,
            "horizon_days": horizon,
            "grace_days": grace,
            "features": parted(features),
            "delays": delays(delay),
        },
    )
    cli.output.say(cli.text(_("Done.")))


@command(churn, "train", _("Learn who will leave, judge that on customers it has not seen, and print how good it is."))
@option("--outcome", default="", metavar="EXPR", help=_("The condition that says who has left; else a definition's."))
@option("--definition", default="", metavar="NAME", help=_("A definition by its name; else the usual one."))
@option("--features", multiple=True, metavar="EXPR", help=_("Facts or expressions; several, or one by commas."))
@option("--among", default="", metavar="EXPR", help=_("Which customers it is about."))
@option("--method", type=_METHOD, default="best", help=_("By which method (best)."))
@option("--horizon", type=click.IntRange(1, 3650), metavar="DAYS", help=_("Predicted days (90)."))
@option("--cuts", type=click.IntRange(1, 24), default=3, metavar="N", help=_("Cut-offs to learn from (3)."))
@option("--delay", multiple=True, metavar="SOURCE=DAYS", help=_("After how many days imported history was known."))
@option("--undated", is_flag=True, help=_("Let facts without history count, as they are at present."))
@option("--calibration", type=click.Choice(["platt", "isotonic", "none"]), default="platt", help=_("By what (platt)."))
@option("--split-by", default="", metavar="FACT", help=_("By what customers are split where nothing has dates."))
@option("--until", metavar="DAY", default="", help=_("The last day whose history counts; else today."))
@option("--seed", type=click.IntRange(0), default=1, metavar="N", help=_("The same seed gives the same model (1)."))
@option("--adopt", is_flag=True, help=_("Have the model count, if it is better than the base line."))
def train(
    cli: Invocation,
    outcome: str,
    definition: str,
    features: tuple[str, ...],
    among: str,
    method: str,
    horizon: int | None,
    cuts: int,
    delay: tuple[str, ...],
    undated: bool,
    calibration: str,
    split_by: str,
    until: str,
    seed: int,
    adopt: bool,
) -> None:
    """Train at once, and print the figures; the run is kept. What is given counts before what a definition says."""
    from crmkit_analytics.api import fit_now

    from crmkit_churn.training.models import RISK

    asked: dict[str, Any] = {"method": method, "calibration": calibration, "cuts": cuts, "split_by": split_by}
    said: dict[str, Any] = {
        "among": among,
        "horizon_days": horizon,
        "features": parted(features),
        "delays": delays(delay),
        "undated": undated,
    }
    given = {name: value for name, value in said.items() if value}
    if outcome:
        asked["whole"] = {"kind": "expression", "outcome": outcome, **given}
    else:
        asked.update(definition=definition, instead=given)
    with cli.output.progress(_("Learning")) as advance:
        run = fit_now(
            cli.crm,
            cli.actor,
            RISK,
            asked,
            data_until=day(until) if until else None,
            seed=seed,
            tell=lambda share, word: advance(int(share * 100), 100),
        )
    if adopt and run.state == "done":
        cli.run("analytics.model_run.adopt", {}, target=run.id)
    show_run(cli, run)


@command(churn, "models", _("List what was learnt, and how good it was."))
def models(cli: Invocation) -> None:
    """Print the runs, the newest first."""
    from crmkit_analytics.api import runs_of

    from crmkit_churn.training.models import RISK

    with cli.session() as session:
        rows = [
            {
                "number": each.number,
                "state": each.state,
                "method": each.parameters.get("method"),
                "auc": (each.figures or {}).get("auc"),
                "brier": (each.figures or {}).get("brier"),
                "base": (each.baseline or {}).get("brier"),
                "finished_at": each.finished_at,
            }
            for each in runs_of(session, RISK, 50)
        ]
    columns = (
        Column("number", _("Number"), "right"),
        Column("state", _("State")),
        Column("method", _("Method")),
        Column("auc", "AUC", "right"),
        Column("brier", _("Brier score"), "right"),
        Column("base", _("Of the base line"), "right"),
        Column("finished_at", _("Finished at")),
    )
    cli.output.table(columns, rows, empty=_("Nothing was learnt yet."))


@command(churn, "score", _("Score all customers by the adopted model, and say whether it still fits."))
def score(cli: Invocation) -> None:
    """Score at once, and print what was found."""
    from crmkit_churn.scoring.running import look, score_all

    actor = cli.crm.system("scoring customers")
    cli.run("churn.score.refresh", {})
    found = score_all(cli.crm, actor)
    look(cli.crm, actor)
    drift = (found or {}).get("drift", {})
    worst = sorted(drift.items(), key=lambda pair: -pair[1])[:5]
    row = {
        "scored": (found or {}).get("scored", 0),
        "written": (found or {}).get("written", 0),
        "expected": round((found or {}).get("expected", 0.0), 1),
        "shift": max(drift.values(), default=0.0),
        "features": ", ".join(f"{name or 'score'} {value}" for name, value in worst),
    }
    columns = (
        Column("scored", _("Scored"), "right"),
        Column("written", _("Changed"), "right"),
        Column("expected", _("Expected to leave"), "right"),
        Column("shift", _("Largest shift"), "right"),
        Column("features", _("Largest shifts")),
    )
    cli.output.table(columns, [row])


@command(churn, "leaving", _("List who may leave, why, and what is at risk, the most first."))
@option("--limit", type=click.IntRange(1, 500), default=20, metavar="N", help=_("At most so many (20)."))
def leaving(cli: Invocation, limit: int) -> None:
    """Print who may leave that whoever calls may see."""
    from crmkit_churn.showing.leaving import board_of

    with cli.session() as session:
        found = board_of(session, limit)
        rows = [
            {
                "customer_id": each.customer.id,
                "customer": each.customer.name,
                "probability": round(each.score.probability, 4),
                "why": "; ".join(f"{reason.words(cli.language)}: {reason.shown}" for reason in each.reasons[:2]),
                "clv": _money(each.facts.get("value.clv")),
                "clv_low": _money(each.facts.get("value.clv_low")),
                "clv_high": _money(each.facts.get("value.clv_high")),
                "at_risk": _money(each.risked),
            }
            for each in found.rows
        ]
    columns = (
        Column("customer", _("Customer")),
        Column("probability", _("Probability of leaving"), "right"),
        Column("why", _("Why")),
        Column("clv", _("Worth"), "right"),
        Column("clv_low", _("At least (95%)"), "right"),
        Column("clv_high", _("At most (95%)"), "right"),
        Column("at_risk", _("At risk"), "right"),
    )
    more = {"compared": found.compared, "at_risk": _money(found.at_risk)}
    cli.output.table(columns, rows, more=more, empty=_("Nobody was scored yet."))


def _money(amount: Any) -> str | None:
    return None if amount is None else str(amount)


@command(churn, "why", _("Say why a customer may leave."))
@click.argument("customer")
def why(cli: Invocation, customer: str) -> None:
    """Print the reasons, the largest effect first."""
    from crmkit import NotFound
    from crmkit.cli.api import customer_id
    from crmkit_churn.scoring.explaining import latest_of, told

    identity = customer_id(cli, customer)
    with cli.session() as session:
        score = latest_of(session, [identity]).get(identity)
        if score is None:
            raise NotFound(_("Nothing was said of this customer yet."), fix=_("crmkit churn score scores everybody."))
        rows = [
            {
                "probability": round(score.probability, 4),
                "feature": each.name,
                "title": cli.text(each.title),
                "value": each.shown,
                "log_odds": round(each.log_odds, 3),
            }
            for each in told(session, score.reasons)
        ]
    columns = (
        Column("probability", _("Probability of leaving"), "right"),
        Column("feature", _("What is known")),
        Column("value", _("Its value"), "right"),
        Column("log_odds", _("Log-odds"), "right"),
    )
    cli.output.table(columns, rows)


@command(churn, "warnings", _("List open warnings, and how right those were whose days are over."))
def warnings(cli: Invocation) -> None:
    """Print the warnings, the newest first."""
    from sqlalchemy import select

    from crmkit import Customer
    from crmkit_churn.showing.quality import quality_of_warnings
    from crmkit_churn.watching.models import ChurnWarning
    from crmkit_churn.watching.words import OPEN

    with cli.session() as session:
        query = (
            select(ChurnWarning, Customer.name)
            .join(Customer, Customer.id == ChurnWarning.customer_id)
            .where(ChurnWarning.state.in_(OPEN))
            .order_by(ChurnWarning.opened_at.desc(), ChurnWarning.id)
        )
        rows = [
            {
                "customer_id": row[0].customer_id,
                "customer": row[1],
                "state": row[0].state,
                "about": row[0].cause,
                "probability": row[0].probability,
                "opened_at": row[0].opened_at,
            }
            for row in session.execute(query)
        ]
        found = quality_of_warnings(session).whole
    columns = (
        Column("customer", _("Customer")),
        Column("state", _("State")),
        Column("about", _("About")),
        Column("probability", _("Probability of leaving"), "right"),
        Column("opened_at", _("Warned at")),
    )
    cli.output.table(columns, rows, empty=_("There are no open warnings."))
    if found.precision.value is not None and found.precision.low is not None and found.precision.high is not None:
        words = cli.text(_("Of {n} whose days are over {share} came true ({low} to {high})."))
        shares = {"share": found.precision.value, "low": found.precision.low, "high": found.precision.high}
        cli.output.say(words.format(n=found.warnings, **{name: f"{each:.0%}" for name, each in shares.items()}))


@command(churn, "effect", _("Say how much more often customers stayed than those who were held out."))
def effect(cli: Invocation) -> None:
    """Print the effect of each playbook with its interval."""
    from sqlalchemy import select

    from crmkit_churn.retention.models import Playbook
    from crmkit_churn.retention.reading import effect_of

    with cli.session() as session:
        rows: list[dict[str, Any]] = []
        for book in session.scalars(select(Playbook).order_by(Playbook.name)):
            found = effect_of(session, playbook_id=book.id)
            known = found.uplift.value is not None
            rows.append(
                {
                    "playbook": book.name,
                    "treated": found.treated,
                    "control": found.control,
                    "uplift": round(found.uplift.value, 4) if found.uplift.value is not None else None,
                    "low": round(found.uplift.low or 0.0, 4) if known else None,
                    "high": round(found.uplift.high or 0.0, 4) if known else None,
                    "saved_minor": None if found.savings is None else round(found.savings.value),
                }
            )
    columns = (
        Column("playbook", _("Playbook")),
        Column("treated", _("Treated"), "right"),
        Column("control", _("Held out"), "right"),
        Column("uplift", _("Difference"), "right"),
        Column("low", _("At least (95%)"), "right"),
        Column("high", _("At most (95%)"), "right"),
        Column("saved_minor", _("Saved, in minor units"), "right"),
    )
    cli.output.table(columns, rows, empty=_("There is no playbook yet."))


def parted(given: tuple[str, ...]) -> list[str]:
    """Return the features that options name: several, or one text with commas outside of brackets."""
    found: list[str] = []
    for text in given:
        depth, begin = 0, 0
        for place, char in enumerate(text):
            depth += (char in "([{") - (char in ")]}")
            if char == "," and depth == 0:
                found.append(text[begin:place])
                begin = place + 1
        found.append(text[begin:])
    return [each.strip() for each in found if each.strip()]


def delays(given: tuple[str, ...]) -> dict[str, int]:
    """Return delays by source. Raises InvalidInput for what is none."""
    from crmkit import InvalidInput, Problem

    found: dict[str, int] = {}
    for text in given:
        source, _sign, days = text.partition("=")
        if not source or not days.isdigit():
            message = _("Write a source and its days, such as purchase=2.")
            raise InvalidInput([Problem(InvalidInput.code, message, field="delay", value=text)])
        found[source.strip()] = int(days)
    return found


def day(text: str) -> Any:
    """Return a day. Raises InvalidInput for what is none."""
    from datetime import date

    from crmkit import InvalidInput, Problem

    try:
        return date.fromisoformat(text)
    except ValueError:
        problem = Problem(InvalidInput.code, _("This is no day; write 2026-07-31."), field="until", value=text)
        raise InvalidInput([problem]) from None

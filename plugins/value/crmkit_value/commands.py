"""``crmkit value``: fitting models, scoring, and what is said of customers."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from crmkit import InvalidInput, Money, moment_of, texts
from crmkit.cli.api import Column, Invocation, command, customer_id, group, option
from crmkit_value.names import NAMES

_ = texts("crmkit_value")

value = group(help=_("What customers are worth: models, scores, grades, and why."), name="value")
"""The group ``crmkit value``."""
UNITS = {"bg-nbd": "weeks", "pareto-nbd": "weeks", "shifted-beta": "periods"}
WORDS = {
    "deviance": _("Deviance on held-out time"),
    "mae": _("Mean error on held-out time"),
    "log_loss": _("Logarithmic loss on held-out time"),
}
"""What models are judged by, in words."""
_DAY = _("As of the end of a day (the present).")


@command(value, "fit", _("Fit a model to purchases, and hold it against time that it has not seen."))
@click.argument("model", type=click.Choice(list(NAMES)))
@option("--from", "first", metavar="DAY", help=_("Only customers whose first purchase was on this day or later."))
@option("--until", metavar="DAY", help=_("Purchases up to this day (today)."))
@option("--holdout-days", type=click.IntRange(7, 3650), metavar="N", help=_("Days held out (a third of the time)."))
@option("--holdout-until", metavar="DAY", help=_("Hold out the days after --until up to this one instead."))
@option("--start", metavar="FACT", help=_("Contracts: the fact of their first day; without it recorded cohorts count."))
@option("--end", metavar="FACT", help=_("Contracts: the fact of their last day."))
@option("--period-months", type=click.IntRange(1, 60), metavar="N", help=_("Contracts: months of a period (12)."))
@option("--holdout-periods", type=click.IntRange(1, 120), metavar="N", help=_("Contracts: periods held out."))
@option("--draws", type=click.IntRange(0, 2000), default=100, metavar="N", help=_("Draws for intervals (100)."))
@option("--seed", type=click.IntRange(0), default=1, metavar="N", help=_("The same seed gives the same figures (1)."))
@option("--adopt", is_flag=True, help=_("Have it count from now on, if it is better than the base line."))
def fit(
    cli: Invocation,
    model: str,
    first: str | None,
    until: str | None,
    holdout_days: int | None,
    holdout_until: str | None,
    start: str | None,
    end: str | None,
    period_months: int | None,
    holdout_periods: int | None,
    draws: int,
    seed: int,
    adopt: bool,
) -> None:
    """Fit a model while one waits, and print its parameters, log-likelihood, customers and hold-out figures."""
    from crmkit_analytics.api import fit_now

    contracts = {"start": start, "end": end, "period_months": period_months, "holdout_periods": holdout_periods}
    buying = {"holdout_days": holdout_days, "holdout_until": _day(holdout_until)}
    wrong = buying if model == "shifted-beta" else contracts
    for name, given in wrong.items():
        if given is not None:
            flag = "--" + name.replace("_", "-")
            raise InvalidInput(_("{flag} does not go with {model}."), flag=flag, model=model)
    asked: dict[str, Any] = {**(contracts if model == "shifted-beta" else buying), "draws": draws}
    with cli.output.progress(_("Fitting")) as advance:
        run = fit_now(
            cli.crm,
            cli.actor,
            NAMES[model],
            {name: given for name, given in asked.items() if given is not None},
            data_from=_day(first),
            data_until=_day(until),
            seed=seed,
            tell=lambda share, word: advance(int(share * 100), 100),
        )
    if adopt:
        run = cli.run("analytics.model_run.adopt", {}, target=run.id)
    figures = dict(run.figures)
    document = {
        "model": model,
        "run": run.number,
        "state": run.state,
        "parameters": run.parameters,
        "log_likelihood": figures.pop("log_likelihood"),
        "customers": figures.pop("customers"),
        "intervals": figures.pop("intervals", None),
        "from": None if run.data_from is None else run.data_from.isoformat(),
        "until": run.data_until.isoformat(),
        "unit": UNITS.get(model),
        "holdout": {
            **{name.removeprefix("holdout_"): each for name, each in figures.items()},
            **{f"baseline_{name}": each for name, each in run.baseline.items()},
            "better": run.state != "refused",
        },
        "notes": [cli.text(each["text"]).format(**each["values"]) for each in run.notes],
    }
    if cli.output.json:
        cli.output.document(document)
        return
    bounds = document["intervals"] or {}
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "value": f"{each:.6g}",
            "interval": f"{bounds[name]['low']:.4g} – {bounds[name]['high']:.4g}" if name in bounds else "",
        }
        for name, each in run.parameters.items()
    ]
    judged = run.judged_by or "mae"
    said = {
        _("Log-likelihood"): document["log_likelihood"],
        _("Customers"): document["customers"],
        WORDS[judged]: figures[judged],
        _("The same of the base line"): run.baseline[judged],
    }
    rows += [
        {"name": cli.text(name), "value": f"{each:.6g}" if isinstance(each, float) else str(each), "interval": ""}
        for name, each in said.items()
    ]
    columns = (
        Column("name", _("Figure")),
        Column("value", _("Value"), "right"),
        Column("interval", _("95% interval")),
    )
    cli.output.table(columns, rows)
    for note in (*document["notes"], *([run.reason] if run.reason else [])):
        cli.output.say("{said}", said=note)


@command(value, "score", _("Score all customers by the models that count."))
@option("--as-of", "day", metavar="DAY", help=_DAY)
def score(cli: Invocation, day: str | None) -> None:
    """Score all customers while one waits, and print what it came to."""
    from crmkit_value.lifetimes.scoring import score_now

    cli.run("value.score.refresh")
    found = score_now(cli.crm, cli.crm.system("scoring lifetimes for a command"), _day(day))
    _print_scoring(cli, found)


@command(value, "rfm", _("Compute RFM scores of all customers, and print the segments with the boundaries."))
@option("--as-of", "day", metavar="DAY", help=_DAY)
def rfm(cli: Invocation, day: str | None) -> None:
    """Compute scores while one waits, and print segments and boundaries."""
    cli.run("value.rfm.refresh")
    system = cli.crm.system("computing scores for a command")
    found = cli.crm.run(system, "value.rfm.compute", {"day": _day(day)})
    titles = {each["name"]: each["title"] for each in found.rules["segments"]}
    rows = [
        {
            "segment": name,
            "title": cli.text(titles.get(name, name)),
            "customers": counts[0],
            "purchases": counts[1],
            "worth": _money(counts[2], found.currency),
        }
        for name, counts in sorted(found.figures["segments"].items())
    ]
    if cli.output.json:
        cli.output.document({**_scoring(found), "rules": found.rules, "segments": rows})
        return
    columns = (
        Column("title", _("Segment")),
        Column("customers", _("Customers"), "right"),
        Column("purchases", _("Purchases"), "right"),
        Column("worth", _("Value"), "right"),
    )
    cli.output.table(columns, rows, empty=_("Nobody has bought anything."))
    for name, edges in found.rules["boundaries"].items():
        cli.output.say("{said}", said=f"{name}: {' | '.join(f'{each:.6g}' for each in edges)}")


@command(value, "grade", _("Grade all customers."))
@option("--as-of", "day", metavar="DAY", help=_DAY)
def grade(cli: Invocation, day: str | None) -> None:
    """Grade customers while one waits, and print what each grade comes to."""
    cli.run("value.grade.refresh")
    system = cli.crm.system("grading customers for a command")
    found = cli.crm.run(system, "value.grade.compute", {"day": _day(day)})
    rows = [
        {"grade": name, "customers": counts[0], "worth": _money(counts[1], found.currency)}
        for name, counts in found.figures["grades"].items()
    ]
    if cli.output.json:
        cli.output.document({**_scoring(found), "rules": found.rules, "figures": found.figures})
        return
    columns = (
        Column("grade", _("Grade")),
        Column("customers", _("Customers"), "right"),
        Column("worth", _("Worth"), "right"),
    )
    cli.output.table(columns, rows)


@command(value, "show", _("Say what a customer is worth, and why."))
@click.argument("customer")
def show(cli: Invocation, customer: str) -> None:
    """Print what is said of a customer whom whoever calls may see."""
    from crmkit_value.insight.explaining import explain

    about = customer_id(cli, customer)
    with cli.session() as session:
        found = explain(session, about)
    life, unit = found.lifetime, found.currency
    row: dict[str, Any] = {
        "customer_id": about,
        "grade": None if found.grade is None else found.grade.grade,
        "segment": None if found.rfm is None else found.rfm.segment,
        "p_alive": None if life is None else round(life.p_alive, 4),
        "p_alive_low": None if life is None else _rounded(life.p_alive_low),
        "p_alive_high": None if life is None else _rounded(life.p_alive_high),
        "expected": None if life is None else round(life.expected, 4),
        "spend": None if life is None else _money(life.spend_minor, unit),
        "clv": None if life is None else _money(life.clv_minor, unit),
        "clv_low": None if life is None else _money(life.clv_low, unit),
        "clv_high": None if life is None else _money(life.clv_high, unit),
        "next": None if life is None else life.next_on,
        "purchase_days": len(found.days),
    }
    columns = (
        Column("grade", _("Grade")),
        Column("segment", _("Segment")),
        Column("p_alive", _("P(alive)"), "right"),
        Column("expected", _("Purchases in a year"), "right"),
        Column("spend", _("Worth of a purchase"), "right"),
        Column("clv", _("Lifetime value"), "right"),
        Column("next", _("Next purchase")),
    )
    cli.output.table(columns, [row])


@command(value, "offers", _("Say what to offer a customer next, and why; without a customer, the best offers of all."))
@click.argument("customer", required=False)
@option("--find", "anew", is_flag=True, help=_("Find offers anew first, while one waits."))
@option("--limit", type=click.IntRange(1, 1000), default=50, metavar="N", help=_("Offers at most (50)."))
def offers(cli: Invocation, customer: str | None, anew: bool, limit: int) -> None:
    """Print offers for customers whom whoever calls may see, with what each is expected to buy next, and when."""
    from crmkit_value.insight.reading import names_of
    from crmkit_value.offers.display import next_days
    from crmkit_value.offers.reading import best_offers, expected_of, offers_of

    about = None if customer is None else customer_id(cli, customer)
    if anew:
        cli.run("value.offer.refresh")
        cli.crm.run(cli.crm.system("finding offers for a command"), "value.offer.find", {})
    with cli.session() as session:
        currency = moment_of(session).base_currency
        found = best_offers(session, limit) if about is None else offers_of(session, [about])[:limit]
        ids = list({each.customer_id for each in found} | ({about} if about is not None else set()))
        names = names_of(session, ids)
        soon, days = expected_of(session, ids), next_days(session, ids)
        rows = [
            {
                "customer_id": each.customer_id,
                "customer": names.get(each.customer_id, "–"),
                "sku": each.product.sku,
                "product": each.product.title,
                "because": each.because.sku,
                "why": each.why(cli.language),
                "lift": each.lift,
                "margin": _money(each.margin_minor, currency),
                "score": _money(each.score, currency),
                "next_product": soon[each.customer_id].product.sku if each.customer_id in soon else None,
                "next_purchase": days.get(each.customer_id),
            }
            for each in found
        ]
    columns = (
        Column("customer", _("Customer")),
        Column("product", _("Product")),
        Column("why", _("Why")),
        Column("score", _("Lift × margin"), "right"),
        Column("next_purchase", _("Next purchase")),
    )
    cli.output.table(columns, rows, empty=_("There is nothing to offer."))


def _print_scoring(cli: Invocation, found: Any) -> None:
    row = {
        **_scoring(found),
        "clv": _money(found.figures["clv_minor"], found.currency),
        "alive": found.figures["alive"],
    }
    columns = (
        Column("day", _("As of")),
        Column("customers", _("Customers"), "right"),
        Column("clv", _("Lifetime values in all"), "right"),
    )
    cli.output.table(columns, [row])


def _scoring(found: Any) -> dict[str, Any]:
    return {"id": found.id, "kind": found.kind, "day": found.day, "customers": found.customers}


def _money(minor: int | None, currency: str | None) -> str | None:
    return None if minor is None or currency is None else str(Money(minor, currency))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(_("{text} is no day such as 2026-07-31."), text=text) from None

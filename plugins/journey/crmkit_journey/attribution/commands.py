"""``crmkit journey attribution``: which touches led to what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

if TYPE_CHECKING:
    from crmkit_journey.attribution.computing import Attributed

_ = texts("crmkit_journey")

_NAMES = ("first", "last", "linear", "position", "decay", "markov", "shapley")


def add_to(journey: click.Group) -> None:
    """Add the command to those of journey."""

    @command(journey, "attribution", _("Show which touches led to purchases, by several models."))
    @option("--model", type=click.Choice([*_NAMES, "all"]), default="all", help=_("The model."))
    @option(
        "--by", type=click.Choice(["channel", "kind"]), default="channel", help=_("What touches are told apart by.")
    )
    @option("--days", type=click.IntRange(1, 3650), default=30, help=_("So long before a conversion touches count."))
    @option("--period", metavar="PERIOD", default="last 90 days", help=_("When conversions happened, such as 2026-07."))
    @option("--conversion", metavar="KIND", default="purchase", help=_("The kind of interaction that is a conversion."))
    @option("--direction", type=click.Choice(["any", "in", "out"]), default="any", help=_("The direction of touches."))
    @option(
        "--half-life", type=click.FloatRange(0.1, 3650), default=7.0, help=_("Days after which a touch counts half.")
    )
    @option("--order", type=click.IntRange(1, 4), default=1, help=_("The order of the Markov chain."))
    @option(
        "--paths",
        "file",
        type=click.Path(exists=True, dir_okay=False, path_type=File),
        help=_("Paths of a CSV file in place of the customers'."),
    )
    def attribution(
        cli: Invocation,
        model: str,
        by: Any,
        days: int,
        period: str,
        conversion: str,
        direction: Any,
        half_life: float,
        order: int,
        file: File | None,
    ) -> None:
        """Print what each channel gets."""
        from crmkit import places
        from crmkit_journey.attribution import reading
        from crmkit_journey.attribution.computing import attribute
        from crmkit_journey.attribution.files import PLACES, read_paths
        from crmkit_journey.attribution.markov import chain_of
        from crmkit_journey.attribution.periods import period_of

        names: Sequence[Any] = _NAMES if model == "all" else [model]
        more: dict[str, Any] = {"currency": None, "untouched": {"conversions": 0, "value": 0}, "unconverted": 0}
        if file is not None:
            paths, digits, scale = read_paths(file), PLACES, 10**PLACES
        else:
            with cli.session() as session:
                choice = reading.Touches(
                    period=period_of(period, session.today()), by=by, days=days, conversion=conversion, way=direction
                )
                found = reading.paths_of(session, choice)
            paths, scale = found.paths, 1
            digits = 0 if found.currency is None else places(found.currency)
            number, value = found.untouched
            more = {
                "currency": found.currency,
                "untouched": {"conversions": number, "value": _major(value, digits)},
                "unconverted": found.unconverted,
            }
        shown = [attribute(name, paths, half_life=half_life, order=order, scale=scale) for name in names]
        if cli.output.json:
            more["paths"] = sum(each.conversions + each.nulls > 0 for each in paths)
            more["conversions"] = sum(each.conversions for each in paths)
            more["nulls"] = sum(each.nulls for each in paths)
            more["models"] = {each.model: _document(each, digits) for each in shown}
            if "markov" in names:
                chain = chain_of(paths, order)
                more["models"]["markov"]["conversion_probability"] = chain.probability
                more["models"]["markov"]["removal_effect"] = dict(chain.removal)
            cli.output.document(more)
            return
        _print(cli, shown, digits, more)


def _print(cli: Invocation, shown: Sequence[Attributed], digits: int, more: dict[str, Any]) -> None:
    from crmkit_journey.attribution.words import MODELS

    channels = sorted({name for each in shown for name in each.value})
    columns = [
        Column("channel", _("Channel")),
        *(Column(each.model, MODELS[each.model], align="right") for each in shown),
    ]
    for title, pick in (
        (_("Conversions"), lambda each, name: f"{float(each.conversions[name]):.2f}"),
        (_("Value"), lambda each, name: _major(each.value[name], digits)),
    ):
        cli.output.heading(title)
        rows = [{"channel": name, **{each.model: pick(each, name) for each in shown}} for name in channels]
        cli.output.table(columns, rows, empty=_("Nobody was touched before a conversion."))
    if more["currency"] is not None:
        cli.output.say(_("Values are in {currency}."), currency=more["currency"])
    if more["untouched"]["conversions"]:
        cli.output.say(
            _("{number} conversions, worth {value}, had no touch before them."),
            number=more["untouched"]["conversions"],
            value=more["untouched"]["value"],
        )
    if more["unconverted"]:
        cli.output.warn(
            _("{number} conversions have an amount that there is no exchange rate for; they count as 0."),
            number=more["unconverted"],
        )


def _document(each: Attributed, digits: int) -> dict[str, Any]:
    return {
        "conversions": {name: float(value) for name, value in each.conversions.items()},
        "value": {name: _major(value, digits) for name, value in each.value.items()},
        "total": _major(each.total, digits),
    }


def _major(units: int, digits: int) -> Any:
    from decimal import Decimal

    return Decimal(units).scaleb(-digits)

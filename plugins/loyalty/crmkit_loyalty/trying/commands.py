"""``crmkit loyalty try`` and ``what-if``: what a purchase would earn, and past months under other rules."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import click
from attrs import asdict

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_loyalty")

_WHOLE = (
    "program", "version", "state", "months", "happenings", "skipped", "customers", "gainers", "losers", "smallest",
    "median", "largest", "climbed", "fallen",
)  # fmt: skip


def add_to(group: click.Group) -> None:
    """Add the commands to those of loyalty."""

    @command(group, "try", _("Say what a purchase would earn, rule by rule; nothing is written."))
    @option("--program", default="", metavar="NAME", help=_("Of this programme."))
    @option("--set", "version", default="", metavar="SET", help=_("Number or id of a version, or draft."))
    @option("--customer", default="", metavar="ID", help=_("For this customer; somebody new without it."))
    @option("--line", "lines", multiple=True, metavar="SKU=AMOUNT", help=_("A line: its SKU and what it costs."))
    @option("--event", default="purchase", metavar="KIND", help=_("What happened, if it is no purchase."))
    @option("--fact", "facts", multiple=True, metavar="NAME=VALUE", help=_("A fact about them."))
    def try_(
        cli: Invocation,
        program: str,
        version: str,
        customer: str,
        lines: tuple[str, ...],
        event: str,
        facts: tuple[str, ...],
    ) -> None:
        """Print every rule's part."""
        values: dict[str, Any] = {
            "program": program,
            "version": version,
            "event": event,
            "lines": [_line(each) for each in lines],
            "facts": dict(_pair(each) for each in facts),
        }
        if customer:
            values["customer_id"] = customer
        found = cli.run("loyalty.earning.try", values)
        rows = [
            {
                "rule": each.rule,
                "title": each.title,
                "point_type": each.point_type,
                "line": each.line_no,
                "points": each.points,
                "lost": each.lost,
                "outcome": each.outcome,
            }
            for each in found.parts
        ]
        columns = (
            Column("rule", _("Rule")),
            Column("line", _("Line"), align="right"),
            Column("points", _("Points"), align="right"),
            Column("lost", _("Lost by limits"), align="right"),
            Column("outcome", _("Why")),
        )
        cli.output.table(columns, rows, empty=_("There are no rules yet"))

    @command(group, "what-if", _("Replay past months under a version of rules; nothing is written."))
    @click.argument("version", metavar="SET")
    @option("--program", default="", metavar="NAME", help=_("Of this programme."))
    @option("--months", type=click.IntRange(1, 60), default=12, metavar="N", help=_("How many months (12)."))
    def what_if_(cli: Invocation, version: str, program: str, months: int) -> None:
        """Print the figures by kind of points."""
        inputs = {"program": program, "version": version, "months": months}
        found = cli.run("loyalty.earning.replay", inputs)
        rows = [
            {
                "points": kind.point_type,
                "by": name,
                "given": side.given,
                "taken_back": side.taken_back,
                "expired": side.expired,
                "left": side.left,
                "cost": float(side.cost),
                "liability": float(side.liability),
            }
            for kind in found.kinds
            for name, side in (("books", kind.books), ("now", kind.now), ("tried", kind.tried))
        ]
        columns = (
            Column("points", _("Points")),
            Column("by", _("By")),
            Column("given", _("Given"), align="right"),
            Column("taken_back", _("Taken back"), align="right"),
            Column("expired", _("Expired"), align="right"),
            Column("left", _("Left"), align="right"),
            Column("cost", _("Cost"), align="right"),
            Column("liability", _("Liability"), align="right"),
        )
        more: dict[str, Any] = {name: getattr(found, name) for name in _WHOLE}
        for name in ("tiers", "by_month", "by_rule", "bands"):
            more[name] = [asdict(each) for each in getattr(found, name)]
        cli.output.table(columns, rows, more=more, empty=_("There are no points"))
        if not cli.output.json:
            cli.output.say(
                _("{gainers} customers get more points, {losers} fewer."), gainers=found.gainers, losers=found.losers
            )


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.rpartition("=") if text.count("=") == 1 else text.partition("=")
    if not sign:
        raise click.BadParameter(str(_("Write it as NAME=VALUE.")))
    return name.strip(), value.strip()


def _line(text: str) -> dict[str, Any]:
    sku, amount = _pair(text)
    try:
        return {"sku": sku, "amount": Decimal(amount)}
    except InvalidOperation:
        raise click.BadParameter(str(_("This is not a number."))) from None

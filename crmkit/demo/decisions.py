"""What the demonstration company decides about its customers: labels in all dimensions, a segment, a rule that is tried
on past purchases, and a report. Each step is a command that anybody can call, printed above what it shows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crmkit.core.store.actor import Actor
from crmkit.demo.calling import call
from crmkit.engines.classification.reading import counts
from crmkit.engines.definitions.publishing import defined
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.rules.backtest import backtest
from crmkit.engines.segments.figures import condition, size
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.cli.invocation import Invocation

_ = texts("crmkit")

SEGMENT = "slipping_regulars"
RULE = "thank_for_large_orders"
DIMENSIONS = ("value", "activity", "amount", "lifecycle", "product_kind")
"""The dimensions whose labels the tour shows; all of them are decided."""
REPORT = "reports/customers-by-value.pdf"
DAYS = 90


def decide(cli: Invocation) -> None:
    """Save the company's segment and its rule, turned off, and classify its customers."""
    crm, actor = cli.crm, Actor.system("demonstration")
    with crm.session(actor) as session:
        known = {*defined(session, "segment"), *defined(session, "rule")}
    if SEGMENT not in known:
        values = {
            "name": SEGMENT,
            "title": cli.text(_("Regulars who are slipping away")),
            "where": "purchase.count >= 5 and days_since(purchase.last_at) > 2 * purchase.gap_p90_days",
        }
        crm.run(actor, "segment.save", values)
    if RULE not in known:
        values = {
            "name": RULE,
            "title": cli.text(_("Note who placed a large order")),
            "on": "interaction.recorded",
            "when": 'event.kind == "purchase" and event.interaction.amount >= 1000',
            "then": [{"operation": "customer.tag", "arguments": {"names": ["'large order'"]}}],
            "once_per": "customer, 30 days",
            "enabled": False,
        }
        crm.run(actor, "rule.save", values)
    with cli.output.progress(_("Classifying the customers")) as advance:
        advance(0, 1)
        crm.run(actor, "classification.run", {"complete": True})
        advance(1, 1)


def figures(cli: Invocation) -> dict[str, Any]:
    """Return what `show` prints, for ``--json``."""
    with cli.session() as session:
        moment = moment_of(session)
        found = size(session, condition(session, SEGMENT), moment)
        last = session.today()
        tested = backtest(session, defined(session, "rule")[RULE].value, last - timedelta(days=DAYS - 1), last).proposed
        return {
            "labels": {name: counts(session, name, moment) for name in DIMENSIONS},
            "segment": {"name": SEGMENT, "customers": found.count},
            "backtest": {"name": RULE, "firings": tested.firings, "customers": len(tested.customers)},
        }


def show(cli: Invocation) -> None:
    """Show the labels, the segment, the back-test and the report, by the commands themselves."""
    assert cli.home is not None
    for name in DIMENSIONS:
        call(cli, "classify", "show", name)
    call(cli, "segment", "show", SEGMENT)
    call(cli, "rule", "backtest", RULE, "--days", str(DAYS))
    call(cli, "report", "run", "customer.by_label", "-p", "dimension=value")
    file = cli.home / REPORT
    file.parent.mkdir(mode=0o700, exist_ok=True)
    call(cli, "report", "run", "customer.by_label", "-p", "dimension=value", "--output", str(file))

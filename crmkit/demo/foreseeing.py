"""What the demonstration company expects of its customers: what each is worth, who is leaving, why, and how far they
have come.

Fits models to its real purchases by the commands of the plugins that have some, and does nothing where these are not
enabled. Nothing is fitted twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.core.store.actor import Actor
from crmkit.demo.calling import call, call_quietly
from crmkit.resources import ResourceQuery, list_records

if TYPE_CHECKING:
    from crmkit.cli.invocation import Invocation

SOMEBODY = "shop:14646"
"""The customer whose figures the tour shows: the largest one."""
VALUE = (
    ("value", "fit", "bg-nbd", "--draws", "40", "--adopt"),
    ("value", "fit", "gamma-gamma", "--draws", "40", "--adopt"),
    ("value", "score"),
    ("value", "rfm"),
    ("value", "grade"),
)
CHURN = (
    # What was imported was known to the shop on the day itself.
    (
        "churn",
        "define",
        "silent",
        "--horizon",
        "90",
        "--delay",
        "purchase=0",
        "--delay",
        "interaction=0",
        "--delay",
        "loyalty=0",
    ),
    ("churn", "train", "--adopt"),
    ("churn", "score"),
)


def foresee(cli: Invocation) -> None:
    """Fit what there is to fit, and have everybody scored."""
    known = cli.crm.registry.operations
    if "value.score.refresh" in known and not _counts(cli, "value."):
        for command in VALUE:
            call_quietly(*command)
    if "churn.score.refresh" in known and not _counts(cli, "churn."):
        for command in CHURN:
            call_quietly(*command)


def figures(cli: Invocation) -> dict[str, Any]:
    """Return which models count, each with its figures beside those of its base line, for ``--json``."""
    return {
        each.model: {"parameters": each.parameters, "figures": each.figures, "baseline": each.baseline}
        for each in _runs(cli)
        if each.state == "adopted"
    }


def show(cli: Invocation) -> None:
    """Show what a customer is worth, who is leaving that would be missed, and why."""
    known = cli.crm.registry.operations
    if "value.score.refresh" in known:
        call(cli, "value", "show", SOMEBODY)
    if "churn.score.refresh" in known:
        call(cli, "churn", "leaving", "--limit", "8")


def _counts(cli: Invocation, prefix: str) -> bool:
    return any(each.state == "adopted" and each.model.startswith(prefix) for each in _runs(cli))


def _runs(cli: Invocation) -> list[Any]:
    if "analytics.model_run" not in cli.crm.registry.resources:
        return []
    with cli.crm.session(Actor.system("demonstration")) as session:
        page = list_records(session, ResourceQuery(resource="analytics.model_run", limit=100, records=True))
        return [row.record for row in page.rows if row.record is not None]

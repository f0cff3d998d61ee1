"""What discovery found as one document for scripts: the shape that ``crmkit journey discover --json`` prints.

Must not know databases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmkit_journey.discovery.funnels import Reached
from crmkit_journey.discovery.mining import Findings, Spread


def document(found: Findings, reached: Sequence[Reached] = ()) -> dict[str, Any]:
    """Return findings as mappings, lists and numbers; durations are seconds."""
    whole: dict[str, Any] = {
        "cases": found.cases,
        "events": found.events,
        "first_at": found.first_at,
        "last_at": found.last_at,
        "activities": [
            {"name": each.name, "count": each.count, "cases": each.cases, "rework": each.rework}
            for each in found.activities
        ],
        "starts": found.starts,
        "ends": found.ends,
        "variants": [
            {"trace": list(each.activities), "count": each.count, "share": each.share, "median_seconds": each.median}
            for each in found.variants
        ],
        "edges": [
            {
                "source": each.source,
                "target": each.target,
                "count": each.count,
                "mean_seconds": each.mean,
                "median_seconds": each.median,
            }
            for each in found.edges
        ],
        "throughput_seconds": _spread(found.throughput),
        "longest_case": found.longest,
    }
    if reached:
        whole["funnel"] = [
            {
                "step": each.step,
                "cases": each.cases,
                "dropped": each.dropped,
                "then": [{"activity": name, "cases": number} for name, number in each.then],
                "ended": [{"with": name, "cases": number} for name, number in each.ended],
                "silent": each.silent,
            }
            for each in reached
        ]
    return whole


def _spread(found: Spread) -> dict[str, float | None]:
    quantiles = {f"p{round(share * 100)}": value for share, value in found.quantiles}
    return {"mean": found.mean, "median": found.median, "min": found.least, "max": found.most, **quantiles}

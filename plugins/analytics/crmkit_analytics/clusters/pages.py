"""The page of clusters: how many there are, and a sheet that says what each is like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmkit import CrmSession, Page, catalogue_of, texts
from crmkit_analytics.clusters.fitting import NAME
from crmkit_analytics.runs.reading import adopted, artifact_of, runs_of
from crmkit_analytics.stream.drawing import plot

_ = texts("crmkit_analytics")


def clusters_page(session: CrmSession) -> Mapping[str, Any]:
    """Return the run that counts, or else the last one that ended, with its sheet."""
    run = adopted(session, NAME)
    if run is None:
        run = next((each for each in runs_of(session, NAME) if each.state in ("done", "retired", "refused")), None)
    kept = None if run is None else artifact_of(session, run)
    found = [] if kept is None else kept["choices"]
    known = catalogue_of(session)
    names = set(known.names())
    rights = session.guarding.rights
    own = [(float(each["number"]), max(each["separation"], 0.0), None, None) for each in found]
    without = [(float(each["number"]), max(each["without"], 0.0), None, None) for each in found]
    return {
        "run": run,
        "kept": kept,
        "titles": [
            known.known(each).fact.title or each if each in names else each for each in (kept["scores"] if kept else ())
        ],
        "own": own,
        "without": without,
        "plot": plot,
        "whole": sum(each["size"] for each in kept["profiles"]) if kept else 0,
        "may_request": rights.unrestricted or rights.scope("analytics.model_run", "request") != "none",
        "may_adopt": rights.unrestricted or rights.scope("analytics.model_run", "adopt") != "none",
    }


PAGES = [
    Page(
        name="analytics.clusters",
        title=_("Clusters"),
        path="/clusters",
        template="analytics/clusters/clusters.html",
        context=clusters_page,
        permission="analytics.model_run.read",
        icon="users",
        order=64,
    )
]

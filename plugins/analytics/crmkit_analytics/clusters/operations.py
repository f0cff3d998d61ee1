"""Making a dimension of clusters that were found, so that every customer has a label by them."""

from __future__ import annotations

from typing import Annotated, Any

from crmkit import CrmSession, Input, operation, texts
from crmkit_analytics.clusters.fitting import LETTERS, NAME
from crmkit_analytics.runs.errors import NotAdoptable
from crmkit_analytics.runs.models import ModelRun
from crmkit_analytics.runs.reading import adopted, artifact_of

_ = texts("crmkit_analytics")


@operation(
    "analytics.clusters.publish", title=_("Make a dimension of the clusters"), permission="analytics.model_run.adopt"
)
def publish(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name of the dimension"), max_length=60, classified="internal")] = "cluster",
    title: Annotated[str, Input(title=_("Title"), max_length=120, classified="internal")] = "",
) -> str:
    """Define a dimension by the facts and the number of the clusters that were adopted, and return its name.

    Raises NotAdoptable where none were adopted, Refused without the right to define dimensions.
    """
    run: ModelRun | None = adopted(session, NAME)
    kept = None if run is None else artifact_of(session, run)
    if run is None or kept is None:
        raise NotAdoptable(_("No clusters were adopted."), fix=_("Fit them, look at them, and adopt the run."))
    number = len(kept["centres"])
    definition: dict[str, Any] = {
        "name": name,
        "title": title or str(run.title),
        "labels": [{"name": each, "title": each.upper()} for each in LETTERS[:number]],
        "decider": {"by": "clusters", "scores": kept["scores"], "seed": kept["seed"]},
    }
    if kept.get("where"):
        definition["among"] = kept["where"]
    session.run("dimension.save", {"definition": definition})
    return name


OPERATIONS = [publish]

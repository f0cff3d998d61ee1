"""Reading model runs: which kinds there are, which run counts, what a run scores with. Must not change anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from crmkit import CRM, CrmSession, texts
from crmkit_analytics.runs.errors import UnknownModel
from crmkit_analytics.runs.kinds import ModelKind
from crmkit_analytics.runs.models import ModelArtifact, ModelRun

_ = texts("crmkit_analytics")


def kinds_of(crm: CRM) -> dict[str, ModelKind]:
    """Return what can be fitted, by name; a plugin that fails to say so is left out."""
    found: dict[str, ModelKind] = {}
    for answer in crm.gate.dispatcher.collect("analytics_models"):
        for kind in (answer.value or ()) if answer.error is None else ():
            found.setdefault(kind.name, kind)
    return dict(sorted(found.items()))


def kind_named(crm: CRM, name: str) -> ModelKind:
    """Return a kind by its name. Raises UnknownModel."""
    found = kinds_of(crm)
    if name not in found:
        raise UnknownModel(
            _('There is no model "{name}".'), fix=_("Known: {known}."), name=name, known=", ".join(found) or "–"
        )
    return found[name]


def adopted(session: CrmSession, name: str) -> ModelRun | None:
    """Return the run of a model that counts, if any."""
    wanted = select(ModelRun).where(ModelRun.model == name, ModelRun.state == "adopted")
    return session.scalars(wanted.order_by(ModelRun.number.desc()).limit(1)).first()


def runs_of(session: CrmSession, name: str | None = None, limit: int = 100) -> Sequence[ModelRun]:
    """Return the runs of a model, or of all, the newest first."""
    query = select(ModelRun) if name is None else select(ModelRun).where(ModelRun.model == name)
    return list(session.scalars(query.order_by(ModelRun.number.desc()).limit(limit)))


def artifact_of(session: CrmSession, run: ModelRun) -> Any:
    """Return what a run scores with, or None where it keeps nothing."""
    return session.scalar(select(ModelArtifact.content).where(ModelArtifact.run_id == run.id))

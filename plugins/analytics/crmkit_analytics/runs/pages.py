"""The pages of models: all runs, one run with its figures beside the base line, two runs side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crmkit import CrmSession, Page, texts
from crmkit.i18n import translate
from crmkit_analytics.runs.models import STATES, ModelRun
from crmkit_analytics.runs.reading import kinds_of, runs_of

_ = texts("crmkit_analytics")

SHOWN = 100
TONES = {"adopted": "good", "done": "info", "running": "info", "refused": "warn", "failed": "bad"}


def models_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the runs of a model, or of all, and what can be fitted."""
    kinds = kinds_of(session.crm)
    name = query.get("model") if query.get("model") in kinds else None
    return {
        "kinds": kinds,
        "model": name,
        "runs": runs_of(session, name, SHOWN),
        "states": STATES,
        "tones": TONES,
        **_rights(session),
    }


def model_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return one run, with its figures beside those of the base line, and beside another run where one is named."""
    run, other = _run(session, query.get("id")), _run(session, query.get("with"))
    others = [each for each in runs_of(session, run.model) if each.id != run.id and each.figures] if run else []
    return {
        "run": run,
        "other": other if run is not None and other is not None and other.model == run.model else None,
        "others": others,
        "kind": kinds_of(session.crm).get(run.model) if run else None,
        "figures": _lines(run.figures, run.baseline, other.figures if other else {}) if run else [],
        "parameters": _lines(run.parameters, run.asked, other.parameters if other else {}) if run else [],
        "notes": _notes(run, language) if run else [],
        "states": STATES,
        "tones": TONES,
        **_rights(session),
    }


Line = tuple[str, Any, Any, Any]


def _lines(own: Mapping[str, Any], beside: Mapping[str, Any], other: Mapping[str, Any]) -> list[Line]:
    names = [name for name in dict.fromkeys([*own, *beside]) if not isinstance(own.get(name), (dict, list))]
    return [(name, _said(own.get(name)), _said(beside.get(name)), _said(other.get(name))) for name in names]


def _said(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return "…"
    return f"{value:.6g}" if isinstance(value, float) else value


def _notes(run: ModelRun, language: str) -> list[str]:
    domain = f"crmkit_{run.model.partition('.')[0]}"
    return [translate(texts(domain)(each["text"]), language, **each.get("values", {})) for each in run.notes]


def _run(session: CrmSession, text: str | None) -> ModelRun | None:
    try:
        return session.get(ModelRun, UUID(str(text)))
    except ValueError:
        return None


def _rights(session: CrmSession) -> dict[str, bool]:
    rights = session.guarding.rights
    return {
        f"may_{action}": bool(rights.unrestricted or rights.scope("analytics.model_run", action) != "none")
        for action in ("request", "adopt")
    }


PAGES = [
    Page(
        name="analytics.models",
        title=_("Models"),
        path="/models",
        template="analytics/runs/models.html",
        context=models_page,
        permission="analytics.model_run.read",
        icon="bulb",
        order=66,
    ),
    Page(
        name="analytics.model",
        title=_("Model run"),
        path="/model",
        template="analytics/runs/model.html",
        context=model_page,
        permission="analytics.model_run.read",
        menu=False,
    ),
]

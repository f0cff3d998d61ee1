"""Carrying out a run: in a job, or at once for whoever waits for it.

A fit holds no transaction while it calculates; what it tells, and what it found, is kept in small transactions of
their own. Must not know any formula.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Actor, CrmkitError, CrmSession, structure, texts
from crmkit_analytics.extras import library
from crmkit_analytics.runs.errors import NotAdoptable
from crmkit_analytics.runs.kinds import SEED, FitContext, Fitted, ModelKind
from crmkit_analytics.runs.models import ModelRun
from crmkit_analytics.runs.operations import REQUEST
from crmkit_analytics.runs.reading import kind_named

_ = texts("crmkit_analytics")

_LOG = logging.getLogger("crmkit.analytics")
BEAT = 2.0
"""Seconds at least between two notes of how far a run is."""
Tell = Callable[[float, str], None]


def fit_job(crm: CRM, actor: Actor, run_id: str) -> None:
    """Fit the model of a run that was asked for; the job behind the operation. What goes wrong is kept with the run."""
    try:
        _carry_out(crm, actor, UUID(run_id), None)
    except CrmkitError:
        return
    except Exception:
        # What it was stands with the run: a second try would come to the same.
        _LOG.exception("a model could not be fitted")


def fit_now(
    crm: CRM,
    actor: Actor,
    kind: ModelKind | str,
    parameters: Mapping[str, Any] | None = None,
    *,
    data_from: date | None = None,
    data_until: date | None = None,
    known_at: datetime | None = None,
    seed: int = SEED,
    tell: Tell | None = None,
) -> ModelRun:
    """Fit a model while the caller waits, and return its run; ``tell`` is told how much is done, 0 to 1, and with what.

    It is asked for as ``actor``, and reads in system scope. Raises what the fit raises, once that is kept with the
    run.
    """
    name = kind if isinstance(kind, str) else kind.name
    values = {"model": name, "parameters": dict(parameters or {}), "data_from": data_from, "data_until": data_until}
    run = crm.run(actor, REQUEST, {**values, "known_at": known_at, "seed": seed, "now": True})
    _carry_out(crm, crm.system("fitting a model"), run.id, tell)
    with crm.session(actor) as session:
        return session.scalars(select(ModelRun).where(ModelRun.id == run.id)).one()


def sweep_job(session: CrmSession, tick: object = None) -> None:
    """Give up runs whose worker is gone: the job of every ten minutes."""
    session.run("analytics.model_run.sweep", {})


def _carry_out(crm: CRM, actor: Actor, run_id: UUID, tell: Tell | None) -> None:
    if not crm.run(actor, "analytics.model_run.begin", {}, target=run_id):
        return
    try:
        with crm.session(actor) as session:
            run = session.scalars(select(ModelRun).where(ModelRun.id == run_id)).one()
        kind = kind_named(crm, run.model)
        for module in kind.needs:
            library(module)
        parameters = run.asked if kind.parameters is None else structure(kind.parameters, run.asked)
        context = FitContext(
            crm=crm,
            actor=actor,
            run_id=run_id,
            data_from=run.data_from,
            data_until=run.data_until,
            as_of=run.as_of,
            known_at=run.known_at,
            seed=run.seed,
            tell=_teller(crm, actor, run_id, tell),
        )
        found = kind.fit(context, parameters)
        crm.run(actor, "analytics.model_run.finish", _kept(found), target=run_id)
    except BaseException as error:
        _note_failure(crm, actor, run_id, error)
        raise


def _kept(found: Fitted) -> dict[str, Any]:
    return {
        "parameters": dict(found.parameters),
        "figures": dict(found.figures),
        "baseline": dict(found.baseline),
        "better": found.better,
        "rows": found.rows,
        "judged_by": found.judged_by,
        "artifact": None if found.artifact is None else {"content": found.artifact},
        "notes": [{"text": each.text, "values": dict(each.values)} for each in found.notes],
    }


def _note_failure(crm: CRM, actor: Actor, run_id: UUID, error: BaseException) -> None:
    if isinstance(error, CrmkitError):
        reason = f"{error.code} {error.render()}"
    elif isinstance(error, Exception):
        # The text of any other error may hold what a customer wrote.
        reason = _("It failed with an error of the code: {name}.").format(name=type(error).__name__)
    else:
        reason = _("It was broken off.")
    try:
        crm.run(actor, "analytics.model_run.fail", {"reason": reason[:1000]}, target=run_id)
    except NotAdoptable:
        return


def _teller(crm: CRM, actor: Actor, run_id: UUID, tell: Tell | None) -> Tell:
    """Return what notes how far a run is, not too often, and tells whoever waits each time."""
    last = time.monotonic()

    def note(share: float, word: str) -> None:
        nonlocal last
        if tell is not None:
            tell(share, word)
        if time.monotonic() - last >= BEAT:
            last = time.monotonic()
            values = {"percent": int(share * 100), "word": word[:200]}
            crm.run(actor, "analytics.model_run.tell", values, target=run_id)

    return note

"""Operations on experiments: saving, starting, stopping, and writing down who is treated."""

from __future__ import annotations

from typing import Annotated

from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.session import CrmSession
from crmkit.engines.definitions.publishing import Defined, find, publish, reset
from crmkit.engines.experiments.assigning import Expose, expose_many
from crmkit.engines.experiments.defining import KIND, started
from crmkit.engines.experiments.events import ExperimentStarted, ExperimentStopped
from crmkit.engines.experiments.tables import ExperimentRun
from crmkit.errors import Conflict, CrmkitError
from crmkit.hooks.experiments import Experiment
from crmkit.i18n import texts

_ = texts("crmkit")

Name = Annotated[str, Input(title=_("Experiment"), max_length=120, classified="internal")]
Definition = Annotated[Experiment, Input(title=_("Definition"), classified="internal")]
Note = Annotated[str, Input(title=_("Note"), max_length=500, classified="internal")]


@operation("experiment.save", title=_("Save an experiment"), permission="experiment.update")
def save_experiment(session: CrmSession, *, experiment: Definition, note: Note = "") -> Defined:
    """Save an experiment under its name, as a new version. Raises DefinitionError with every problem, Conflict for one
    that was started: what is measured would not be what was asked."""
    _not_started(session, experiment.name)
    return publish(session, KIND, experiment, note=note)


@operation("experiment.delete", title=_("Delete an experiment"), permission="experiment.update")
def delete_experiment(session: CrmSession, *, name: Name) -> None:
    """Take back an experiment that was never started. Raises UnknownDefinition, Conflict."""
    _not_started(session, name)
    reset(session, KIND, name)


@operation("experiment.start", title=_("Start an experiment"), permission="experiment.update")
def start_experiment(session: CrmSession, *, name: Name, note: Note = "") -> ExperimentRun:
    """Start an experiment: from now on customers have arms. Raises UnknownDefinition, DefinitionError for one that
    cannot be used, Conflict for one that was started before or that is turned off."""
    _not_started(session, name)
    found = find(session, KIND, name)
    started(session, name)
    now = session.gate.clock.business_now()
    if not found.in_effect(now):
        raise Conflict(_('The experiment "{name}" is turned off or not in effect.'), name=name)
    run = ExperimentRun(experiment=name, number=found.number, started_at=now, started_by=session.actor.id, note=note)
    session.add(run)
    session.flush()
    session.emit(ExperimentStarted(experiment=name))
    return run


@operation("experiment.stop", title=_("Stop an experiment"), permission="experiment.update")
def stop_experiment(session: CrmSession, *, name: Name, note: Note = "") -> ExperimentRun:
    """Stop an experiment for good: nobody has an arm any more, and results can still be read. Raises UnknownDefinition,
    Conflict for one that does not run."""
    found = started(session, name)
    if found.run is None or found.run.stopped_at is not None:
        raise Conflict(_('The experiment "{name}" is not running.'), name=name)
    found.run.stopped_at = session.gate.clock.business_now()
    found.run.note = note or found.run.note
    session.flush()
    session.emit(ExperimentStopped(experiment=name))
    return found.run


@operation(
    "experiment.expose",
    title=_("Expose a customer to an experiment"),
    permission="experiment.expose",
    effect="create",
    bulk=expose_many,
)
def expose(session: CrmSession, exposure: Expose) -> str | None:
    """Write down that a customer is treated now, or was at an instant, and return as which arm: the first time decides.

    None for a customer who does not take part and for an experiment that does not run. Raises UnknownDefinition,
    NotFound for a customer that there is not, InvalidInput for an instant before the start or in the future.
    """
    (answer,) = expose_many(session, [exposure])
    if isinstance(answer, CrmkitError):
        raise answer
    return answer


def _not_started(session: CrmSession, name: str) -> None:
    if session.get(ExperimentRun, name) is not None:
        raise Conflict(
            _('The experiment "{name}" was started, and stays as it was then.'),
            fix=_("Save it under another name."),
            name=name,
        )


OPERATIONS = [save_experiment, delete_experiment, start_experiment, stop_experiment, expose]

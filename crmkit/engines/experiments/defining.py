"""Experiments as they are defined: what has to hold of one, and by which version one runs.

Must not know who is exposed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import frozen
from sqlalchemy import select

from crmkit.engines.definitions.kinds import DefinitionKind
from crmkit.engines.definitions.publishing import defined, find, version
from crmkit.engines.experiments.tables import ExperimentRun
from crmkit.engines.expressions.types import BOOLEAN, Type
from crmkit.engines.facts.vocabulary import catalogue_of, check_readable
from crmkit.errors import CrmkitError, DefinitionError, InvalidInput, Problem
from crmkit.hooks.experiments import Experiment
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

KIND = "experiment"
NUMBERS = ("integer", "decimal", "number", "money")
"""The kinds of types that a mean is taken of."""
MOST_ARMS = 20


@frozen(kw_only=True)
class Started:
    """An experiment with its run, None while it was not started; then the definition is the present one."""

    experiment: Experiment
    run: ExperimentRun | None

    @property
    def state(self) -> str:
        """Return ``draft``, ``running`` or ``stopped``."""
        return "draft" if self.run is None else "running" if self.run.stopped_at is None else "stopped"


def started(session: CrmSession, name: str) -> Started:
    """Return an experiment by the version that it runs by. Raises UnknownDefinition, DefinitionError for one that is
    broken."""
    run = session.get(ExperimentRun, name)
    if run is not None:
        return Started(experiment=version(session, KIND, name, run.number), run=run)
    found = find(session, KIND, name)
    if found.broken:
        raise DefinitionError([Problem(DefinitionError.code, found.broken)])
    return Started(experiment=found.value, run=None)


def experiments(session: CrmSession) -> dict[str, Started]:
    """Return all experiments by name: those that are defined, and those that were started and whose definition has been
    taken away since."""
    names = {*defined(session, KIND), *session.scalars(select(ExperimentRun.experiment))}
    return {name: started(session, name) for name in sorted(names)}


def check_experiment(session: CrmSession, value: Experiment) -> Iterator[Problem]:
    """Return what is wrong with an experiment that is to be published."""
    names = [arm.name for arm in value.arms]
    shares = [arm.share for arm in value.arms]
    metrics = [metric.name for metric in value.metrics]
    states = [
        (bool(value.title.strip()), "title", _("This cannot be empty.")),
        (1 < len(names) <= MOST_ARMS, "arms", _("An experiment has 2 to {most} arms.")),
        (all(names) and len({*names}) == len(names), "arms", _("Every arm needs a name of its own.")),
        (all(0 < share <= 1 for share in shares), "arms", _("A share lies between 0 and 1.")),
        (abs(sum(shares) - 1) < 1e-6, "arms", _("The shares of the arms make 1.")),
        (not value.control or value.control in names, "control", _("There is no such arm.")),
        (0 < value.share <= 1, "share", _("A share lies between 0 and 1.")),
        (bool(metrics), "metrics", _("An experiment measures something.")),
        (all(metrics) and len({*metrics}) == len(metrics), "metrics", _("Every metric needs a name of its own.")),
        (0.5 <= value.confidence < 1, "confidence", _("A confidence lies between 0.5 and 1.")),
        (not value.spare or value.covers == "everybody", "spare", _("A hold-out covers everybody.")),
        (
            value.method != "always_valid" or all(metric.effect > 0 for metric in value.metrics),
            "metrics",
            _("Say of every metric which difference matters (effect)."),
        ),
        (value.method == "always_valid" or value.planned > 0, "planned", _("Say how many customers are planned.")),
        (value.method != "group_sequential" or 1 <= value.looks <= 20, "looks", _("There are 1 to 20 looks.")),
        (
            value.method != "group_sequential" or value.covers == "exposed",
            "method",
            _("Looks are planned by exposures, and there are none where everybody is covered."),
        ),
    ]
    for holds, field, message in states:
        if not holds:
            yield Problem(DefinitionError.code, message, field=field, most=MOST_ARMS)
    yield from _expression(session, value.among, "among", BOOLEAN)
    for index, metric in enumerate(value.metrics):
        yield from _expression(session, metric.value, f"metrics.{index}.value", None, share=metric.kind == "share")
        if metric.before:
            yield from _expression(session, metric.before, f"metrics.{index}.before", None)


def _expression(
    session: CrmSession, text: str, field: str, expect: Type | None, *, share: bool = False
) -> Iterator[Problem]:
    """Return what is wrong with an expression: that it cannot be understood, or read, or counted."""
    try:
        found = catalogue_of(session).checked(text, expect)
        check_readable(session, found.facts)
    except InvalidInput as error:
        for item in error.problems:
            yield Problem(item.code, item.message, field=field, value=item.value, hint=item.hint, **item.values)
    except CrmkitError as error:
        yield Problem(error.code, error.message, field=field, hint=error.fix, **error.values)
    else:
        kind = found.type.kind
        if expect is None and kind not in NUMBERS and not (share and kind == "boolean"):
            yield Problem(DefinitionError.code, _("This must give a number, or a condition for a share."), field=field)


DEFINITION = DefinitionKind(
    name=KIND, title=_("Experiment"), type=Experiment, permission="experiment.update", check=check_experiment, rank=90
)

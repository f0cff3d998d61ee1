"""Whether the stages of a draft make a pipeline. Must not change anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from crmkit import CrmkitError, CrmSession, InvalidInput, Problem, customers_where, texts
from crmkit_sales.pipelines.criteria import Activity, Criterion, Holds, parse_criteria
from crmkit_sales.pipelines.errors import NotPublishable
from crmkit_sales.pipelines.pipeline_models import Stage
from crmkit_sales.pipelines.stages import LOST, OPEN_KIND, WON

_ = texts("crmkit_sales")


def check_version(session: CrmSession, stages: Sequence[Stage]) -> None:
    """Raise NotPublishable with everything that is wrong with the stages of a draft."""
    found = [*_shape(stages), *(problem for each in stages for problem in _stage(session, each))]
    if found:
        raise NotPublishable(found)


def _shape(stages: Sequence[Stage]) -> Iterator[Problem]:
    kinds = Counter(each.kind for each in stages)
    if kinds[OPEN_KIND] < 1:
        yield _problem(_("There is no open stage."))
    if kinds[WON] != 1:
        yield _problem(_("There has to be exactly one won stage; there are {count}."), count=kinds[WON])
    if kinds[LOST] < 1:
        yield _problem(_("There is no lost stage."))
    for name, count in sorted(Counter(each.name for each in stages).items()):
        if count > 1:
            yield _problem(_('Several stages are called "{name}".'), name=name)


def _stage(session: CrmSession, stage: Stage) -> Iterator[Problem]:
    certain = {WON: 100, LOST: 0}.get(stage.kind)
    if certain is not None and stage.probability != certain:
        yield _problem(_('"{stage}" has to have {certain} percent.'), stage=stage.title, certain=certain)
    if certain is None and not 0 <= stage.probability < 100:
        yield _problem(_('"{stage}" is open: it has to have less than 100 percent.'), stage=stage.title)
    right = {WON: ("closed",), LOST: ("omitted",)}.get(stage.kind, ("pipeline", "best_case", "commit", "omitted"))
    if stage.category not in right:
        known = ", ".join(right)
        yield _problem(_('"{stage}" has to have one of these categories: {known}.'), stage=stage.title, known=known)
    for side in ("entry", "exit"):
        try:
            criteria = parse_criteria(getattr(stage, side), side)
        except InvalidInput as error:
            for one in error.problems:
                yield _problem(_('"{stage}": {reason}'), stage=stage.title, reason=one.render())
            continue
        for criterion in criteria:
            yield from _criterion(session, stage, criterion)


def _criterion(session: CrmSession, stage: Stage, criterion: Criterion) -> Iterator[Problem]:
    if isinstance(criterion, Activity):
        known = session.gate.registry.interaction_kinds
        if criterion.interaction != "any" and criterion.interaction not in known:
            message = _('"{stage}": there is no kind of interaction "{kind}".')
            yield _problem(message, stage=stage.title, kind=criterion.interaction)
    if isinstance(criterion, Holds):
        try:
            customers_where(session, criterion.condition)
        except CrmkitError as error:
            yield _problem(_('"{stage}": {reason}'), stage=stage.title, reason=error.render())


def _problem(message: str, **values: object) -> Problem:
    return Problem(NotPublishable.code, message, **values)

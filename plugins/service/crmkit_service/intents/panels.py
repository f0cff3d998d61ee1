"""What stands on the page of a model of intents: how good it is, how far to believe it, and where it is weakest."""

from __future__ import annotations

from collections.abc import Sequence

from crmkit import CardLine, CrmSession, RecordPanel, texts
from crmkit_service.intents.learning import Evaluation, evaluation_of
from crmkit_service.intents.models import IntentModel
from crmkit_service.intents.reading import titles

_ = texts("crmkit_service")

WEAKEST = 8


def panels(session: CrmSession, model: IntentModel) -> Sequence[RecordPanel]:
    """Return what is known of a model from the texts that were held out."""
    found = evaluation_of(dict(model.evaluation))
    return [_whole(found), _bands(found), _weakest(session, found)]


def _whole(found: Evaluation) -> RecordPanel:
    lines = [
        CardLine(
            title=_("Right at once"),
            hint=f"{_percent(found.low)} – {_percent(found.high)}",
            figure=_percent(found.accuracy),
        ),
        CardLine(title=_("Among the first three"), figure=_percent(found.top3)),
        CardLine(title=_("Suggested with 80% or more"), figure=_percent(found.sure)),
        CardLine(title=_("Of these right"), figure=_percent(found.sure_accuracy), tone="good"),
        CardLine(title=_("Calibration error"), figure=_percent(found.calibration_error)),
        CardLine(title=_("Learnt from"), figure=str(found.learnt_from)),
        CardLine(title=_("Held out"), figure=str(found.held_out)),
    ]
    return RecordPanel(title=_("On texts that it had not seen"), lines=lines, icon="target")


def _bands(found: Evaluation) -> RecordPanel:
    lines = [
        CardLine(
            title=_("Said {band}%: right in"),
            values={"band": each.name},
            hint=f"n = {each.n}",
            figure=_percent(each.right),
        )
        for each in reversed(found.bands)
    ]
    return RecordPanel(title=_("Whether it is to be believed"), lines=lines, icon="chart-bar")


def _weakest(session: CrmSession, found: Evaluation) -> RecordPanel:
    worst = sorted((each for each in found.per_intent if each.n), key=lambda each: (each.recall, each.intent))[:WEAKEST]
    names = titles(session, {each.intent for each in worst})
    lines = [CardLine(title=names.get(each.intent, each.intent), figure=_percent(each.recall)) for each in worst]
    return RecordPanel(title=_("Found least often"), lines=lines, icon="trending-down")


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"

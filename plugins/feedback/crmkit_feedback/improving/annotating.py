"""What happened on a day, to be seen in trends. Must not know how trends are drawn."""

from __future__ import annotations

from crmkit import CrmSession, operation, texts
from crmkit_feedback.improving import inputs
from crmkit_feedback.improving.models import Annotation
from crmkit_feedback.items.history import problem
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

MANAGE = "feedback.annotation.manage"


@operation("feedback.annotation.create", title=_("Write down what happened"), permission=MANAGE, effect="create")
def create_annotation(
    session: CrmSession, *, day: inputs.Day, title: inputs.Happened, survey_id: inputs.ForSurvey | None = None
) -> Annotation:
    """Write down what happened on a day, for the trend of one survey or of all. Raises InvalidInput without a text,
    NotFound for a survey that there is not."""
    if not title.strip():
        raise problem("title", _("Say what happened."))
    if survey_id is not None:
        session.get_one(Survey, survey_id)
    made = Annotation(day=day, title=title.strip(), survey_id=survey_id)
    session.add(made)
    session.flush()
    return made


@operation("feedback.annotation.delete", title=_("Delete what happened"), permission=MANAGE, effect="delete")
def delete_annotation(session: CrmSession, annotation: Annotation) -> None:
    """Delete what was written down of a day."""
    session.delete(annotation)


OPERATIONS = [create_annotation, delete_annotation]

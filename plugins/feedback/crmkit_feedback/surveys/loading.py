"""Taking a survey in from a file: one that there is gets a new draft, one that there is not is added."""

from __future__ import annotations

from typing import Annotated, Any

from sqlalchemy import select

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit.exchange.yaml_files import LONGEST
from crmkit_feedback.surveys.files import SurveyFile, read_file
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

MANAGE = "feedback.survey.manage"


@operation("feedback.survey.apply", title=_("Take a survey in from a file"), permission=MANAGE, effect="update")
def apply(
    session: CrmSession,
    *,
    text: Annotated[str, Input(title=_("File"), max_length=LONGEST, multiline=True, classified="internal")],
    publish: Annotated[bool, Input(title=_("Publish it at once"), classified="internal")] = False,
) -> Survey:
    """Make a survey what a file says, as a draft or published at once. A file that says the same changes nothing.

    Raises InvalidInput with every place that cannot be read, SurveyRefused where it cannot be published.
    """
    file = read_file(text)
    survey = session.scalars(select(Survey).where(Survey.name == file.about["name"])).first()
    if survey is None:
        survey = session.run("feedback.survey.create", {**file.about, "template": "empty"})
    else:
        _change(session, survey, file)
    if survey.draft != file.content:
        session.run("feedback.survey.save_draft", {"content": dict(file.content)}, target=survey)
    if publish:
        session.run("feedback.survey.publish", target=survey)
    return survey


def _change(session: CrmSession, survey: Survey, file: SurveyFile) -> None:
    if file.about.get("anonymous", survey.anonymous) != survey.anonymous:
        said = _("Whether it is anonymous was said when it was added. Take another name for it.")
        raise InvalidInput([Problem(InvalidInput.code, said, field="anonymous")])
    changes: dict[str, Any] = {
        name: file.about[name]
        for name in ("title", "purpose", "rest_days", "small")
        if name in file.about and file.about[name] != getattr(survey, name)
    }
    if changes:
        session.run("feedback.survey.update", changes, target=survey)


OPERATIONS = [apply]

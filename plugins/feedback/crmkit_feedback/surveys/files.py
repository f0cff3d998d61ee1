"""A survey as a file: YAML that people read and write, with what it asks and what holds of it.

Must not know the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from crmkit import InvalidInput, Problem, texts
from crmkit.exchange.yaml_files import as_yaml, read_yaml
from crmkit_feedback.surveys.content import content_of, document_of

_ = texts("crmkit_feedback")

ABOUT = ("name", "title", "purpose", "anonymous", "rest_days", "small")
"""What a file says of a survey beside its content."""


@frozen(kw_only=True)
class SurveyFile:
    """What a file says: what holds of a survey, and the document of what it asks."""

    about: Mapping[str, Any]
    content: Mapping[str, Any]


def read_file(text: str) -> SurveyFile:
    """Return what a file says of a survey. Raises InvalidInput with every place that cannot be read."""
    found = dict(read_yaml(text))
    content = found.pop("content", None)
    problems = [
        Problem(InvalidInput.code, _("There is no such name here. There are: {known}."), field=each, known=_KNOWN)
        for each in found
        if each not in ABOUT
    ]
    if not isinstance(content, Mapping):
        problems.append(Problem(InvalidInput.code, _("Here names with values are expected."), field="content"))
    if not isinstance(found.get("name"), str):
        problems.append(Problem(InvalidInput.code, _("A survey needs a name."), field="name"))
    if problems or not isinstance(content, Mapping):
        raise InvalidInput(problems)
    return SurveyFile(about=found, content=document_of(content_of(content)))


_KNOWN = ", ".join((*ABOUT, "content"))


def file_of(about: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """Return a survey as a file."""
    return as_yaml({**{name: about[name] for name in ABOUT}, "content": dict(content)})

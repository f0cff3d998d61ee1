"""A survey as a file: YAML that people read and write, with what it asks and what holds of it.

Must not know the database. Words such as ``yes`` and ``no`` stay words: they are answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml
from attrs import frozen

from crmkit import InvalidInput, Problem, texts
from crmkit_feedback.surveys.content import content_of, document_of

_ = texts("crmkit_feedback")

LONGEST = 400_000
"""Characters of a file."""
ABOUT = ("name", "title", "purpose", "anonymous", "rest_days", "small")
"""What a file says of a survey beside its content."""


class _Loader(yaml.SafeLoader):
    """Reads only ``true`` and ``false`` as such, and no dates: a language may be called ``no``, an answer ``yes``."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


@frozen(kw_only=True)
class SurveyFile:
    """What a file says: what holds of a survey, and the document of what it asks."""

    about: Mapping[str, Any]
    content: Mapping[str, Any]


def read_yaml(text: str, field: str = "text") -> Mapping[str, Any]:
    """Return the names and values of a text in YAML or JSON. Raises InvalidInput with line and column."""
    if len(text) > LONGEST:
        raise _wrong(field, _("This is longer than {most} characters."), most=LONGEST)
    try:
        for token in yaml.scan(text, Loader=_Loader):
            if isinstance(token, (yaml.AnchorToken, yaml.AliasToken)):
                mark = token.start_mark
                place = _("Line {line}, column {column}: there are no references here.")
                raise _wrong(field, place, line=mark.line + 1, column=mark.column + 1)
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 (it is a safe loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        place = _("Line {line}, column {column}: this is not YAML: {reason}.")
        raise _wrong(field, place, line=line, column=column, reason=error.problem or "") from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise _wrong(field, _("This is neither YAML nor JSON.")) from None
    if not isinstance(found, dict):
        raise _wrong(field, _("Here names with values are expected."))
    return {str(name): value for name, value in found.items()}


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


def as_yaml(document: Mapping[str, Any]) -> str:
    """Return a document in YAML; `read_yaml` reads it back as it was."""
    return yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False, width=120)


def file_of(about: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """Return a survey as a file."""
    return as_yaml({**{name: about[name] for name in ABOUT}, "content": dict(content)})


def _wrong(field: str, text: str, **values: Any) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, text, field=field, **values)])

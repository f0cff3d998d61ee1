"""A flow as a file that people write, compare and apply: YAML with what it is called and its definition."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from crmkit import InvalidInput, Problem, texts
from crmkit.exchange.yaml_files import as_yaml, read_yaml
from crmkit_journey.flows.documents import document_of, flow_of
from crmkit_journey.flows.nodes import Flow

_ = texts("crmkit_journey")

ABOUT = ("name", "title", "description")
"""What a file says of a flow beside its definition."""


@frozen(kw_only=True)
class FlowFile:
    """What a file says: what the flow is called and what it is for, and its definition."""

    name: str
    title: str
    description: str
    flow: Flow


def read_file(text: str) -> FlowFile:
    """Return what a file in YAML or JSON says. Raises InvalidInput with every place that cannot be read, MissingExtra
    where YAML cannot be read at all."""
    found = dict(read_yaml(text, "file"))
    about = {name: found.pop(name, "") or "" for name in ABOUT}
    wrong = [
        Problem(InvalidInput.code, _("Here a text is expected."), field=name)
        for name, value in about.items()
        if not isinstance(value, str)
    ]
    if not about["name"]:
        wrong.append(Problem(InvalidInput.code, _("A flow needs a name."), field="name"))
    try:
        flow = flow_of(found)
    except InvalidInput as error:
        raise InvalidInput([*wrong, *error.problems]) from None
    if wrong:
        raise InvalidInput(wrong)
    return FlowFile(flow=flow, **about)


def file_of(name: str, title: str, description: str, document: Mapping[str, Any]) -> str:
    """Return a flow as a file; `read_file` reads it back."""
    about = {"name": name, "title": title, **({"description": description} if description else {})}
    return as_yaml({**about, **document})


def difference(old: Mapping[str, Any], new: Mapping[str, Any], *, old_name: str = "old", new_name: str = "new") -> str:
    """Return what differs between two definitions, line by line, as a unified diff of their files; empty if nothing."""
    lines = difflib.unified_diff(
        as_yaml(document_of(flow_of(old))).splitlines(keepends=True),
        as_yaml(document_of(flow_of(new))).splitlines(keepends=True),
        old_name,
        new_name,
    )
    return "".join(lines)

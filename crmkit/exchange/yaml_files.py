"""Definitions as files: YAML that people read, write and compare, for plugins whose admins keep definitions so.

Only names, texts, numbers, truth values and lists come out of a file. Must not know what they mean, nor databases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from crmkit.errors import InvalidInput, MissingExtra, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

LONGEST = 400_000
"""Characters of a file."""
_PLAIN = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")


def read_yaml(text: str, field: str = "text") -> Mapping[str, Any]:
    """Return the names and values of a text in YAML or JSON, of at most `LONGEST` characters.

    Only ``true`` and ``false`` are truth values: a language may be called ``no``, an answer ``yes``. A date stays a
    text. Raises InvalidInput about ``field`` with line and column, MissingExtra without ``crmkit[yaml]``.
    """
    yaml = _yaml()
    if len(text) > LONGEST:
        raise _wrong(field, _("This is longer than {most} characters."), most=LONGEST)
    try:
        for token in yaml.scan(text, Loader=_loader()):
            if isinstance(token, (yaml.AnchorToken, yaml.AliasToken)):
                mark = token.start_mark
                place = _("Line {line}, column {column}: there are no references here.")
                raise _wrong(field, place, line=mark.line + 1, column=mark.column + 1)
        found = yaml.load(text, Loader=_loader())
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


def as_yaml(document: Mapping[str, Any]) -> str:
    """Return a document in YAML; `read_yaml` reads it back as it was. Raises MissingExtra without ``crmkit[yaml]``."""
    return _yaml().safe_dump(dict(document), allow_unicode=True, sort_keys=False, width=120)


def _yaml() -> Any:
    try:
        import yaml
    except ImportError:
        raise MissingExtra(_("Files in YAML need {library}."), extra="yaml", library="pyyaml") from None
    return yaml


@cache
def _loader() -> Any:
    yaml = _yaml()

    class _Loader(yaml.SafeLoader):
        yaml_implicit_resolvers = {  # noqa: RUF012
            first: [(tag, pattern) for tag, pattern in resolvers if tag not in _PLAIN]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    _Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
    return _Loader


def _wrong(field: str, text: str, **values: Any) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, text, field=field, **values)])

"""Definitions in files that a command takes: one in TOML or JSON, from a file or from standard input."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import click

from crmkit.errors import FileRejected, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

LARGEST = 1_000_000
"""Most bytes that are read."""


def read_document(path: str) -> dict[str, Any]:
    """Return the document in a file, or on standard input for ``-``. What begins with a brace is JSON, the rest TOML.

    Raises FileRejected for what is neither, with its place, and for a file that cannot be read.
    """
    try:
        with click.open_file(path, "rb") as file:
            text = file.read(LARGEST + 1).decode("utf-8-sig")
        if len(text) > LARGEST:
            raise FileRejected([Problem(FileRejected.code, _("This file is too large."), field=path)])
        found = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileRejected(
            [Problem(FileRejected.code, _("This is neither TOML nor JSON: {reason}."), field=path, reason=str(error))]
        ) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise FileRejected(
            [Problem(FileRejected.code, _("This cannot be read: {reason}."), field=path, reason=reason)]
        ) from None
    return found

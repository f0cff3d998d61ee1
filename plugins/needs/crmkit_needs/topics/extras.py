"""The libraries of the extra ``crmkit[needs]``, asked for when they are used. Must not know what for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from crmkit import texts
from crmkit.errors import MissingExtra

_ = texts("crmkit_needs")


def library(name: str) -> Any:
    """Return a module of the extra, such as ``numpy``. Raises MissingExtra where it is not installed."""
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtra(
            _("A library that this needs is not installed: {library}."),
            fix=_("Install crmkit[needs]."),
            library=name.partition(".")[0],
        ) from error

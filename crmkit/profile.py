"""What production refuses before anything is opened: settings that others can read, and time that stands still.

What it asks of connections is in `crmkit.core.store.transit`. Must not know the database.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from crmkit.errors import ConfigurationError, Refused
from crmkit.i18n import texts
from crmkit.settings import FILE, Settings

_ = texts("crmkit")

_PASSWORD_IN_URL = re.compile(r"://[^/@\s]*:[^/@\s]+@|[?&]password=[^&\s]")
_SECRET_NAME = re.compile(r"password|passwd|secret|token|api_?key|private_?key", re.IGNORECASE)


def check_profile(settings: Settings) -> None:
    """Accept settings of development as they are, and those of production when they are safe.

    Raises ConfigurationError saying what to set.
    """
    if not settings.production:
        return
    path = settings_file(settings)
    if path is not None and is_open_to_all(path) and holds_secrets(path):
        raise ConfigurationError(
            _("{path} holds a password and every user of this machine can read it."),
            fix=_("Run: chmod 600 {path}"),
            path=path,
        )
    if settings.clock is not None:
        raise ConfigurationError(
            _("In production the clock cannot stand still."),
            fix=_("Remove clock from the settings; it is for demonstrations."),
        )


def refuse_demonstration(settings: Settings | None, environ: Mapping[str, str]) -> None:
    """Raise Refused where made-up customers must not come: in production, whether the settings or the environment say
    that it is."""
    if environ.get("CRMKIT_PROFILE", "") == "production" or (settings is not None and settings.production):
        raise Refused(
            _("In production no demonstration is made."),
            fix=_("Make it on another machine, or where CRMKIT_PROFILE is not production."),
        )


def settings_file(settings: Settings) -> Path | None:
    """Return the file that an installation's settings are in, if it has one."""
    path = None if settings.home is None else settings.home / FILE
    return path if path is not None and path.is_file() else None


def is_open_to_all(path: Path) -> bool:
    """Say whether every user of the machine may read or change a file."""
    return os.name == "posix" and bool(stat.S_IMODE(path.stat().st_mode) & 0o006)


def holds_secrets(path: Path) -> bool:
    """Say whether a file of settings holds a password: in an address, or under a name that says so."""
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return True  # what cannot be read cannot be cleared
    return _holds(values)


def _holds(value: object, name: str = "") -> bool:
    if isinstance(value, dict):
        inner = cast(dict[str, object], value)
        return any(_holds(each, key) for key, each in inner.items())
    if isinstance(value, list):
        return any(_holds(each, name) for each in cast(list[object], value))
    if not isinstance(value, str) or not value:
        return False
    return bool(_PASSWORD_IN_URL.search(value) or _SECRET_NAME.search(name))

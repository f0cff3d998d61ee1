"""Says where in a plugin's code an exception came from, without repeating what the exception says.

The text of an exception can hold the data it was about, so it is left to the traceback. Must not import anything of
crmkit.
"""

from __future__ import annotations

import os
import traceback


def origin(error: BaseException, folder: str | None = None) -> str:
    """Return ``package/file.py:12``: the deepest line within ``folder`` that raised, or else the deepest of all.

    A syntax error is placed where the syntax is wrong. Returns ``?`` for an exception that was never raised.
    """
    found = inside(error, folder)
    if found is not None:
        return found
    frames = traceback.extract_tb(error.__traceback__)
    return f"{_short(frames[-1].filename)}:{frames[-1].lineno}" if frames else "?"


def inside(error: BaseException, folder: str | None) -> str | None:
    """Return the deepest line within a folder that raised, or None when it was outside."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_short(error.filename)}:{error.lineno or 1}"
    if not folder:
        return None
    within = os.path.join(folder, "")
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(within)]
    return f"{_short(frames[-1].filename)}:{frames[-1].lineno}" if frames else None


def wording(error: BaseException) -> str:
    """Return what an exception says, even if saying it fails; only for those that cannot be about customers."""
    try:
        return str(error)
    except Exception:
        return ""


def _short(path: str) -> str:
    parts = path.replace(os.sep, "/").split("/")
    return "/".join(parts[-2:])

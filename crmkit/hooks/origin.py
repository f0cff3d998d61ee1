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
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_short(error.filename)}:{error.lineno or 1}"
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "?"
    inside = [frame for frame in frames if folder and frame.filename.startswith(os.path.join(folder, ""))]
    last = (inside or frames)[-1]
    return f"{_short(last.filename)}:{last.lineno}"


def wording(error: BaseException) -> str:
    """Return what an exception says, even if saying it fails; only for those that cannot be about customers."""
    try:
        return str(error)
    except Exception:
        return ""


def _short(path: str) -> str:
    parts = path.replace(os.sep, "/").split("/")
    return "/".join(parts[-2:])

"""What may be written down of an error that nobody is there to read: in the queue and in logs.

Must not know what failed.
"""

from __future__ import annotations

import logging

from crmkit.errors import CrmkitError, Plain, Problem
from crmkit.hooks.origin import origin
from crmkit.i18n import Text, translate

TRACEBACKS = "crmkit.tracebacks"
_shown = False


def describe(error: BaseException) -> str:
    """Return what may be kept of an error: its type and place, and for crmkit's own its code and wording without the
    values in it, since those can be personal data, unless they are `Plain`."""
    kind, place = type(error).__name__, origin(error)
    if not isinstance(error, CrmkitError):
        return f"{kind} ({place})"
    # A wording that is not marked for translation may have been put together with values in it.
    said = [
        " ".join(filter(None, (item.code, item.field, _worded(item) if isinstance(item.message, Text) else None)))
        for item in error.problems[:5]
    ]
    return f"{kind}: {'; '.join(said)} ({place})"


def _worded(item: Problem) -> str:
    told = {name: value if isinstance(value, Plain) else f"{{{name}}}" for name, value in item.values.items()}
    return translate(item.message, "en", **told)


def show_tracebacks(wanted: bool) -> None:
    """Say whether tracebacks are printed in this process. A switch of its own, as whoever sets up logging may turn all
    loggers on."""
    global _shown
    _shown = wanted


def show_traceback(error: BaseException) -> None:
    """Print where an error came from, with what it says, for whoever writes a plugin: only where a server that starts
    anew with each change has turned it on, as its text may hold personal data."""
    if _shown:
        logging.getLogger(TRACEBACKS).error("%s", type(error).__name__, exc_info=error)

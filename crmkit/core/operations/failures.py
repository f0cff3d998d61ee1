"""What may be written down of an error that nobody is there to read: in the queue and in logs.

Must not know what failed.
"""

from __future__ import annotations

from crmkit.errors import CrmkitError
from crmkit.hooks.origin import origin
from crmkit.i18n import Text


def describe(error: BaseException) -> str:
    """Return what may be kept of an error: its type and place, and for crmkit's own its code and wording without the
    values in it, since those can be personal data."""
    kind, place = type(error).__name__, origin(error)
    if not isinstance(error, CrmkitError):
        return f"{kind} ({place})"
    # A wording that is not marked for translation may have been put together with values in it.
    said = [
        " ".join(filter(None, (item.code, item.field, item.message if isinstance(item.message, Text) else None)))
        for item in error.problems[:5]
    ]
    return f"{kind}: {'; '.join(said)} ({place})"

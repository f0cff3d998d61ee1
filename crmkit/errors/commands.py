"""The errors of the command line. Must not know databases, plugins or doors."""

from __future__ import annotations

from crmkit.errors.base import CrmkitError
from crmkit.i18n import texts

_ = texts("crmkit")


class UsageError(CrmkitError):
    """A command was called with an option, an argument or in a place that does not fit."""

    code = "CK900"
    summary = _("The command cannot be called like this.")


class InternalError(CrmkitError):
    """Something failed that should not have; a traceback was written to a file."""

    code = "CK999"
    summary = _("Something unexpected went wrong.")

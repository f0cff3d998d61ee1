"""The errors of jobs. Must not know databases, plugins or doors."""

from __future__ import annotations

from crmkit.errors.base import CrmkitError
from crmkit.i18n import texts

_ = texts("crmkit")


class JobError(CrmkitError):
    """A job is unknown or cannot be carried out."""

    code = "CK800"
    summary = _("The job cannot be carried out.")


class LeaseLost(JobError):
    """A worker took longer than its lease and another worker has the job now; nothing was written."""

    code = "CK801"
    summary = _("Another worker has taken over the job.")

"""The errors of the store and its files. Must not know databases, plugins or doors."""

from __future__ import annotations

from crmkit.errors.base import CrmkitError
from crmkit.errors.operations import InvalidInput
from crmkit.i18n import texts

_ = texts("crmkit")


class StoreError(CrmkitError):
    """The database cannot be opened or used."""

    code = "CK600"
    summary = _("The database cannot be used.")


class NotInitialised(StoreError):
    """The database holds no crmkit tables yet."""

    code = "CK601"
    summary = _("The database has not been set up yet.")


class SchemaOutdated(StoreError):
    """The database's schema is older or newer than this kernel."""

    code = "CK602"
    summary = _("The database's schema does not fit this version.")


class DatabaseBusy(StoreError):
    """Another writer held the database for longer than the busy time-out."""

    code = "CK603"
    summary = _("The database is busy.")


class BackupError(StoreError):
    """A backup could not be made, or does not restore."""

    code = "CK610"
    summary = _("The backup is not usable.")


class FileRejected(InvalidInput):
    """An attachment's type or size is not allowed."""

    code = "CK620"
    summary = _("The file was refused.")

"""The errors of import and export. Must not know databases, plugins or doors."""

from __future__ import annotations

from crmkit.errors.base import CrmkitError
from crmkit.i18n import texts

_ = texts("crmkit")


class ImportFailed(CrmkitError):
    """A file cannot be imported at all; nothing of it was written."""

    code = "CK700"
    summary = _("The file cannot be imported.")


class UnreadableFile(ImportFailed):
    """The file is missing, empty, a folder, binary, or in an encoding that cannot be told."""

    code = "CK701"
    summary = _("The file cannot be read.")


class MappingError(ImportFailed):
    """Columns cannot be matched to fields."""

    code = "CK702"
    summary = _("The columns cannot be matched to fields.")


class ImportConflict(ImportFailed):
    """An import of this file is running, was finished, or was begun from a file that has changed since."""

    code = "CK703"
    summary = _("This import cannot go on.")


class FeedStopped(ImportFailed):
    """Nothing more is taken from a source: what it sent does not keep the contract with it."""

    code = "CK706"
    summary = _("Nothing is taken from this source until somebody releases it.")

"""The errors of keys and what is sealed under them. Must not know databases, plugins or doors."""

from __future__ import annotations

from crmkit.errors.base import CrmkitError
from crmkit.errors.operations import Refused
from crmkit.i18n import texts

_ = texts("crmkit")


class VaultError(CrmkitError):
    """What is sealed, and the keys that it is sealed under, cannot be used."""

    code = "CK630"
    summary = _("The keys cannot be used.")


class KeyMissing(VaultError):
    """A key that the database names is not where it is kept."""

    code = "CK631"
    summary = _("A key is missing.")


class KeyUnsafe(VaultError):
    """A key is kept where others can read it, or where a backup of the data would take it along."""

    code = "CK632"
    summary = _("A key is not kept safely.")


class WrongKey(VaultError):
    """A key has the name of one that the database knows, and is another."""

    code = "CK633"
    summary = _("A key is not the one that this database was written with.")


class SealBroken(VaultError):
    """A sealed value was altered, cut off, or belongs to another place."""

    code = "CK634"
    summary = _("A sealed value was altered or belongs elsewhere.")


class Erased(VaultError):
    """A value was erased for good, by destroying the key it was sealed under."""

    code = "CK635"
    summary = _("This was erased.")


class KeyInUse(VaultError):
    """A key cannot be given up while something is kept under it, or while it is the one in use."""

    code = "CK636"
    summary = _("The key is in use.")


class KeyBackupError(VaultError):
    """A backup of keys was altered, is none, or was made with another passphrase."""

    code = "CK637"
    summary = _("The backup of the keys is not usable.")


class OnLegalHold(Refused):
    """Nothing of a customer may be removed while a legal hold is on it."""

    code = "CK650"
    summary = _("A legal hold since {since} forbids removing anything of this customer: {reason}.")

"""The errors of signing in beyond a password. Must not know databases, plugins or doors."""

from __future__ import annotations

from crmkit.errors.operations import Refused
from crmkit.i18n import texts

_ = texts("crmkit")


class FactorNeeded(Refused):
    """The password is right, and a code of the second factor is asked for as well, or one has to be set up first."""

    code = "CK525"
    summary = _("A second factor is needed to sign in.")


class StepUpNeeded(Refused):
    """Who is signed in has to show once more that it is the same person: a password or a code that was given a few
    minutes ago is too old for this."""

    code = "CK526"
    summary = _("Please confirm that it is you.")


class SignOnFailed(Refused):
    """The single sign-on at another provider did not succeed. What was wrong with it is in the audit log alone."""

    code = "CK527"
    summary = _("Signing in with that account did not work.")

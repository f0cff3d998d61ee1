"""The errors of calls over the network. Must not know databases, plugins or doors."""

from __future__ import annotations

from crmkit.errors.base import CrmkitError
from crmkit.errors.operations import InvalidInput, NotFound, Refused, TooManyAttempts
from crmkit.i18n import texts

_ = texts("crmkit")


class Unauthenticated(Refused):
    """A call came without credentials, or with those of a session that has ended."""

    code = "CK524"
    summary = _("Nobody is signed in.")


class MalformedRequest(InvalidInput):
    """What came cannot be read at all: no JSON, a name that is given twice, values of types that fit nowhere."""

    code = "CK950"
    summary = _("The request cannot be read.")


class MethodNotAllowed(CrmkitError):
    """The address does not know the method of the call; ``allowed`` are those that it knows."""

    code = "CK951"
    summary = _("This address does not know that method.")

    def __init__(
        self, message: str | None = None, *, allowed: tuple[str, ...] = (), fix: str | None = None, **values: object
    ) -> None:
        super().__init__(message, fix=fix, **values)
        self.allowed = allowed


class NotAcceptable(CrmkitError):
    """The answer cannot be given in any of the forms that the caller accepts."""

    code = "CK952"
    summary = _("The answer cannot be given in that form.")


class PayloadTooLarge(CrmkitError):
    """What came is longer than the installation takes."""

    code = "CK953"
    summary = _("This is too long.")


class UnsupportedMediaType(CrmkitError):
    """What came is in a form that the address does not read."""

    code = "CK954"
    summary = _("This cannot be read in that form.")


class PreconditionRequired(CrmkitError):
    """A change does not say which version of the record it is a change of."""

    code = "CK955"
    summary = _("The change does not say which version of the record was seen.")


class NotFromHere(Refused):
    """A change came with a cookie, but not from a page of this site, or from one that is too old."""

    code = "CK956"
    summary = _("This request did not come from a page that you have open here.")


class TooManyCalls(TooManyAttempts):
    """Somebody asks for more than the installation gives one caller in a time; ``wait`` says for how many seconds it
    gives nothing."""

    code = "CK957"
    summary = _("Too many requests.")

    def __init__(self, message: str | None = None, *, wait: int = 1, fix: str | None = None, **values: object) -> None:
        CrmkitError.__init__(self, message, fix=fix, wait=wait, **values)
        self.seconds = wait


class LinkClosed(NotFound):
    """A public link opens nothing: it is forged, over, revoked or used, or its customer is gone. Which, is not said."""

    code = "CK958"
    summary = _("This link does not open anything (any more).")

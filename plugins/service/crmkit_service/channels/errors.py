"""What can be wrong with channels: codes SVC401 to SVC499."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_service")


class MailNeeded(Conflict):
    """Something goes by mail, and plugin messaging is not enabled."""

    code: ClassVar[str] = "SVC401"
    summary = _("This needs the plugin messaging.")

    def __init__(self) -> None:
        super().__init__(
            _("Mails need the plugin messaging, which is not enabled."), fix=_("crmkit plugin enable messaging")
        )


class NoAddress(Conflict):
    """A page of a customer was to be linked in a mail, and nobody knows where the installation is reached."""

    code: ClassVar[str] = "SVC402"
    summary = _("The address of the installation is not set.")

    def __init__(self) -> None:
        super().__init__(
            _("There is no address under which customers reach the pages."), fix=_("Set public_url in the settings.")
        )


class NotRatable(Conflict):
    """A case was to be rated that was never solved, or that was rated already."""

    code: ClassVar[str] = "SVC403"
    summary = _("The case cannot be rated.")

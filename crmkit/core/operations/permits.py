"""The gate's stage for permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.errors import Refused
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.operations.operation import Operation
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


class Permits:
    """Decides whether an actor may run an operation on a record.

    Rights of users come with roles; until a user has roles, every user of the installation may do everything, and the
    public, who is nobody in particular, nothing.
    """

    def check(self, session: CrmSession, operation: Operation[Any, Any], record: Any) -> None:
        """Return when it is permitted. Raises Refused with the reason."""
        if session.actor.kind == "public":
            raise Refused(
                _("{actor} may not do this: {operation}."), actor=session.actor.name, operation=operation.name
            )

"""Which customers somebody may take out of the house: those that he may both see and export.

Must not know what is taken along, nor where to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.core.customers.models import Customer
from crmkit.errors import Refused
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


def may_leave(session: CrmSession, statement: Any) -> Any:
    """Return a statement over customers, of those alone whom the actor may export. Raises Refused where that is none by
    right."""
    guarding = session.guarding
    if guarding.rights.unrestricted:
        return statement
    if guarding.rights.scope("customer", "export") == "none":
        raise Refused(_("This needs the right to export customers."))
    shape = session.gate.crm.guard.shape(session, ("export",)).with_values(guarding.values)
    return statement.where(shape.criterion(Customer))

"""Whether somebody may do something with one customer, and if not, why: for buttons that say so.

Must not know pages.
"""

from __future__ import annotations

from typing import Any

from attrs import define, field

from crmkit.core.store.session import CrmSession
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall

_ = texts("crmkit")


@define(kw_only=True, eq=False)
class Permits:
    """What the caller may do with one record: each right is looked up once."""

    call: PageCall
    session: CrmSession
    record: Any
    _known: dict[tuple[str, tuple[str, ...]], str] = field(factory=dict[tuple[str, tuple[str, ...]], str])

    def why_not(self, operation: str) -> str:
        """Return why the caller may not run an operation on the record, nothing where he may."""
        found = self.call.crm.registry.operations.get(operation)
        if found is None:
            return self.call.text(_("There is no such operation."))
        key = (found.resource, found.actions)
        if key not in self._known:
            self._known[key] = self._reason(found)
        return self._known[key]

    def _reason(self, operation: Any) -> str:
        rights = self.session.gate.rights(self.session)
        if rights.decide(operation.resource, *operation.actions).scope == "none":
            return self.call.text(_("Your role does not grant {right}."), right=operation.permission)
        if operation.resource != "customer" or rights.unrestricted:
            return ""
        if self.session.gate.may(self.session, operation.actions, self.record, resource=operation.resource):
            return ""
        return self.call.text(_("You may do this with customers of your own or your team, and not with this one."))

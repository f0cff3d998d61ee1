"""The plugin keeps the rules of crmkit: the same checks as ``crmkit plugin check warranty``."""

from __future__ import annotations

from uuid import UUID

from crmkit import CRM
from crmkit.testing import PluginConformance


class TestConformance(PluginConformance):
    """Manifest, hooks, models, migrations there and back, and the whole life cycle."""

    def use(self, crm: CRM, customer_id: UUID) -> None:
        """Register a warranty and open a claim, so that the life cycle is checked with rows as they really are."""
        actor = crm.system("conformance")
        new = {"customer_id": customer_id, "serial": f"SN-{customer_id}"}
        warranty = crm.run(actor, "warranty.register", new)
        crm.run(actor, "warranty.claim", {"defect": "It stays dark"}, target=warranty.id)

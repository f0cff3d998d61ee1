"""What the doors serve of the plugin's records."""

from __future__ import annotations

from crmkit import Resource, texts

from crmkit_warranty.models import Claim, Terms, Warranty

_ = texts("crmkit_warranty")

RESOURCES = [
    Resource(
        name="warranty.warranty",
        model=Warranty,
        title=_("Warranty"),
        plural=_("Warranties"),
        columns=("serial", "customer_id", "expires_on", "status"),
        search=("serial",),
        sort="expires_on",
        icon="shield-check",
    ),
    Resource(
        name="warranty.claim",
        model=Claim,
        title=_("Claim"),
        plural=_("Claims"),
        columns=("warranty_id", "opened_on", "settled_on"),
        sort="-opened_on",
        icon="receipt-refund",
    ),
    Resource(
        name="warranty.terms",
        model=Terms,
        title=_("Terms"),
        plural=_("Terms"),
        columns=("name", "months"),
        sort="name",
        menu=False,
    ),
]

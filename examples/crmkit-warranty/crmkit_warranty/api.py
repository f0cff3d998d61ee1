"""What other plugins may import of this one. Nothing else is promised."""

from __future__ import annotations

from crmkit_warranty.errors import ClaimOpen, WarrantyExpired
from crmkit_warranty.events import WarrantiesRegistered, WarrantyClaimed, WarrantyClosed, WarrantySettled
from crmkit_warranty.models import Warranty

__all__ = [
    "ClaimOpen",
    "WarrantiesRegistered",
    "Warranty",
    "WarrantyClaimed",
    "WarrantyClosed",
    "WarrantyExpired",
    "WarrantySettled",
]

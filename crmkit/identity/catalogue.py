"""What this room registers with the kernel: its operations, events and part of the personal-data map."""

from __future__ import annotations

from typing import Any

from crmkit.hooks.contributions import PersonalData
from crmkit.i18n import texts
from crmkit.identity import merging, unmerging
from crmkit.identity.events import EVENTS as EVENTS

_ = texts("crmkit")

OPERATIONS: list[Any] = [*merging.OPERATIONS, *unmerging.OPERATIONS]
PERSONAL_DATA: tuple[PersonalData, ...] = (
    PersonalData(
        table="crm_merge",
        columns=("absorbed_name", "reason", "undone_reason"),
        purpose=_("Telling which customers were merged"),
        on_erase="anonymise",
    ),
    PersonalData(table="crm_merge_row", columns=("content",), purpose=_("Undoing a merge of customers")),
)

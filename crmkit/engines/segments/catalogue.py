"""What the room of segments registers with the kernel."""

from __future__ import annotations

from typing import Any

from crmkit.engines.segments.checks import CHECKS as CHECKS
from crmkit.engines.segments.events import EVENTS as EVENTS
from crmkit.engines.segments.exporting import OPERATIONS as _EXPORTING
from crmkit.engines.segments.membership import JOBS as JOBS, run_segments
from crmkit.engines.segments.operations import OPERATIONS as _SAVING
from crmkit.engines.segments.resolving import DEFINITION, segment_facts
from crmkit.hooks.contributions import PersonalData
from crmkit.i18n import texts

_ = texts("crmkit")

OPERATIONS: list[Any] = [*_SAVING, *_EXPORTING, run_segments]
DEFINITIONS = [DEFINITION]
FACT_SOURCES = [segment_facts]
PERSONAL_DATA = [
    PersonalData(
        table="crm_segment_member",
        derived=True,
        columns=("segment",),
        purpose=_("Segmentation"),
        on_merge="keep_winner",
    )
]

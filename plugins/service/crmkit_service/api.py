"""What other plugins may import of service; everything else may change at any time."""

from __future__ import annotations

from crmkit_service.cases.events import (
    AfterSaleFinished,
    AfterSaleRecorded,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseMerged,
    CaseMessageReceived,
    CaseOpened,
    CaseReopened,
    CaseResolved,
    CaseStateChanged,
)
from crmkit_service.cases.history import path_of, ref_of
from crmkit_service.cases.inputs import NewCase, case_numbered, survivor_of
from crmkit_service.cases.models import Case, CaseEvent, CaseMessage, CaseType
from crmkit_service.cases.talking import Said, thread_of
from crmkit_service.cases.words import CHANNELS, KINDS, PHASES, PRIORITIES, STATES, UNFINISHED

__all__ = [
    "CHANNELS",
    "KINDS",
    "PHASES",
    "PRIORITIES",
    "STATES",
    "UNFINISHED",
    "AfterSaleFinished",
    "AfterSaleRecorded",
    "Case",
    "CaseAnswered",
    "CaseAssigned",
    "CaseClosed",
    "CaseEvent",
    "CaseMerged",
    "CaseMessage",
    "CaseMessageReceived",
    "CaseOpened",
    "CaseReopened",
    "CaseResolved",
    "CaseStateChanged",
    "CaseType",
    "NewCase",
    "Said",
    "case_numbered",
    "path_of",
    "ref_of",
    "survivor_of",
    "thread_of",
]

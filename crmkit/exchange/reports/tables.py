"""The table of scheduled reports: which report is made when, for whom, in which form."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped

from crmkit.core.access.models import User
from crmkit.core.store.model import Access, Record, field, kernel_key
from crmkit.i18n import texts

_ = texts("crmkit")


class ReportSchedule(Record):
    """A report that is made again and again, with the rights that its recipient has each time.

    ``next_at`` is when it is due; ``last_file`` the file that was made last, below the folder of reports.
    """

    __tablename__ = "crm_report_schedule"
    __access__ = Access.system()

    name: Mapped[str] = field(String(80), title=_("Name"), classified="internal", unique=True)
    report: Mapped[str] = field(String(120), title=_("Report"), classified="internal")
    parameters: Mapped[dict[str, Any]] = field(title=_("Parameters"), classified="sensitive", default=dict)
    format: Mapped[str] = field(String(10), title=_("Format"), classified="internal")
    language: Mapped[str] = field(String(12), title=_("Language"), classified="internal")
    cron: Mapped[str] = field(String(120), title=_("When"), classified="internal")
    user_id: Mapped[UUID] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("Recipient"), classified="internal", index=True
    )
    keep_days: Mapped[int] = field(Integer, title=_("Kept for (days)"), classified="internal", default=90)
    next_at: Mapped[datetime] = field(title=_("Next"), classified="internal", index=True)
    last_at: Mapped[datetime | None] = field(title=_("Last"), classified="internal")
    last_file: Mapped[str | None] = field(String(300), title=_("File"), classified="internal")

"""The tables of experiments: when each ran and by which version of its definition, and who was exposed to which arm."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit.core.customers.models import Customer
from crmkit.core.store.clock import system_now
from crmkit.core.store.model import Access, Model, field, kernel_key
from crmkit.i18n import texts

_ = texts("crmkit")


class ExperimentRun(Model):
    """That an experiment was started, and stopped. It runs by the version of its definition that it was started with;
    both instants are times of the business, ``recorded_at`` is when crmkit wrote that it was started."""

    __tablename__ = "crm_experiment_run"
    __access__ = Access.open(resource="experiment")

    experiment: Mapped[str] = field(String(120), title=_("Experiment"), classified="internal", primary_key=True)
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal")
    started_at: Mapped[datetime] = field(title=_("Started at"), classified="internal")
    started_by: Mapped[str] = field(String(80), title=_("Started by"), classified="internal")
    stopped_at: Mapped[datetime | None] = field(title=_("Stopped at"), classified="internal")
    note: Mapped[str] = field(String(500), title=_("Note"), classified="internal", default="")
    recorded_at: Mapped[datetime] = field(classified="internal", default=system_now)


class Exposure(Model):
    """The first time that a customer was treated as an arm of an experiment says; ``recorded_at`` is when crmkit wrote
    it. It is read through results alone, which count."""

    __tablename__ = "crm_experiment_exposure"
    __access__ = Access.system()

    experiment: Mapped[str] = field(String(120), title=_("Experiment"), classified="internal", primary_key=True)
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    arm: Mapped[str] = field(String(120), title=_("Arm"), classified="internal")
    exposed_at: Mapped[datetime] = field(title=_("Exposed at"), classified="internal")
    recorded_at: Mapped[datetime] = field(classified="internal")

    __table_args__ = (
        Index("ix_crm_experiment_exposure_customer", "customer_id"),
        Index("ix_crm_experiment_exposure_time", "experiment", "exposed_at"),
    )

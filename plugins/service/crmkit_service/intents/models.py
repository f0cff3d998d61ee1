"""The tables of intents: what cases can be about, models with their arrays, and what was suggested for which case."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from crmkit_work.api import Queue
from sqlalchemy import Float, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Model, Record, User, field, json_type, kernel_key, texts
from crmkit_service.cases.models import Case

_ = texts("crmkit_service")

MODEL_STATES = {"candidate": _("Candidate"), "adopted": _("Adopted"), "retired": _("Retired")}
SOURCES = {"cases": _("Cases with a confirmed intent"), "file": _("A file with labels")}


class Intent(Record):
    """Something that customers write about, such as a delivery that is late. ``queue_id`` is where cases with it go
    once a person has confirmed it, where it says one."""

    __tablename__ = "service_intent"
    __access__ = Access.open()

    name: Mapped[str] = field(String(80), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    queue_id: Mapped[UUID | None] = field(
        kernel_key(Queue.id, ondelete="SET NULL"), title=_("Goes to the queue"), classified="public", index=True
    )
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class IntentModel(Record):
    """What was learnt about intents, and how good it was on texts that it had not seen. ``evaluation`` is a document of
    `crmkit_service.intents.learning`; its arrays are an `IntentWeights` of the same id."""

    __tablename__ = "service_intent_model"
    __access__ = Access.open()
    __history__ = False

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=MODEL_STATES, default="candidate", editable=False
    )
    source: Mapped[str] = field(String(8), title=_("Learnt from"), classified="internal", choices=SOURCES)
    learnt_at: Mapped[datetime] = field(title=_("Learnt at"), classified="internal", editable=False)
    examples: Mapped[int] = field(Integer, title=_("Texts"), classified="internal", editable=False)
    intents: Mapped[int] = field(Integer, title=_("Intents"), classified="internal", editable=False)
    accuracy: Mapped[float] = field(Float, title=_("Right at once"), classified="internal", editable=False)
    top3: Mapped[float] = field(Float, title=_("Among the first three"), classified="internal", editable=False)
    calibration_error: Mapped[float] = field(Float, title=_("Calibration error"), classified="internal", editable=False)
    evaluation: Mapped[dict[str, Any]] = field(json_type(), classified="internal", editable=False)


class IntentWeights(Model):
    """The arrays of a model, as a NumPy archive without pickle. No page shows them."""

    __tablename__ = "service_intent_weights"
    __access__ = Access.open(resource="service.intent_model")

    model_id: Mapped[UUID] = field(
        ForeignKey(IntentModel.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    content: Mapped[bytes] = field(LargeBinary, classified="internal")


class IntentSuggestion(Record):
    """What a model suggested for a case, and what a person made of it. One for each case: the last one.

    ``others`` has further intents with their probabilities, ``because`` the words that spoke for the first one, a comma
    between them.
    ``answer`` is the intent that a person confirmed, the suggested one or another.
    """

    __tablename__ = "service_intent_suggestion"
    __access__ = Access.via("case_id", resource="service.case")
    __history__ = False

    case_id: Mapped[UUID] = field(
        ForeignKey(Case.id, ondelete="CASCADE"), title=_("Case"), classified="internal", unique=True, editable=False
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    model_id: Mapped[UUID | None] = field(
        ForeignKey(IntentModel.id, ondelete="SET NULL"), title=_("Model"), classified="internal", index=True
    )
    intent: Mapped[str | None] = field(String(80), title=_("Suggested"), classified="internal")
    probability: Mapped[float | None] = field(Float, title=_("Probability"), classified="internal")
    others: Mapped[list[Any]] = field(json_type(), title=_("Others"), classified="internal", default=list)
    because: Mapped[str | None] = field(String(500), title=_("Because of"), classified="text")
    answer: Mapped[str | None] = field(String(80), title=_("Confirmed"), classified="internal", index=True)
    answered_at: Mapped[datetime | None] = field(title=_("Confirmed at"), classified="internal")
    answered_by: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("By"), classified="internal", index=True
    )


MODELS: list[type[Any]] = [Intent, IntentModel, IntentWeights, IntentSuggestion]

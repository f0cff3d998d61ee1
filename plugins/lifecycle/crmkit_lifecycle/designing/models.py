"""The tables of lifecycle models: a model, its versions, the stages of each.

Everybody who is signed in reads them; a version that was published is never changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Id, Record, Team, field, json_type, kernel_key, texts
from crmkit_lifecycle.words import ABOUT, ACTIVE, KINDS, LABELS, MARKS, ROLL_UPS, VERSION_STATES

_ = texts("crmkit_lifecycle")


class LifecycleModel(Record):
    """A way that customers go, such as from prospect to loyal customer. The usual one decides the lifecycle of all.

    ``automatic`` lets criteria move customers forward. ``roll_up`` says how the stage of an organisation follows from
    those of its people, who have the relationship ``roll_up_kind`` to it.
    """

    __tablename__ = "lifecycle_model"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    about: Mapped[str] = field(String(12), title=_("About"), classified="public", choices=ABOUT, default="any")
    usual: Mapped[bool] = field(title=_("Usual"), classified="public", default=False)
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)
    automatic: Mapped[bool] = field(title=_("Moves by itself"), classified="public", default=True)
    roll_up: Mapped[str] = field(String(10), title=_("Roll-up"), classified="public", choices=ROLL_UPS, default="none")
    roll_up_kind: Mapped[str] = field(String(60), title=_("Of people who are"), classified="public", default="employee")


class ModelVersion(Record):
    """The stages of a model as they were laid down at a time.

    ``among`` is the condition under which somebody takes part, ``leave`` that under which a passage ends before its
    time, ``again`` that under which another one begins once one has ended; without it, another one begins when the
    criterion of the entry has ceased to hold and holds again. ``again_days`` is the least time between the two.
    """

    __tablename__ = "lifecycle_version"
    __access__ = Access.open()

    model_id: Mapped[UUID] = field(
        ForeignKey(LifecycleModel.id, ondelete="CASCADE"), title=_("Model"), classified="public", editable=False
    )
    number: Mapped[int] = field(Integer, title=_("Number"), classified="public", editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="public", choices=VERSION_STATES, default="draft", editable=False
    )
    published_at: Mapped[datetime | None] = field(title=_("Published at"), classified="public", editable=False)
    among: Mapped[str] = field(String(2000), title=_("Who takes part"), classified="internal", default="true")
    leave: Mapped[str] = field(String(2000), title=_("Who leaves"), classified="internal", default="")
    again: Mapped[str] = field(String(2000), title=_("Who begins again"), classified="internal", default="")
    again_days: Mapped[int] = field(Integer, title=_("Days until then"), classified="internal", default=0)

    __table_args__ = (UniqueConstraint("model_id", "number"),)


class Stage(Record):
    """One stage of a version, by its ``position``.

    ``key`` stays the same in all versions, whatever the stage is called. ``enter`` and ``leave`` are conditions over
    facts; ``moves`` are the names of the stages to which one may go from here, empty for the next one and the ends.
    ``limit_minutes`` is how much working time somebody should be here at most. On entering, the customer is handed to
    ``hand_to_team_id``, to be accepted within ``accept_minutes`` of working time; a rejection leads to the stage
    ``declined_to``. ``weight`` counts in the roll-up to an organisation.
    """

    __tablename__ = "lifecycle_stage"
    __access__ = Access.open()

    version_id: Mapped[UUID] = field(
        ForeignKey(ModelVersion.id, ondelete="CASCADE"), title=_("Version"), classified="public", editable=False
    )
    key: Mapped[UUID] = field(Id, classified="public", index=True, editable=False)
    position: Mapped[int] = field(Integer, title=_("Order"), classified="public", default=0)
    name: Mapped[str] = field(String(60), title=_("Name"), classified="public")
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    kind: Mapped[str] = field(String(6), title=_("Kind"), classified="public", choices=KINDS, default=ACTIVE)
    enter: Mapped[str] = field(String(2000), title=_("To enter"), classified="internal", default="")
    leave: Mapped[str] = field(String(2000), title=_("To leave"), classified="internal", default="")
    moves: Mapped[list[str]] = field(json_type(), title=_("May go to"), classified="public", default=list)
    owner_role: Mapped[str] = field(String(60), title=_("Whose work it is"), classified="public", default="")
    limit_minutes: Mapped[int | None] = field(
        Integer, title=_("At most here (minutes of working time)"), classified="public"
    )
    hand_to_team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Handed to"), classified="public", index=True
    )
    accept_minutes: Mapped[int] = field(
        Integer, title=_("To be accepted within (minutes of working time)"), classified="public", default=480
    )
    declined_to: Mapped[str] = field(String(60), title=_("If declined, to"), classified="public", default="")
    label: Mapped[str] = field(
        String(10), title=_("Label of the lifecycle"), classified="public", choices=LABELS, default="potential"
    )
    mark: Mapped[str] = field(String(10), title=_("Stands for"), classified="public", choices=MARKS, default="none")
    weight: Mapped[int] = field(Integer, title=_("Weight"), classified="public", default=1)

    __table_args__ = (UniqueConstraint("version_id", "name"),)


MODELS: list[type[Any]] = [LifecycleModel, ModelVersion, Stage]

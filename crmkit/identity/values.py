"""The values by which merging is asked for, planned and told: what a field becomes, what happens to each table's rows.

Must not know tables.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import field, frozen

from crmkit.core.operations.inputs import Input
from crmkit.i18n import texts

_ = texts("crmkit")

OnConflict = Literal["refuse", "keep", "restore"]
"""What undoing a merge does with rows that were changed since: nothing at all (it is refused), keep them as they are
now, or restore them as they stood before the merge."""
Take = Literal["survivor", "absorbed", "value"]


@frozen(kw_only=True)
class FieldChoice:
    """Which value a field has after a merge: the survivor's, the absorbed customer's, or one typed by hand.

    ``field`` is a field of the customer, ``custom.<name>`` for a custom one, ``preferences.<name>`` for a preference.
    """

    field: Annotated[str, Input(title=_("Field"), max_length=120, classified="internal")]
    take: Annotated[Take, Input(title=_("Take"), classified="internal")] = "survivor"
    value: Annotated[Any, Input(title=_("Value"))] = None


@frozen(kw_only=True)
class FieldComparison:
    """A field of two customers that are to be merged, as their reader may see it, and what it would be afterwards.

    ``taken`` says where that comes from; ``differs`` that both have a value and not the same.
    """

    field: str
    title: str
    survivor: Any
    absorbed: Any
    chosen: Any
    taken: Take = "survivor"
    differs: bool = False


@frozen(kw_only=True)
class TablePlan:
    """What a merge does with a table's rows about the absorbed customer: how many go over to the survivor, how many are
    left out as the survivor has their like, how many rows of either are changed by it. ``plugin`` owns the table."""

    table: str
    title: str
    plugin: str
    moved: int = 0
    united: int = 0
    changed: int = 0


@frozen(kw_only=True)
class MergePlan:
    """What merging two customers would do. ``version`` and ``absorbed_version`` are those that the plan was made of;
    ``warnings`` are sentences for whoever decides; ``refusal`` says why it cannot be done, empty where it can."""

    survivor_id: UUID
    absorbed_id: UUID
    survivor_name: str
    absorbed_name: str
    version: int
    absorbed_version: int
    fields: tuple[FieldComparison, ...] = field(converter=tuple)
    tables: tuple[TablePlan, ...] = field(converter=tuple)
    warnings: tuple[str, ...] = field(default=(), converter=tuple)
    refusal: str = ""


@frozen(kw_only=True)
class Merged:
    """What a merge did: its number, who survives, who was absorbed, how many rows went over, were united with equal
    ones of the survivor, and were changed."""

    merge_id: UUID
    customer_id: UUID
    absorbed_id: UUID
    moved: int = 0
    united: int = 0
    changed: int = 0


@frozen(kw_only=True)
class RowConflict:
    """A row that was changed since a merge, and that undoing the merge would change too. ``fields`` are those that
    differ; ``what`` is changed, gone (removed since) or taken (it belongs to somebody else now)."""

    table: str
    title: str
    plugin: str
    record_id: str
    what: Literal["changed", "gone", "taken"]
    fields: tuple[str, ...] = field(default=(), converter=tuple)


@frozen(kw_only=True)
class UnmergePlan:
    """What undoing a merge would do: rows that go back, that are made again, that are changed back; rows that came
    later and stay with the survivor; rows that were changed since. ``first`` is the merge that has to be undone before,
    ``refusal`` says why it cannot be undone, empty where it can."""

    merge_id: UUID
    survivor_id: UUID
    absorbed_id: UUID
    absorbed_name: str
    merged_at: datetime
    tables: tuple[TablePlan, ...] = field(converter=tuple)
    later: tuple[TablePlan, ...] = field(default=(), converter=tuple)
    conflicts: tuple[RowConflict, ...] = field(default=(), converter=tuple)
    first: UUID | None = None
    refusal: str = ""


@frozen(kw_only=True)
class Unmerged:
    """What undoing a merge did: who survives, who is back, how many rows were restored, stayed as they are now in spite
    of a conflict, and stay with the survivor as they came later."""

    merge_id: UUID
    customer_id: UUID
    restored_id: UUID
    restored: int = 0
    kept: int = 0
    later: int = 0


@frozen(kw_only=True)
class MergeRecord:
    """A merge as it is remembered; instants are in UTC. ``survivor_id`` is who survived it, ``customer_id`` who has the
    records now: somebody else where the survivor was absorbed in turn, None once the person was erased.
    ``absorbed_name`` is shown as its reader may see it."""

    id: UUID
    customer_id: UUID | None
    survivor_id: UUID
    absorbed_id: UUID
    absorbed_name: str
    merged_at: datetime
    actor_id: str
    reason: str
    fields: tuple[str, ...] = field(default=(), converter=tuple)
    undone_at: datetime | None = None
    undone_by: str | None = None
    undone_reason: str | None = None

    @property
    def undone(self) -> bool:
        """Say whether it was taken back."""
        return self.undone_at is not None

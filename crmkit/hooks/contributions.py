"""The frozen values that hooks return.

Each says one thing that a plugin has. They hold no sessions and do no work; the kernel checks, lists and serves them.
Core types appear for the type checker only, so that this module imports no database layer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from attrs import field, field as _default, frozen

from crmkit.hooks.classes import FieldClass as FieldClass
from crmkit.hooks.classification import (
    ByClusters as ByClusters,
    ByCutPoints as ByCutPoints,
    ByExpressions as ByExpressions,
    ByPin as ByPin,
    ByQuantiles as ByQuantiles,
    ByValue as ByValue,
    Dimension as Dimension,
    DimensionLabel as DimensionLabel,
)
from crmkit.hooks.dashboard import CardLine as CardLine, DashboardCard as DashboardCard, RecordPanel as RecordPanel
from crmkit.hooks.facts import Fact as Fact, FactQuery as FactQuery, FactSet as FactSet
from crmkit.hooks.feeds import Feed as Feed, FeedCounts as FeedCounts, FeedRow as FeedRow
from crmkit.hooks.imports import ImportField as ImportField, Imports as Imports
from crmkit.hooks.pages import (
    Board as Board,
    BoardChoice as BoardChoice,
    BoardColumn as BoardColumn,
    BoardMark as BoardMark,
    Calendar as Calendar,
    Page as Page,
    PageFile as PageFile,
)
from crmkit.hooks.public import (
    PublicPage as PublicPage,
    Received as Received,
    Reply as Reply,
    Visit as Visit,
)
from crmkit.hooks.reports import (
    TOTAL as TOTAL,
    ByFacts as ByFacts,
    ByFigure as ByFigure,
    Chart as Chart,
    Column as Column,
    Figure as Figure,
    Goal as Goal,
    Named as Named,
    Note as Note,
    Report as Report,
    ReportTemplate as ReportTemplate,
    Table as Table,
)
from crmkit.hooks.rules import Do as Do, Rule as Rule
from crmkit.hooks.search import (
    Searchable as Searchable,
    SearchField as SearchField,
    SearchRelated as SearchRelated,
    Synonyms as Synonyms,
)
from crmkit.hooks.segments import Segment as Segment
from crmkit.hooks.sites import (
    PublicSite as PublicSite,
    SiteAnswer as SiteAnswer,
    SiteMove as SiteMove,
    SitePage as SitePage,
    SiteVisit as SiteVisit,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from crmkit.core.store.session import CrmSession

AtEntry = Literal["", "warn", "block"]
MergeRule = Literal["move", "keep_winner", "combine"]
EraseRule = Literal["delete", "anonymise", "retain"]
Direction = Literal["in", "out", "internal"]
PayloadType = Literal["string", "integer", "decimal", "boolean", "date", "instant", "list", "object"]


@frozen(kw_only=True)
class Resource:
    """A kind of record that doors serve: its model, its name in the API, how its lists look.

    ``name`` is ``<plugin>.<noun>`` (the kernel's own have no prefix); ``columns`` are shown in lists, ``search`` are
    matched by quick search, ``sort`` is the default order (``-`` in front for descending). ``icon`` is the name of a
    drawing; ``menu`` says whether the menu of the pages names its list; ``imports`` how records are filled from files.
    ``panels(session, record)`` returns what stands on the page of a record beside its fields; it has to be quick.
    """

    name: str
    model: type[Any]
    title: str
    plural: str
    columns: tuple[str, ...] = field(default=(), converter=tuple)
    search: tuple[str, ...] = field(default=(), converter=tuple)
    sort: str = "-created_at"
    description: str = ""
    icon: str = "table"
    menu: bool = True
    imports: Imports | None = None
    panels: Callable[[CrmSession, Any], Sequence[RecordPanel]] | None = None


@frozen(kw_only=True)
class PayloadField:
    """One field of an interaction's payload. ``classified`` is its field class; unclassified means sensitive."""

    name: str
    type: PayloadType = "string"
    required: bool = False
    options: tuple[str, ...] = field(default=(), converter=tuple)
    classified: FieldClass = "sensitive"
    title: str = ""


@frozen(kw_only=True)
class InteractionKind:
    """A kind of interaction: what its payload holds and what else it may carry.

    ``payload`` fields not declared are refused unless ``open`` is true. ``money`` says whether an amount is
    "required", "optional" or "none"; ``lines`` whether purchase lines may be given; ``searchable`` whether an admin
    has declared its subject and body plain and searchable.
    """

    name: str
    title: str
    channel: str = "other"
    direction: Direction = "in"
    payload: tuple[PayloadField, ...] = field(default=(), converter=tuple)
    open: bool = False
    money: Literal["required", "optional", "none"] = "none"
    lines: bool = False
    searchable: bool = False
    description: str = ""


@frozen(kw_only=True)
class Channel:
    """A way to reach customers or be reached: ``email``, ``phone``, ``sms`` … ``contact_kind`` is the contact point
    that it needs."""

    name: str
    title: str
    contact_kind: str | None = None
    repeatable: bool = False
    """Whether its carrier takes a message of the same id once only, so that it can be handed over again."""


@frozen(kw_only=True)
class Subscription:
    """A handler for a domain event.

    ``phase`` "before_commit" runs ``handler(session, event)`` in the transaction of the change and may abort it;
    "after_commit" runs it in a transaction of its own. A ``durable`` subscription is kept with the change, retried
    with back-off and dead-lettered after ``attempts``; its effect and its completion commit together.

    The event "*" is every event. ``wanted(session, event)`` is asked in the transaction of the change whether a durable
    delivery is needed at all, so that events that concern nobody cost nothing; it must be quick, and write nothing.
    """

    name: str
    event: str
    handler: Callable[[CrmSession, Any], None]
    phase: Literal["before_commit", "after_commit"] = "after_commit"
    durable: bool = True
    attempts: int = 12
    wanted: Callable[[CrmSession, Any], bool] | None = None


@frozen(kw_only=True)
class Job:
    """Work that a worker carries out: deferred by an operation, or periodic.

    ``acts_as`` has to be said: "system" acts in system scope, with the title as its reason; "actor" as whoever
    deferred it, with the rights that this one has when the job runs. A periodic job is deferred by nobody.
    ``handler(session, **arguments)`` runs in one writing transaction, which also completes the job, so its effect
    happens exactly once. A periodic job has ``every`` (seconds, minutes … as "15 minutes") or ``cron`` (five fields,
    in the company's zone) and gets the tick as ``tick: datetime``. ``catch_up`` says which missed ticks are made up
    for: "all" in order, or "latest" alone. ``lease`` is in seconds.

    A job that talks to other servers is ``apart``: its ``handler(crm, actor, **arguments)`` runs in no transaction and
    opens its own, so that nobody waits for a slow server with the database locked; it has a lane of its own. Its lease
    is prolonged while it runs. It may come again after a crash: what it did has to be in what it has committed.
    """

    name: str
    handler: Callable[..., None]
    every: str | None = None
    cron: str | None = None
    catch_up: Literal["all", "latest"] = "all"
    attempts: int = 12
    lease: int = 60
    title: str = ""
    acts_as: Literal["system", "actor"] | None = None
    apart: bool = False


@frozen(kw_only=True)
class PersonalData:
    """What a table holds about persons, kept in the database so that it is known while the plugin is not loaded.

    ``column`` is the one that names the customer; ``columns`` hold personal data; ``on_merge`` says what a merge does
    with the rows, ``on_erase`` what an erasure does, ``purpose`` and ``retention_days`` say why and how long. What is
    retained at an erasure names its ``law`` and the days after which it goes, too; everything else is removed when it
    is older than ``retention_days``, if any, by the retention schedule. ``derived`` rows follow from others and are
    made anew at any time: they are no reason to keep a customer whom an import made and a revert would remove.
    """

    table: str
    column: str = "customer_id"
    columns: tuple[str, ...] = field(default=(), converter=tuple)
    purpose: str
    on_merge: MergeRule = "move"
    on_erase: EraseRule = "delete"
    retention_days: int | None = None
    law: str = ""
    derived: bool = False


@frozen(kw_only=True)
class Finding:
    """What a check found. ``level`` "error" makes ``crmkit doctor`` fail; ``hint`` says what to do."""

    level: Literal["ok", "info", "warning", "error"]
    code: str
    message: str
    hint: str = ""
    values: Mapping[str, object] = field(factory=dict[str, object])


@frozen(kw_only=True)
class Check:
    """A check that ``crmkit doctor`` runs: ``run(session)`` returns findings."""

    name: str
    title: str
    run: Callable[[CrmSession], Sequence[Finding]]


@frozen(kw_only=True)
class AccessRule:
    """A record rule for one resource and action: a SQL predicate (None for every row) and the reason for it."""

    effect: Literal["allow", "deny"]
    reason: str
    where: ColumnElement[bool] | None = None


@frozen(kw_only=True)
class TimelineEntry:
    """An entry that a plugin adds to a customer's timeline; ``ref`` is ``<resource>:<id>``."""

    customer_id: UUID
    occurred_at: datetime
    kind: str
    title: str
    summary: str = ""
    ref: str | None = None


@frozen(kw_only=True)
class Match:
    """A customer that a probe probably is, with a score from 0 to 1 and the reason.

    ``at_entry`` says whether the customer stands in the way of adding the one who is probed: "warn" until it is said
    that it is somebody else (``despite_duplicates``), "block" always.
    """

    probe: int
    customer_id: UUID
    score: float
    reason: str
    at_entry: AtEntry = ""


@frozen(kw_only=True)
class Probe:
    """What is known of somebody who is to be matched with existing customers."""

    name: str | None = None
    contacts: tuple[tuple[str, str], ...] = field(default=(), converter=tuple)
    """Pairs of contact kind and normalised value."""
    identifiers: tuple[tuple[str, str], ...] = field(default=(), converter=tuple)
    """Pairs of source and external id."""
    details: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    """What else is known, by the names of the fields of a new customer: ``birth_date``, ``city``, ``street`` …"""


@frozen(kw_only=True)
class Panel:
    """What a plugin shows beside a customer: a title and pairs of text.

    ``path`` is an address of the pages where there is more of it, ``link`` what leads there.
    """

    customer_id: UUID
    title: str
    rows: tuple[tuple[str, str], ...] = field(default=(), converter=tuple)
    path: str = ""
    link: str = ""


@frozen(kw_only=True)
class SearchHit:
    """A record that a search found, with a score that orders it among its plugin's hits.

    ``ref`` is ``<resource>:<id>``; ``highlights`` are the places in the snippet, from and up to a character, that the
    search is about; ``reason`` says why it was found, where that does not show.
    """

    ref: str
    title: str
    score: float
    customer_id: UUID | None = None
    snippet: str = ""
    highlights: tuple[tuple[int, int], ...] = field(default=(), converter=tuple)
    reason: str = ""


@frozen(kw_only=True)
class ExportSection:
    """A plugin's part of a subject access export: a title and rows of plain values."""

    title: str
    rows: tuple[Mapping[str, Any], ...] = field(converter=tuple)


@frozen(kw_only=True)
class Change:
    """A change to a record that is about to be written: which record, and per field its old and new value.

    Of a field that is sealed both come masked; the record has the new value.
    """

    resource: str
    record: Any
    kind: Literal["create", "update", "delete"]
    fields: Mapping[str, tuple[Any, Any]] = field(factory=dict[str, tuple[Any, Any]])


@frozen(kw_only=True)
class IncomingChange:
    """Which fields of a customer would get other values, custom ones as ``custom.<name>``; the values are not told."""

    customer_id: UUID
    fields: tuple[str, ...] = field(converter=tuple)


@frozen(kw_only=True)
class KeptValue:
    """A field of a customer that stays as it is, and why; ``values`` fill the fields of the reason."""

    customer_id: UUID
    field: str
    reason: str
    values: Mapping[str, object] = _default(factory=dict[str, object])


@frozen(kw_only=True)
class Period:
    """Report parameters that most reports share: the first and the last day, both included."""

    first: date
    last: date

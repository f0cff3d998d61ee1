"""What the operations of this room take and give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import attrs

from crmkit import UNSET, Input, UnsetType, texts
from crmkit_integration.receiving.models import ALGORITHMS, ENCODINGS, SCHEMES
from crmkit_integration.receiving.verifying import SERVICES

_ = texts("crmkit_integration")

BYTES = 1 << 20

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Like = Annotated[
    str,
    Input(
        title=_("Proves itself like"),
        max_length=20,
        choices=tuple((name, name.title()) for name in SERVICES),
        classified="internal",
        help=_("What is said below goes before it."),
    ),
]
Active = Annotated[bool, Input(title=_("Takes web-hooks"), classified="internal")]
RunsAs = Annotated[UUID | None, Input(title=_("Acts as"), resource="user", classified="internal")]
Secret = Annotated[str | None, Input(title=_("Secret"), max_length=500, classified="secret")]
Scheme = Annotated[str, Input(title=_("Proof"), max_length=10, choices=SCHEMES, classified="internal")]
Header = Annotated[str, Input(title=_("Header of the proof"), max_length=100, classified="internal")]
Algorithm = Annotated[str, Input(title=_("Hash function"), max_length=10, choices=ALGORITHMS, classified="internal")]
Encoding = Annotated[str, Input(title=_("Written as"), max_length=10, choices=ENCODINGS, classified="internal")]
Prefix = Annotated[str, Input(title=_("Before the signature"), max_length=40, classified="internal")]
Signed = Annotated[
    str,
    Input(
        title=_("What is signed"),
        max_length=100,
        classified="internal",
        help=_("Such as {timestamp}.{body}."),
    ),
]
TimestampHeader = Annotated[str, Input(title=_("Header of the time"), max_length=100, classified="internal")]
SignaturePart = Annotated[str, Input(title=_("Part of the header: signature"), max_length=20, classified="internal")]
TimestampPart = Annotated[str, Input(title=_("Part of the header: time"), max_length=20, classified="internal")]
Tolerance = Annotated[int, Input(title=_("Tolerance (seconds)"), minimum=1, maximum=86_400, classified="internal")]
IdFrom = Annotated[
    str,
    Input(
        title=_("Where its id stands"),
        max_length=300,
        classified="internal",
        help=_("Such as header(webhook-id) or $.id; what has the same id never runs twice."),
    ),
]
Owner = Annotated[UUID | None, Input(title=_("Owner"), resource="user", classified="internal")]


@attrs.frozen(kw_only=True)
class NewSource:
    """A system that sends web-hooks. ``like`` names a service whose way of signing it has; whatever else is said goes
    before that. Without ``runs_as_id`` it acts as whoever adds it."""

    name: Name
    title: Title = ""
    like: Like = "standard"
    runs_as_id: RunsAs = None
    secret: Secret = None
    id_from: IdFrom | UnsetType = UNSET
    scheme: Scheme | UnsetType = UNSET
    header: Header | UnsetType = UNSET
    algorithm: Algorithm | UnsetType = UNSET
    encoding: Encoding | UnsetType = UNSET
    prefix: Prefix | UnsetType = UNSET
    signed: Signed | UnsetType = UNSET
    timestamp_header: TimestampHeader | UnsetType = UNSET
    signature_part: SignaturePart | UnsetType = UNSET
    timestamp_part: TimestampPart | UnsetType = UNSET
    tolerance: Tolerance | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class SourceUpdate:
    """What to change of a source; what is not given stays."""

    title: Title | UnsetType = UNSET
    active: Active | UnsetType = UNSET
    runs_as_id: RunsAs | UnsetType = UNSET
    owner_id: Owner | UnsetType = UNSET
    id_from: IdFrom | UnsetType = UNSET
    scheme: Scheme | UnsetType = UNSET
    header: Header | UnsetType = UNSET
    algorithm: Algorithm | UnsetType = UNSET
    encoding: Encoding | UnsetType = UNSET
    prefix: Prefix | UnsetType = UNSET
    signed: Signed | UnsetType = UNSET
    timestamp_header: TimestampHeader | UnsetType = UNSET
    signature_part: SignaturePart | UnsetType = UNSET
    timestamp_part: TimestampPart | UnsetType = UNSET
    tolerance: Tolerance | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class NewSecret:
    """A secret as it is handed over, this once. The one before holds until ``previous_until`` (UTC) as well."""

    given_once: ClassVar[bool] = True

    secret: Annotated[str, Input(title=_("Secret"), classified="secret")] = attrs.field(repr=False)
    previous_until: datetime | None


Names = Annotated[
    Mapping[str, str],
    Input(
        title=_("Names"),
        max_length=50,
        classified="internal",
        help=_("What the condition speaks of, such as total: $.order.total as decimal."),
    ),
]
When = Annotated[
    str,
    Input(
        title=_("Condition"),
        max_length=2000,
        multiline=True,
        classified="internal",
        help=_('Such as topic == "order.paid" and total > 10; without one it always holds.'),
    ),
]
OperationName = Annotated[str, Input(title=_("Operation"), max_length=120, classified="internal")]
Target = Annotated[
    str,
    Input(
        title=_("Record"),
        max_length=500,
        classified="internal",
        help=_("Where the operation acts on one: such as customer(email, $.email)."),
    ),
]
Inputs = Annotated[
    Mapping[str, str],
    Input(
        title=_("Inputs"),
        max_length=100,
        classified="internal",
        help=_('Such as name: $.customer.name or source: "shop".'),
    ),
]
Position = Annotated[int, Input(title=_("Place in the order"), minimum=0, maximum=10_000, classified="internal")]


@attrs.frozen(kw_only=True)
class MappingUpdate:
    """What to change of a mapping; what is not given stays."""

    title: Title | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    operation: OperationName | UnsetType = UNSET
    target: Target | UnsetType = UNSET
    inputs: Inputs | UnsetType = UNSET
    names: Names | UnsetType = UNSET
    when: When | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class Claimed:
    """The row of a web-hook, and whether it was made now."""

    id: UUID
    new: bool


@attrs.frozen(kw_only=True)
class NewReceived:
    """A web-hook that came. With a ``reason`` it goes to quarantine at once."""

    source_id: Annotated[UUID, Input(classified="internal")]
    external_id: Annotated[str | None, Input(max_length=200, classified="internal")] = None
    received_at: Annotated[datetime, Input(classified="internal")]
    reason: Annotated[str | None, Input(max_length=12, classified="internal")] = None
    size: Annotated[int, Input(classified="internal")]
    body: Annotated[str, Input(max_length=BYTES * 2)] = attrs.field(repr=False)
    headers: Annotated[Mapping[str, str], Input()] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class NewOutcome:
    """What became of a web-hook, as `crmkit_integration.receiving.processing.Outcome`."""

    state: Annotated[str, Input(max_length=12, classified="internal")]
    reason: Annotated[str | None, Input(max_length=12, classified="internal")] = None
    code: Annotated[str | None, Input(max_length=10, classified="internal")] = None
    place: Annotated[str | None, Input(max_length=300, classified="internal")] = None
    problems: Annotated[tuple[Any, ...], Input()] = ()
    operation: Annotated[str | None, Input(max_length=120, classified="internal")] = None
    result: Annotated[str | None, Input(max_length=160, classified="internal")] = None
    customer_id: Annotated[UUID | None, Input(classified="internal")] = None

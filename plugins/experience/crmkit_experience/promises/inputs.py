"""What operations on promises take."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen

from crmkit import Input, texts
from crmkit_experience.promises.words import KINDS, RECORDS, WHYS

_ = texts("crmkit_experience")

CustomerId = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
What = Annotated[str, Input(title=_("What was promised"), max_length=1000, multiline=True, classified="text")]
Kind = Annotated[
    Literal["call_back", "deliver", "refund", "repair", "answer", "other"],
    Input(title=_("Kind"), choices=KINDS, classified="public"),
]
DueOn = Annotated[
    date, Input(title=_("Until the day"), help=_("Its end, in the company's zone."), classified="internal")
]
DueAt = Annotated[datetime, Input(title=_("Or until a time"), help=_("In place of a day."), classified="internal")]
OwnerId = Annotated[
    UUID, Input(title=_("Who promised"), help=_("Empty: myself."), resource="user", classified="internal")
]
Ref = Annotated[
    str,
    Input(
        title=_("Where"),
        help=_("A record about the customer, as resource:id."),
        max_length=160,
        classified="internal",
    ),
]
Record = Annotated[
    str,
    Input(
        title=_("Where"), help=_("A record, as resource:id."), max_length=160, classified="internal", records=RECORDS
    ),
]
PromisedAt = Annotated[datetime, Input(title=_("Promised at"), help=_("Now, unless said."), classified="internal")]
DoneAt = Annotated[
    datetime,
    Input(title=_("Done at"), help=_("When the interaction that shows it was, else now."), classified="internal"),
]
Outcome = Annotated[str, Input(title=_("What came of it"), max_length=1000, multiline=True, classified="text")]
Why = Annotated[
    Literal["not_wanted", "wrong", "twice", "other"], Input(title=_("Why"), choices=WHYS, classified="internal")
]


@frozen(kw_only=True)
class NewPromise:
    """Something that was promised to a customer, until the end of a day or a time: one of the two is needed."""

    customer_id: CustomerId
    what: What
    kind: Kind = "other"
    due_on: DueOn | None = None
    due_at: DueAt | None = None
    owner_id: OwnerId | None = None
    promised_at: PromisedAt | None = None
    ref: Ref = ""

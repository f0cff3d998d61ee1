"""Taking responses in: one by one from other systems, from files, and from interactions of kind
``feedback.response``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import attrs
from sqlalchemy import exists, select

from crmkit import (
    CrmkitError,
    CrmSession,
    ImportField,
    Imports,
    Input,
    Interaction,
    InteractionKind,
    PayloadField,
    Subscription,
    customers_known_by,
    operation,
    texts,
)
from crmkit_feedback.answering.keeping import KIND, RECORDING
from crmkit_feedback.answering.many import Kept, PastResponse, keep_many
from crmkit_feedback.answering.models import SurveyResponse

_ = texts("crmkit_feedback")

IMPORT = "feedback.response.import"
COLLECT = "feedback.response.collect"
BATCH = 2000
OWN = ("survey", "score", "metric", "comment", "language", "touchpoint", "channel")
"""What of an interaction's details is no answer."""

IMPORTS = Imports(
    operation=IMPORT,
    customer="optional",
    known=(("source", "external_id"),),
    fields=[
        ImportField(name="survey", title=_("Survey"), required=True, headings="survey|questionnaire|调查|问卷"),
        ImportField(
            name="score", title=_("Score"), type="integer", headings="score|rating|nps|rec|csat|得分|评分|分数"
        ),
        ImportField(name="metric", title=_("Measures"), headings="metric|measure|指标"),
        ImportField(
            name="answered_at",
            title=_("Answered at"),
            type="instant",
            required=True,
            headings="date|answered|answered at|submitted at|submit date|response date|日期|回答时间|提交时间",
        ),
        ImportField(name="comment", title=_("Comment"), headings="comment|verbatim|text|评论|意见|留言"),
        ImportField(name="channel", title=_("Channel"), headings="channel|渠道"),
        ImportField(name="language", title=_("Language"), headings="language|locale|语言"),
        ImportField(name="touchpoint", title=_("Touchpoint"), headings="touchpoint|触点"),
        ImportField(name="answers", title=_("Answers"), type="json", headings="answers|回答"),
        ImportField(name="external_id", title=_("External id"), headings="response id|response|答卷编号|编号"),
    ],
)
"""How responses are filled from files."""
RESPONSE = InteractionKind(
    name=KIND,
    title=_("Response to a survey"),
    channel="web",
    direction="in",
    open=True,
    payload=[
        PayloadField(name="survey", type="string", classified="internal", title=_("Survey"), required=True),
        PayloadField(name="score", type="integer", classified="internal", title=_("Score")),
        PayloadField(name="metric", type="string", classified="internal", title=_("Measures")),
        PayloadField(name="channel", type="string", classified="internal", title=_("Channel")),
        PayloadField(name="language", type="string", classified="internal", title=_("Language")),
        PayloadField(name="touchpoint", type="string", classified="internal", title=_("Touchpoint")),
        PayloadField(name="comment", type="string", title=_("Comment")),
    ],
    description=_(
        "A customer has answered a survey. Other details are answers by the keys of questions, or attributes."
    ),
)


def import_many(session: CrmSession, items: Sequence[PastResponse]) -> list[Kept | CrmkitError]:
    """Take responses over, and return what became of each."""
    return keep_many(session, items)


@operation(IMPORT, title=_("Take an answer over"), permission=IMPORT, effect="create", bulk=import_many)
def import_response(session: CrmSession, response: PastResponse) -> SurveyResponse:
    """Take a response of another system over, once for its external id; of a survey that there is not, one is added.

    Raises InvalidInput for a score out of the survey's range, and for an answer that is none.
    """
    return _one(session, response, "import")


@attrs.frozen(kw_only=True)
class NewResponse(PastResponse):
    """A response that another system reports. Whose it is, is said by ``customer_id``, ``email``, ``phone``, or by the
    id that the customer has in the system."""

    email: Annotated[str, Input(title=_("E-mail"), max_length=320)] = ""
    phone: Annotated[str, Input(title=_("Telephone"), max_length=100)] = ""
    customer_external_id: Annotated[
        str, Input(title=_("Id of the customer there"), max_length=200, classified="internal")
    ] = ""


@operation("feedback.response.create", title=_("Take in an answer"), permission=IMPORT, effect="create")
def create(session: CrmSession, response: NewResponse) -> SurveyResponse:
    """Keep a response that another system reports, once for its external id, of whoever is known by what it names; an
    address that several have, or nobody, leaves it without a customer. Raises what taking one over does."""
    found = response.customer_id
    named = (("email", response.email), ("phone", response.phone))
    if response.external_source:
        named = ((response.external_source, response.customer_external_id), *named)
    for kind, value in named:
        if found is None and value.strip():
            known = customers_known_by(session, kind, value.strip())
            found = known[0] if len(known) == 1 else None
    values = {each.name: getattr(response, each.name) for each in attrs.fields(PastResponse)}
    return _one(session, PastResponse(**{**values, "customer_id": found}), "api")


def _one(session: CrmSession, response: PastResponse, channel: str) -> SurveyResponse:
    (answer,) = keep_many(session, [response], channel)
    if isinstance(answer, CrmkitError):
        raise answer
    return session.get_one(SurveyResponse, answer.id)


# --- from interactions ------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Collected:
    """How many interactions were looked at, and what became of them."""

    interactions: int
    responses: int
    duplicates: int
    rejected: int
    last_id: UUID | None = None


@operation(COLLECT, title=_("Take in answers that came as interactions"), permission=COLLECT, effect="create")
def collect(
    session: CrmSession,
    *,
    interaction_ids: tuple[UUID, ...] = (),
    after: Annotated[UUID | None, Input(title=_("After"), classified="internal")] = None,
    most: Annotated[int, Input(title=_("At most"), minimum=1, maximum=10_000, classified="internal")] = BATCH,
) -> Collected:
    """Make responses of interactions of kind ``feedback.response``, of those named or of the next ones after an id,
    each once; interactions that were reversed are left out. ``last_id`` is where to go on, None at the end."""
    query = select(Interaction).where(Interaction.kind == KIND, Interaction.reverses_id.is_(None))
    if interaction_ids:
        query = query.where(Interaction.id.in_(interaction_ids))
    else:
        query = query.where(~exists().where(SurveyResponse.interaction_id == Interaction.id))
        if after is not None:
            query = query.where(Interaction.id > after)
    found = list(session.scalars(query.order_by(Interaction.id).limit(most)))
    ids = [each.id for each in found]
    gone: set[UUID | None] = set()
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        gone.update(session.scalars(select(Interaction.reverses_id).where(Interaction.reverses_id.in_(part))))
    items = [_read(each) for each in found if each.id not in gone]
    results = keep_many(session, items)
    rejected = sum(isinstance(each, CrmkitError) for each in results)
    duplicates = sum(isinstance(each, Kept) and each.duplicate for each in results)
    return Collected(
        interactions=len(found),
        responses=len(results) - rejected - duplicates,
        duplicates=duplicates,
        rejected=rejected,
        last_id=ids[-1] if len(found) == most and not interaction_ids else None,
    )


def collect_all(session: CrmSession) -> Collected:
    """Take in every response that came as an interaction, batch by batch, within one transaction that writes."""
    total = Collected(interactions=0, responses=0, duplicates=0, rejected=0)
    after: UUID | None = None
    while True:
        part: Collected = session.run(COLLECT, {"after": after} if after is not None else {})
        total = Collected(
            interactions=total.interactions + part.interactions,
            responses=total.responses + part.responses,
            duplicates=total.duplicates + part.duplicates,
            rejected=total.rejected + part.rejected,
        )
        after = part.last_id
        if after is None:
            return total


def _read(interaction: Interaction) -> PastResponse:
    payload = {name: value for name, value in interaction.payload.items() if value is not None}
    body = interaction.body if isinstance(interaction.body, str) else None
    comment = payload.get("comment")
    return PastResponse(
        survey=str(payload.get("survey", "")),
        score=payload.get("score"),
        metric=payload.get("metric"),
        answered_at=interaction.occurred_at,
        customer_id=interaction.customer_id,
        comment=(comment if isinstance(comment, str) else None) or body,
        answers={name: value for name, value in payload.items() if name not in OWN},
        channel=payload.get("channel"),
        language=payload.get("language"),
        touchpoint=payload.get("touchpoint"),
        interaction_id=interaction.id,
    )


def recorded(session: CrmSession, event: Any) -> None:
    """Make responses of interactions that were recorded."""
    session.run(COLLECT, {"interaction_ids": event.interaction_ids})


def is_response(session: CrmSession, event: Any) -> bool:
    """Say whether interactions are responses that are not kept yet."""
    return event.kind == KIND and not session.info.get(RECORDING)


OPERATIONS = [import_response, create, collect]
SUBSCRIPTIONS = [
    Subscription(name="feedback.collect_responses", event="interaction.recorded", handler=recorded, wanted=is_response)
]

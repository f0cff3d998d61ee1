"""Which questions of surveys ask about a need after Kano, and how their answers are read.

Surveys are those of the plugin ``feedback``, found by the resources that it declares; without it nothing is linked, and
answers are written down by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from sqlalchemy import select

from crmkit import Conflict, CrmSession, Customer, Input, NotFound, operation, texts
from crmkit_needs.catalogue.history import note, problem, require_here, survivor_of
from crmkit_needs.catalogue.inputs import CustomerId
from crmkit_needs.catalogue.models import Need
from crmkit_needs.scoring.kano import ANSWERS
from crmkit_needs.scoring.models import KanoAnswer, KanoLink

_ = texts("crmkit_needs")

UPDATE = "needs.need.update"
SURVEY, RESPONSE, ANSWER = "feedback.survey", "feedback.response", "feedback.answer"
"""The resources of feedback that are read."""
SCALES = {
    "auto": _("As the question says"),
    "low_likes": _("The lowest number stands for liking it"),
    "high_likes": _("The highest number stands for liking it"),
}
CHOOSING = ("single", "dropdown")
RATING = ("rating", "csat", "matrix")
Key = Annotated[
    str,
    Input(
        title=_("Question when it is there"),
        help=_("Its key in the survey, for a row of a matrix key.row."),
        max_length=81,
        classified="internal",
    ),
]
OtherKey = Annotated[
    str,
    Input(
        title=_("Question when it is not there"),
        help=_("Its key in the survey, for a row of a matrix key.row."),
        max_length=81,
        classified="internal",
    ),
]
Feeling = Literal[1, 2, 3, 4, 5]


@operation("needs.kano.link", title=_("Link questions of a survey"), permission=UPDATE, effect="create")
def link_kano(
    session: CrmSession,
    need: Need,
    *,
    survey: Annotated[
        str, Input(title=_("Survey"), help=_("The name of a survey."), max_length=60, classified="internal")
    ],
    functional: Key,
    dysfunctional: OtherKey,
    scale: Annotated[
        Literal["auto", "low_likes", "high_likes"],
        Input(title=_("Numbers"), choices=SCALES, classified="internal"),
    ] = "auto",
) -> KanoLink:
    """Say that two questions of a survey are Kano's pair for a need; its answers count from then on, those before too.

    The questions are choices of five options in the order from liking to disliking, or ratings of five steps. Where the
    survey does not say what it asks, as one whose answers were taken over, 1 stands for liking it unless said
    otherwise. Raises Conflict without the plugin feedback, NotFound for a survey that there is not, InvalidInput for
    questions that do not fit.
    """
    require_here(session, need)
    found = _survey(session, survey.strip())
    if functional.strip() == dysfunctional.strip():
        raise problem("dysfunctional", _("The two questions have to be different ones."))
    known = dict(_questions(found.draft or {}))
    keys = {"functional": functional.strip(), "dysfunctional": dysfunctional.strip()}
    reading = [_reading(known, name, key, scale) for name, key in keys.items()]
    made = session.scalars(
        select(KanoLink).where(
            KanoLink.need_id == need.id,
            KanoLink.survey == found.name,
            KanoLink.functional == keys["functional"],
            KanoLink.dysfunctional == keys["dysfunctional"],
        )
    ).first() or KanoLink(need_id=need.id, survey=found.name, **keys)
    made.reading = reading
    session.add(made)
    session.flush()
    note(session, need, "kano", after=f"{found.name}: {keys['functional']}, {keys['dysfunctional']}")
    return made


@operation("needs.kano.unlink", title=_("Take the questions off"), permission=UPDATE, effect="delete")
def unlink_kano(session: CrmSession, link: KanoLink) -> None:
    """Say that answers to two questions of a survey do not count for a need any more."""
    session.delete(link)


@operation(
    "needs.kano.answer", title=_("Write down how they feel"), permission="needs.evidence.create", effect="create"
)
def answer_kano(
    session: CrmSession,
    need: Need,
    *,
    customer_id: CustomerId,
    functional: Annotated[Feeling, Input(title=_("When it is there"), choices=ANSWERS, classified="internal")],
    dysfunctional: Annotated[Feeling, Input(title=_("When it is not there"), choices=ANSWERS, classified="internal")],
) -> KanoAnswer:
    """Write down how a customer would feel if it were there, and if it were not, each from 1 (like) to 5 (dislike).

    What a customer said last counts. Raises NotFound for a customer whom the actor cannot see.
    """
    need = survivor_of(session, need)
    if session.get(Customer, customer_id) is None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    made = KanoAnswer(
        need_id=need.id,
        customer_id=customer_id,
        functional=functional,
        dysfunctional=dysfunctional,
        at=session.gate.clock.business_now(),
        user_id=session.actor.user_id,
    )
    session.add(made)
    session.flush()
    return made


def _survey(session: CrmSession, name: str) -> Any:
    resource = session.gate.registry.resources.get(SURVEY)
    if resource is None:
        raise Conflict(_("There are no surveys here."), fix=_("Enable the plugin feedback."))
    model: Any = resource.model
    found = session.scalars(select(model).where(model.name == name)).first()
    if found is None:
        raise NotFound(_('There is no survey "{name}".'), name=name)
    return found


def _questions(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return what a survey asks, by keys as links name them."""
    for block in document.get("blocks") or ():
        for question in block.get("questions") or ():
            key = str(question.get("key", ""))
            if question.get("kind") == "matrix":
                for item in question.get("items") or ():
                    yield f"{key}.{item.get('key', '')}", question
            else:
                yield key, question


def _reading(known: Mapping[str, Mapping[str, Any]], name: str, key: str, scale: str) -> Mapping[str, Any]:
    """Return how answers to a question are read. Raises InvalidInput."""
    if not known:
        return {"low": 1, "high_likes": scale == "high_likes"}
    question = known.get(key)
    if question is None:
        raise problem(name, _('The survey does not ask "{key}". It asks: {known}.'), key=key, known=", ".join(known))
    kind = question.get("kind")
    if kind in CHOOSING:
        options: Sequence[Mapping[str, Any]] = question.get("options") or ()
        if len(options) == len(ANSWERS):
            return {"options": [str(each.get("key", "")) for each in options]}
    elif kind in RATING:
        low, high = int(question.get("low", 1)), int(question.get("high", 5))
        if high - low + 1 == len(ANSWERS):
            # A rating says whether a low number is the good one.
            likes = not question.get("reversed", False) if scale == "auto" else scale == "high_likes"
            return {"low": low, "high_likes": likes}
    raise problem(name, _('"{key}" is no choice of five options and no rating of five steps.'), key=key)


OPERATIONS = [link_kano, unlink_kano, answer_kano]

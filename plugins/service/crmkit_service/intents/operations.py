"""What is done about intents: laying them down, suggesting one for a case, confirming it, and keeping models.

A suggestion is never more than that: the intent of a case is what a person confirmed. Must not know arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

import attrs
from sqlalchemy import func, select

from crmkit import (
    UNSET,
    Conflict,
    CrmSession,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    UnsetType,
    given,
    operation,
    texts,
)
from crmkit_service.cases.changing import change_queue
from crmkit_service.cases.models import Case
from crmkit_service.intents.learning import Evaluation, evaluation_of
from crmkit_service.intents.models import Intent, IntentModel, IntentSuggestion, IntentWeights
from crmkit_service.intents.reading import adopted, loaded, texts_of

_ = texts("crmkit_service")

TRAIN = "service.train_intents"
MANAGE = "service.intent.manage"
FEWEST_SAID = 0.05
"""Below this probability a suggestion says nothing."""

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
QueueId = Annotated[
    UUID | None,
    Input(
        title=_("Goes to the queue"),
        resource="work.queue",
        classified="internal",
        help=_("Where cases go once somebody has confirmed that they have it."),
    ),
]


@operation("service.intent.create", title=_("Add an intent"), permission=MANAGE, effect="create")
def create_intent(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=80, classified="public", help=_("Such as card_arrival."))],
    title: Title = "",
    queue_id: QueueId = None,
) -> Intent:
    """Lay down something that customers write about. Raises InvalidInput for a name that there is already."""
    plain = name.strip()
    if not plain or session.scalar(select(Intent.id).where(Intent.name == plain)) is not None:
        raise InvalidInput(
            [Problem(InvalidInput.code, _("There is such an intent already, or no name."), field="name")]
        )
    intent = Intent(name=plain, title=title.strip() or readable(plain), queue_id=queue_id)
    session.add(intent)
    return intent


@attrs.frozen(kw_only=True)
class IntentChanges:
    """What is to be changed of an intent; what is not given stays."""

    title: Title | UnsetType = UNSET
    queue_id: QueueId | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="public")] | UnsetType = UNSET


@operation("service.intent.update", title=_("Change an intent"), permission=MANAGE, effect="update")
def update_intent(session: CrmSession, intent: Intent, changes: IntentChanges) -> Intent:
    """Change an intent. One that is not active is no longer offered; cases keep it."""
    for name, value in given(changes).items():
        setattr(intent, name, value)
    return intent


@operation("service.intent.suggest", title=_("Suggest an intent"), permission="service.case.update")
def suggest(session: CrmSession, case: Case) -> IntentSuggestion | None:
    """Have the model in use say what a case is about, by its subject and its customer's first message.

    Returns None without a model, and for a text in which it knows no word. Raises MissingExtra.
    """
    model = adopted(session)
    arrays = loaded(session, model) if model is not None else None
    text = texts_of(session, [case.id]).get(case.id, "")
    guesses = [each for each in arrays.guess(text) if each.probability >= FEWEST_SAID] if arrays is not None else []
    if model is None or arrays is None or not guesses:
        return None
    found = _suggestion(session, case)
    found.model_id = model.id
    found.intent, found.probability = guesses[0].intent, round(guesses[0].probability, 4)
    found.others = [[each.intent, round(each.probability, 4)] for each in guesses[1:]]
    found.because = ", ".join(arrays.because(text, guesses[0].intent))[:500]
    return found


@operation("service.intent.confirm", title=_("Say what it is about"), permission="service.case.update")
def confirm(
    session: CrmSession,
    case: Case,
    *,
    intent: Annotated[str, Input(title=_("Intent"), max_length=80, classified="internal")],
) -> Case:
    """Confirm what a case is about, as suggested or otherwise; models learn from it. Where the intent has a queue, a
    case that is nobody's yet goes there. Raises NotFound for an intent that there is not."""
    known = session.scalar(select(Intent).where(Intent.name == intent.strip()))
    if known is None:
        raise NotFound(_("There is no intent {name}."), name=intent, fix=_("Lay it down first."))
    found = _suggestion(session, case)
    found.answer = known.name
    found.answered_at = session.gate.clock.business_now()
    found.answered_by = session.guarding.rights.user_id
    if case.intent != known.name:
        session.run("service.case.update", {"intent": known.name}, target=case)
    if known.queue_id is not None and case.owner_id is None and case.is_open:
        change_queue(session, case, known.queue_id)
    return case


def _suggestion(session: CrmSession, case: Case) -> IntentSuggestion:
    found = session.scalar(select(IntentSuggestion).where(IntentSuggestion.case_id == case.id))
    if found is None:
        found = IntentSuggestion(case_id=case.id, customer_id=case.customer_id)
        session.add(found)
    return found


def readable(name: str) -> str:
    """Return the name of an intent as a title."""
    plain = " ".join(name.replace("_", " ").replace("-", " ").split())
    return plain[:1].upper() + plain[1:]


# --- models -----------------------------------------------------------------------------------------------------------


@operation("service.intent_model.train", title=_("Learn intents from cases"), permission=MANAGE)
def ask_for_training(session: CrmSession) -> None:
    """Have a model learnt from all cases with a confirmed intent; a job does so within moments."""
    session.defer(TRAIN, unique=TRAIN)


@operation("service.intent_model.keep", title=_("Keep what was learnt"), permission=MANAGE, hidden=True)
def keep_model(
    session: CrmSession,
    *,
    source: Annotated[Literal["cases", "file"], Input(classified="internal")],
    examples: int,
    content: bytes,
    evaluation: Annotated[Mapping[str, Any], Input(classified="internal")],
    intents: Annotated[tuple[str, ...], Input(classified="internal")] = (),
) -> IntentModel:
    """Keep a model as a candidate under the next number, with how good it is; intents that are new are laid down."""
    judged: Evaluation = evaluation_of(dict(evaluation))
    model = IntentModel(
        number=(session.scalar(select(func.max(IntentModel.number))) or 0) + 1,
        source=source,
        learnt_at=session.gate.clock.business_now(),
        examples=examples,
        intents=judged.intents,
        accuracy=judged.accuracy,
        top3=judged.top3,
        calibration_error=judged.calibration_error,
        evaluation=judged.document(),
    )
    session.add(model)
    session.flush()
    session.add(IntentWeights(model_id=model.id, content=content))
    known = set(session.scalars(select(Intent.name)))
    session.add_all(Intent(name=name, title=readable(name)) for name in intents if name not in known)
    return model


@operation("service.intent_model.adopt", title=_("Use this model"), permission=MANAGE, effect="update")
def adopt_model(session: CrmSession, model: IntentModel) -> IntentModel:
    """Have a model suggest intents from now on, in place of any other."""
    for each in session.scalars(select(IntentModel).where(IntentModel.state == "adopted", IntentModel.id != model.id)):
        each.state = "retired"
    model.state = "adopted"
    return model


@operation("service.intent_model.retire", title=_("Stop using this model"), permission=MANAGE, effect="update")
def retire_model(session: CrmSession, model: IntentModel) -> IntentModel:
    """Have no intents suggested any more. Raises Conflict for a model that is not in use."""
    if model.state != "adopted":
        raise Conflict(_("This model is not in use."))
    model.state = "retired"
    return model


OPERATIONS = [
    create_intent,
    update_intent,
    suggest,
    confirm,
    ask_for_training,
    keep_model,
    adopt_model,
    retire_model,
]

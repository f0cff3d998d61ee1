"""Seeing to feedback: written down by staff, given to somebody, contacted, resolved, verified, closed, opened again.

Must not know how the customer is asked, nor what comes from surveys and cases.
"""

from __future__ import annotations

from typing import Annotated, Any

from crmkit import UNSET, CrmSession, Input, Interaction, UnsetType, operation, texts
from crmkit_feedback.items import inputs
from crmkit_feedback.items.choosing import policy_for
from crmkit_feedback.items.errors import MoveNotPossible
from crmkit_feedback.items.history import note as write_down, problem
from crmkit_feedback.items.looping import begin_loop, give_out, move, own
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.items.taking import take
from crmkit_feedback.items.words import OPEN

_ = texts("crmkit_feedback")

UPDATE = "feedback.feedback.update"
MAILS = ("email", "mail")


@operation("feedback.feedback.create", title=_("Write feedback down"), effect="create")
def create_feedback(
    session: CrmSession,
    *,
    source: inputs.Source = "note",
    customer_id: inputs.CustomerId | None = None,
    verbatim: inputs.Verbatim = "",
    metric: inputs.Metric | None = None,
    score: inputs.Score | None = None,
    band: inputs.Band | None = None,
    item: inputs.About = "",
    product_id: inputs.ProductId | None = None,
    touchpoint: inputs.Touchpoint = "",
    channel: inputs.Channel = "",
    language: inputs.Language = "",
    received_at: inputs.Instant | None = None,
    external_source: inputs.System | None = None,
    external_id: inputs.ExternalId | None = None,
    loop: inputs.Loop = None,
) -> Feedback:
    """Write down what somebody said, once for its external id. Raises NotFound for a customer that there is not,
    InvalidInput for neither a text nor a score, and as `crmkit_feedback.items.taking.take` does."""
    if not verbatim.strip() and score is None and band is None:
        raise problem("verbatim", _("Say what was said, or give a score."))
    return take(
        session,
        source=source,
        customer_id=customer_id,
        verbatim=verbatim,
        metric=metric,
        score=score,
        band=band,
        item=item,
        product_id=product_id,
        touchpoint=touchpoint or None,
        channel=channel or None,
        language=language or None,
        received_at=received_at,
        external_source=external_source,
        external_id=external_id,
        loop=loop,
    )


@operation(
    "feedback.feedback.take_interaction",
    title=_("Take it as feedback"),
    permission="feedback.feedback.create",
    effect="update",
)
def take_interaction(
    session: CrmSession, interaction: Interaction, *, band: inputs.Band | None = None, loop: inputs.Loop = None
) -> Feedback:
    """Take an interaction, such as a mail or a call, as feedback, once. Raises InvalidInput for one in which nothing is
    said."""
    said = "\n".join(
        each.strip() for each in (interaction.subject, interaction.body) if type(each) is str and each.strip()
    )
    if not said:
        raise problem("verbatim", _("Nothing is said there."))
    return take(
        session,
        source="mail" if interaction.kind in MAILS else "note",
        customer_id=interaction.customer_id,
        interaction_id=interaction.id,
        channel=interaction.channel,
        verbatim=said,
        band=band,
        received_at=interaction.occurred_at,
        loop=loop,
    )


@operation("feedback.feedback.update", title=_("Change what it is about"), effect="update")
def update_feedback(
    session: CrmSession,
    feedback: Feedback,
    *,
    item: inputs.About | UnsetType | None = UNSET,
    product_id: inputs.ProductId | UnsetType | None = UNSET,
    touchpoint: inputs.Touchpoint | UnsetType | None = UNSET,
    cause: inputs.Cause | UnsetType | None = UNSET,
    resolution: inputs.Resolution | UnsetType | None = UNSET,
) -> Feedback:
    """Change what feedback is about, its cause or what was done; what is not given stays."""
    given: dict[str, Any] = {
        "item": item,
        "product_id": product_id,
        "touchpoint": touchpoint,
        "cause": cause,
        "resolution": resolution,
    }
    for name, value in given.items():
        if not isinstance(value, UnsetType):
            setattr(feedback, name, value or None)
    return feedback


@operation("feedback.feedback.open", title=_("Have somebody see to it"), permission=UPDATE, effect="update")
def open_loop(session: CrmSession, feedback: Feedback) -> Feedback:
    """Put feedback into the loop: with a deadline, an owner and a task. Does nothing where it is in it already."""
    begin_loop(session, feedback, loop=True)
    return feedback


@operation("feedback.feedback.move", title=_("Move"), permission=UPDATE, effect="update")
def move_feedback(session: CrmSession, feedback: Feedback, *, state: inputs.State, note: inputs.Text = "") -> Feedback:
    """Move feedback to another state. Raises MoveNotPossible for one that does not follow."""
    move(session, feedback, state, note)
    return feedback


@operation("feedback.feedback.assign", title=_("Give to somebody"), permission=UPDATE, effect="update")
def assign_feedback(
    session: CrmSession, feedback: Feedback, *, owner_id: inputs.UserId, note: inputs.Text = ""
) -> Feedback:
    """Give feedback to somebody, who is told, with its task."""
    own(session, feedback, owner_id, note)
    return feedback


@operation("feedback.feedback.route", title=_("Have the policies decide"), permission=UPDATE, effect="update")
def route_feedback(session: CrmSession, feedback: Feedback) -> Feedback:
    """Have the policies decide anew who gets feedback that nobody has begun with, as by its themes. Feedback that is in
    no loop comes into it where the policy that fits now says so."""
    if feedback.state not in ("new", "triaged", "assigned"):
        return feedback
    if not feedback.loop:
        begin_loop(session, feedback)
        return feedback
    give_out(session, feedback, policy_for(session, feedback))
    return feedback


@operation("feedback.feedback.contact", title=_("Customer was contacted"), permission=UPDATE, effect="update")
def contact(session: CrmSession, feedback: Feedback, *, note: inputs.Text = "") -> Feedback:
    """Write down that the customer was contacted about feedback. Raises MoveNotPossible for what is seen
    to."""
    _begun(session, feedback)
    again = feedback.state == "customer_contacted"
    move(session, feedback, "customer_contacted", note)
    write_down(session, feedback, "contacted", text=note if again else None)
    return feedback


@operation("feedback.feedback.resolve", title=_("Resolved"), permission=UPDATE, effect="update")
def resolve(
    session: CrmSession,
    feedback: Feedback,
    *,
    resolution: inputs.Resolution,
    cause: inputs.Cause = "",
    ask: Annotated[
        bool,
        Input(
            title=_("Ask the customer whether it is solved"),
            classified="internal",
            help=_("By mail, where mails can be sent and the customer has an address."),
        ),
    ] = True,
) -> Feedback:
    """Say that feedback is seen to and what was done; the customer is asked whether it is solved, where that can be.

    Raises InvalidInput without what was done, MoveNotPossible for feedback that is seen to already.
    """
    if not resolution.strip():
        raise problem("resolution", _("Say what was done."))
    _begun(session, feedback)
    feedback.resolution = resolution.strip()
    feedback.cause = cause.strip() or feedback.cause
    move(session, feedback, "resolved", resolution)
    if ask:
        from crmkit_feedback.items.verifying import can_ask, send_question

        if can_ask(session, feedback):
            send_question(session, feedback)
    return feedback


@operation("feedback.feedback.verify", title=_("It is solved"), permission=UPDATE, effect="update")
def verify(session: CrmSession, feedback: Feedback, *, note: inputs.Text = "") -> Feedback:
    """Write down that the customer said that it is solved. Raises MoveNotPossible for what is not resolved."""
    move(session, feedback, "verified", note)
    feedback.verdict = "solved"
    return feedback


@operation("feedback.feedback.close", title=_("Close"), permission=UPDATE, effect="update")
def close(session: CrmSession, feedback: Feedback, *, note: inputs.Text = "") -> Feedback:
    """Close feedback about which nothing is left to do. Raises MoveNotPossible for what somebody is at."""
    move(session, feedback, "closed", note)
    return feedback


@operation("feedback.feedback.reopen", title=_("Open again"), permission=UPDATE, effect="update")
def reopen(session: CrmSession, feedback: Feedback, *, note: inputs.Text) -> Feedback:
    """Open feedback again that was over, with why and a new deadline. Raises MoveNotPossible for what is open."""
    if feedback.state in OPEN:
        raise MoveNotPossible(feedback.number, feedback.state, "in_progress")
    move(session, feedback, "in_progress", note)
    return feedback


@operation("feedback.feedback.note", title=_("Add a note"), permission=UPDATE, effect="update")
def add_note(session: CrmSession, feedback: Feedback, *, note: inputs.Text) -> Feedback:
    """Add a note for colleagues. Raises InvalidInput for an empty one."""
    if not note.strip():
        raise problem("note", _("This cannot be empty."))
    write_down(session, feedback, "note", text=note)
    return feedback


def _begun(session: CrmSession, feedback: Feedback) -> None:
    """Let whoever acts have feedback that is nobody's yet, and put it into the loop."""
    begin_loop(session, feedback, loop=True)
    if feedback.state in ("new", "triaged"):
        if feedback.owner_id is None and session.actor.user_id is not None:
            own(session, feedback, session.actor.user_id)
        else:
            move(session, feedback, "assigned")


OPERATIONS = [
    create_feedback,
    take_interaction,
    update_feedback,
    open_loop,
    move_feedback,
    assign_feedback,
    route_feedback,
    contact,
    resolve,
    verify,
    close,
    reopen,
    add_note,
]

"""Asking the customer whether it is solved, and keeping what they say: by mail, and on a public page.

Messaging is reached by the name of its operation alone. Must not know how feedback came in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from sqlalchemy import select

from crmkit import (
    ContactPoint,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    IssuedLink,
    NotFound,
    Problem,
    PublicPage,
    Subscription,
    Visit,
    link_address,
    operation,
    texts,
)
from crmkit.i18n import translate
from crmkit_feedback.items.errors import NotAskable
from crmkit_feedback.items.events import FeedbackJudged
from crmkit_feedback.items.history import note, ref_of
from crmkit_feedback.items.looping import keep_task, move, set_due, tell
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.items.words import VERDICTS

_ = texts("crmkit_feedback")

PAGE = "feedback.verdict"
DAYS = 30
SEND = "messaging.send"
PURPOSE = "service"
"""The purpose of the question, in messaging's policies: it is no advertising."""
LONGEST = 2000

Verdict = Annotated[Literal["solved", "not_solved"], Input(title=_("Verdict"), classified="internal", choices=VERDICTS)]


@operation("feedback.feedback.ask", title=_("Ask whether it is solved"), permission="feedback.feedback.update",
           effect="update")  # fmt: skip
def ask(session: CrmSession, feedback: Feedback) -> Feedback:
    """Ask the customer by mail whether feedback that is resolved is solved. Raises NotAskable for feedback that is not
    resolved, is nobody's whom one could ask, or where mails cannot be sent."""
    if feedback.state != "resolved":
        raise NotAskable(_("Feedback {number} is not resolved."), number=feedback.number)
    if not can_ask(session, feedback):
        raise NotAskable(
            _("The customer of feedback {number} cannot be asked by mail."),
            fix=_("This needs plugin messaging, public_url in the settings, and an address of the customer."),
            number=feedback.number,
        )
    send_question(session, feedback)
    return feedback


@operation("feedback.feedback.verdict_link", title=_("Make a link for the verdict"),
           permission="feedback.feedback.update", effect="update")  # fmt: skip
def make_link(session: CrmSession, feedback: Feedback) -> IssuedLink:
    """Make a link to the page on which the customer says whether it is solved, which holds for 30 days. Raises
    NotAskable for feedback whose customer is not known."""
    if feedback.customer_id is None:
        raise NotAskable(_("Nobody knows whose feedback {number} is."), number=feedback.number)
    return _link(session, feedback)


@operation("feedback.feedback.judge", title=_("Say whether it is solved"), permission="feedback.feedback.judge",
           effect="update")  # fmt: skip
def judge(
    session: CrmSession,
    feedback: Feedback,
    *,
    verdict: Verdict,
    comment: Annotated[str, Input(title=_("Comment"), max_length=LONGEST, multiline=True, classified="text")] = "",
) -> Feedback:
    """Keep the customer's word: "solved" verifies feedback, "not_solved" opens it again and its owner is told. Raises
    NotAskable for feedback that is not resolved."""
    if feedback.state != "resolved":
        raise NotAskable(_("Feedback {number} is not resolved."), number=feedback.number)
    note(session, feedback, "verdict", after=verdict, text=comment)
    if verdict == "solved":
        move(session, feedback, "verified")
    else:
        # The deadline and the task follow in system scope: a visitor sees neither calendars nor tasks.
        move(session, feedback, "in_progress", due=False)
        tell(
            session,
            feedback,
            [feedback.owner_id],
            _("The customer says that feedback {number} is not solved"),
            urgent=True,
        )
    feedback.verdict = verdict
    session.emit(FeedbackJudged(feedback_id=feedback.id, customer_id=feedback.customer_id, verdict=verdict))
    return feedback


@operation("feedback.feedback.follow", title=_("Follow the customer's word"), permission="feedback.feedback.update",
           hidden=True)  # fmt: skip
def follow(session: CrmSession, feedback: Feedback, *, verdict: Verdict) -> Feedback:
    """Set the deadline of feedback anew that the customer says is not solved, and keep its task in step."""
    if verdict == "not_solved" and feedback.state == "in_progress":
        set_due(session, feedback, session.gate.clock.business_now())
    keep_task(session, feedback, again=verdict == "not_solved")
    return feedback


def judged(session: CrmSession, event: Any) -> None:
    """Follow what a customer said about a solution."""
    feedback = session.get(Feedback, event.feedback_id)
    if feedback is not None:
        session.run("feedback.feedback.follow", {"verdict": event.verdict}, target=feedback)


def can_ask(session: CrmSession, feedback: Feedback) -> bool:
    """Say whether the customer can be asked by mail: mails can be sent, links can be followed, there is an address."""
    if feedback.customer_id is None or not session.crm.settings.public_url:
        return False
    if SEND not in session.gate.registry.operations:
        return False
    points = select(ContactPoint.id).where(
        ContactPoint.customer_id == feedback.customer_id, ContactPoint.kind == "email"
    )
    return session.scalar(points.limit(1)) is not None


def send_question(session: CrmSession, feedback: Feedback) -> None:
    """Send the customer the question, once for each time that feedback was resolved."""
    customer = session.get_one(Customer, feedback.customer_id)
    language = feedback.language or customer.language or session.business().language
    address = link_address(session.crm, _link(session, feedback))
    name = customer.name if type(customer.name) is str else ""
    body = translate(
        _(
            "Hello {name},\n\nyou told us what was not right. We have seen to it. Is it solved for you? Please tell us "
            "here:\n\n{address}\n\nThank you."
        ),
        language,
        name=name,
        address=address,
    )
    sent = session.run(
        SEND,
        {
            "customer_id": feedback.customer_id,
            "purpose": PURPOSE,
            "channel": "email",
            "subject": translate(_("Is it solved for you?"), language),
            "body": body,
            "language": language,
            "key": f"feedback verdict {feedback.id} {feedback.reopened}",
            "ref": ref_of(feedback),
            "automatic": True,
        },
    )
    note(session, feedback, "asked", after=sent.state)


def _link(session: CrmSession, feedback: Feedback) -> IssuedLink:
    given = {"page": PAGE, "customer_id": feedback.customer_id, "ref": ref_of(feedback), "days": DAYS}
    found: IssuedLink = session.run("public_link.create", given)
    return found


def show_verdict(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what the customer said, and whether they are asked now."""
    feedback = _feedback(session, visit)
    return {"feedback": feedback, "open": feedback.state == "resolved", "verdicts": VERDICTS}


def submit_verdict(session: CrmSession, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Keep what the customer says. Raises InvalidInput for nothing, and where nobody asks any more."""
    feedback = _feedback(session, visit)
    (verdict,) = (values.get("verdict") or ("",))[:1]
    (comment,) = (values.get("comment") or ("",))[:1]
    if verdict not in VERDICTS:
        raise InvalidInput([Problem(InvalidInput.code, _("Please choose an answer."), field="verdict")])
    if len(comment) > LONGEST:
        text = _("This is longer than {most} characters.")
        raise InvalidInput([Problem(InvalidInput.code, text, field="comment", most=LONGEST)])
    try:
        session.run("feedback.feedback.judge", {"verdict": verdict, "comment": comment}, target=feedback)
    except NotAskable as error:
        raise InvalidInput(list(error.problems)) from None


def _feedback(session: CrmSession, visit: Visit) -> Feedback:
    try:
        found = session.get(Feedback, UUID((visit.ref or "").rpartition(":")[2]))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("There is no such page."))
    return found


OPERATIONS = [ask, make_link, judge, follow]
SUBSCRIPTIONS = [Subscription(name="feedback.judged", event="feedback.feedback.judged", handler=judged)]
PUBLIC_PAGES = [
    PublicPage(
        name=PAGE,
        title=_("Is it solved?"),
        template="feedback/items/verdict.html",
        show=show_verdict,
        submit=submit_verdict,
        rights=("customer.read", "feedback.feedback.read", "feedback.feedback.judge"),
        expires=DAYS,
    )
]

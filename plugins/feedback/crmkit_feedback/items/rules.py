"""The rules that feedback ships, and what they do; an admin can change or stop each of them."""

from __future__ import annotations

from crmkit import CrmSession, Customer, Do, Rule, operation, texts
from crmkit_feedback.items.looping import tell
from crmkit_feedback.items.models import Feedback

_ = texts("crmkit_feedback")


@operation(
    "feedback.feedback.tell_owner",
    title=_("Tell who looks after the customer"),
    permission="feedback.feedback.update",
    effect="update",
)
def tell_owner(session: CrmSession, feedback: Feedback) -> Feedback:
    """Tell who looks after the customer that there is feedback to see to; nobody is told of a customer who is
    nobody's."""
    customer = session.get(Customer, feedback.customer_id) if feedback.customer_id is not None else None
    if customer is not None:
        tell(session, feedback, [customer.owner_id], _("Feedback {number} needs your attention"), urgent=True)
    return feedback


RULES = [
    Rule(
        name="feedback.detractor",
        title=_("See to bad scores"),
        doc=_(
            "Somebody sees to a bad score of a customer who is known within 48 working hours where no policy says "
            "anything about it."
        ),
        on="feedback.feedback.taken",
        when='event.band == "bad" and event.undecided and not event.loop',
        then=[Do(operation="feedback.feedback.open", target="event.feedback_id")],
        priority=20,
    ),
    Rule(
        name="feedback.again",
        title=_("Tell the owner of a customer who is unhappy again"),
        doc=_("Whoever looks after a customer hears of the second bad score within 90 days."),
        on="feedback.feedback.taken",
        when='event.band == "bad" and feedback.bad_90_days >= 2',
        then=[Do(operation="feedback.feedback.tell_owner", target="event.feedback_id")],
        once_per="customer, 30 days",
        priority=10,
    ),
]
OPERATIONS = [tell_owner]

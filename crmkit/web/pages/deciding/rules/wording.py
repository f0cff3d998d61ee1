"""What rules are made of, in words for people: events, schedules, operations, limits, and what became of a firing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmkit.hooks.rules import Rule
from crmkit.i18n import Text, texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

EVENTS: Mapping[str, Text] = {
    "interaction.recorded": _("Something happened with a customer (a purchase, a call, a mail …)"),
    "interaction.reversed": _("Something was reversed"),
    "interaction.resolved": _("It became known who somebody is"),
    "customer.created": _("A customer was added"),
    "customer.updated": _("A customer's record was changed"),
    "customer.converted": _("A potential customer became a customer"),
    "customer.assigned": _("A customer was given to somebody"),
    "customer.tagged": _("A tag was added or taken away"),
    "customer.deleted": _("A customer was put away"),
    "customer.restored": _("A customer was brought back"),
    "classification.changed": _("A customer's label changed"),
    "customer.label_pinned": _("A person decided over a label"),
    "segment.entered": _("A customer entered a segment"),
    "segment.left": _("A customer left a segment"),
    "consent.recorded": _("A customer allowed or withdrew something"),
    "contact_point.added": _("A contact point was added"),
    "attachment.added": _("A file was attached"),
    "relationship.added": _("Two customers were related"),
}
"""What people read for the kernel's events; others are called by their description."""
PERIODS: Mapping[str, Text] = {
    "day": _("Every day"),
    "week": _("Every week"),
    "hour": _("Every hour"),
    "15 minutes": _("Every 15 minutes"),
    "month": _("Every month"),
}
ONCE: Mapping[str, Text] = {
    "": _("Each time"),
    "customer": _("Once for each customer, ever"),
    "customer, day": _("Once for each customer and day"),
    "customer, week": _("Once for each customer and week"),
    "customer, month": _("Once for each customer and month"),
    "customer, quarter": _("Once for each customer and quarter"),
    "customer, year": _("Once for each customer and year"),
    "customer, 30 days": _("Once for each customer in 30 days"),
    "customer, 90 days": _("Once for each customer in 90 days"),
}
OUTCOMES: Mapping[str, tuple[Text, str]] = {
    "fired": (_("fired"), "good"),
    "held_out": (_("held out"), "info"),
    "limited": (_("limited"), ""),
    "capped": (_("capped"), "warn"),
    "loop": (_("loop"), "bad"),
    "refused": (_("refused"), "bad"),
    "failed": (_("failed"), "bad"),
    "run": (_("run"), ""),
}
"""What can become of a rule, with a tone."""
MEANINGS: Mapping[str, Text] = {
    "fired": _("Its operations were carried out."),
    "held_out": _("The customer is in the control group."),
    "limited": _("It has fired for this customer already within its limit."),
    "capped": _("It has fired as often as it may in a day."),
    "loop": _("It would have set itself off again."),
    "refused": _("Its publisher may not do what it should do."),
    "failed": _("Something went wrong, and nothing of it was kept."),
    "run": _("A run as a whole."),
}


def event_title(session: CrmSession, name: str) -> str:
    """Return what people read for an event."""
    if name in EVENTS:
        return EVENTS[name]
    cls = session.gate.registry.events.get(name)
    said = ((cls.__doc__ or "") if cls is not None else "").strip().partition("\n")[0].rstrip(".")
    return said or name


def trigger_words(session: CrmSession, rule: Rule, text: Any) -> str:
    """Return what sets a rule off, in the reader's language."""
    if rule.on is not None:
        return text(event_title(session, rule.on))
    if rule.every is not None:
        return text(PERIODS[rule.every]) if rule.every in PERIODS else text(_("Every {period}"), period=rule.every)
    return text(_("At the times {cron}"), cron=rule.cron or "")


def operation_title(session: CrmSession, name: str) -> str:
    """Return what an operation is called; its name where there is none."""
    found = session.gate.registry.operations.get(name)
    return name if found is None else found.title or name


def limit_words(rule: Rule, text: Any) -> list[str]:
    """Return the limits of a rule, in the reader's language."""
    found: list[str] = []
    if rule.once_per:
        found.append(text(ONCE[rule.once_per]) if rule.once_per in ONCE else rule.once_per)
    if rule.cooldown:
        found.append(text(_("At least {length} between two firings for a customer"), length=rule.cooldown))
    if rule.daily_cap is not None:
        found.append(text(_("At most {number} times in a day"), number=rule.daily_cap))
    if rule.control:
        found.append(text(_("{share} of the customers are held out for comparison"), share=f"{rule.control:.0%}"))
    if rule.stop:
        found.append(text(_("Stops rules of lower priority")))
    return found

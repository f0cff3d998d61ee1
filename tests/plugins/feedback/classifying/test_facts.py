"""What customers' feedback is about, as facts that rules can ask for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crmkit import catalogue_of, moment_of, values_of
from crmkit.app import CRM
from tests.plugins.feedback.classifying.test_labelling import BROKEN, SYSTEM, said

NAMES = ("feedback.last_theme", "feedback.negative_90_days")


def facts(crm: CRM, customer: Any) -> tuple[Any, ...]:
    """Return what is known of a customer."""
    with crm.session(SYSTEM) as session:
        refs = [catalogue_of(session).ref(name) for name in NAMES]
        found = values_of(session, refs, [customer], moment_of(session))
        return tuple(found[customer][ref] for ref in refs)


def test_the_last_theme_and_what_was_negative_lately(crm: CRM) -> None:
    """A person's word comes first; what is ninety days old is no more counted, praise never was."""
    ada, bob = (crm.run(SYSTEM, "customer.create", {"name": name}).id for name in ("Ada", "Bob"))
    now = crm.clock.now()
    said(crm, BROKEN, customer_id=ada, received_at=now - timedelta(days=91))
    last = said(crm, BROKEN, customer_id=ada, received_at=now - timedelta(days=2))
    said(crm, "Lovely.", customer_id=bob)
    assert facts(crm, ada)[1] == 1
    assert facts(crm, ada)[0] in {"delivery", "quality"}
    crm.run(SYSTEM, "feedback.feedback.set_theme", {"theme": "packaging"}, target=last.id)
    assert facts(crm, ada) == ("packaging", 1)
    assert facts(crm, bob)[1] == 0


def test_a_rule_asks_for_them(lite: CRM) -> None:
    """As the documentation shows it."""
    when = 'feedback.negative_90_days >= 2 and feedback.last_theme == "delivery"'
    lite.run(
        SYSTEM,
        "rule.save",
        {
            "name": "second_complaint",
            "title": "Second complaint",
            "cron": "0 9 * * 1-5",
            "when": when,
            "then": [{"operation": "customer.tag", "arguments": {"names": ["'delivery trouble'"]}}],
            "once_per": "customer, 90 days",
        },
    )

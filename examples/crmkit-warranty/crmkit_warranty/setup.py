"""What the plugin does when it is enabled, upgraded or purged. Each step may come again after a crash."""

from __future__ import annotations

from crmkit import CRM
from sqlalchemy import select

from crmkit_warranty.models import Terms

DEFAULT_TERMS = (("standard", 24), ("extended", 60))


def default_terms(crm: CRM) -> int:
    """Add the default terms that are not there yet and return how many were added."""
    actor = crm.system("default terms of warranty")
    with crm.session(actor) as session:
        known = set(session.scalars(select(Terms.name)))
    missing = [(name, months) for name, months in DEFAULT_TERMS if name not in known]
    for name, months in missing:
        crm.run(actor, "warranty.terms.add", {"name": name, "months": months})
    return len(missing)

"""What ``crmkit doctor`` asks the plugin."""

from __future__ import annotations

from crmkit import Check, CrmSession, Finding, texts

from crmkit_rentals.queries import due_items

_ = texts("crmkit_rentals")


def nothing_is_overdue(session: CrmSession) -> list[Finding]:
    """Say whether open items are due today or overdue."""
    late = len(due_items(session, session.today()))
    if late:
        return [
            Finding(
                level="info",
                code="REN201",
                message=_("{number} open items are due."),
                hint=_("Finish them, or give them another day."),
                values={"number": late},
            )
        ]
    return [Finding(level="ok", code="REN200", message=_("No item is due."))]


CHECKS = [
    Check(
        name="rentals.overdue",
        title=_("Items that are due"),
        run=nothing_is_overdue,
    )
]

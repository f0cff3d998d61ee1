"""The words of articles: values that are stored, with the titles that people read."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_knowledge")

KINDS = {
    "how_to": _("How to"),
    "faq": _("Question and answer"),
    "troubleshooting": _("Problem and solution"),
    "policy": _("Policy"),
}
AUDIENCES = {
    "public": _("Everybody"),
    "customers": _("Customers"),
    "segment": _("Customers of segments"),
    "internal": _("Colleagues"),
    "role": _("Colleagues with roles"),
}
SPACE_AUDIENCES = {name: AUDIENCES[name] for name in ("public", "customers", "internal")}
OUTSIDE = ("public", "customers", "segment")
"""These are read by people who are no colleagues."""
STATES = {
    "new": _("Not published yet"),
    "published": _("Published"),
    "needs_verification": _("Needs verification"),
    "hidden": _("Hidden until verified"),
    "archived": _("Archived"),
}
SHOWN = ("published", "needs_verification")
"""In these the released revision is read and found."""
STANDING = (*SHOWN, "hidden")
"""In these somebody has to say from time to time that the released revision is still right."""
REVISIONS = {
    "draft": _("Draft"),
    "in_review": _("In review"),
    "approved": _("Approved"),
    "released": _("Released"),
    "superseded": _("Earlier"),
}
OPEN = ("draft", "in_review", "approved")
"""A revision in one of these is being worked on; an article has one of them at most."""
VERIFICATIONS = {
    "verified": _("Verified"),
    "overdue": _("Needs verification"),
    "hidden": _("Hidden until verified"),
}

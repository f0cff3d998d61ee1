"""The words of responses. Must not know the database."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_feedback")

RESPONSE_STATES = {
    "partial": _("Begun"),
    "complete": _("Complete"),
    "screened": _("Not asked further"),
}
"""States of a response; ``screened`` ended early by the survey's own logic or by a full quota."""

CHANNELS = {
    "web": _("Web"),
    "email": _("Mail"),
    "phone": _("Telephone"),
    "qr": _("QR code"),
    "embed": _("On a website"),
    "sms": _("Text message"),
    "app": _("App"),
    "import": _("Import"),
    "api": _("Another system"),
}
"""By what way somebody answered."""

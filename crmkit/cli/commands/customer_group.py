"""The group ``crmkit customer``, to which several modules add their commands. Must not know any of them."""

from __future__ import annotations

from crmkit.cli.lazy import group
from crmkit.i18n import texts

_ = texts("crmkit")

customer = group(help=_("List, show, add and change customers."), name="customer")
"""The group ``crmkit customer``."""

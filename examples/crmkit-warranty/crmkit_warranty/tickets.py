"""Tickets that a service partner calls with: an id and a signature, made and read with a shared secret.

The secret is in the environment variable ``CRMKIT_WARRANTY_SECRET``; without it no ticket is accepted.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from crmkit import Actor, Refused, texts

_ = texts("crmkit_warranty")

SECRET = "CRMKIT_WARRANTY_SECRET"
HEADER = "x-warranty-ticket"
ROLE = "warranty_partner"
"""What a service partner may do is what an admin grants to this role."""


def ticket_for(partner: str, secret: str) -> str:
    """Return the ticket of a service partner."""
    return f"{partner}.{_signature(partner, secret)}"


def actor_of(ticket: str) -> Actor | None:
    """Return who calls with a ticket, or None where none are accepted. Raises Refused for one that is not genuine."""
    secret = os.environ.get(SECRET)
    if not secret:
        return None
    partner, _dot, signature = ticket.rpartition(".")
    if not partner or not hmac.compare_digest(signature, _signature(partner, secret)):
        raise Refused(_("The ticket is not genuine."))
    return Actor.host(f"warranty:{partner}"[:75], name=partner, roles=(ROLE,))


def _signature(partner: str, secret: str) -> str:
    return hmac.new(secret.encode(), partner.encode(), hashlib.sha256).hexdigest()

"""The customer base of the shop: opened once for each process, over the file of Django's database."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings

from crmkit import CRM, Actor


@cache
def crm() -> CRM:
    """Return the customer base."""
    return CRM.open(f"sqlite:///{settings.DATABASES['default']['NAME']}", create=True)


def actor_of(user: Any) -> Actor | None:
    """Return who a user of Django is in crmkit: with the roles of the same names as the user's groups."""
    roles = ("admin",) if user.is_superuser else tuple(user.groups.values_list("name", flat=True))
    return Actor.host(f"django-{user.pk}", name=user.get_full_name() or user.get_username(), roles=roles)

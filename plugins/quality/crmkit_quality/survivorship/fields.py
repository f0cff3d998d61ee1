"""The fields that a customer has one value of at a time, and those that belong together. Must not know the database."""

from __future__ import annotations

from collections.abc import Mapping

TOGETHER: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "sort_name", "family_name", "given_name", "middle_name"),
    "identity_number": ("identity_number", "identity_kind"),
    "city": ("city", "province", "country"),
    "owner_id": ("owner_id", "team_id"),
}
"""Fields of which one alone says nothing, or something else, by the field whose rule counts for all of them."""
LEADS: Mapping[str, str] = {part: lead for lead, parts in TOGETHER.items() for part in parts}
"""The field whose rule counts, by each field of a group."""
SINGLE = frozenset(
    {"kind", "name", "salutation", "job_title", "birth_date", "gender", "occupation", "language", "time_zone"}
    | {"identity_number", "industry", "size", "registration_number", "website", "city", "source", "parent_id"}
    | {"owner_id", "standing"}
)
"""The fields that a rule can be for, custom ones aside."""
UNRULED = frozenset({"kind", "standing"})
"""Fields that the rule for all others does not speak of: whoever is a customer stays one."""


def lead_of(name: str) -> str:
    """Return the field whose rule counts for a field."""
    return LEADS.get(name, name)

"""A plugin whose personal-data map would leave something of a person behind does not start."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import String
from sqlalchemy.orm import Mapped

from crmkit import CRM, CustomerRecord, PersonalData, field
from crmkit.core.operations.registry import Registry
from crmkit.core.privacy.mapping import PERSONAL, check_map, customer_column
from crmkit.core.store.model import field_info
from crmkit.errors import ModelError


class Letter(CustomerRecord):
    """A letter to a customer."""

    __tablename__ = "maptest_letter"
    __plugin__ = "maptest"

    about: Mapped[str | None] = field(String(80), classified="personal")
    text: Mapped[str | None] = field(classified="sensitive")
    place: Mapped[int] = field(classified="personal")


def check(*entries: PersonalData) -> None:
    """Check a map of the letters' table."""
    registry = Registry()
    registry.add("maptest", "model", [Letter])
    registry.add("maptest", "personal data", list(entries))
    check_map(registry, "maptest")


def entry(**values: Any) -> PersonalData:
    """Return an entry for the letters' table."""
    return PersonalData(**{"table": "maptest_letter", "purpose": "Letters", **values})


def test_table_about_customers_has_to_be_in_the_map() -> None:
    """Without an entry the plugin does not start."""
    with pytest.raises(ModelError, match="is in no personal-data map"):
        check()


def test_deleting_needs_nothing_more() -> None:
    """Rows that are deleted take everything with them."""
    check(entry())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"column": "buyer_id"}, "maptest_letter.buyer_id, which does not exist"),
        ({"columns": ("subject",)}, "maptest_letter.subject, which does not exist"),
        ({"on_erase": "retain"}, "neither law nor days"),
        ({"on_erase": "retain", "law": "a law"}, "neither law nor days"),
        ({"on_erase": "anonymise", "columns": ("about", "text", "place")}, "maptest_letter.customer_id cannot be"),
    ],
)
def test_entry_that_would_fail_at_an_erasure_is_refused_at_once(values: dict[str, Any], message: str) -> None:
    """What cannot be done on the day somebody asks is told on the day the plugin starts."""
    with pytest.raises(ModelError, match=message):
        check(entry(**values))


def test_every_table_of_the_installation_that_names_customers_is_in_the_map(crm: CRM) -> None:
    """Kernel and plugins together: no model with a customer's column and personal fields is missing."""
    mapped = {each.table for each in crm.registry.personal_data.values()}
    missing = [
        model.__tablename__
        for model in crm.registry.models.values()
        if (customer_column(model) or "customer_id" in model.__table__.c)
        and any(field_info(column).classified in PERSONAL for column in model.__table__.c)
        and model.__tablename__ not in mapped
    ]
    assert missing == []

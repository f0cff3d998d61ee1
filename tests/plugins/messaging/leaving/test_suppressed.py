"""Suppressed addresses on the page, by operations and on the command line's operations."""

from __future__ import annotations

import pytest
from crmkit_messaging.api import is_suppressed

from crmkit.errors import InvalidInput, NotFound, Refused
from tests.plugins.messaging.composing.bases import SYSTEM
from tests.plugins.messaging.leaving.conftest import Shop


def test_an_address_is_suppressed_looked_up_and_let_go(shop: Shop) -> None:
    """By its exact value however it is written; lifting needs a reason."""
    by = shop.people["mia"]
    shop.crm.run(by, "messaging.suppression.add", {"address": "Someone@X.example", "reason": "complaint"})
    found = shop.crm.run(by, "messaging.suppression.check", {"address": "someone@x.example"})
    assert (found.suppressed, str(found.reason)) == (True, "The recipient has complained")
    assert not shop.crm.run(by, "messaging.suppression.check", {"address": "other@x.example"}).suppressed
    with pytest.raises(InvalidInput):
        shop.crm.run(by, "messaging.suppression.remove", {"address": "someone@x.example", "why": " "})
    shop.crm.run(by, "messaging.suppression.remove", {"address": "someone@x.example", "why": "a mistake"})
    with shop.crm.session(SYSTEM) as session:
        assert not is_suppressed(session, "email", "someone@x.example")
    with pytest.raises(NotFound):
        shop.crm.run(by, "messaging.suppression.remove", {"address": "someone@x.example", "why": "again"})


def test_what_is_no_address_is_refused(shop: Shop) -> None:
    """Neither to suppress nor to look up."""
    for name in ("add", "check"):
        with pytest.raises(InvalidInput):
            shop.crm.run(SYSTEM, f"messaging.suppression.{name}", {"address": "not an address"})


def test_sellers_do_not_suppress(shop: Shop) -> None:
    """It decides over messages of all."""
    with pytest.raises(Refused):
        shop.crm.run(shop.people["sam"], "messaging.suppression.add", {"address": "a@x.example"})


def test_an_entry_is_lifted_on_its_record(shop: Shop) -> None:
    """As the page offers it, with a reason."""
    made = shop.crm.run(SYSTEM, "messaging.suppression.add", {"address": "a@x.example"})
    shop.crm.run(SYSTEM, "messaging.suppression.lift", {"why": "asked for it"}, target=made.id)
    with shop.crm.session(SYSTEM) as session:
        assert not is_suppressed(session, "email", "a@x.example")

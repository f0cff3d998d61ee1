"""What the plugin has beside its items."""

from __future__ import annotations

import pytest
from crmkit import CRM, Actor, Settings
from crmkit.errors import ConfigurationError

from crmkit_rentals.settings import settings_of


def test_a_contact_is_recorded(crm: CRM, actor: Actor, customers) -> None:
    """The kind of interaction takes what it declares."""
    customer = customers()
    values = {
        "kind": "rentals.contact",
        "customer_id": customer.id,
        "payload": {"topic": "Delivery"},
    }
    recorded = crm.run(actor, "interaction.record", values)
    assert (recorded.customer_id, recorded.payload) == (customer.id, {"topic": "Delivery"})


def test_settings_have_defaults_and_can_be_given() -> None:
    """What is not given is the default."""
    assert settings_of(Settings(database="sqlite://")).days == 14
    given = {"rentals": {"days": "3"}}
    assert settings_of(Settings(database="sqlite://", options=given)).days == 3


def test_a_setting_that_does_not_exist_is_refused() -> None:
    """The error is one of crmkit's, not a traceback."""
    given = {"rentals": {"dayz": 3}}
    with pytest.raises(ConfigurationError):
        settings_of(Settings(database="sqlite://", options=given))


def test_the_command_has_help() -> None:
    """The command says what it does without opening anything."""
    from click.testing import CliRunner

    from crmkit_rentals.commands import group

    result = CliRunner().invoke(group, ["due", "--help"])
    assert (result.exit_code, "--days" in result.output) == (0, True)

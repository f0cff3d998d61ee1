"""Permissions that a plugin has had only since it was enabled: shown once more, given once, taken away for good."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from crmkit.app import CRM
from crmkit.errors import LifecycleError, MigrationError
from crmkit.manifest import Permission
from tests.lifecycle.helpers import audited, scalar
from tests.lifecycle.workshop import Workshop

Open = Callable[..., CRM]

SEE = Permission(name="alpha.thing.read", title="See things", default_roles=("seller", "manager"))
DROP = Permission(name="alpha.thing.drop", title="Drop things", risk="high", default_roles=("manager",))


def granted(crm: CRM) -> list[str]:
    """Return role and action of each grant on things, sorted."""
    with crm.engines.system_read.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT r.name || ' ' || g.action FROM crm_grant g JOIN crm_role r ON r.id = g.role_id"
                " WHERE g.resource = 'alpha.thing'"
            )
        )
        return sorted(rows.scalars())


def take_away(crm: CRM) -> None:
    """Take what the sellers may do with things from them, as an admin would."""
    with crm.engines.system_write.begin() as connection:
        connection.execute(
            text(
                "DELETE FROM crm_grant WHERE resource = 'alpha.thing'"
                " AND role_id = (SELECT id FROM crm_role WHERE name = 'seller')"
            )
        )


def test_new_permission_of_the_same_version_is_given_by_an_upgrade(
    crm_url: str, workshop: Workshop, opened: Open
) -> None:
    """It is in the report and goes to its default roles once; what an admin took away of the others stays away."""
    alpha = workshop.plugin("alpha")
    crm = opened(crm_url, plugins=[alpha.manifest(permissions=[SEE])])
    crm.enable("alpha")
    take_away(crm)
    newer = [alpha.manifest(permissions=[SEE, DROP])]
    (done,) = CRM.upgrade(crm_url, plugins=newer).plugins
    assert (done.name, done.revisions, done.permissions) == ("alpha", (), (DROP,))
    assert granted(crm) == ["manager drop", "manager read"]
    assert audited(crm)[-1][:2] == ("plugin.enable", "done")
    assert CRM.upgrade(crm_url, plugins=newer).plugins == ()


def test_enabling_again_shows_and_gives_the_new_permissions(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """The plan has these alone, with a warning where there is a risk; with none the plugin is enabled already."""
    alpha = workshop.plugin("alpha")
    opened(crm_url, plugins=[alpha.manifest(permissions=[SEE])]).enable("alpha")
    crm = opened(crm_url, plugins=[alpha.manifest(permissions=[SEE, DROP])])
    plan = crm.plan_enable("alpha")
    assert (plan.permissions, [each.enabled for each in plan.plugins]) == ((DROP,), [True])
    assert plan.warnings == ("alpha: whoever has alpha.thing.drop can do great harm.",)
    crm.enable(plan)
    assert granted(crm) == ["manager drop", "manager read", "seller read"]
    with pytest.raises(LifecycleError, match="enabled already"):
        crm.enable("alpha")


def test_new_version_says_which_permissions_it_has_brought(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """An upgrade to it gives them and names them."""
    alpha = workshop.plugin("alpha")
    crm = opened(crm_url, plugins=[alpha.manifest(permissions=[SEE])])
    crm.enable("alpha")
    (done,) = CRM.upgrade(crm_url, plugins=[alpha.manifest("2.0", permissions=[SEE, DROP])]).plugins
    assert (done.to_version, done.permissions) == ("2.0", (DROP,))
    assert granted(crm) == ["manager drop", "manager read", "seller read"]


def test_permission_that_was_left_out_for_a_while_is_not_given_anew(
    crm_url: str, workshop: Workshop, opened: Open
) -> None:
    """It was offered once: what an admin took away then stays away when a later version brings it back."""
    alpha = workshop.plugin("alpha")
    crm = opened(crm_url, plugins=[alpha.manifest(permissions=[SEE])])
    crm.enable("alpha")
    take_away(crm)
    CRM.upgrade(crm_url, plugins=[alpha.manifest("2.0", permissions=[DROP])])
    (done,) = CRM.upgrade(crm_url, plugins=[alpha.manifest("3.0", permissions=[SEE, DROP])]).plugins
    assert (done.to_version, done.permissions) == ("3.0", ())
    assert granted(crm) == ["manager drop", "manager read"]


def test_enabling_that_failed_has_offered_nothing(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """A disabled plugin whose newer version could not be enabled gives its new permissions when it can."""
    alpha = workshop.plugin("alpha")
    crm = opened(crm_url, plugins=[alpha.manifest(permissions=[SEE])])
    crm.enable("alpha")
    take_away(crm)
    crm.disable("alpha")
    alpha.revision(2, '    raise RuntimeError("no such luck")')
    newer = [alpha.manifest("2.0", permissions=[SEE, DROP])]
    with pytest.raises(MigrationError, match="no such luck"):
        opened(crm_url, plugins=newer).enable("alpha")
    alpha.revision(2, "    pass")
    opened(crm_url, plugins=newer).enable("alpha")
    assert granted(crm) == ["manager drop", "manager read"]
    assert scalar(crm, "SELECT state FROM crm_plugin WHERE name = 'alpha'") == "enabled"

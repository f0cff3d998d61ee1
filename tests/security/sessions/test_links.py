"""One-time links: signing in once, and an invitation; each good once, for its own use alone."""

from __future__ import annotations

import pytest

from crmkit.core.store.actor import Actor
from crmkit.errors import Conflict, InvalidCredentials, InvalidInput, Refused, TooManyAttempts
from crmkit.security.credentials.passwords import SETTING, redeem, set_first_password
from crmkit.security.sessions.links import look_at_code, redeem_invitation, redeem_link
from crmkit.security.sessions.signed import Opened, Pending
from tests.security.credential_support import GOOD, HOME, SYSTEM
from tests.security.sessions.support import BROWSER, Entrance


def test_a_link_signs_in_once(desk: Entrance) -> None:
    """Looking at it uses nothing up; the second who redeems it gets nothing."""
    user = desk.user("anna", "seller")
    issued = desk.crm.run(SYSTEM, "user.link", target=user.id)
    for _number in range(3):
        assert "anna" == look_at_code(desk.crm, issued.code, HOME, purposes=("link",)).account.login
    opened = redeem_link(desk.crm, issued.code, BROWSER)
    assert isinstance(opened, Opened)
    assert ("link", user.id) == (desk.alive(opened).method, desk.alive(opened).user_id)
    with pytest.raises(InvalidCredentials):
        redeem_link(desk.crm, issued.code, BROWSER)


def test_a_link_is_good_for_a_quarter_of_an_hour(desk: Entrance) -> None:
    """A newer one voids it; so does leaving."""
    user = desk.user("anna", "seller")
    first, second = (desk.crm.run(SYSTEM, "user.link", target=user.id) for _number in range(2))
    with pytest.raises(InvalidCredentials):
        redeem_link(desk.crm, first.code, BROWSER)
    desk.later(minutes=15)
    with pytest.raises(InvalidCredentials):
        redeem_link(desk.crm, second.code, BROWSER)
    third = desk.crm.run(SYSTEM, "user.link", target=user.id)
    desk.crm.run(SYSTEM, "user.deactivate", target=user.id)
    with pytest.raises(InvalidCredentials):
        redeem_link(desk.crm, third.code, BROWSER)


def test_a_link_sets_no_password_and_an_invitation_is_no_link(desk: Entrance) -> None:
    """Each code is good for what it was issued for, and making the one leaves the other."""
    user = desk.user("anna", "seller")
    link, invitation = (desk.crm.run(SYSTEM, f"user.{name}", target=user.id) for name in ("link", "invite"))
    with pytest.raises(InvalidCredentials):
        redeem(desk.crm, "anna", link.code, GOOD)
    with pytest.raises(InvalidCredentials):
        redeem_invitation(desk.crm, link.code, GOOD, BROWSER)
    with pytest.raises(InvalidCredentials):
        redeem_link(desk.crm, invitation.code, BROWSER)
    assert isinstance(redeem_link(desk.crm, link.code, BROWSER), Opened)
    assert isinstance(redeem_invitation(desk.crm, invitation.code, GOOD, BROWSER), Opened)


def test_an_invitation_sets_a_password_and_lets_in(desk: Entrance) -> None:
    """A password that cannot be used leaves the invitation as it is."""
    user = desk.user("anna", "seller")
    code = desk.crm.run(SYSTEM, "user.invite", target=user.id).code
    assert "invite" == look_at_code(desk.crm, code, HOME, purposes=SETTING).purpose
    with pytest.raises(InvalidInput):
        redeem_invitation(desk.crm, code, "short", BROWSER)
    opened = redeem_invitation(desk.crm, code, GOOD, BROWSER)
    assert isinstance(opened, Opened)
    assert "code" == desk.alive(opened).method
    assert "password" == desk.enter("anna").signed.method
    with pytest.raises(InvalidCredentials):
        look_at_code(desk.crm, code, HOME, purposes=SETTING)


def test_neither_gets_round_the_second_factor(desk: Entrance) -> None:
    """Whoever has one is asked for a code; whoever has to have one sets it up first."""
    user, _phone, _codes = desk.with_factor("anna")
    link = redeem_link(desk.crm, desk.crm.run(SYSTEM, "user.link", target=user.id).code, BROWSER)
    code = desk.crm.run(SYSTEM, "user.invite", target=user.id).code
    invited = redeem_invitation(desk.crm, code, "lanterns over quiet harbours", BROWSER)
    assert ["factor", "factor"] == [item.kind for item in (link, invited) if isinstance(item, Pending)]
    berta = desk.user("berta", "seller")
    desk.reopen(second_factor="everybody")
    step = redeem_link(desk.crm, desk.crm.run(SYSTEM, "user.link", target=berta.id).code, BROWSER)
    assert "set_up" == step.kind  # type: ignore[union-attr]


def test_guessing_links_uses_up_an_address(desk: Entrance) -> None:
    """A hundred wrong ones, and then there is a wait for that address alone."""
    user = desk.user("anna", "seller")
    wrong = "AAAAAA-AAAAAA-AAAAAA-AAAAAA"
    for _number in range(100):
        with pytest.raises(InvalidCredentials):
            look_at_code(desk.crm, wrong, "203.0.113.1", purposes=("link",))
    with pytest.raises(TooManyAttempts):
        look_at_code(desk.crm, wrong, "203.0.113.1", purposes=("link",))
    code = desk.crm.run(SYSTEM, "user.link", target=user.id).code
    assert isinstance(redeem_link(desk.crm, code, BROWSER), Opened)


def test_nobody_issues_a_link_to_more_than_the_own_rights(desk: Entrance) -> None:
    """Who may not administer users issues none; nor is there one for who has left."""
    user = desk.user("anna", "admin")
    seller = desk.user("bob", "seller")
    with pytest.raises(Refused):
        desk.crm.run(Actor.user(seller.id), "user.link", target=user.id)
    desk.crm.run(SYSTEM, "user.deactivate", target=seller.id)
    with pytest.raises(Conflict):
        desk.crm.run(SYSTEM, "user.link", target=seller.id)


def test_a_first_password_is_set_by_who_has_none(desk: Entrance) -> None:
    """Once; a second one needs the first."""
    user = desk.user("anna", "seller")
    actor = Actor.user(user.id, "Anna")
    with pytest.raises(InvalidInput):
        set_first_password(desk.crm, actor, "short")
    set_first_password(desk.crm, actor, GOOD)
    assert "password" == desk.enter("anna").signed.method
    with pytest.raises(Refused):
        set_first_password(desk.crm, actor, "lanterns over quiet harbours")


def test_a_user_changes_the_own_account(desk: Entrance) -> None:
    """Name, language and time zone, without the right to administer anybody; nothing that there is not."""
    user = desk.user("anna", "seller")
    actor = Actor.user(user.id, "Anna")
    desk.crm.run(actor, "account.update", {"name": "Anna Li", "language": "zh_Hans", "zone": "Asia/Shanghai"})
    (row,) = desk.rows("SELECT name, language, zone FROM crm_user")
    assert ("Anna Li", "zh_Hans", "Asia/Shanghai") == tuple(row)
    with pytest.raises(InvalidInput):
        desk.crm.run(actor, "account.update", {"name": " ", "zone": "Nowhere/Town"})
    with pytest.raises(Refused):
        desk.crm.run(SYSTEM, "account.update", {"name": "System"})

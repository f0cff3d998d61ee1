"""What is sensitive asks again who is there: a password or a code that was given a moment ago."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crmkit.errors import InvalidCredentials, StepUpNeeded, TooManyAttempts, Unauthenticated
from crmkit.security.sessions import stepping
from crmkit.security.sessions.opening import end, open_session, proof_of
from crmkit.security.sessions.signed import Signed
from crmkit.security.sessions.stepping import check_step_up, demand_step_up, is_fresh, step_up, way_of
from tests.security.credential_support import GOOD, HOME
from tests.security.sessions.support import Entrance

SENSITIVE = (
    *("user.assign_role", "user.create", "user.link", "user.reset_factor", "user.reset_password", "user.deactivate"),
    *("role.create", "role.grant", "key.rotate", "token.create", "factor.begin", "factor.remove", "customer.reveal"),
)
EVERYDAY = (
    *("customer.update", "customer.create", "interaction.record", "session.end", "session.end_all", "account.update"),
    *("factor.confirm", "token.revoke", "segment.save", "no.such.operation"),
)


def needs(desk: Entrance, signed: Signed, operation: str) -> bool:
    """Say whether somebody is asked again before an operation."""
    try:
        check_step_up(desk.crm, signed, operation)
    except StepUpNeeded:
        return True
    return False


def test_what_is_sensitive_needs_a_fresh_proof(desk: Entrance) -> None:
    """Roles, users, keys, tokens, factors and revealing; not the everyday work. Right after signing in nobody is asked
    twice."""
    desk.user("anna", "admin", password=GOOD)
    opened = desk.enter("anna")
    assert [] == [name for name in SENSITIVE if needs(desk, opened.signed, name)]
    desk.later(minutes=5)
    signed = desk.alive(opened)
    assert (list(SENSITIVE), []) == (
        [name for name in SENSITIVE if needs(desk, signed, name)],
        [name for name in EVERYDAY if needs(desk, signed, name)],
    )


def test_every_operation_that_gives_rights_is_among_them(desk: Entrance) -> None:
    """Whatever needs the right to administer users, roles, keys or plugins, or is called a reveal or an export."""
    found = {
        name: stepping.needs_step_up(operation)
        for name, operation in desk.crm.registry.operations.items()
        if operation.permission in ("role.admin", "key.admin", "plugin.admin", "backup.admin", "privacy.admin")
        or {"reveal", "export"} & {*operation.actions, name.rpartition(".")[2]}
    }
    assert len(found) > 15
    assert [] == [name for name, asked in found.items() if not asked]


def test_a_password_suffices_for_a_few_minutes(desk: Entrance) -> None:
    """It gives the session a new token as well; how long it suffices is a setting."""
    desk.user("anna", "admin", password=GOOD)
    desk.reopen(step_up_minutes=2)
    opened = desk.enter("anna")
    desk.later(minutes=10)
    renewed = step_up(desk.crm, desk.alive(opened), GOOD, HOME)
    assert (None, opened.signed.id) == (desk.alive(opened), desk.alive(renewed).id)
    desk.later(minutes=2, seconds=-1)
    assert is_fresh(desk.crm, desk.alive(renewed))
    desk.later(seconds=1)
    with pytest.raises(StepUpNeeded):
        demand_step_up(desk.crm, desk.alive(renewed))


def test_where_there_is_a_second_factor_a_code_is_asked_for(desk: Entrance) -> None:
    """The password does not do then; a code does, once, and a recovery code."""
    user, phone, codes = desk.with_factor("anna")
    opened = open_session(desk.crm, proof_of(desk.crm, user.id))
    assert "factor" == way_of(desk.crm, opened.signed)
    with pytest.raises(InvalidCredentials):
        step_up(desk.crm, opened.signed, GOOD, HOME)
    code = phone.code()
    renewed = step_up(desk.crm, opened.signed, code, HOME)
    with pytest.raises(InvalidCredentials):
        step_up(desk.crm, renewed.signed, code, HOME)
    assert desk.alive(step_up(desk.crm, renewed.signed, codes[0], HOME)) is not None


def test_guessing_is_held_up(desk: Entrance) -> None:
    """Five wrong passwords, five wrong codes: then there is a wait, and what was open stays open."""
    desk.user("anna", password=GOOD)
    opened = desk.enter("anna")
    berta, _phone, _codes = desk.with_factor("berta")
    with_factor = open_session(desk.crm, proof_of(desk.crm, berta.id))
    for each, secret in ((opened, "wrong guess"), (with_factor, "000000")):
        for _number in range(5):
            with pytest.raises(InvalidCredentials):
                step_up(desk.crm, each.signed, secret, HOME)
        with pytest.raises(TooManyAttempts) as waits:
            step_up(desk.crm, each.signed, secret, HOME)
        assert 600 < waits.value.seconds <= 900
        assert desk.alive(each) is not None


def test_a_providers_session_is_no_proof(desk: Entrance) -> None:
    """Who came by single sign-on, or by a link and has nothing else, is told how it can be done."""
    user = desk.user("anna", "admin")
    stale = open_session(desk.crm, proof_of(desk.crm, user.id, method="sso", fresh=False))
    linked = open_session(desk.crm, proof_of(desk.crm, user.id))
    assert (True, False) == tuple(needs(desk, item.signed, "user.create") for item in (stale, linked))
    assert "none" == way_of(desk.crm, linked.signed)


def test_a_session_that_has_ended_cannot_step_up(desk: Entrance) -> None:
    """However right the password is."""
    desk.user("anna", password=GOOD)
    opened = desk.enter("anna")
    end(desk.crm, opened.signed)
    with pytest.raises(Unauthenticated):
        step_up(desk.crm, opened.signed, GOOD, HOME)


def test_it_is_audited(desk: Entrance) -> None:
    """What was right and what was wrong."""
    desk.user("anna", password=GOOD)
    opened = desk.enter("anna")
    with pytest.raises(InvalidCredentials):
        step_up(desk.crm, opened.signed, "wrong guess", HOME)
    step_up(desk.crm, opened.signed, GOOD, HOME)
    assert [("step_up", "refused"), ("step_up", "done")] == desk.operations("step_up")


def test_five_minutes_are_the_usual_time(desk: Entrance) -> None:
    """Where the settings say nothing."""
    desk.user("anna", password=GOOD)
    opened = desk.enter("anna")
    assert timedelta(minutes=5) == timedelta(minutes=desk.crm.settings.step_up_minutes)
    desk.later(minutes=5, seconds=-1)
    assert is_fresh(desk.crm, desk.alive(opened))

"""Single sign-on: who is let in, as whom, and that no answer opens anything that was not asked for by this browser."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from crmkit.core.store.actor import Actor
from crmkit.errors import ConfigurationError, NotFound, SignOnFailed
from crmkit.security.credentials.passwords import SETTING
from crmkit.security.sessions.links import look_at_code
from crmkit.security.sessions.opening import open_session, proof_of
from crmkit.security.sessions.signed import Opened, Pending
from crmkit.security.sessions.stepping import is_fresh, way_of
from crmkit.security.sso.flow import arrive
from crmkit.security.sso.identities import list_identities
from crmkit.security.sso.providers import providers_of
from crmkit.settings import Settings
from tests.security.credential_support import SYSTEM
from tests.security.sessions.support import BROWSER
from tests.security.sso.conftest import Linked
from tests.security.sso.fake import CALLBACK, CLIENT, FakeProvider, rightly


def test_somebody_who_was_linked_signs_in(desk: Linked) -> None:
    """By issuer and subject; the session says by which provider."""
    user = desk.invited()
    result = desk.sign_on().result
    assert isinstance(result, Opened)
    signed = desk.alive(result)
    assert (user.id, "sso", "acme") == (signed.user_id, signed.method, signed.provider)
    assert [("sign_in", "done")] * 2 == desk.operations("sign_in")


def test_what_is_asked_for(desk: Linked) -> None:
    """A code with PKCE, state and nonce, all of them new each time, and nothing that would give them away."""
    one, other = (dict(parse_qsl(urlsplit(desk.depart().url).query)) for _number in range(2))
    assert ("code", CLIENT, CALLBACK, "openid profile email", "S256") == (
        one["response_type"], one["client_id"], one["redirect_uri"], one["scope"], one["code_challenge_method"]
    )  # fmt: skip
    fresh = ("state", "nonce", "code_challenge")
    assert [] == [name for name in fresh if one[name] == other[name] or len(one[name]) < 43]
    assert 3 == len({one[name] for name in fresh})
    rows = " ".join(str(tuple(row)) for row in desk.rows("SELECT * FROM crm_sign_in_step"))
    assert [] == [name for name in fresh if one[name] in rows]


def test_an_answer_is_good_once(desk: Linked) -> None:
    """Replayed by the same browser, with the same code or a new one."""
    desk.invited()
    away = desk.depart()
    answer = desk.provider.authorise(away.url)
    desk.arrive(away, answer)
    for again in (answer, {**desk.provider.authorise(away.url), "state": answer["state"]}):
        with pytest.raises(SignOnFailed):
            desk.arrive(away, again)
    assert ["unknown_state", "unknown_state"] == desk.reasons()


def test_an_answer_belongs_to_the_browser_that_asked(desk: Linked) -> None:
    """What an attacker has begun and lets a victim finish opens nothing, nor the other way round."""
    desk.invited()
    attacker, victim = desk.depart(), desk.depart()
    answer = desk.provider.authorise(attacker.url)
    with pytest.raises(SignOnFailed):
        desk.arrive(victim, answer)
    with pytest.raises(SignOnFailed):
        arrive(desk.crm, "acme", answer, "", BROWSER)
    assert ["state", "unknown_state"] == desk.reasons()


def test_a_code_of_another_sign_on_is_worth_nothing(desk: Linked) -> None:
    """The verifier does not fit, so the provider gives nothing for it."""
    desk.invited()
    stolen, own = desk.depart(), desk.depart()
    code = desk.provider.authorise(stolen.url)["code"]
    with pytest.raises(SignOnFailed):
        desk.arrive(own, {**desk.provider.authorise(own.url), "code": code})
    assert ["no_token"] == desk.reasons()


def test_a_step_is_over_after_ten_minutes(desk: Linked) -> None:
    """However right the answer is."""
    desk.invited()
    away = desk.depart()
    desk.later(minutes=10)
    with pytest.raises(SignOnFailed):
        desk.arrive(away, desk.provider.authorise(away.url))


@pytest.mark.parametrize("answer", [{"error": "access_denied"}, {}, {"code": ""}])
def test_a_refusal_of_the_provider_is_one_of_ours(desk: Linked, answer: dict[str, str]) -> None:
    """And uses the step up."""
    away = desk.depart()
    state = dict(parse_qsl(urlsplit(away.url).query))["state"]
    with pytest.raises(SignOnFailed):
        desk.arrive(away, {"state": state, **answer})
    with pytest.raises(SignOnFailed):
        desk.arrive(away, desk.provider.authorise(away.url))
    assert ["denied", "unknown_state"] == desk.reasons()


def test_providers_are_not_mixed_up(desk: Linked) -> None:
    """An answer that names another issuer, or names none where the provider would, or comes for another provider."""
    desk.invited()
    away = desk.depart()
    with pytest.raises(SignOnFailed):
        desk.arrive(away, {**desk.provider.authorise(away.url), "iss": "https://elsewhere.example"})
    base = {"issuer": desk.provider.issuer, "client_id": CLIENT, "private": True}
    desk.reopen(sso={"acme": base, "other": base})
    away = desk.depart()
    with pytest.raises(SignOnFailed):
        arrive(desk.crm, "other", desk.provider.authorise(away.url), away.token, BROWSER)
    desk.know()
    desk.provider.metadata = {"authorization_response_iss_parameter_supported": True}
    away = desk.depart()
    with pytest.raises(SignOnFailed):
        desk.arrive(away, desk.provider.authorise(away.url))
    assert ["mixed_up"] * 3 == desk.reasons()
    away = desk.depart()
    answer = {**desk.provider.authorise(away.url), "iss": desk.provider.issuer}
    assert isinstance(desk.arrive(away, answer).result, Opened)


def test_an_e_mail_address_decides_nothing(desk: Linked) -> None:
    """Whoever brings the address or the login of a user is not that user."""
    for create in (False, True):
        desk.know(create=create)
        if not create:
            made = desk.crm.run(SYSTEM, "user.create", {"login": "anna", "name": "Anna", "email": "anna@example.com"})
        claims = {"email": "anna@example.com", "email_verified": True, "preferred_username": "anna"}
        with pytest.raises(SignOnFailed):
            desk.sign_on(sub="somebody", **claims)
    assert ["unknown_user", "login_taken"] == desk.reasons()
    assert [] == list_identities(desk.crm, made.id)


def test_users_are_added_where_the_settings_say_so(desk: Linked) -> None:
    """With the name that the provider gives, and the usual role; the next time it is the same user."""
    desk.know(create=True, default_role="seller")
    first = desk.sign_on(sub="s-7", preferred_username="berta", name="Berta Braun", email="b@example.com").result
    again = desk.sign_on(sub="s-7", preferred_username="renamed").result
    assert isinstance(first, Opened)
    assert isinstance(again, Opened)
    assert first.signed.user_id == again.signed.user_id
    (row,) = desk.rows("SELECT login, name, email FROM crm_user")
    assert ("berta", "Berta Braun", "b@example.com") == tuple(row)
    assert desk.crm.run(first.signed.actor, "session.end_all").sessions == 2


def test_roles_follow_the_provider_where_the_settings_say_so(desk: Linked) -> None:
    """Those that are named are given and taken at each sign-in; others stay, and so does the last administrator."""
    roles = {"crm-sellers": "seller", "crm-admins": "admin"}
    desk.know(create=True, default_role="analyst", roles=roles)

    def held() -> list[str]:
        query = "SELECT name FROM crm_role JOIN crm_user_role ON role_id = crm_role.id ORDER BY name"
        return [row.name for row in desk.rows(query)]

    desk.sign_on(groups=["crm-sellers", "crm-admins", "golf"])
    assert ["admin", "analyst", "seller"] == held()
    desk.sign_on(groups=[])
    assert ["admin", "analyst"] == held()
    desk.user("boss", "admin")
    desk.sign_on(groups="crm-sellers")
    assert ["admin", "analyst", "seller"] == held()


def test_who_has_left_stays_out(desk: Linked) -> None:
    """Even where the settings add users."""
    user = desk.invited()
    desk.know(create=True)
    desk.crm.run(SYSTEM, "user.deactivate", target=user.id)
    with pytest.raises(SignOnFailed):
        desk.sign_on()
    assert ["inactive"] == desk.reasons()


def test_an_account_at_a_provider_is_one_users_alone(desk: Linked) -> None:
    """A second user who is invited cannot have it as well; and an invitation that was used links nobody."""
    desk.invited("anna", sub="s-1")
    with pytest.raises(SignOnFailed):
        desk.invited("berta", sub="s-1")
    carla = desk.user("carla", "seller")
    code = look_at_code(desk.crm, desk.crm.run(SYSTEM, "user.invite", target=carla.id).code, None, purposes=SETTING)
    away = desk.depart(purpose="invitation", code_id=code.id)
    desk.crm.run(SYSTEM, "user.invite", target=carla.id)
    with pytest.raises(SignOnFailed):
        desk.arrive(away, desk.provider.authorise(away.url, sub="s-3"))
    assert ["linked_already", "invitation_used"] == desk.reasons()


def test_who_is_signed_in_links_an_account(desk: Linked) -> None:
    """In the very session in which it was begun; the administrator can take it away."""
    user = desk.user("anna", "seller")
    opened, other = (open_session(desk.crm, proof_of(desk.crm, user.id)) for _number in range(2))
    away = desk.depart(purpose="link", signed=opened.signed)
    with pytest.raises(SignOnFailed):
        desk.arrive(away, desk.provider.authorise(away.url), signed=other.signed)
    away = desk.depart(purpose="link", signed=opened.signed)
    assert desk.arrive(away, desk.provider.authorise(away.url), signed=opened.signed).result is None
    (identity,) = list_identities(desk.crm, user.id)
    assert isinstance(desk.sign_on().result, Opened)
    desk.crm.run(SYSTEM, "user.unlink", {"identity_id": str(identity.id)})
    with pytest.raises(SignOnFailed):
        desk.sign_on()
    with pytest.raises(NotFound):
        desk.crm.run(SYSTEM, "user.unlink", {"identity_id": str(identity.id)})
    assert ["other_session", "unknown_user"] == desk.reasons()


def test_a_step_up_at_the_provider_asks_for_a_password_there(desk: Linked) -> None:
    """A provider's session of this morning is none: it has to say when it asked, and for the same user."""
    desk.invited()
    opened = desk.sign_on().result
    assert isinstance(opened, Opened)
    assert (False, "sso") == (is_fresh(desk.crm, opened.signed), way_of(desk.crm, opened.signed))
    for claims in ({"auth_time": int(desk.now.timestamp()) - 3600}, {"sub": "somebody-else"}):
        away = desk.depart(purpose="step_up", signed=opened.signed)
        assert {"prompt": "login", "max_age": "0"}.items() <= dict(parse_qsl(urlsplit(away.url).query)).items()
        with pytest.raises(SignOnFailed):
            desk.arrive(away, desk.provider.authorise(away.url, **claims), signed=opened.signed)
    assert ["not_fresh", "somebody_else"] == desk.reasons()
    away = desk.depart(purpose="step_up", signed=opened.signed)
    renewed = desk.arrive(away, desk.provider.authorise(away.url), signed=opened.signed).result
    assert isinstance(renewed, Opened)
    assert (None, True) == (desk.alive(opened), is_fresh(desk.crm, desk.alive(renewed)))


@pytest.mark.parametrize("whose", ["provider", "crmkit"])
def test_the_second_factor_is_the_providers_business(desk: Linked, whose: str) -> None:
    """Unless the settings say that crmkit asks for its own as well."""
    desk.know({"second_factor": "everybody"}, second_factor=whose, create=True)
    result = desk.sign_on().result
    assert isinstance(result, Opened if whose == "provider" else Pending)


def test_a_provider_that_calls_itself_otherwise_is_none(desk: Linked) -> None:
    """Nor is one that does not answer, or sends elsewhere."""
    desk.know()
    desk.provider.metadata = {"issuer": "https://elsewhere.example"}
    with pytest.raises(SignOnFailed):
        desk.depart()
    desk.provider.metadata, desk.provider.redirect = {}, f"{desk.provider.issuer}/elsewhere"
    with pytest.raises(SignOnFailed):
        desk.depart()
    desk.provider.redirect, desk.provider.status = None, 500
    with pytest.raises(SignOnFailed):
        desk.depart()


def test_a_client_without_a_header_sends_its_secret_in_the_form(desk: Linked) -> None:
    """Where the provider asks for it so."""
    desk.provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    desk.know(create=True)
    assert isinstance(desk.sign_on().result, Opened)


def test_no_other_provider_is_known(desk: Linked) -> None:
    """Whatever the address says."""
    with pytest.raises(NotFound):
        arrive(desk.crm, "other", {}, "", BROWSER)


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"issuer": "https://id.example", "client_id": "x", "isuer": "y"}, "sso.acme.isuer"),
        ({"issuer": "https://id.example"}, "sso.acme.client_id"),
        ({"client_id": "x"}, "sso.acme.issuer"),
        ({"issuer": "http://id.example", "client_id": "x"}, "sso.acme.issuer"),
        ({"issuer": "https://me@id.example", "client_id": "x"}, "sso.acme.issuer"),
        ({"issuer": "https://id.example", "client_id": "x", "create": "yes"}, "sso.acme.create"),
        ({"issuer": "https://id.example", "client_id": "x", "second_factor": "none"}, "sso.acme.second_factor"),
        ({"issuer": "https://id.example", "client_id": "x", "roles": ["a"]}, "sso.acme.roles"),
        ({"issuer": "https://id.example", "client_id": 3}, "sso.acme.client_id"),
        ("https://id.example", "acme"),
    ],
)
def test_a_wrong_setting_is_named(values: Any, part: str) -> None:
    """With its place, and without the secret."""
    settings = Settings.from_mapping({"database": "sqlite:///x.db", "sso": {"acme": values}})
    with pytest.raises(ConfigurationError) as refused:
        providers_of(settings, {})
    assert part in str(refused.value)


def test_a_secret_may_come_by_the_environment() -> None:
    """And is in nothing that is printed."""
    values = {"issuer": "https://id.example", "client_id": "x", "client_secret": "in the file"}
    settings = Settings.from_mapping({"database": "sqlite:///x.db", "sso": {"acme-eu": values}})
    provider = providers_of(settings, {"CRMKIT_SSO_ACME_EU_SECRET": "outside"})["acme-eu"]
    assert ("outside", "Acme-Eu") == (provider.client_secret, provider.title)
    assert "in the file" not in repr(settings)
    assert "outside" not in repr(provider)


def test_a_token_of_one_user_cannot_end_in_a_session_of_another(desk: Linked) -> None:
    """Two who sign on at the same time each get the own."""
    anna = desk.invited("anna", sub="s-1")
    berta = desk.invited("berta", sub="s-2")
    one, other = desk.depart(), desk.depart()
    late = desk.provider.authorise(one.url, sub="s-1")
    assert berta.id == desk.arrive(other, desk.provider.authorise(other.url, sub="s-2")).result.signed.user_id
    assert anna.id == desk.arrive(one, late).result.signed.user_id


def test_the_actor_of_what_a_provider_decides_is_named(desk: Linked) -> None:
    """In the audit log: who added the user, and why."""
    desk.know(create=True, default_role="seller")
    desk.provider.forge = lambda provider, claims: rightly(provider, {**claims, "name": "<b>Anna</b>"})
    assert isinstance(desk.sign_on(), object)
    rows = desk.rows("SELECT operation, reason FROM crm_audit WHERE operation IN ('user.create', 'user.assign_role')")
    assert {("user.create", "single sign-on by acme"), ("user.assign_role", "single sign-on by acme")} == {
        tuple(row) for row in rows
    }


def test_the_provider_is_a_fake_that_checks() -> None:
    """What the tests rely on: it gives nothing for a wrong client, verifier or address."""
    provider = FakeProvider(lambda: datetime.now(UTC))
    away = provider.authorise(
        f"https://id.example/authorize?state=s&nonce=n&code_challenge=c&code_challenge_method=S256&redirect_uri={CALLBACK}"
    )
    assert 400 == provider.answer("/token", {"code": away["code"], "client_id": CLIENT}, "")[0]


def test_actors_are_users(desk: Linked) -> None:
    """Somebody who signed on acts as any user."""
    desk.know(create=True, default_role="seller")
    opened = desk.sign_on(preferred_username="berta").result
    assert isinstance(opened, Opened)
    assert isinstance(opened.signed.actor, Actor)
    assert "Li Wei" == desk.crm.run(opened.signed.actor, "customer.create", {"name": "Li Wei"}).name

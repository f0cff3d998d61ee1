"""Users, teams and roles on the pages: who may, what is shown before it counts, and that it holds at once."""

from __future__ import annotations

import html
import re

from sqlalchemy import select

from crmkit.core.access.models import Grant, Role, User
from tests.web.admin.filled import filled
from tests.web.conftest import Web

SCRIPT = "<script>alert(1)</script>"


def grants(web: Web, role: str) -> dict[tuple[str, str], str]:
    """Return what a role grants."""
    with web.crm.session(web.crm.system("looking in a test")) as session:
        query = select(Grant).join(Role, Role.id == Grant.role_id).where(Role.name == role)
        return {(each.resource, each.action): each.scope for each in session.scalars(query)}


def test_somebody_is_invited_and_signs_in_by_the_link(sqlite_web: Web) -> None:
    """The link is shown once, and opens the page on which the password is set."""
    client = sqlite_web.client("ada")
    assert 200 == client.get("/admin/users/new").status_code
    form = filled(client.get("/admin/users/new").text, "/admin/users/new", login="neu", name="Neu Mann", role="seller")
    page = client.post("/admin/users/new", form)
    assert 200 == page.status_code, page.text
    address = re.search(r'value="(http://localhost/sign-in/invitation/[^"]+)"', page.text)
    assert address is not None
    path = address[1].removeprefix("http://localhost")
    assert 200 == sqlite_web.client().get(path).status_code
    assert path not in client.get("/admin/users").text
    with sqlite_web.crm.session(sqlite_web.crm.system("looking in a test")) as session:
        assert "Neu Mann" == session.scalars(select(User).where(User.login == "neu")).one().name


def test_a_taken_login_keeps_what_was_typed(sqlite_web: Web) -> None:
    """The form comes back with the problem, and nobody was added."""
    client = sqlite_web.client("ada")
    form = filled(client.get("/admin/users/new").text, "/admin/users/new", login="sam", name="Another Sam")
    response = client.post("/admin/users/new", form)
    assert 409 == response.status_code
    assert "Another Sam" in response.text
    assert "There is a user" in html.unescape(response.text)


def test_roles_are_given_and_taken_together(sqlite_web: Web) -> None:
    """What is ticked is given, what was shown and is not ticked is taken."""
    client, sam = sqlite_web.client("ada"), sqlite_web.users["sam"]
    shown = {"shown": ["seller", "analyst"], "role": ["analyst"]}
    assert 303 == client.post(f"/admin/users/{sam}/roles", shown).status_code
    page = client.get(f"/admin/users/{sam}").text
    assert re.search(r'value="analyst" checked', page)
    assert not re.search(r'value="seller" checked', page)


def test_the_last_administrator_stays_one(sqlite_web: Web) -> None:
    """Taking the last administrator's role is refused on the page, with the reason."""
    client, ada = sqlite_web.client("ada"), sqlite_web.users["ada"]
    response = client.post(f"/admin/users/{ada}/roles", {"shown": ["admin"]})
    assert 422 == response.status_code
    assert 'role="alert"' in response.text
    assert 200 == client.get("/admin/roles").status_code


def test_who_leaves_hands_over_and_is_signed_out(sqlite_web: Web) -> None:
    """What will be handed over is named in numbers; afterwards the one who left is no longer signed in."""
    client, sam_client = sqlite_web.client("ada"), sqlite_web.client("sam")
    sam, mia = sqlite_web.users["sam"], sqlite_web.users["mia"]
    assert 200 == sam_client.get("/").status_code
    page = client.get(f"/admin/users/{sam}/leave").text
    assert "Yes, deactivate Sam Seller and hand over 2 records." in page
    assert 422 == client.post(f"/admin/users/{sam}/leave", {"heir": str(mia)}).status_code
    assert 303 == client.post(f"/admin/users/{sam}/leave", {"heir": str(mia), "sure": "true"}).status_code
    assert 303 == sam_client.get("/").status_code
    assert "Has left" in client.get(f"/admin/users/{sam}").text


def test_a_session_is_ended_from_the_page(sqlite_web: Web) -> None:
    """Ending all sessions of somebody signs them out at once."""
    client, sam_client = sqlite_web.client("ada"), sqlite_web.client("sam")
    sam = sqlite_web.users["sam"]
    sam_client.get("/")
    assert "End all 1 sessions" in client.get(f"/admin/users/{sam}").text
    client.post(f"/admin/users/{sam}/sessions/end")
    assert 303 == sam_client.get("/").status_code


def test_an_act_that_is_sensitive_asks_for_a_proof(sqlite_web: Web) -> None:
    """With a sign-in that is some time ago, what is sensitive asks for the password or a code first."""
    from crmkit.security.sessions.ending import SESSIONS

    client, sam = sqlite_web.client("ada"), sqlite_web.users["sam"]
    client.get("/")
    with sqlite_web.crm.engines.system_write.begin() as connection:
        connection.execute(SESSIONS.update().values(stepped_up_at=None))
    asked = ("/admin/plugins/sales/enable", "/admin/roles/seller/edit", "/admin/privacy", "/admin/users/new")
    assert [True] * 4 == ["/step-up" in client.get(path).headers.get("location", "") for path in asked]
    acts = (f"/admin/users/{sam}/invite", f"/admin/users/{sam}/roles", "/admin/keys/rotate", "/admin/audit/export")
    answers = [client.post(path) for path in acts]
    assert [403] * 4 == [each.status_code for each in answers]
    assert [True] * 4 == ["Confirm that it is you" in each.text for each in answers]


def test_a_role_changes_only_after_its_changes_were_seen(sqlite_web: Web) -> None:
    """The editor shows what would change; applying it makes just that."""
    client = sqlite_web.client("ada")
    before = grants(sqlite_web, "analyst")
    page = client.post("/admin/roles/analyst/edit", {"of": "records", "grant|customer|delete": "own"})
    assert 200 == page.status_code
    assert "1 changes" in page.text
    assert before == grants(sqlite_web, "analyst")
    change = re.search(r'name="change" value="([^"]+)"', page.text)
    assert change is not None
    sent = client.post("/admin/roles/analyst/apply", {"change": html.unescape(change[1])})
    assert 303 == sent.status_code
    assert {**before, ("customer", "delete"): "own"} == grants(sqlite_web, "analyst")


def test_a_change_that_was_seen_too_long_ago_is_refused(sqlite_web: Web) -> None:
    """When somebody else has changed the role meanwhile, nothing is applied."""
    client = sqlite_web.client("ada")
    before = grants(sqlite_web, "analyst")
    sent = client.post("/admin/roles/analyst/apply", {"change": "grant|customer|delete|own|all"})
    assert 409 == sent.status_code
    assert "Somebody else has changed this role" in sent.text
    assert before == grants(sqlite_web, "analyst")


def test_a_change_that_is_none_is_refused(sqlite_web: Web) -> None:
    """What no editor would send changes nothing."""
    client = sqlite_web.client("ada")
    assert 422 == client.post("/admin/roles/analyst/apply", {"change": "nonsense"}).status_code
    wrong = client.post("/admin/roles/analyst/apply", {"change": "grant|customer|fly||all"})
    assert 422 == wrong.status_code


def test_a_role_is_deleted_once_its_name_was_typed(sqlite_web: Web) -> None:
    """A role of one's own goes; one that is shipped cannot."""
    client = sqlite_web.client("ada")
    made = client.post(
        "/admin/roles/new", filled(client.get("/admin/roles/new").text, "/admin/roles/new", name="intern")
    )
    assert "/admin/roles/intern/edit" == made.headers.get("location"), made.text
    assert 422 == client.post("/admin/roles/intern/delete", {"typed": "inter"}).status_code
    assert 303 == client.post("/admin/roles/intern/delete", {"typed": "intern"}).status_code
    assert 404 == client.get("/admin/roles/intern").status_code
    assert 422 == client.post("/admin/roles/seller/delete", {"typed": "seller"}).status_code


def test_two_roles_are_compared(sqlite_web: Web) -> None:
    """Where they differ is shown, and how much is the same is said."""
    page = sqlite_web.client("ada").get("/admin/roles/compare?a=seller&b=analyst").text
    assert re.search(r"\d+ differ, \d+ are the same\.", page)


def test_an_access_is_explained_with_what_would_be_needed(sqlite_web: Web) -> None:
    """The rule that decides is named; a name leads to the record without standing in the address."""
    client = sqlite_web.client("ada")
    asked = {"user": "sam", "action": "customer.update", "record": "Sofia Rossi"}
    sent = client.post("/admin/access", asked)
    assert 303 == sent.status_code, sent.text
    assert "Sofia" not in sent.headers["location"]
    page = client.get(sent.headers["location"]).text
    assert "No, Sam Seller may not do this" in page
    assert "Any of these would do:" in page
    yes = client.get(f"/admin/access?user=sam&action=customer.read&record={sqlite_web.customers['Wang Lin']}").text
    assert "Yes, Sam Seller may do this" in yes


def test_a_question_that_cannot_be_answered_says_why(sqlite_web: Web) -> None:
    """An act that there is not, a user that there is not, a name that fits nobody: each is said at its field."""
    client = sqlite_web.client("ada")
    assert "There is no such action." in client.get("/admin/access?user=sam&action=customer").text
    assert 422 == client.get("/admin/access?user=nobody&action=customer.read").status_code
    nobody = client.post("/admin/access", {"user": "sam", "action": "customer.read", "record": "Zzyzx Nobody"})
    assert "No record fits." in nobody.text


def test_no_script_in_a_name_runs(sqlite_web: Web) -> None:
    """Names of users, teams and roles are shown as they are."""
    web, client = sqlite_web, sqlite_web.client("ada")
    system = web.crm.system("a sample for tests")
    user = web.crm.run(system, "user.create", {"login": "x<b>", "name": SCRIPT}).id
    web.crm.run(system, "team.create", {"name": SCRIPT})
    web.crm.run(system, "role.create", {"name": "odd", "title": SCRIPT})
    paths = ["/admin/users", f"/admin/users/{user}", f"/admin/users/{user}/leave", "/admin/teams", "/admin/roles"]
    paths += ["/admin/roles/odd", "/admin/roles/odd/edit", "/admin/access", "/admin/roles/compare?a=odd&b=seller"]
    pages = {path: client.get(path) for path in paths}
    assert {200} == {page.status_code for page in pages.values()}
    assert [] == [path for path, page in pages.items() if SCRIPT in page.text]

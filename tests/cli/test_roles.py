"""Roles, teams and access on the command line."""

from __future__ import annotations

from tests.cli.conftest import Crmkit


def test_roles_are_listed_and_shown(crmkit: Crmkit) -> None:
    """The shipped roles are there, each with what it grants and who has it."""
    crmkit.ok("user", "add", "anna", "Anna", "--role", "seller")
    rows = {row["name"]: row for row in crmkit.json("role", "list")["items"]}
    assert set(rows) == {"admin", "analyst", "manager", "marketer", "seller", "service_agent"}
    assert (rows["seller"]["users"], rows["seller"]["shipped"], rows["admin"]["users"]) == (1, True, 0)
    shown = crmkit.json("role", "show", "seller")
    assert {"resource": "customer", "action": "update", "scope": "team"} in shown["grants"]
    assert (shown["users"], shown["includes"]) == (["anna"], [])
    assert "customer" in crmkit.ok("role", "show", "seller").out


def test_a_role_is_made_changed_and_deleted(crmkit: Crmkit) -> None:
    """What is granted and taken on the command line holds."""
    crmkit.ok("role", "create", "night", "Night shift")
    crmkit.ok("role", "grant", "night", "customer", "read", "tree")
    crmkit.ok("role", "grant", "night", "customer", "delete", "none")
    crmkit.ok("role", "revoke", "night", "customer", "delete")
    crmkit.ok("role", "field", "night", "personal", "full")
    crmkit.ok("role", "include", "night", "analyst")
    crmkit.ok("role", "edit", "night", "--title", "Night")
    shown = crmkit.json("role", "show", "night")
    assert (shown["title"], shown["grants"], shown["fields"], shown["includes"]) == (
        "Night",
        [{"resource": "customer", "action": "read", "scope": "tree"}],
        [{"resource": "*", "classified": "personal", "level": "full"}],
        ["analyst"],
    )
    crmkit.ok("role", "include", "night", "analyst", "--no")
    crmkit.ok("role", "field", "night", "personal", "default")
    assert (crmkit.json("role", "show", "night")["fields"], crmkit("role", "delete", "night").code) == ([], 2)
    crmkit.ok("role", "delete", "night", "--yes")
    assert crmkit("role", "show", "night").code == 5


def test_mistakes_about_roles_are_explained(crmkit: Crmkit) -> None:
    """Each has its exit code and says what was probably meant."""
    wrong = crmkit("role", "grant", "seller", "custmer", "read", "all")
    assert (wrong.code, 'Did you mean "customer"' in wrong.err) == (3, True)
    missing = crmkit("role", "show", "seler")
    assert (missing.code, 'Did you mean "seller"' in missing.err) == (5, True)
    assert crmkit("role", "delete", "seller", "--yes").code == 6
    assert crmkit("role", "revoke", "seller", "customer", "delete").code == 5
    assert crmkit("role", "grant", "seller", "customer", "read", "everything").code == 2


def test_teams_have_members(crmkit: Crmkit) -> None:
    """A team is a part of another one, and users come and go."""
    crmkit.ok("user", "add", "anna", "Anna")
    crmkit.ok("team", "create", "North")
    crmkit.ok("team", "create", "Shanghai", "--part-of", "North")
    crmkit.ok("team", "add", "Shanghai", "anna", "--main")
    rows = {row["name"]: (row["parent"], row["members"]) for row in crmkit.json("team", "list")["items"]}
    assert rows == {"North": (None, []), "Shanghai": ("North", ["anna"])}
    crmkit.ok("team", "remove", "Shanghai", "anna")
    assert [row["members"] for row in crmkit.json("team", "list")["items"]] == [[], []]
    assert (crmkit("team", "add", "South", "anna").code, crmkit("team", "add", "North", "bert").code) == (5, 5)


def test_access_explains_itself(crmkit: Crmkit) -> None:
    """The deciding rule is told, and what would be needed."""
    crmkit.ok("user", "add", "anna", "Anna", "--role", "seller")
    record = crmkit.json("customer", "add", "name=Wang")["result"]["id"]
    found = crmkit.json("access", "explain", "anna", "customer.read", record)
    assert (found["allowed"], found["rule"], found["scope"], found["role"]) == (False, "scope", "tree", "seller")
    needed = crmkit.ok("access", "why-not", "anna", "customer.update", record).out
    assert all(name in needed for name in ("admin", "service_agent"))
    assert crmkit.json("access", "explain", "anna", "product.read")["rule"] == "open"
    assert "allowed" in crmkit.ok("access", "why-not", "anna", "customer.create").out
    assert crmkit("access", "explain", "anna", "customer.read", "Nobody").code == 5
    assert crmkit("access", "explain", "anna", "product.read", "no-id").code == 3
    assert crmkit("access", "explain", "bert", "customer.read").code == 5


def test_rights_are_listed(crmkit: Crmkit) -> None:
    """All that can be granted, and what one user has of it."""
    crmkit.ok("user", "add", "anna", "Anna", "--role", "seller")
    everything = {(row["resource"], row["action"]) for row in crmkit.json("access", "rights")["items"]}
    assert {("customer", "reveal"), ("user", "admin"), ("report", "all"), ("import", "run")} <= everything
    rows = crmkit.json("access", "rights", "customer", "--of", "anna")["items"]
    scopes = {row["action"]: row["scope"] for row in rows}
    assert (scopes["read"], scopes["update"], scopes["delete"]) == ("tree", "team", "none")


def test_what_others_may_do_is_for_admins_to_ask(crmkit: Crmkit) -> None:
    """A seller may ask about herself alone."""
    crmkit.ok("user", "add", "anna", "Anna", "--role", "seller")
    crmkit.ok("user", "add", "bert", "Bert")
    anna = {"CRMKIT_TOKEN": crmkit.json("token", "create", "x", "--scope", "*", "--for", "anna")["token"]}
    assert crmkit("access", "explain", "bert", "customer.read", env=anna).code == 4
    assert crmkit("access", "explain", "anna", "customer.read", env=anna).code == 0
    assert crmkit("role", "create", "mine", env=anna).code == 4


def test_row_level_security_is_printed(crmkit: Crmkit) -> None:
    """The SQL names the role of the database and the tables, each statement with its end."""
    printed = crmkit.ok("access", "rls", "seller").out
    assert all(
        part in printed for part in ("CREATE ROLE crmkit_seller", "ON crm_customer FOR SELECT", "current_setting")
    )
    assert crmkit.json("access", "rls")["roles"] == sorted(crmkit.json("access", "rls")["roles"])
    assert crmkit("access", "rls", "seler").code == 5

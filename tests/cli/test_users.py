"""Users, their roles, passwords and tokens on the command line."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Crmkit

GOOD = "rivers under copper bridges"
NEW = "lanterns over quiet harbours"


def redeemed(crmkit: Crmkit, login: str, *roles: str) -> None:
    """Add a user with roles who has set a password."""
    words = [word for role in roles for word in ("--role", role)]
    code = crmkit.json("user", "add", login, login.title(), *words, "--invite")["code"]
    crmkit.ok("user", "redeem", login, input=f"{code}\n{GOOD}\n")


def test_nobody_is_there_unless_asked_for(homeless: Crmkit) -> None:
    """An installation has no user; it says how the first one is made."""
    made = homeless.ok("--home", "shop", "init", "--yes")
    assert "Nobody can sign in yet" in made.out
    assert homeless.json("--home", "shop", "user", "list", "--all")["items"] == []
    assert homeless.json("--home", "other", "init", "--yes")["admin"] is None


def test_the_first_admin_redeems_a_code(homeless: Crmkit) -> None:
    """``init --admin`` gives a code, with which the admin sets a password and is let in by it, once."""
    first = homeless.json("--home", "shop", "init", "--yes", "--admin", "boss")["admin"]
    assert first["login"] == "boss"
    shown = homeless.json("--home", "shop", "user", "show", "boss")
    assert (shown["roles"], shown["password_changed_at"], shown["code_until"]) == (["admin"], None, first["expires_at"])
    homeless.ok("--home", "shop", "user", "redeem", "boss", input=f"{first['code']}\n{GOOD}\n")
    assert homeless("--home", "shop", "user", "redeem", "boss", input=f"{first['code']}\n{NEW}\n").code == 4
    assert homeless.json("--home", "shop", "user", "show", "boss")["code_until"] is None
    assert homeless("--home", "shop", "init", "--yes", "--admin", "mallory").code == 2
    assert [row["login"] for row in homeless.json("--home", "shop", "user", "list")["items"]] == ["boss"]


def test_no_secret_is_in_the_files_of_an_installation(homeless: Crmkit) -> None:
    """Neither the code nor the password is in the database, its log or the settings."""
    first = homeless.json("--home", "shop", "init", "--yes", "--admin", "boss")["admin"]
    homeless.ok("--home", "shop", "user", "redeem", "boss", input=f"{first['code']}\n{GOOD}\n")
    files = [path for path in (homeless.folder / "shop").rglob("*") if path.is_file()]
    assert len(files) >= 3
    for path in files:
        content = path.read_bytes()
        assert GOOD.encode() not in content
        assert first["code"].encode() not in content
        assert first["code"].replace("-", "").encode() not in content


def test_a_user_is_added_with_roles(crmkit: Crmkit) -> None:
    """All or nothing: a role that there is not leaves no user behind."""
    assert crmkit("user", "add", "bob", "Bob", "--role", "seller", "--role", "nonsense").code == 5
    assert crmkit.json("user", "list")["items"] == []
    crmkit.ok("user", "add", "bob", "Bob", "--role", "seller", "--role", "analyst")
    assert [row["name"] for row in crmkit.json("user", "roles", "bob")["items"]] == ["analyst", "seller"]
    crmkit.ok("user", "roles", "bob", "--add", "manager", "--remove", "seller")
    assert [row["name"] for row in crmkit.json("user", "roles", "bob")["items"]] == ["analyst", "manager"]


def test_a_user_is_changed_and_leaves(crmkit: Crmkit) -> None:
    """What is given changes; who leaves hands over and is not listed any more."""
    for login in ("anna", "bob"):
        crmkit.ok("user", "add", login, login.title())
    crmkit.ok("user", "edit", "anna", "--email", "anna@example.com", "--zone", "Asia/Shanghai")
    crmkit.ok("user", "edit", "anna", "--zone", "")
    shown = crmkit.json("user", "show", "anna")
    assert (shown["email"], shown["zone"], shown["name"]) == ("anna@example.com", None, "Anna")
    assert crmkit("user", "edit", "anna").code == 2
    assert crmkit("user", "deactivate", "anna").code == 2
    assert crmkit.json("user", "deactivate", "anna", "--to", "bob", "--yes")["deactivated"] is True
    assert [row["login"] for row in crmkit.json("user", "list")["items"]] == ["bob"]
    assert crmkit("user", "show", "nobody").code == 5


def test_a_password_is_changed(crmkit: Crmkit) -> None:
    """With the present one; the new one has to be usable."""
    redeemed(crmkit, "anna", "seller")
    assert crmkit("user", "password", "anna", input=f"wrong guess\n{NEW}\n").code == 4
    assert crmkit("user", "password", "anna", input=f"{GOOD}\nshort\n").code == 3
    crmkit.ok("user", "password", "anna", input=f"{GOOD}\n{NEW}\n")
    assert crmkit("user", "password", "anna", input=f"{GOOD}\n{GOOD} again\n").code == 4
    assert crmkit("user", "password", "anna", input=f"{GOOD}\n").code == 2


def test_no_command_takes_a_password_as_a_word() -> None:
    """No option and no argument of any command is for a password or a code."""
    from tests.cli.tree import commands

    words = {(path, item.name) for path, command in commands() for item in command.params}
    secret = {(path, name) for path, name in words if name in ("password", "code", "secret", "token", "current", "new")}
    assert secret == set()


def test_a_reset_takes_the_password_away(crmkit: Crmkit) -> None:
    """The admin hands over a code and never knows the password."""
    redeemed(crmkit, "anna", "seller")
    code = crmkit.json("user", "invite", "anna", "--reset")["code"]
    assert crmkit("user", "password", "anna", input=f"{GOOD}\n{NEW}\n").code == 4
    crmkit.ok("user", "redeem", "anna", input=f"{code}\n{NEW}\n")
    crmkit.ok("user", "password", "anna", input=f"{NEW}\n{GOOD}\n")


def test_tokens_are_made_listed_and_revoked(crmkit: Crmkit) -> None:
    """A token is shown once; it acts within its scopes until it is revoked."""
    crmkit.ok("user", "add", "anna", "Anna", "--role", "seller")
    made = crmkit.json("token", "create", "till", "--scope", "customer.read", "--for", "anna", "--days", "7")
    token = {"CRMKIT_TOKEN": made["token"]}
    crmkit.ok("customer", "list", env=token)
    assert crmkit("customer", "add", "name=Li Wei", env=token).code == 4
    (row,) = crmkit.json("token", "list", "--for", "anna")["items"]
    assert (row["prefix"], row["scopes"], row["state"]) == (made["token"][:11], ["customer.read"], "active")
    assert made["token"] not in json.dumps(row)
    assert crmkit("--as", "bob", "customer", "list", env=token).code == 5
    crmkit.ok("token", "revoke", row["prefix"])
    assert crmkit("customer", "list", env=token).code == 4
    assert crmkit.json("token", "list")["items"] == []
    assert [row["state"] for row in crmkit.json("token", "list", "--all")["items"]] == ["revoked"]
    assert crmkit("token", "create", "x", "--scope", "*").code == 3
    assert crmkit("token", "create", "x", "--scope", "user.admin", "--for", "anna").code == 3


def test_others_tokens_are_for_who_administers_users(crmkit: Crmkit) -> None:
    """A seller sees the own ones only; a token belongs to the one it says."""
    for login, role in (("anna", "seller"), ("boss", "admin")):
        crmkit.ok("user", "add", login, login.title(), "--role", role)
    tokens = {
        login: crmkit.json("token", "create", login, "--scope", "*", "--for", login)["token"]
        for login in ("anna", "boss")
    }
    seen = crmkit.ok("token", "list", "--json", env={"CRMKIT_TOKEN": tokens["anna"]}).json["items"]
    assert [row["login"] for row in seen] == ["anna"]
    assert crmkit("token", "list", "--for", "boss", env={"CRMKIT_TOKEN": tokens["anna"]}).code == 4
    assert crmkit("--as", "boss", "user", "list", env={"CRMKIT_TOKEN": tokens["anna"]}).code == 4
    shown = crmkit.ok("user", "show", "boss", "--json", env={"CRMKIT_TOKEN": tokens["anna"]}).json
    assert "tokens" not in shown


def test_the_command_line_says_whose_account_it_is(crmkit: Crmkit) -> None:
    """Its system scope is in the audit log with the account of the operating system."""
    import pwd
    import sqlite3

    crmkit.ok("run", "team.create", "name=A")
    connection = sqlite3.connect(crmkit.home / "data" / "crmkit.db")
    rows = connection.execute("SELECT actor_id, reason FROM crm_audit WHERE operation = 'team.create'").fetchall()
    connection.close()
    assert rows == [("system", f"command line, {pwd.getpwuid(os.getuid()).pw_name}")]


def test_a_user_acts_by_password_on_a_terminal(crmkit: Crmkit) -> None:
    """``--as`` asks for it without showing it, and a wrong one is refused."""
    redeemed(crmkit, "anna", "admin")
    assert crmkit("--as", "anna", "user", "list").code == 2
    answers = {password: terminal(crmkit.home, password) for password in (GOOD, "wrong guess")}
    assert "Anna" in answers[GOOD]
    assert "CK522" in answers["wrong guess"]
    assert all(password not in answer for password, answer in answers.items())


def terminal(home: Path, password: str) -> str:
    """List the users as anna on a terminal where a password is typed, and return what is shown."""
    leader, follower = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CRMKIT_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "crmkit", "--as", "anna", "user", "list"],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        cwd=Path(__file__).resolve().parents[2],
        env={**clean, "CRMKIT_HOME": str(home), "LC_ALL": "C.UTF-8", "TERM": "dumb"},
    )
    os.close(follower)
    shown = b""
    while b"Password of anna" not in shown:
        shown += os.read(leader, 1000)
    while process.poll() is None and not echo_is_off(leader):
        pass
    os.write(leader, f"{password}\n".encode())
    try:
        while part := os.read(leader, 1000):
            shown += part
    except OSError:
        pass
    process.wait(timeout=60)
    os.close(leader)
    return shown.decode()


def echo_is_off(leader: int) -> bool:
    """Say whether what is typed is not shown."""
    import termios

    return not termios.tcgetattr(leader)[3] & termios.ECHO


def test_a_user_is_signed_out_and_gets_a_link(crmkit: Crmkit) -> None:
    """Links begin with the address of the pages where the settings know it; sessions are listed and ended."""
    from crmkit.app import CRM
    from crmkit.security.sessions.links import redeem_link
    from crmkit.security.sessions.signed import Visitor
    from crmkit.settings import Settings

    crmkit.ok("user", "add", "anna", "Anna", "--role", "seller")
    assert crmkit.json("user", "invite", "anna")["link"].startswith("/sign-in/invitation/")
    made = crmkit.ok("user", "link", "anna", "--json", env={"CRMKIT_PUBLIC_URL": "https://crm.example.com/"}).json
    assert made["link"].startswith("https://crm.example.com/sign-in/link/")
    assert crmkit.home is not None
    with CRM.open(Settings.from_home(crmkit.home, {})) as crm:
        redeem_link(crm, made["link"].rpartition("/")[2], Visitor(agent="Firefox/140.0 Windows"))
    (row,) = crmkit.json("user", "sessions", "anna")["items"]
    assert ("Firefox 140, Windows", "link", None) == (row["agent"], row["method"], row["factor"])
    crmkit.ok("user", "add", "bob", "Bob", "--role", "seller")
    token = crmkit.json("token", "create", "x", "--scope", "*", "--for", "bob")["token"]
    assert crmkit("user", "sessions", "anna", env={"CRMKIT_TOKEN": token}).code == 4
    assert crmkit.json("user", "end-sessions", "anna")["sessions"] == 1
    assert crmkit.json("user", "sessions", "anna")["items"] == []
    assert crmkit("user", "reset-factor", "anna", "--yes").code == 5

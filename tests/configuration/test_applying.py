"""A configuration in files: what is exported can be applied elsewhere, and every mistake is named with its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy import select

from crmkit import CRM, Actor
from crmkit.configuration.applying import Change, apply_to, compare, read_configuration
from crmkit.configuration.files import Place, read_files, write_files
from crmkit.configuration.sections import sections
from crmkit.core.access.models import Grant, Role
from crmkit.engines.definitions.kinds import kind_named
from crmkit.engines.definitions.publishing import find
from crmkit.errors import ConfigurationError, Conflict, FileRejected, InvalidInput, Refused

SYSTEM = Actor.system("tests")
FOLDERS = [section.folder for section in sections()]


def configure(crm: CRM) -> None:
    """Make a configuration with something in each section of the kernel."""
    run: Any = crm.run
    run(SYSTEM, "business.configure", {"name": "茶馆", "base_currency": "CNY", "zone": "Asia/Shanghai"})
    run(SYSTEM, "option.add", {"list_name": "grade", "value": "a", "title": "A"})
    run(SYSTEM, "option.add", {"list_name": "grade", "value": "b", "title": "B", "position": 2})
    run(SYSTEM, "option_list.close", {"list_name": "grade"})
    run(SYSTEM, "custom_field.create", {"name": "grade", "type": "choice", "options": ["a", "b"]})
    run(SYSTEM, "required_field.set", {"resource": "customer", "name": "city"})
    run(SYSTEM, "role.create", {"name": "taster", "title": "Taster"})
    role = role_named(crm, "taster")
    run(SYSTEM, "role.grant", {"resource": "customer", "action": "read", "scope": "team"}, target=role)
    run(SYSTEM, "role.set_field_right", {"classified": "personal", "level": "full"}, target=role)
    run(SYSTEM, "role.include", {"included": "seller"}, target=role)


def role_named(crm: CRM, name: str) -> Any:
    """Return the id of a role."""
    with crm.session(SYSTEM) as session:
        return session.scalar(select(Role.id).where(Role.name == name))


def plan(crm: CRM, folder: Path, *, prune: bool = False) -> list[Change]:
    """Return the changes that would bring a folder into effect."""
    with crm.session(SYSTEM) as session:
        return [change for _difference, change in compare(session, read_files(folder, known=FOLDERS), prune=prune)]


def export(crm: CRM, folder: Path) -> dict[Place, Any]:
    """Write the configuration into a folder, and return it."""
    with crm.session(SYSTEM) as session:
        documents = read_configuration(session)
    write_files(folder, documents, known=FOLDERS)
    return documents


def test_what_is_exported_can_be_applied_elsewhere(crm: CRM, tmp_path: Path) -> None:
    """A fresh database has the same configuration once the files of another one were applied."""
    configure(crm)
    documents = export(crm, tmp_path / "config")
    with CRM.init(f"sqlite:///{tmp_path / 'other.db'}") as other:
        assert apply_to(other, SYSTEM, plan(other, tmp_path / "config")) > 0
        with other.session(SYSTEM) as session:
            assert read_configuration(session) == documents
        assert plan(other, tmp_path / "config", prune=True) == []


def test_files_of_an_unchanged_database_make_no_difference(crm: CRM, tmp_path: Path) -> None:
    """What was just exported is as the database is, and exporting again writes nothing."""
    configure(crm)
    documents = export(crm, tmp_path)
    assert plan(crm, tmp_path, prune=True) == []
    assert write_files(tmp_path, documents, known=FOLDERS) == []


def test_a_difference_names_the_field(crm: CRM, tmp_path: Path) -> None:
    """The difference says for each field what the database and the files have."""
    configure(crm)
    export(crm, tmp_path)
    file = tmp_path / "roles" / "taster.toml"
    file.write_text(file.read_text().replace('"team"', '"all"'))
    with crm.session(SYSTEM) as session:
        ((difference, _change),) = compare(session, read_files(tmp_path, known=FOLDERS))
    assert difference.sort == "change"
    assert difference.fields == (("grants.customer.read", "team", "all"),)


def test_pruning_takes_away_what_the_files_do_not_have(crm: CRM, tmp_path: Path) -> None:
    """A role whose file is gone is deleted, with pruning only."""
    configure(crm)
    export(crm, tmp_path)
    (tmp_path / "roles" / "taster.toml").unlink()
    assert plan(crm, tmp_path) == []
    apply_to(crm, SYSTEM, plan(crm, tmp_path, prune=True))
    assert role_named(crm, "taster") is None


def test_all_or_nothing_is_applied(crm: CRM, tmp_path: Path) -> None:
    """One file with a mistake keeps all others out, and is named with its field."""
    configure(crm)
    export(crm, tmp_path)
    (tmp_path / "roles" / "buyer.toml").write_text('title = "Buyer"\n')
    (tmp_path / "roles" / "taster.toml").write_text('title = "Taster"\n[grants]\n"nothing.read" = "all"\n')
    with pytest.raises(InvalidInput) as caught:
        apply_to(crm, SYSTEM, plan(crm, tmp_path))
    assert [problem.field for problem in caught.value.problems] == ["roles/taster.toml: resource"]
    assert role_named(crm, "buyer") is None


def test_roles_that_include_each_other_are_applied_in_any_order(crm: CRM, tmp_path: Path) -> None:
    """A role may include one whose file comes later in the alphabet."""
    (tmp_path / "roles").mkdir()
    (tmp_path / "roles" / "a.toml").write_text('title = "A"\nincludes = ["b"]\n')
    (tmp_path / "roles" / "b.toml").write_text('title = "B"\n[grants]\n"customer.read" = "own"\n')
    apply_to(crm, SYSTEM, plan(crm, tmp_path))
    with crm.session(SYSTEM) as session:
        assert session.scalar(select(Grant.scope).join(Role, Role.id == Grant.role_id).where(Role.name == "b")) == "own"


def test_what_was_changed_since_it_was_compared_is_refused(crm: CRM, tmp_path: Path) -> None:
    """A plan is applied to what it was made for, and to nothing else."""
    configure(crm)
    export(crm, tmp_path)
    file = tmp_path / "roles" / "taster.toml"
    file.write_text(file.read_text().replace('"team"', '"all"'))
    changes = plan(crm, tmp_path)
    values = {"resource": "customer", "action": "read", "scope": "own"}
    crm.run(SYSTEM, "role.grant", values, target=role_named(crm, "taster"))
    with pytest.raises(Conflict, match=r"roles/taster\.toml"):
        apply_to(crm, SYSTEM, changes)


def test_each_item_needs_its_own_right(crm: CRM, tmp_path: Path) -> None:
    """Who may apply a configuration changes no roles without the right to administer them."""
    crm.run(SYSTEM, "role.create", {"name": "configurer"})
    role = role_named(crm, "configurer")
    crm.run(SYSTEM, "role.grant", {"resource": "config", "action": "admin", "scope": "all"}, target=role)
    user = crm.run(SYSTEM, "user.create", {"login": "kai", "name": "Kai"})
    crm.run(SYSTEM, "user.assign_role", {"role": "configurer"}, target=user.id)
    (tmp_path / "roles").mkdir()
    (tmp_path / "roles" / "mine.toml").write_text('title = "Mine"\n')
    with pytest.raises(Refused, match=r"role\.create"):
        apply_to(crm, Actor.user(user.id), plan(crm, tmp_path))


@pytest.mark.parametrize(
    ("path", "content", "says"),
    [
        ("roles/x.toml", b'title = "x\n', "no TOML"),
        ("roles/x.toml", b"\xff\xfe", "UTF-8"),
        ("rolls/x.toml", b"", "in no folder"),
        ("x.toml", b"", "in no folder"),
        ("roles/deep/x.toml", b"", "in no folder"),
        ("roles/x.toml", b"a = " + b"[" * 100_000, "read"),
        ("roles/x.toml", b"a" * 1_000_001, "too large"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, path: str, content: bytes, says: str) -> None:
    """What cannot be read is named with its path and the reason."""
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    with pytest.raises(FileRejected) as caught:
        read_files(tmp_path, known=FOLDERS)
    assert [problem.field for problem in caught.value.problems] == [path]
    assert says in caught.value.problems[0].render()


@pytest.mark.parametrize(
    ("path", "content", "field"),
    [
        ("roles/x.toml", "titel = 'x'", "titel"),
        ("fields/customer.grade.toml", "type = 'date'", "type"),
        ("fields/customer.New.toml", "type = 'date'", "name"),
        ("options/grade.toml", "[[values]]\ntitle = 'x'", "value"),
        ("business/business.toml", "zone = 'Mars'", "zone"),
        ("required/customer.toml", "fields = ['nothing']", "name"),
        ("required/customer.toml", "fields = 'city'", "fields"),
        ("required/customer.toml", "fields = 3", "fields"),
        ("options/grade.toml", "values = 'abc'", "values"),
        ("options/grade.toml", "values = ['abc']", "values"),
        ("options/grade.toml", "closed = 'no'", "closed"),
        ("options/grade.toml", "[[values]]\nvalue = [1]", "value"),
        ("roles/x.toml", "title = 'x'\ngrants = 'abc'", "grants"),
        ("roles/x.toml", "title = 'x'\nincludes = 'abc'", "includes"),
        ("business/other.toml", "name = 'x'", "business/other.toml"),
        ("segment/a.toml", "title = 'a'\nwhere = 'true'\nstate = 'abc'", "state"),
        ("segment/a.toml", "title = 'a'\nwhere = 'true'\n[state]\nenabled = 'no'", "enabled"),
        ("segment/a.toml", "title = 'a'\nwhere = 'true'\n[state]\nnote = ['x']", "note"),
        ("report_template/report.toml", "text = '{{ a.__class__ '", "report_template/report.toml"),
    ],
)
def test_a_bad_document_is_named_with_its_field(crm: CRM, tmp_path: Path, path: str, content: str, field: str) -> None:
    """What a file says and an operation refuses is named with the file and the field."""
    configure(crm)
    file = tmp_path / path
    file.parent.mkdir()
    file.write_text(content)
    with pytest.raises(InvalidInput) as caught:
        apply_to(crm, SYSTEM, plan(crm, tmp_path))
    assert str(caught.value.problems[0].field).startswith(path)
    assert field in str(caught.value.problems[0].field)


def test_a_role_that_is_off_is_applied_as_off(crm: CRM, tmp_path: Path) -> None:
    """A role comes into being as its file says, in one go."""
    configure(crm)
    (tmp_path / "roles").mkdir()
    (tmp_path / "roles" / "guest.toml").write_text("title = 'Guest'\nactive = false")
    apply_to(crm, SYSTEM, plan(crm, tmp_path))
    with crm.session(SYSTEM) as session:
        assert False is session.scalar(select(Role.active).where(Role.name == "guest"))


def test_names_that_a_file_system_refuses_are_escaped(tmp_path: Path) -> None:
    """A name with a slash, a colon or in Chinese comes back from its file."""
    documents = {Place("roles", name): {"title": name} for name in ("a/b", "c:d", "..", "品茶", "x%2Fy")}
    write_files(tmp_path, documents, known=FOLDERS)
    assert read_files(tmp_path, known=FOLDERS) == documents


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Comparing with a folder that does not exist says so."""
    with pytest.raises(ConfigurationError, match="config export"):
        read_files(tmp_path / "nothing", known=FOLDERS)


def test_a_definition_goes_through_files(crm: CRM, tmp_path: Path) -> None:
    """What was published is written with its state, and applied elsewhere as it was."""
    document = {"title": "Grade", "labels": [{"name": "a", "title": "A", "when": "true"}], "state": {"enabled": False}}
    apply_to(crm, SYSTEM, [Change(folder="dimension", name="茶客", document=document)])
    assert export(crm, tmp_path)[Place("dimension", "茶客")] == document
    with CRM.init(f"sqlite:///{tmp_path / 'other.db'}") as other:
        apply_to(other, SYSTEM, plan(other, tmp_path))
        with other.session(SYSTEM) as session:
            found = find(session, "dimension", "茶客")
    assert (found.enabled, found.value.labels[0].when) == (False, "true")


def test_turning_a_shipped_definition_off_keeps_it_shipped(crm: CRM, tmp_path: Path) -> None:
    """A file that differs from what is shipped by its state alone does not freeze the definition."""
    with crm.session(SYSTEM) as session:
        shipped = read_configuration(session, everything=True)[Place("dimension", "industry")]
    write_files(tmp_path, {Place("dimension", "industry"): {**shipped, "state": {"enabled": False}}}, known=FOLDERS)
    apply_to(crm, SYSTEM, plan(crm, tmp_path))
    with crm.session(SYSTEM) as session:
        found = find(session, "dimension", "industry")
    assert (found.origin, found.enabled) == ("shipped", False)


def test_what_a_token_publishes_keeps_its_limits(crm: CRM) -> None:
    """What was published by a token that may do little says so, so that it may do no more later."""
    user = crm.run(SYSTEM, "user.create", {"login": "lin", "name": "Lin"})
    crm.run(SYSTEM, "user.assign_role", {"role": "admin"}, target=user.id)
    limits = ("config.admin", kind_named("dimension").permission)
    document = {"title": "Grade", "labels": [{"name": "a", "title": "A", "when": "true"}]}
    actor = evolve(Actor.user(user.id), limits=limits)
    apply_to(crm, actor, [Change(folder="dimension", name="grade", document=document)])
    with crm.session(SYSTEM) as session:
        found = find(session, "dimension", "grade")
    assert (found.publisher_limits, found.publisher_user_id) == (limits, user.id)


def test_publishing_needs_the_right_of_the_kind(crm: CRM) -> None:
    """Who may apply a configuration publishes no definition without the right to."""
    user = crm.run(SYSTEM, "user.create", {"login": "lin", "name": "Lin"})
    crm.run(SYSTEM, "user.assign_role", {"role": "admin"}, target=user.id)
    actor = evolve(Actor.user(user.id), limits=("config.admin",))
    with pytest.raises(Refused, match=kind_named("dimension").permission):
        apply_to(crm, actor, [Change(folder="dimension", name="grade", document={"title": "Grade"})])

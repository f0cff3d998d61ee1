"""Option lists, custom fields and required fields, as an admin edits them."""

from __future__ import annotations

from typing import Any

import pytest

from crmkit import CRM, Actor
from crmkit.errors import AlreadyExists, InvalidInput, NotFound


def values(crm: CRM, name: str) -> dict[str, str]:
    """Return the values of a list with their titles."""
    return dict(crm.business().options.get(name, {}))


def test_an_admin_edits_a_shipped_list(crm: CRM, admin: Actor) -> None:
    """Values are added to what crmkit ships, get other titles, go and come back."""
    assert values(crm, "gender")["female"] == "Female"
    crm.run(admin, "option.add", {"list_name": "gender", "value": "diverse", "title": "Diverse"})
    crm.run(admin, "option.update", {"list_name": "gender", "value": "female", "title": "Woman"})
    crm.run(admin, "option.retire", {"list_name": "gender", "value": "male"})
    assert values(crm, "gender") == {"female": "Woman", "other": "Other", "unknown": "Not stated", "diverse": "Diverse"}
    crm.run(admin, "option.add", {"list_name": "gender", "value": "male"})
    assert values(crm, "gender")["male"] == "Male"


def test_an_admin_makes_a_list(crm: CRM, admin: Actor) -> None:
    """A list comes into being with its first value."""
    crm.run(admin, "option.add", {"list_name": "pet", "value": "cat"})
    assert values(crm, "pet") == {"cat": "cat"}


def test_what_a_list_does_not_have_cannot_be_changed(crm: CRM, admin: Actor) -> None:
    """Unknown values and lists are named; a value is added once."""
    for operation in ("option.update", "option.retire"):
        with pytest.raises(NotFound):
            crm.run(admin, operation, {"list_name": "gender", "value": "x"})
    with pytest.raises(NotFound):
        crm.run(admin, "option_list.close", {"list_name": "nothing"})
    with pytest.raises(AlreadyExists):
        crm.run(admin, "option.add", {"list_name": "gender", "value": "female"})


def test_a_list_is_closed_and_opened(crm: CRM, admin: Actor) -> None:
    """Closing is undone by opening, and closing twice is once."""
    for _again in range(2):
        crm.run(admin, "option_list.close", {"list_name": "source"})
    assert crm.business().required["option_list"] == {"source"}
    crm.run(admin, "option_list.open", {"list_name": "source"})
    assert "option_list" not in crm.business().required


def test_a_custom_field_is_made_changed_and_retired(crm: CRM, admin: Actor) -> None:
    """A retired field is no longer known, and comes back by being created again."""
    made = crm.run(admin, "custom_field.create", {"name": "shoe_size", "type": "integer"})
    assert (made.title, made.field_class) == ("Shoe size", "personal")
    crm.run(admin, "custom_field.update", {"title": "Size of shoes", "required": True}, target=made.id)
    info = crm.business().custom_fields["customer"]["shoe_size"]
    assert (info.title, info.type, info.required) == ("Size of shoes", "integer", True)
    crm.run(admin, "custom_field.retire", target=made.id)
    assert crm.business().custom_fields.get("customer", {}) == {}
    assert crm.run(admin, "custom_field.create", {"name": "shoe_size", "type": "integer"}).id == made.id
    with pytest.raises(AlreadyExists):
        crm.run(admin, "custom_field.create", {"name": "shoe_size", "type": "integer"})


def test_free_text_is_sensitive(crm: CRM, admin: Actor) -> None:
    """A custom text may hold anything, so it is sensitive unless an admin says otherwise."""
    assert crm.run(admin, "custom_field.create", {"name": "remark"}).field_class == "sensitive"
    assert (
        crm.run(admin, "custom_field.create", {"name": "colour", "field_class": "internal"}).field_class == "internal"
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Shoe Size"}, "name"),
        ({"name": "größe"}, "name"),
        ({"type": "list"}, "type"),
        ({"type": "choice"}, "options"),
        ({"type": "choice", "options": ["a", "a"]}, "options"),
        ({"type": "choices", "options": ["a;b"]}, "options"),
        ({"type": "text", "options": ["a"]}, "options"),
        ({"resource": "nothing"}, "resource"),
    ],
)
def test_impossible_custom_fields_are_refused(crm: CRM, admin: Actor, change: dict[str, Any], field: str) -> None:
    """Name, type, options and resource have to fit."""
    with pytest.raises(InvalidInput) as raised:
        crm.run(admin, "custom_field.create", {"name": "a", **change})
    assert [problem.field for problem in raised.value.problems] == [field]


def test_required_fields_are_set_and_unset(crm: CRM, admin: Actor) -> None:
    """A field of a resource is required until it is optional again; others cannot be."""
    crm.run(admin, "required_field.set", {"name": "email"})
    crm.run(admin, "required_field.set", {"name": "city"})
    crm.run(admin, "required_field.unset", {"name": "email"})
    assert crm.business().required["customer"] == {"city"}
    with pytest.raises(InvalidInput):
        crm.run(admin, "required_field.set", {"name": "citi"})


def test_options_stand_in_the_order_of_their_positions(crm: CRM, admin: Actor) -> None:
    """A position moves a value, one that is shipped too."""
    crm.run(admin, "option.update", {"list_name": "gender", "value": "female", "position": 9})
    crm.run(admin, "option.add", {"list_name": "gender", "value": "x", "position": 3})
    with crm.session(admin) as session:
        assert list(crm.config.get(session).options["gender"]) == ["male", "other", "unknown", "x", "female"]


def test_titles_are_not_taken_away(crm: CRM, admin: Actor) -> None:
    """An option and a custom field keep a title that can be read."""
    field = crm.run(admin, "custom_field.create", {"name": "colour"})
    with pytest.raises(InvalidInput):
        crm.run(admin, "custom_field.update", {"title": " "}, target=field.id)
    with pytest.raises(InvalidInput):
        crm.run(admin, "option.update", {"list_name": "gender", "value": "male", "title": ""})

"""What is done with customers on their pages: recording, changing, adding, and many at once."""

from __future__ import annotations

import re
from pathlib import Path

from attrs import evolve

from crmkit.configuration.views import views_of
from tests.web.customers.conftest import People, names_in


def test_a_call_is_logged_by_its_outcome_alone(people: People) -> None:
    """One form with one button for each outcome; sent twice, it is kept once."""
    client, page = people.at("sam"), people.page("Wang Lin")
    key = re.search(r'name="key" value="([^"]+-call)"', client.get(page).text)
    assert key is not None
    values = {"kind": "call", "outcome": "no_answer", "direction": "out", "key": key[1]}
    answers = [client.post(f"{page}/record", values) for _time in range(2)]
    assert [303, 303] == [answer.status_code for answer in answers]
    assert [("call", "no_answer", "out", None)] == people.interactions("Wang Lin")
    assert "No answer</span>" in client.get(page).text


def test_a_visit_a_mail_and_a_note_are_recorded(people: People) -> None:
    """With what was written; an empty note is none."""
    client, page = people.at("sam"), people.page("Wang Lin")
    for values in (
        {"kind": "visit", "direction": "in", "body": "Tasted oolong"},
        {"kind": "email", "direction": "out", "subject": "Prices"},
        {"kind": "note", "body": "Likes it strong"},
        {"kind": "note", "body": "  "},
        {"kind": "purchase", "body": "x"},
    ):
        client.post(f"{page}/record", values)
    assert ["email", "note", "visit"] == sorted(kind for kind, *_rest in people.interactions("Wang Lin"))


def test_what_was_typed_is_not_lost_where_it_is_refused(people: People) -> None:
    """The dialog opens again with it."""
    client, page = people.at("sam"), people.page("Wang Lin")
    values = {"what": "add", "kind": "email", "value": "not an address"}
    answer = client.post(f"{page}/points", values)
    assert 422 == answer.status_code
    assert 'data-dialog-now="add-point"' in answer.text
    assert 'value="not an address"' in answer.text


def test_a_customer_is_changed_and_nothing_else_of_it(people: People) -> None:
    """What was not touched is not written."""
    client, page = people.at("sam"), people.page("Wang Lin")
    form = client.get(f"{page}/edit").text
    assert 'name="city" type="text" value="上海"' in form
    client.post(f"{page}/edit", {"city": "苏州", "before.city": "上海", "name": "Wang Lin", "before.name": "Wang Lin"})
    assert ("苏州", "Wang Lin") == (people.field("Wang Lin", "city"), people.field("Wang Lin", "name"))


def test_two_people_who_change_one_field_are_both_asked(people: People) -> None:
    """The second one sees what the first wrote, and nothing is lost; of another field nothing is asked."""
    client, page = people.at("sam"), people.page("Wang Lin")
    before = {"before.city": "上海", "before.name": "Wang Lin", "name": "Wang Lin"}
    people.run("customer.update", {"city": "南京"}, target=people.customers["Wang Lin"])
    answer = client.post(f"{page}/edit", {**before, "city": "苏州"})
    assert 409 == answer.status_code
    assert "Somebody else wrote “南京” meanwhile." in answer.text
    assert "南京" == people.field("Wang Lin", "city")
    other = client.post(f"{page}/edit", {**before, "city": "上海", "job_title": "Buyer"})
    assert 303 == other.status_code
    assert ("南京", "Buyer") == (people.field("Wang Lin", "city"), people.field("Wang Lin", "job_title"))


def test_a_field_is_changed_in_the_list(people: People) -> None:
    """With the same question where somebody else was quicker."""
    client, page = people.at("sam"), people.page("Wang Lin")
    version = str(people.version("Wang Lin"))
    form = client.get(f"{page}/field/city").text
    assert f'name="version" value="{version}"' in form
    people.run("customer.update", {"city": "南京"}, target=people.customers["Wang Lin"])
    stale = client.post(f"{page}/field/city", {"value": "苏州", "version": version, "before": "上海"})
    assert (409, True) == (stale.status_code, "南京" in stale.text)
    again = client.post(
        f"{page}/field/city", {"value": "苏州", "version": str(people.version("Wang Lin")), "before": "南京"}
    )
    assert (200, "苏州") == (again.status_code, people.field("Wang Lin", "city"))
    assert 404 == client.get(f"{page}/field/owner_id").status_code


def test_what_is_wrong_with_a_new_customer_is_said_at_its_field(people: People) -> None:
    """Nothing that was typed is lost."""
    answer = people.at("sam").post("/customers/new", {"kind": "person", "name": "Li Na", "email": "not an address"})
    assert 422 == answer.status_code
    assert 'value="Li Na"' in answer.text
    assert 'href="#f-email"' in answer.text


def test_somebody_who_is_known_already_is_shown_before_adding(people: People) -> None:
    """By an address, a number or the name; it is added once that is confirmed, and once alone."""
    client = people.at("sam")
    values = {"kind": "person", "name": "Lin W.", "email": "0@EXAMPLE.com", "key": "one-form"}
    assert "Same e-mail address" in client.post("/customers/new/twins", values).text
    asked = client.post("/customers/new", values)
    assert (409, True) == (asked.status_code, people.page("Wang Lin") in asked.text)
    made = [client.post("/customers/new", {**values, "anyway": "true"}) for _time in range(2)]
    assert made[0].headers["location"] == made[1].headers["location"]
    assert "Same name" in client.post("/customers/new/twins", {"name": "wang  LIN"}).text


def test_a_warning_tells_nothing_of_customers_who_are_hidden(people: People) -> None:
    """Somebody else's customer is no twin."""
    answer = people.at("sam").post("/customers/new/twins", {"email": "3@example.com", "name": "Sofia Rossi"})
    assert "Sofia" not in answer.text


def test_tags_are_added_and_taken_away(people: People) -> None:
    """Several at once, divided by commas of either width."""
    client, page = people.at("sam"), people.page("Wang Lin")
    client.post(f"{page}/tag", {"name": "vip，press, tea", "kind": "tag"})
    client.post(f"{page}/untag", {"name": "press", "kind": "tag"})
    assert ["tea", "vip"] == people.tags("Wang Lin")


def test_a_customer_is_converted_deleted_and_restored(people: People) -> None:
    """Each by one button, with the version that was shown."""
    client, page = people.at("ada"), people.page("Wang Lin")
    assert 303 == client.post(f"{page}/convert", {"version": str(people.version("Wang Lin"))}).status_code
    stale = client.post(f"{page}/delete", {"version": "1"})
    assert (409, None) == (stale.status_code, people.field("Wang Lin", "deleted_at"))
    client.post(f"{page}/delete", {"version": str(people.version("Wang Lin"))})
    assert "left out of lists" in client.get(page).text
    client.post(f"{page}/restore")
    assert ("customer", None) == (people.field("Wang Lin", "standing"), people.field("Wang Lin", "deleted_at"))


def test_a_customer_is_assigned(people: People) -> None:
    """A manager's act; a seller is told that the right is missing."""
    page = people.page("Blue Kettle Ltd")
    values = {"owner_id": str(people.web.users["sam"]), "team_id": people.team("North")}
    assert 404 == people.at("sam").post(f"{people.page('Wang Lin')}/assign", values).status_code
    assert 303 == people.at("mia").post(f"{page}/assign", values).status_code
    assert people.web.users["sam"] == people.field("Blue Kettle Ltd", "owner_id")


def test_ways_to_reach_are_added_preferred_and_removed(people: People) -> None:
    """One that belongs to somebody else cannot be reached through this page."""
    client, page = people.at("sam"), people.page("Wang Lin")
    client.post(f"{page}/points", {"what": "add", "kind": "phone", "value": "+86 138 0013 8000", "preferred": "true"})
    text = client.get(page).text
    assert "138 0013 8000" not in text
    point = re.findall(r'name="point" value="([^"]+)"', text)
    assert 2 == len(point)
    other = people.page("李秀英")
    assert 404 == client.post(f"{other}/points", {"what": "remove", "point": point[0]}).status_code
    assert 303 == client.post(f"{page}/points", {"what": "remove", "point": point[0]}).status_code
    assert 422 == client.post(f"{page}/points", {"what": "add", "kind": "phone", "value": "no number"}).status_code


def test_consent_and_relationships_are_noted(people: People) -> None:
    """Both are shown afterwards."""
    client, page = people.at("sam"), people.page("Wang Lin")
    client.post(f"{page}/consent", {"purpose": "marketing", "channel": "*", "granted": "true"})
    client.post(f"{page}/relationships", {"kind": "referred", "other": str(people.customers["李秀英"])})
    text = client.get(page).text
    assert "Allowed</span>" in text
    assert people.page("李秀英") in text
    assert 422 == client.post(f"{page}/relationships", {"kind": "referred"}).status_code


def test_files_are_kept_and_handed_out_as_downloads(people: People, tmp_path: Path) -> None:
    """A page that is attached is never shown as a page, and a program is refused."""
    people.crm.settings = evolve(people.crm.settings, files=tmp_path / "files")
    client, page = people.at("ada"), people.page("Wang Lin")
    client.get(page)
    files = {"file": ("note.txt", b"oolong", "text/plain")}
    answer = client.inner.post(f"{page}/files", data={"csrf": client.csrf}, files=files)
    assert 303 == answer.status_code
    path = re.search(rf'href="({page}/files/[^"]+)"', client.get(page).text)
    assert path is not None
    got = client.get(path[1])
    assert b"oolong" == got.content
    assert got.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in got.headers["content-security-policy"]
    program = {"file": ("x.exe", b"MZ\x90\x00", "text/plain")}
    assert 422 == client.inner.post(f"{page}/files", data={"csrf": client.csrf}, files=program).status_code
    assert 404 == client.get(path[1].replace(page, people.page("李秀英"))).status_code


# --- many at once ----------------------------------------------------------------------------------------------------


def test_many_are_tagged_with_what_became_of_each(people: People) -> None:
    """One that cannot be changed costs itself alone, and is told with the reason."""
    client = people.at("mia")
    ids = [str(people.customers[name]) for name in ("Blue Kettle Ltd", "Sofia Rossi")]
    answer = client.post("/customers/bulk", {"what": "tag", "tags": "a, b", "id": ids}, headers={"HX-Request": "true"})
    assert "Done: 1 changed, 1 left as they are." in answer.text
    assert (["a", "b"], []) == (people.tags("Blue Kettle Ltd"), people.tags("Sofia Rossi"))
    assert "Sofia" not in answer.text


def test_all_that_the_list_finds_are_changed_part_by_part(people: People) -> None:
    """Each answer says how far it is and carries what comes next, until all are done."""
    for number in range(130):
        people.run("customer.create", {"name": f"Number {number}", "city": "Leeds"})
    client = people.at("ada")
    values = {"what": "set", "field": "province", "value": "Yorkshire", "everything": "true",
              "filter": 'city == "Leeds"'}  # fmt: skip
    first = client.post("/customers/bulk", values, headers={"HX-Request": "true"}).text
    assert "100 of 130…" in first
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', first))
    second = client.post("/customers/bulk", {**values, **hidden}, headers={"HX-Request": "true"}).text
    assert "Done: 130 changed, 0 left as they are." in second
    with people.crm.session(people.system) as session:
        from crmkit.resources import ResourceQuery, count_records

        query = ResourceQuery(resource="customer", filter='province == "Yorkshire"')
        assert 130 == count_records(session, query)


def test_many_are_assigned(people: People) -> None:
    """To an owner of one's choice."""
    ids = [str(people.customers[name]) for name in ("Wang Lin", "李秀英")]
    values = {"what": "assign", "owner_id": str(people.web.users["mia"]), "id": ids}
    assert "Done: 2 changed" in people.at("ada").post("/customers/bulk", values).text
    assert people.web.users["mia"] == people.field("Wang Lin", "owner_id")


def test_who_may_not_change_many_is_told_so(people: People) -> None:
    """The buttons are disabled, and a form that is sent nevertheless is refused."""
    client = people.at("sam")
    assert "Your role does not grant customer.bulk." in client.get("/customers").text
    answer = client.post("/customers/bulk", {"what": "tag", "tags": "x", "id": str(people.customers["Wang Lin"])})
    assert 403 == answer.status_code
    assert [] == people.tags("Wang Lin")


def test_the_list_is_exported_with_what_is_masked_masked(people: People) -> None:
    """A cell that a spreadsheet would run is guarded, and it is audited."""
    people.run("customer.update", {"job_title": "=1+1"}, target=people.customers["Blue Kettle Ltd"])
    answer = people.at("mia").post(
        "/customers/export", {"column": ["email", "job_title"], "id": str(people.customers["Blue Kettle Ltd"])}
    )
    assert 200 == answer.status_code
    assert "2@example.com" not in answer.text
    assert "'=1+1" in answer.text
    assert 404 == people.at("sam").post("/customers/export", {}).status_code


def test_a_filter_is_kept_as_a_frozen_segment(people: People) -> None:
    """Whoever fits now belongs to it."""
    values = {
        "segment_title": "From Hangzhou",
        "filter": 'customer.city == "杭州"',
        "freeze": "true",
    }
    answer = people.at("ada").post("/customers/segment", values)
    assert "/segments/from_hangzhou" == answer.headers["location"]


# --- views -----------------------------------------------------------------------------------------------------------


def test_a_view_keeps_filter_order_and_columns(people: People) -> None:
    """It is the reader's own, until it is shared by who may."""
    mia, sam = people.at("mia"), people.at("sam")
    values = {"title": "Hangzhou", "filter": 'city == "杭州"', "sort": "-name", "column": ["city", "source"]}
    path = sam.post("/customers/views", values).headers["location"]
    assert ["李秀英"] == names_in(sam.get(path).text, people.customers)
    assert "Hangzhou" not in mia.get("/customers").text
    mia.post("/customers/views", {"title": "For all", "filter": 'city == "上海"', "shared": "true"})
    assert "For all" in sam.get("/customers").text
    assert 403 == sam.post("/customers/views", {"title": "Mine for all", "shared": "true"}).status_code
    with people.crm.session(people.system) as session:
        assert ["For all"] == [view.title for view in views_of(session, "customer")]


def test_a_view_is_removed_by_who_may(people: People) -> None:
    """One's own always, somebody else's shared one with the right to share."""
    mia, sam, ann = people.at("mia"), people.at("sam"), people.at("ann")
    path = mia.post("/customers/views", {"title": "For all", "shared": "true"}).headers["location"]
    view = path.partition("view=")[2]
    own = sam.post("/customers/views", {"title": "Mine"}).headers["location"].partition("view=")[2]
    assert 403 == sam.post("/customers/views/remove", {"remove": view}).status_code
    assert 404 == ann.post("/customers/views/remove", {"remove": own}).status_code
    assert 303 == sam.post("/customers/views/remove", {"remove": own}).status_code
    assert "For all" in sam.get("/customers").text


def test_a_view_keeps_no_numbers_of_persons(people: People) -> None:
    """Nor addresses: it is kept in plain."""
    answer = people.at("sam").post("/customers/views", {"title": "x", "filter": 'email == "0@example.com"'})
    assert 422 == answer.status_code


def test_columns_are_kept_for_the_plain_list(people: People) -> None:
    """Until one goes back to the usual ones."""
    client = people.at("sam")
    client.post("/customers/columns", {"column": ["source", "customer.age_band"]})
    assert "Age band" in client.get("/customers").text
    client.post("/customers/columns", {"usual": "true"})
    assert "Age band" not in client.get("/customers").text

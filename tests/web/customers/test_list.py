"""The list of customers: what is found, who sees what, and what never stands in an address."""

from __future__ import annotations

import re

from tests.web.customers.conftest import People, names_in


def test_a_list_shows_the_customers_that_its_reader_may_see(people: People) -> None:
    """The own ones for a seller, all of them for an administrator."""
    own = people.at("sam").get("/customers").text
    everything = people.at("ada").get("/customers").text
    assert ["Wang Lin", "李秀英"] == names_in(own, people.customers)
    assert list(people.customers) == names_in(everything, people.customers)


def test_telephone_numbers_and_addresses_are_masked_in_lists(people: People) -> None:
    """A list never shows what is sealed."""
    text = people.at("sam").post("/customers", {"column": ["email", "city"]}).text
    assert "0@example.com" not in text
    assert "****@example.com" in text


def test_who_may_not_read_names_sees_them_masked(people: People) -> None:
    """An analyst gets the list with everything personal masked, and finds nobody by a name."""
    client = people.at("ann")
    assert "Wang Lin" not in client.get("/customers").text
    assert [] == names_in(client.post("/customers", {"search": "Wang"}).text, people.customers)


def test_a_search_finds_by_name_in_either_script_and_by_a_whole_address(people: People) -> None:
    """A part of a name, Chinese characters, and an e-mail address as a whole."""
    client = people.at("ada")
    found = [
        names_in(client.post("/customers", {"search": text}).text, people.customers)
        for text in ("wang", "秀英", "3@example.com", "nobody like this")
    ]
    assert [["Wang Lin"], ["李秀英"], ["Sofia Rossi"], []] == found


def test_what_is_searched_never_stands_in_an_address(people: People) -> None:
    """The browser's bar gets the filter and the order alone, and no filter that holds somebody's number."""
    client = people.at("ada")
    searched = client.post(
        "/customers", {"search": "3@example.com", "filter": 'city == "上海"'}, headers={"HX-Request": "true"}
    )
    named = client.post("/customers", {"filter": 'email == "3@example.com"'}, headers={"HX-Request": "true"})
    assert "/customers?filter=city+%3D%3D+%22%E4%B8%8A%E6%B5%B7%22" == searched.headers["hx-replace-url"]
    assert "/customers" == named.headers["hx-replace-url"]
    assert ["Sofia Rossi"] == names_in(named.text, people.customers)


def test_a_filter_compares_fields_and_facts(people: People) -> None:
    """The condition is an expression over both."""
    text = people.at("ada").get("/customers", params={"filter": 'city == "杭州" and purchase.count == 0'}).text
    assert ["李秀英"] == names_in(text, people.customers)


def test_a_wrong_filter_says_at_which_column_and_what_was_meant(people: People) -> None:
    """Nothing is shown, and the form keeps what was typed."""
    response = people.at("ada").get("/customers", params={"filter": 'purchse.count > 3 and city == "x"'})
    assert 422 == response.status_code
    assert "Column 1" in response.text
    assert "purchase.count" in response.text
    assert "purchse.count &gt; 3" in response.text


def test_rows_are_sorted_and_paged_by_the_form(people: People) -> None:
    """The next part begins where the last one ended, and nobody comes twice."""
    for number in range(60):
        people.run("customer.create", {"name": f"Number {number:02}", "city": "Leeds"})
    client = people.at("ada")
    first = client.post("/customers", {"filter": 'city == "Leeds"', "sort": "-name"}).text
    after = re.search(r'name="after" value="([^"]+)"', first)
    assert after is not None
    second = client.post(
        "/customers", {"filter": 'city == "Leeds"', "sort": "-name", "after": after[1]}, headers={"HX-Request": "true"}
    ).text
    shown = [re.findall(r"Number (\d\d)</span>", text) for text in (first, second)]
    assert [f"{number:02}" for number in range(59, -1, -1)] == shown[0] + shown[1]
    assert 50 == len(shown[0])


def test_the_number_of_customers_is_told(people: People) -> None:
    """It is counted apart from the rows, among what the reader may see."""
    assert "4 customers" in people.at("ada").post("/customers/count", {}).text
    assert "2 customers" in people.at("sam").post("/customers/count", {}).text


def test_deleted_customers_have_a_list_of_their_own(people: People) -> None:
    """They are in no other list."""
    people.run("customer.delete", target=people.customers["Wang Lin"])
    client = people.at("ada")
    assert ["Wang Lin"] == names_in(client.get("/customers?deleted=true").text, people.customers)
    assert "Wang Lin" not in client.get("/customers").text


def test_an_empty_list_teaches(people: People) -> None:
    """It says what to do next."""
    assert "Take one condition away" in people.at("sam").get('/customers?filter=city == "Nowhere"').text
    assert "another spelling" in people.at("sam").post("/customers", {"search": "zzzzqqq"}).text


def test_a_stranger_sees_no_list(people: People) -> None:
    """It asks to sign in."""
    assert 303 == people.web.client().get("/customers").status_code


def test_a_form_without_its_token_changes_nothing(people: People) -> None:
    """Every change is refused that no page of ours has sent."""
    client = people.at("ada")
    client.get("/customers")
    name = "Wang Lin"
    for path, values in (
        ("/customers/bulk", {"what": "tag", "tags": "x", "id": str(people.customers[name])}),
        (f"{people.page(name)}/tag", {"name": "x"}),
        (f"{people.page(name)}/record", {"kind": "note", "body": "x"}),
        (f"{people.page(name)}/delete", {}),
        ("/customers/new", {"name": "x"}),
    ):
        assert 403 == client.inner.post(path, data=values).status_code, path
    assert ([], []) == (people.tags(name), people.interactions(name))

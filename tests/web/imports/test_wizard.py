"""The import wizard: what it shows and keeps at each step, who may use it, and what bad files do."""

from __future__ import annotations

import gzip
import stat

import pytest
from sqlalchemy import func, select

from crmkit.core.customers.models import Customer
from crmkit.exchange import uploads
from tests.web.conftest import Web
from tests.web.imports.steps import draft, mapping, rehearse, rows, run, send, uploads_of, wait

SCRIPT = "<script>alert(1)</script>"


def customers(web: Web) -> int:
    """Return how many customers there are."""
    with web.crm.session(web.crm.system("counting in a test")) as session:
        return session.scalar(select(func.count()).select_from(Customer)) or 0


def test_a_file_with_faults_goes_in_and_its_rejected_rows_come_back(sqlite_web: Web) -> None:
    """What is right goes in; what is wrong comes back in a file that goes in once it is mended."""
    client = sqlite_web.client("ada")
    before = customers(sqlite_web)
    path = draft(client, rows(12, bad=3))
    checked = rehearse(client, path)
    assert "Import now: add 9, change 0" in checked
    assert before == customers(sqlite_web)
    result = run(client, path)
    page = client.get(result).text
    assert before + 9 == customers(sqlite_web)
    assert "3 rejected rows" in page
    assert page.count("not a day") >= 3
    faulty = client.get(f"{result}/rejected")
    assert "people.rejected.csv" in faulty.headers["content-disposition"]
    mended = faulty.content.replace(b"not a day", b"1991-04-05")
    path = draft(client, mended, "people.rejected.csv")
    rehearse(client, path)
    run(client, path)
    assert before + 12 == customers(sqlite_web)


def test_there_is_no_page_without_the_right(sqlite_web: Web) -> None:
    """Whoever may not import finds no page of it, and nothing in the menu."""
    client = sqlite_web.client("sam")
    assert 404 == client.get("/imports").status_code
    assert 404 == client.get("/imports/new").status_code
    assert 404 == send(client, rows(1)).status_code
    assert 'href="/imports"' not in client.get("/").text
    assert [] == uploads_of(sqlite_web)


def test_a_file_is_seen_by_whoever_sent_it_alone(sqlite_web: Web) -> None:
    """Another one with the right finds neither the file nor, without seeing all records, its import."""
    ada, mia = sqlite_web.client("ada"), sqlite_web.client("mia")
    path = draft(ada, rows(2))
    for address in (path, f"{path}/options", f"{path}/check", f"{path}/run"):
        assert 404 == mia.get(address).status_code
    assert 404 == mia.post(f"{path}/run").status_code
    rehearse(ada, path)
    result = run(ada, path)
    assert 404 == mia.get(result).status_code
    assert 404 == mia.get(f"{result}/rejected").status_code
    assert 404 == mia.post(f"{result}/revert", {"sure": "true"}).status_code


def test_a_second_click_imports_nothing_twice(sqlite_web: Web) -> None:
    """The button may be pressed as often as one likes: there is one import."""
    client = sqlite_web.client("ada")
    before = customers(sqlite_web)
    path = draft(client, rows(30))
    rehearse(client, path)
    answers = [client.post(f"{path}/run").status_code for _click in range(4)]
    result = run(client, path)
    client.post(f"{path}/run")
    assert [303] * 4 == answers
    assert before + 30 == customers(sqlite_web)
    assert 1 == client.get("/imports").text.count(f'class="file-name" href="{result}"')


def test_what_was_sent_is_private_and_goes_when_it_is_imported(sqlite_web: Web) -> None:
    """The file can be read by its owner alone; after the import the rejected rows are all that is left of it."""
    client = sqlite_web.client("ada")
    path = draft(client, rows(4, bad=1))
    (folder,) = uploads_of(sqlite_web)
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    assert {0o600} == {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir() if each.is_file()}
    rehearse(client, path)
    run(client, path)
    assert ["people.rejected.csv"] == [each.name for each in folder.rglob("*.csv")]
    assert 0o600 == stat.S_IMODE((folder / "rejected" / "people.rejected.csv").stat().st_mode)


def test_files_that_were_sent_long_ago_are_cleared_away(sqlite_web: Web) -> None:
    """What waits longer than it may is removed with everything that belongs to it."""
    draft(sqlite_web.client("ada"), rows(2))
    waiting = uploads.Uploads(sqlite_web.crm.settings)
    (one,) = waiting.of(f"user:{sqlite_web.users['ada']}")
    assert 0 == waiting.clear(one.sent_at + uploads.KEPT)
    assert 1 == waiting.clear(one.sent_at + uploads.KEPT * 2)
    assert [] == uploads_of(sqlite_web)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "empty.csv", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "photo.csv", "picture"),
        (b"PK\x03\x04" + b"\0" * 26 + b"xl/workbook.xml", "sheet.xlsx", "workbook"),
        (b"<!doctype html><html><body>Sign in</body></html>", "data.csv", "web page"),
        (b"\0\1\2\3" * 500, "noise.csv", "noise.csv"),
        (b'[{"name": "A"}]', "list.json", "JSON list"),
        (gzip.compress(b"Name,Email\n")[:-6], "cut.csv.gz", "damaged or was cut off"),
        (gzip.compress(b"Name,Email\n" + b"A,a@example.org\n" * 200_000), "bomb.csv.gz", "when it is unpacked"),
    ],
    ids=["empty", "picture", "workbook", "page", "noise", "list", "cut", "bomb"],
)
def test_a_bad_file_is_refused_kindly_and_leaves_nothing_behind(
    sqlite_web: Web, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str, said: str
) -> None:
    """Whatever is no table is said to be what it is, on the page where it was sent, and is not kept."""
    monkeypatch.setattr(uploads, "MAX_UNPACKED", 1_000_000)
    response = send(sqlite_web.client("ada"), content, name)
    assert 422 == response.status_code
    assert said in response.text
    assert 'role="alert"' in response.text
    assert [] == uploads_of(sqlite_web)


def test_a_file_that_is_too_large_is_refused(sqlite_web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file above the limit is refused before it is looked at."""
    monkeypatch.setattr(uploads, "MAX_BYTES", 1000)
    response = send(sqlite_web.client("ada"), rows(100))
    assert 413 == response.status_code
    assert [] == uploads_of(sqlite_web)


def test_a_form_without_a_file_asks_for_one(sqlite_web: Web) -> None:
    """Nothing chosen is no error of the server."""
    response = sqlite_web.client("ada").post("/imports/new", {"file": ""})
    assert 422 == response.status_code
    assert "Choose a file." in response.text


def test_three_hundred_columns_can_be_mapped(sqlite_web: Web) -> None:
    """A very wide table is shown, and goes on to the options."""
    client = sqlite_web.client("ada")
    heads = ["Name", *(f"Column {number}" for number in range(299))]
    content = (",".join(heads) + "\n" + ",".join(["A", *["x"] * 299]) + "\n").encode()
    path = draft(client, content)
    page = client.get(path)
    assert "300 columns" in page.text
    sent = client.post(path, {**mapping(page.text), "next": "options"})
    assert f"{path}/options" == sent.headers["location"]


def test_an_encoding_that_was_recognised_wrongly_can_be_said(sqlite_web: Web) -> None:
    """The file is read as whoever sent it says; what cannot be read so is said, and the choice before stays."""
    client = sqlite_web.client("ada")
    path = draft(client, "姓名,城市\n王琳,上海\n".encode("gb18030"))
    sent = client.post(path, {"encoding": "gb18030"})
    assert 303 == sent.status_code
    assert "王琳" in client.get(path).text
    refused = client.post(path, {"encoding": "no-such-encoding"})
    assert 422 == refused.status_code
    assert "王琳" in refused.text


def test_two_columns_for_one_field_are_refused_beside_what_was_chosen(sqlite_web: Web) -> None:
    """The same page comes back with what is wrong; nothing that was chosen is lost."""
    client = sqlite_web.client("ada")
    path = draft(client, rows(2))
    form = {**mapping(client.get(path).text), "map-3": "email", "next": "options"}
    response = client.post(path, form)
    assert 422 == response.status_code
    assert "cannot both fill email" in response.text
    assert "--map" not in response.text
    assert "email" == mapping(response.text)["map-3"]
    assert "email" == mapping(client.get(path).text)["map-3"]


def test_the_preview_shows_another_choice_and_keeps_nothing(sqlite_web: Web) -> None:
    """Looking at how it would be read with another choice is no choice yet."""
    client = sqlite_web.client("ada")
    path = draft(client, rows(2))
    before = mapping(client.get(path).text)
    part = client.post(f"{path}/preview", {**before, "map-3": "custom.Branch"})
    assert 200 == part.status_code
    assert "<html" not in part.text
    assert "New custom fields will be made: Branch." in part.text
    assert before == mapping(client.get(path).text)


def test_a_doubtful_column_says_so(sqlite_web: Web) -> None:
    """A column whose cells cannot be read as what it was taken for asks to be checked."""
    client = sqlite_web.client("ada")
    page = client.get(draft(client, b"Name,Birth date\nA,01/02/2003\nB,02/03/2004\n")).text
    assert "please check" in page
    assert "--date-order" not in page


def test_options_that_cannot_be_are_refused_at_their_fields(sqlite_web: Web) -> None:
    """A zone, a country and a source that cannot be come back with the rest as it was typed."""
    client = sqlite_web.client("ada")
    path = draft(client, rows(2))
    client.post(path, {**mapping(client.get(path).text), "next": "options"})
    response = client.post(f"{path}/options", {"zone": "Mars/Base", "region": "China", "source": "x" * 61})
    assert 422 == response.status_code
    assert "There is no such time zone." in response.text
    assert "Mars/Base" in response.text
    assert "A country has two letters" in response.text
    assert "At most 60 characters." in response.text


def test_a_file_that_was_imported_before_has_to_be_wanted_again(sqlite_web: Web) -> None:
    """The same file in the same way is refused until somebody says that it is meant."""
    client = sqlite_web.client("ada")
    path = draft(client, rows(3))
    rehearse(client, path)
    run(client, path)
    path = draft(client, rows(3))
    client.post(path, {**mapping(client.get(path).text), "next": "options"})
    assert "This very file was imported before" in client.get(f"{path}/options").text
    rehearse(client, path)
    client.post(f"{path}/run")
    assert "was imported in the same way before" in wait(client, f"{path}/run").text
    rehearse(client, path, again="true")
    assert 1 == client.get(run(client, path)).text.count("there already")


def test_no_script_of_a_file_runs(sqlite_web: Web) -> None:
    """What stands in a name, a heading or a cell is shown as it is, on every page that it gets to."""
    client = sqlite_web.client("ada")
    content = f"Name,Email,{SCRIPT}\n{SCRIPT},{SCRIPT},{SCRIPT}\nB,b@example.org,{SCRIPT}\n".encode()
    path = draft(client, content, f"{SCRIPT}.csv")
    page = client.get(path).text
    form = {**mapping(page), "map-2": f"custom.{SCRIPT}"}
    pages = [page, client.post(f"{path}/preview", form).text, client.post(path, {**form, "next": "options"}).text]
    pages += [client.get(f"{path}/options").text, rehearse(client, path)]
    result = run(client, path)
    pages += [client.get(result).text, client.get("/imports").text, client.get(f"{result}/revert").text]
    assert [] == [each for each in pages if SCRIPT in each]
    assert "&lt;script&gt;" in pages[0]


def test_a_discarded_file_is_gone(sqlite_web: Web) -> None:
    """Whoever does not want to go on leaves nothing behind."""
    client = sqlite_web.client("ada")
    path = draft(client, rows(2))
    assert "/imports" == client.post(f"{path}/discard").headers["location"]
    assert [] == uploads_of(sqlite_web)
    assert 404 == client.get(path).status_code


def test_an_import_is_taken_back_after_its_numbers_were_seen(sqlite_web: Web) -> None:
    """What would go is named in numbers; without saying yes nothing goes."""
    client = sqlite_web.client("ada")
    before = customers(sqlite_web)
    path = draft(client, rows(5))
    rehearse(client, path)
    result = run(client, path)
    assert "Yes, remove 5, restore 0 and reverse 0." in client.get(f"{result}/revert").text
    assert 422 == client.post(f"{result}/revert").status_code
    assert before + 5 == customers(sqlite_web)
    client.post(f"{result}/revert", {"sure": "true"})
    assert before == customers(sqlite_web)
    assert "Taken back" in client.get(result).text

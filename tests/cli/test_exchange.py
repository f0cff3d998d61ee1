"""Files in and out on the command line."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.conftest import Crmkit

FILE = "Name,E-Mail,City\n王小明,wang@example.cn,上海\nAnn,no address,Berlin\nBob,bob@example.com,Berlin\n"


@pytest.fixture
def file(crmkit: Crmkit) -> str:
    """A file of three customers, one of whom has no valid address."""
    (crmkit.folder / "customers.csv").write_text(FILE, encoding="utf-8")
    return "customers.csv"


def names(crmkit: Crmkit) -> list[str]:
    """Return the customers' names in order."""
    return [item["name"] for item in crmkit.json("customer", "list", "--sort", "name")["items"]]


def test_a_file_goes_in_and_its_rejects_come_back(crmkit: Crmkit, file: str) -> None:
    """Good rows are imported, the others come back in a file that goes in once it is mended; the code says 8."""
    done = crmkit("import", file, "--as", "customers", "--yes", "--json")
    assert done.code == 8
    report = done.json
    wanted = ("read", "created", "updated", "duplicates", "rejected")
    assert [report[name] for name in wanted] == [3, 2, 0, 0, 1]
    assert names(crmkit) == ["Bob", "王小明"]
    rejected = Path(report["rejected_file"])
    mended = rejected.read_text("utf-8-sig").replace("no address", "ann@example.com")
    rejected.write_text(mended, "utf-8")
    again = crmkit.json("import", str(rejected), "--as", "customers", "--yes")
    assert (again["created"], again["rejected"], again["rejected_file"]) == (1, 0, None)
    assert names(crmkit) == ["Ann", "Bob", "王小明"]


def test_a_rehearsal_writes_nothing(crmkit: Crmkit, file: str) -> None:
    """``--dry-run`` counts what would happen, asks nothing and leaves everything as it is."""
    done = crmkit("import", file, "--as", "customers", "--dry-run", "--json")
    assert (done.code, done.json["created"], done.json["rejected"], done.json["import_id"]) == (8, 2, 1, None)
    assert names(crmkit) == []
    assert sorted(path.name for path in crmkit.folder.iterdir()) == ["customers.csv"]


def test_it_shows_what_it_will_do_and_asks(crmkit: Crmkit, file: str, on_a_terminal: None) -> None:
    """The columns with their fields and the first rows are shown before anything is written."""
    refused = crmkit("import", file, "--as", "customers", input="n\n")
    assert (refused.code, names(crmkit)) == (130, [])
    assert all(text in refused.out for text in ("E-Mail", "email", "王小明", "city"))
    agreed = crmkit("import", file, "--as", "customers", input="y\n")
    assert (agreed.code, names(crmkit)) == (8, ["Bob", "王小明"])


def test_nobody_to_ask_is_an_error_of_use(crmkit: Crmkit, file: str) -> None:
    """Without a terminal an import needs ``--yes``."""
    assert (crmkit("import", file, "--as", "customers").code, names(crmkit)) == (2, [])


def test_columns_are_mapped(crmkit: Crmkit) -> None:
    """``--map`` says what a column fills, also a new custom field, and ignores one."""
    (crmkit.folder / "x.csv").write_text("a,b,c\nLi,red,x\n", encoding="utf-8")
    words = ["--map", "a=name", "--map", "b=custom.colour", "--map", "c="]
    crmkit.ok("import", "x.csv", "--as", "customers", *words, "--yes", "--json")
    (found,) = crmkit.json("customer", "list")["items"]
    assert (found["name"], found["custom"]) == ("Li", {"colour": "red"})
    assert crmkit("import", "x.csv", "--as", "customers", "--map", "name", "--yes").code == 2
    assert crmkit("import", "x.csv", "--as", "customers", "--map", "a=nonsense", "--yes").code == 3


def test_the_same_file_is_imported_once(crmkit: Crmkit, file: str) -> None:
    """A second time is a conflict; with ``--again`` what is there already is a duplicate."""
    crmkit("import", file, "--as", "customers", "--yes")
    assert crmkit("import", file, "--as", "customers", "--yes").code == 6
    again = crmkit("import", file, "--as", "customers", "--yes", "--again", "--json")
    assert (again.json["created"], again.json["duplicates"]) == (0, 2)


def test_purchases_go_in(crmkit: Crmkit) -> None:
    """Purchases with lines find their customers by what the same source calls them."""
    (crmkit.folder / "c.csv").write_text("external_id,name\n7,Li\n", encoding="utf-8")
    (crmkit.folder / "p.csv").write_text(
        "invoice,customer,date,sku,quantity,unit_price\n1,7,2026-03-31,T1,2,5.00\n1,7,2026-03-31,T2,1,2.50\n",
        encoding="utf-8",
    )
    crmkit.ok("import", "c.csv", "--as", "customers", "--source", "shop", "--yes", "--json")
    done = crmkit(
        "import", "p.csv", "--as", "purchases", "--source", "shop", "--map", "date=occurred_at", "--yes", "--json"
    )
    assert (done.code, done.json["read"], done.json["created"]) == (0, 2, 2), done
    (bought,) = crmkit.json("interaction", "list", "--customer", "shop:7")["items"]
    assert bought["amount"] == {"amount": "12.50", "currency": "CNY"}


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: path.mkdir(), 3),
        (lambda path: path.write_bytes(b""), 3),
        (lambda path: path.write_bytes(bytes(range(256)) * 40), 3),
        (lambda path: None, 3),
    ],
    ids=["folder", "empty", "binary", "missing"],
)
def test_what_is_no_table_is_one_error(crmkit: Crmkit, make: object, code: int) -> None:
    """A folder, an empty, a binary and a missing file are each refused with one line that names them."""
    path = crmkit.folder / "thing.csv"
    make(path)  # type: ignore[operator]
    done = crmkit("import", "thing.csv", "--as", "customers", "--yes")
    assert (done.code, len(done.err.splitlines()), "thing.csv" in done.err) == (code, 1, True), done


def test_a_file_comes_by_standard_input(crmkit: Crmkit) -> None:
    """``-`` reads standard input, which cannot be asked at the same time."""
    done = crmkit("import", "-", "--as", "customers", "--yes", "--json", input="name,city\nAnn,Berlin\n")
    assert (done.code, done.json["created"], names(crmkit)) == (0, 1, ["Ann"]), done
    assert crmkit("import", "-", "--as", "customers", input="name\nBob\n").code == 2


def test_imports_are_listed_and_taken_back(crmkit: Crmkit, file: str) -> None:
    """What an import added goes when it is reverted, save what was changed since."""
    made = crmkit("import", file, "--as", "customers", "--yes", "--json").json["import_id"]
    (row,) = crmkit.json("imports", "list")["items"]
    assert (row["id"], row["file_name"], row["created"]) == (made, "customers.csv", 2)
    assert crmkit.json("imports", "show", made)["rejected"] == 1
    crmkit.ok("customer", "edit", "Bob", "city=Hamburg")
    done = crmkit("imports", "revert", made, "--yes", "--json")
    assert (done.code, done.json["removed"], done.json["kept_count"]) == (8, 1, 1)
    assert names(crmkit) == ["Bob"]
    again = crmkit("imports", "revert", made, "--yes", "--json")
    assert (again.code, again.json["removed"], again.json["kept_count"]) == (8, 0, 1)
    assert crmkit("imports", "show", "0197a1b2-0000-7000-8000-000000000000").code == 5


def test_what_went_in_comes_out(crmkit: Crmkit, file: str) -> None:
    """An export has the customers that fit its conditions, in UTF-8 that spreadsheets recognise."""
    crmkit("import", file, "--as", "customers", "--yes")
    done = crmkit.json("export", "out.csv", "--where", "city=上海")
    path = crmkit.folder / "out.csv"
    assert (done["rows"], Path(done["file"]).name) == (1, "out.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as rows:
        assert [row["name"] for row in csv.DictReader(rows)] == ["王小明"]
    assert crmkit("export", "out.csv").code == 6
    crmkit.ok("export", "out.csv", "--overwrite", "--no-bom")
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_an_export_goes_in_again_and_changes_nothing(crmkit: Crmkit, file: str) -> None:
    """Importing an export into the installation that it came from finds everything there already."""
    crmkit("import", file, "--as", "customers", "--yes")
    before = crmkit.json("customer", "list")["items"]
    crmkit.ok("export", "out.jsonl")
    done = crmkit("import", "out.jsonl", "--as", "customers", "--on-duplicate", "update", "--yes", "--json")
    assert (done.code, done.json["created"], done.json["rejected"]) == (0, 0, 0), done
    assert crmkit.json("customer", "list")["items"] == before

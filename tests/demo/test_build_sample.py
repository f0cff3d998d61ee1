"""The maintainers' script turns a published table into what the reader of the sample reads."""

from __future__ import annotations

import csv
import importlib.util
import lzma
from array import array
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings, strategies as st

from crmkit.demo import columns, dataset

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "build_sample.py"
HEADINGS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
ROWS = [
    ("600002", "B", "Box", "2", "2011-07-01 12:01:00", "1.25", "7", "France"),
    ("600001", "A", "Apple  tin", "6", "2010-12-01 08:26:00", "2.5", "5", "EIRE"),
    ("600001", "B", "Big box", "1", "2010-12-01 08:25:00", "0.0", "5", "EIRE"),
    ("600009", "A", "Nobody's", "9", "2010-12-01 09:00:00", "2.5", "", "EIRE"),
    ("C600003", "A", "Apple tin", "-6", "2011-07-01 12:01:00", "2.5", "5", "EIRE"),
    ("600001", "A", "", "1", "2010-12-01 08:26:00", "2.55", "5", "EIRE"),
]

Write = Callable[[list[tuple[str, ...]]], Path]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_sample", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(rows: list[tuple[str, ...]]) -> Path:
        path = tmp_path / "source.csv.xz"
        with lzma.open(path, "wt", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADINGS)
            writer.writerows(rows)
        return path

    return write


def test_what_is_built_is_what_is_read(
    script: ModuleType, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invoices come in order of time, whole, at their earliest minute; nobody's rows are gone, free lines are apart."""
    target = tmp_path / "out.xz"
    assert script.main([str(write(ROWS)), str(target)]) == 0
    monkeypatch.setattr(dataset, "_load", lambda: columns.unpack(target.read_bytes()))
    read = list(dataset.purchases())
    assert [purchase.invoice for purchase in read] == ["600001", "600002", "C600003"]
    first, _, cancellation = read
    assert datetime(2010, 12, 1, 8, 25, tzinfo=UTC) == first.occurred_at
    assert (("A", 6, Decimal("2.5")), ("A", 1, Decimal("2.55"))) == first.lines
    assert datetime(2011, 7, 1, 11, 1, tzinfo=UTC) == cancellation.occurred_at
    assert (True, 5, "EIRE", Decimal("-15.0")) == (
        cancellation.cancelled,
        cancellation.customer,
        cancellation.country,
        cancellation.amount,
    )
    assert [(("B", 1, Decimal("0.0")),)] == [given.lines for given in dataset.free_goods()]
    assert columns.unpack(target.read_bytes())[0]["products"] == {"A": "Apple tin", "B": "Big box"}


def test_two_runs_give_the_same_bytes(script: ModuleType, write: Write) -> None:
    """The same source makes the same file, byte for byte."""
    source = write(ROWS)
    assert script.build(script.read_rows(source)) == script.build(script.read_rows(source))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("600001", "A", "x", "1", "2010-12-01 08:26:00", "1", "6", "EIRE"), "more than one customer"),
        (("A60000", "A", "x", "1", "2010-12-01 08:26:00", "1", "6", "EIRE"), "not a number"),
        (("600007", "A", "x", "1", "2010-12-01 08:26:09", "1", "6", "EIRE"), "seconds"),
    ],
)
def test_a_source_that_does_not_fit_is_refused(
    script: ModuleType,
    write: Write,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    row: tuple[str, ...],
    reason: str,
) -> None:
    """What the form cannot hold is said on standard error, and nothing is written."""
    target = tmp_path / "out.xz"
    assert script.main([str(write([*ROWS, row])), str(target)]) == 1
    assert reason in capsys.readouterr().err
    assert not target.exists()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 255)),
    st.lists(st.integers(0, 2**16 - 1)),
    st.lists(st.integers(0, 2**32 - 1)),
    st.lists(st.integers(-(2**31), 2**31 - 1)),
)
def test_columns_come_back_as_they_were(
    small: list[int], medium: list[int], large: list[int], signed: list[int]
) -> None:
    """Unpacking what was packed gives the header and every column, of any length."""
    given = {"a": array("B", small), "b": array("H", medium), "c": array("I", large), "d": array("i", signed)}
    assert ({"title": "样本"}, given) == columns.unpack(columns.pack({"title": "样本"}, given))


def test_a_shortened_column_is_refused() -> None:
    """A file whose columns are shorter than its header says is not read."""
    content = lzma.decompress(columns.pack({}, {"a": array("H", [1, 2, 3])}))
    with pytest.raises(ValueError, match="the column a is cut short"):
        columns.unpack(lzma.compress(content[:-1]))

"""A frame gives facts in columns, exactly, in batches, to Arrow and to files."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date
from decimal import Decimal

import pyarrow
import pytest

from crmkit import CRM
from crmkit.engines.facts.frame import frame
from crmkit.engines.facts.moments import moment_of
from crmkit.errors import ExpressionError, UnknownFact
from crmkit.exchange.frames import write_frame
from tests.engines.facts.support import SYSTEM, buy, configure, customer, day

NAMES = ("purchase.amount", "purchase.last_at", "purchase.average_gap_days", "customer.city", "customer.tags")


def filled(crm: CRM) -> list[str]:
    """Add three customers, of whom two bought something, and return their ids."""
    configure(crm)
    people = [customer(crm, f"C{number}", city=city) for number, city in enumerate(("上海", "=SUM(1)", None))]
    buy(crm, people[0], day(0), "1234.50")
    buy(crm, people[0], day(1.5), "0.05")
    buy(crm, people[1], day(0), "3")
    crm.run(SYSTEM, "customer.tag", {"names": ["vip", "茶"]}, target=people[0])
    return [str(each) for each in people]


def test_columns_have_their_types_and_money_major_units(crm: CRM) -> None:
    """Customers come in the order of their ids, in batches; one batch at least."""
    people = filled(crm)
    with crm.session(SYSTEM) as session:
        found = frame(session, NAMES)
        assert ["customer", *NAMES] == [column.name for column in found.columns]
        assert [None, "CNY", None, None, None, None] == [column.currency for column in found.columns]
        assert [
            (people[0], Decimal("1234.55"), day(1.5), Decimal("1.5"), "上海", ["vip", "茶"]),
            (people[1], Decimal("3.00"), day(0), None, "=SUM(1)", []),
            (people[2], Decimal("0.00"), None, None, None, []),
        ] == [(str(row[0]), *row[1:]) for row in found.rows()]
        assert [2, 1] == [len(batch[0]) for batch in found.batches(2)]
        nobody = frame(session, NAMES, where="purchase.count > 9")
        assert [[[]] * 6] == list(nobody.batches())


def test_a_condition_and_a_moment_choose(crm: CRM) -> None:
    """As a segment would."""
    filled(crm)
    with crm.session(SYSTEM) as session:
        moment = moment_of(session, date(2026, 3, 1))
        found = frame(
            session, ("purchase.count",), where='purchase.amount >= 3 and customer.city == "上海"', moment=moment
        )
        assert [1] == [row[1] for row in found.rows()]


def test_names_and_conditions_are_checked(crm: CRM) -> None:
    """Before anything is read."""
    with crm.session(SYSTEM) as session:
        with pytest.raises(UnknownFact):
            frame(session, ("purchase.cuont",))
        with pytest.raises(ExpressionError):
            frame(session, ("purchase.count",), where="purchase.count >")


def test_arrow_has_the_same_values(crm: CRM) -> None:
    """With decimals, instants in UTC and lists of texts."""
    people = filled(crm)
    with crm.session(SYSTEM) as session:
        table = frame(session, NAMES).to_arrow()
        stream = io.BytesIO()
        assert 3 == write_frame(frame(session, NAMES), stream, "arrow")
    assert people == table["customer"].to_pylist()
    assert [Decimal("1234.55"), Decimal("3.00"), Decimal("0.00")] == table["purchase.amount"].to_pylist()
    assert day(1.5) == table["purchase.last_at"].to_pylist()[0].astimezone(UTC)
    assert [["vip", "茶"], [], []] == table["customer.tags"].to_pylist()
    assert table == pyarrow.ipc.open_file(stream.getvalue()).read_all()


def test_files_can_be_read_back(crm: CRM) -> None:
    """What a spreadsheet would compute is guarded in CSV; JSON is one object a line."""
    people = filled(crm)
    with crm.session(SYSTEM) as session:
        text, lines = io.BytesIO(), io.BytesIO()
        assert [3, 3] == [
            write_frame(frame(session, NAMES), stream, form) for stream, form in ((text, "csv"), (lines, "json"))
        ]
    rows = list(csv.DictReader(io.StringIO(text.getvalue().decode())))
    assert [("上海", "1234.55"), ("'=SUM(1)", "3.00"), ("", "0.00")] == [
        (row["customer.city"], row["purchase.amount"]) for row in rows
    ]
    first = json.loads(lines.getvalue().splitlines()[0])
    assert (people[0], "1234.55", ["vip", "茶"]) == (
        first["customer"],
        first["purchase.amount"],
        first["customer.tags"],
    )

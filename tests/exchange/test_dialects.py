"""How the cells of a table are parted and quoted."""

from __future__ import annotations

import pytest

from crmkit.exchange.dialects import SINGLE_COLUMN, detect_dialect
from crmkit.exchange.readers import open_rows


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("a;b;c\n1,5;2,5;3\n", ";"),
        ("a\tb\n1,2\t3\n", "\t"),
        ("a|b\n1;2|3\n", "|"),
        ('a,b\n"1;2;3;4","5;6;7;8"\n', ","),
        ('"a;b;c;d";"x"\n"1;2;3;4";"y"\n', ";"),
        ("note\nHello, world\nWell; then\n", SINGLE_COLUMN),
        ("name;revenue, EUR;city\nX;1,5;Y\n", ";"),
        ("sep=|\na|b\n1|2\n", "|"),
        ("sep=;\na,b\n1,2\n", ";"),
        ('id,notes\n1,"many\nlines; with; semicolons\n"\n2,x\n', ","),
    ],
)
def test_the_delimiter_is_found(text: str, delimiter: str) -> None:
    """Delimiters inside quotes and in text count for nothing; Excel's first line is honoured."""
    assert delimiter == detect_dialect(text).delimiter


def test_the_line_that_names_the_delimiter_is_no_row(make) -> None:
    """``sep=;`` counts as line 1 only."""
    source = open_rows(make("sep=;\r\na;b\r\n1;2\r\n"))
    assert source.columns == ("a", "b")
    assert [(row.line, row.cells) for row in source] == [(3, ("1", "2"))]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ('a,b\n"""The Best"" Account",x\n', ('"The Best" Account', "x")),
        ('a,b\n"The \\"Best\\" Account, Inc.",x\n', ('The "Best" Account, Inc.', "x")),
        ('a,b\n"C:\\\\temp\\new \\"x\\" y",x\n', ('C:\\temp\\new "x" y', "x")),
        ('a,b\n"C:\\dir\\",x\n', ("C:\\dir\\", "x")),
        ("'a','b'\n'1,5','it''s'\n", ("1,5", "it's")),
        ('"a", "b"\n"1,5", "x"\n', ("1,5", "x")),
    ],
)
def test_quotes_are_read_in_every_usual_style(make, text: str, cells: tuple[str, ...]) -> None:
    """Doubled and backslashed quotes, single quotes, and spaces before quotes."""
    assert [cells] == [row.cells for row in open_rows(make(text))]


def test_a_first_row_of_data_is_pointed_out(make) -> None:
    """A file without headings gives a note."""
    source = open_rows(make("Ann,ann@example.com,5\nBob,bob@example.com,6\n"))
    assert [note.render() for note in source.description.notes] == [
        "The file's first row looks like data, not like headings."
    ]

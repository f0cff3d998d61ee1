"""The command palette: pages, things to do, customers and records, in either language."""

from __future__ import annotations

import re

import pytest

from crmkit.web.pages.records.palette import score_of
from tests.web.conftest import Web
from tests.web.records.making import opportunity


def found(web: Web, login: str, asked: str, language: str = "en") -> list[tuple[str, str]]:
    """Return what the palette finds: titles with their addresses."""
    text = web.client(login, language=language).get(f"/palette?q={asked}").text
    return re.findall(r'href="([^"]+)".*?<span class="grow">([^<]*)</span>', text, re.DOTALL)


def test_customers_are_found_as_one_types(plugins_sample: Web) -> None:
    """By the beginning of a name, and each leads to the customer."""
    assert (f"/customers/{plugins_sample.customers['Wang Lin']}", "Wang Lin") in found(plugins_sample, "sam", "wan")
    assert (f"/customers/{plugins_sample.customers['李秀英']}", "李秀英") in found(plugins_sample, "sam", "李")


def test_what_is_hidden_is_not_found(plugins_sample: Web) -> None:
    """Neither customers of others, nor pages and things to do that one has no right to."""
    assert [] == [each for each in found(plugins_sample, "sam", "Sofia") if each[1] == "Sofia Rossi"]
    assert "Sofia Rossi" in [title for _path, title in found(plugins_sample, "sue", "Sofia")]
    assert [] == [path for path, _title in found(plugins_sample, "sam", "role") if "role" in path]


def test_pages_and_things_to_do_are_found_in_both_languages(plugins_sample: Web) -> None:
    """Whatever language one works in, either finds it, and in Chinese so do the sounds."""
    for asked in ("opportunity", "添加商机", "tjsj", "tianjia"):
        assert "/operations/sales.opportunity.create" in [
            path for path, _title in found(plugins_sample, "sam", asked, "zh_Hans")
        ], asked
    assert ("/operations/sales.opportunity.create", "Add an opportunity") in found(plugins_sample, "sam", "添加商机")
    assert "/records/sales.opportunity/board/sales.pipeline" in [
        path for path, _title in found(plugins_sample, "sam", "pipe")
    ]


def test_records_are_found_by_their_words(plugins_web: Web) -> None:
    """What a plugin declares searchable, and what its own search finds, leads to its page."""
    record = opportunity(plugins_web, title="Spring harvest")
    plugins_web.crm.worker().run_until_idle()
    paths = [path for path, _title in found(plugins_web, "sam", "harvest")]
    known = "sales.opportunity" in plugins_web.crm.registry.searchables
    assert known is (f"/records/sales.opportunity/{record.id}" in paths)


def test_an_empty_palette_offers_something(plugins_sample: Web) -> None:
    """Before anything is typed there are pages to go to and things to do."""
    assert len(found(plugins_sample, "sam", "")) >= 6


@pytest.mark.parametrize(
    ("title", "asked", "fits"),
    [
        ("Add an opportunity", "add", True),
        ("Add an opportunity", "opp", True),
        ("Add an opportunity", "opp add", True),
        ("Add an opportunity", "dd", False),
        ("新建客户", "客户", True),
        ("新建客户", "xjkh", True),
        ("新建客户", "xin jian", True),
        ("新建客户", "kehu", False),
        ("Reports", "报告", False),
    ],
)
def test_what_fits(title: str, asked: str, fits: bool) -> None:
    """Beginnings of words, parts of Chinese texts, and their sounds from the first."""
    assert fits is (score_of((title,), asked) > 0)

"""Names, addresses and numbers are compared in one form, however they were written."""

from __future__ import annotations

import pytest
from crmkit_quality.matching import contacts
from crmkit_quality.matching.addresses import address, street, town
from crmkit_quality.matching.companies import company_name
from crmkit_quality.matching.people import family_reading, person_name
from crmkit_quality.matching.text import fold, latin, sound

from crmkit import PostalAddress


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("  Ｍüller－Lüdenscheidt ", "muller-ludenscheidt"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("張偉", "张伟"),
        ("Łódź", "lodz"),
        ("１３８", "138"),
    ],
)
def test_width_case_accents_and_script_make_no_difference(written: str, folded: str) -> None:
    """Texts are folded to one form."""
    assert fold(written) == folded


@pytest.mark.parametrize("written", ["Müller", "Mueller", "MULLER"])
def test_spellings_of_an_umlaut_are_one(written: str) -> None:
    """What an umlaut is written as without one is read alike."""
    assert latin(fold(written)) == "muller"


@pytest.mark.parametrize(
    ("name", "code"), [("robert", "r163"), ("rupert", "r163"), ("tymczak", "t522"), ("lee", "l000")]
)
def test_soundex_is_the_published_one(name: str, code: str) -> None:
    """Names have the code that the National Archives give as examples."""
    assert sound(name) == code


@pytest.mark.parametrize(
    ("family", "reading"),
    [("曾", "zeng"), ("仇", "qiu"), ("解", "xie"), ("单", "shan"), ("查", "zha"), ("盖", "ge"), ("翟", "zhai"),
     ("吕", "lu"), ("欧阳", "ouyang"), ("尉迟", "yuchi"), ("王", "wang")],
)  # fmt: skip
def test_family_names_are_read_as_families_say_them(family: str, reading: str) -> None:
    """A family name with a reading of its own has that one."""
    assert latin(family_reading(family)) == reading


@pytest.mark.parametrize(
    ("name", "family", "given"),
    [
        ("欧阳小明", "ouyang", "xiaoming"),
        ("歐陽小明", "ouyang", "xiaoming"),
        ("張偉", "zhang", "wei"),
        ("张 伟", "zhang", "wei"),
        ("王先生", "wang", ""),
        ("张伟（销售）", "zhang", "wei"),
        ("Zhang Wei", "zhang", "wei"),
        ("ZHANG Wei", "zhang", "wei"),
        ("Wei ZHANG", "zhang", "wei"),
        ("Xiao Ming Wang", "wang", "xiaoming"),
        ("Wang Xiao-Ming", "wang", "xiaoming"),
        ("Lyu Wei", "lu", "wei"),
        ("Smith, John", "smith", "john"),
        ("Dr. John Smith Jr.", "smith", "john"),
        ("Ludwig van der Berg", "vanderberg", "ludwig"),
        ("Madonna", "", "madonna"),
        ("David 张", "zhang", "david"),
    ],
)
def test_the_parts_of_a_name_are_found(name: str, family: str, given: str) -> None:
    """A whole name is taken apart in the order of its language."""
    found = person_name(name, country="CN" if name.startswith(("Zhang", "Lyu")) else "")
    assert (found.family_read, found.given_read) == (family, given)


def test_given_parts_are_not_guessed_again() -> None:
    """Parts that are known are taken as they are."""
    found = person_name("Wei Li", family="Wei", given="Li")
    assert (found.family, found.given) == ("wei", "li")


@pytest.mark.parametrize(
    ("name", "core", "form", "place"),
    [
        ("四通网络有限公司", "四通网络", "ltd", ""),
        ("四通網絡有限公司", "四通网络", "ltd", ""),
        ("上海市四通网络有限责任公司", "四通网络", "ltd", "上海"),
        ("四通网络（上海）有限公司", "四通网络", "ltd", "上海"),
        ("北京四通网络股份有限公司", "四通网络", "plc", "北京"),
        ("广东省深圳市四通网络集团有限公司", "四通网络", "ltd", "深圳"),
        ("四通网络集团", "四通网络", "", ""),
        ("Acme GmbH & Co. KG", "acme", "lp", ""),
        ("ACME Ltd.", "acme", "ltd", ""),
        ("Acme Pty. Ltd.", "acme", "ltd", ""),
        ("Acme, Inc.", "acme", "plc", ""),
        ("Acme S.A.", "acme", "plc", ""),
        ("The Acme Company", "acme", "", ""),
        ("Shanghai Acme Co., Ltd.", "acme", "ltd", "shanghai"),
        ("Group", "group", "", ""),
    ],
)
def test_a_company_name_is_taken_apart(name: str, core: str, form: str, place: str) -> None:
    """The legal form and the place in front are told from what a company is called."""
    found = company_name(name)
    assert (found.core, found.form, found.place) == (core, form, place)


def test_a_branch_is_told_from_its_company() -> None:
    """What is called a branch has the company's name, and its own place."""
    found = company_name("四通网络有限公司杭州分公司")
    assert (found.core, found.branch) == ("四通网络", "杭州")


@pytest.mark.parametrize(
    ("text", "road", "numbers"),
    [
        ("12 High St.", "high street", "12"),
        ("Hauptstr. 5a", "hauptstrasse", "5a"),
        ("Hauptstraße 5a", "hauptstrasse", "5a"),
        ("浙江省杭州市西湖区文三路１２号３幢", "文三路", "12 3"),
        ("文三路12号3幢", "文三路", "12 3"),
        ("文三路十二号", "文三路", "12"),
        ("文三路一百零二号", "文三路", "102"),
        ("文三路一二号", "文三路", "12"),
    ],
)
def test_a_street_is_its_road_and_its_numbers(text: str, road: str, numbers: str) -> None:
    """Short forms are written out, what the address says elsewhere is left out, numbers stand apart."""
    assert street(text) == (road, numbers)


@pytest.mark.parametrize(
    ("written", "bare"), [("上海市", "上海"), ("St. Gallen", "street gallen"), ("呼和浩特市", "呼和浩特")]
)
def test_a_town_is_known_without_its_unit(written: str, bare: str) -> None:
    """The unit behind a Chinese place makes no difference."""
    assert town(written) == bare


def test_a_suburb_stands_for_a_town_that_is_not_given() -> None:
    """Where an address names a district alone, that is compared as its town."""
    assert address(PostalAddress(district="Garbutt")).city == "garbutt"


def test_providers_are_asked_by_choice_only() -> None:
    """Dots and tags in addresses of Gmail make no difference only where that was chosen."""
    written = "Jane.Doe+news@googlemail.com"
    assert contacts.email(written) == "jane.doe+news@googlemail.com"
    assert contacts.email(written, provider_rules=True) == "janedoe@gmail.com"
    assert contacts.email("jane.doe@example.org", provider_rules=True) == "jane.doe@example.org"


def test_the_same_name_at_two_domains_of_one_provider_is_two_mailboxes() -> None:
    """Of addresses of Outlook and its sisters the tag alone makes no difference."""
    assert contacts.email("a.b+c@hotmail.com", provider_rules=True) == "a.b@hotmail.com"


@pytest.mark.parametrize(
    ("number", "right"),
    [("11010519491231002X", True), ("110105194912310021", False), ("440524188001010014", True), ("123", False)],
)
def test_numbers_of_chinese_residents_are_checked(number: str, right: bool) -> None:
    """The examples of GB 11643 have the right check character."""
    assert contacts.is_chinese_identity(number) is right

"""Postal addresses in the forms in which they are compared: road, numbers, postal code, town, province.

Must not know which comparisons there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crmkit_quality.matching.places import PLACES, without_suffix
from crmkit_quality.matching.text import fold, has_chinese, words

if TYPE_CHECKING:
    from crmkit import PostalAddress

_SHORT = """
st street; str strasse; rd road; ave avenue; av avenue; blvd boulevard; dr drive; ln lane; ct court; cct circuit;
crt court; pl place; plz plaza; sq square; hwy highway; pkwy parkway; ter terrace; tce terrace; cres crescent;
cr crescent; cir circle; cl close; gdns gardens; gr grove; mt mount; n north; s south; e east; w west;
apt apartment; apmnt apartment; ste suite; fl floor; flr floor; bldg building; rm room; vlge village; ctr center;
centre center; hse house; pde parade; esp esplanade; platz platz; weg weg; pl. platz; bd boulevard; rte route;
chem chemin; imp impasse; all allee; via via; vle viale; pza piazza; c calle; avda avenida; rua rua
"""
_WHOLE: Mapping[str, str] = {
    short: whole for entry in _SHORT.split(";") if entry.strip() for short, whole in [entry.split()]
}
_GERMAN_STREET = re.compile(r"str(?:asse)?$")
_LEADING_UNIT = re.compile(
    r"^[\u4e00-\u9fff]{2,7}?(?:特别行政区|自治区|自治州|自治县|省|市|地区|盟|新区|区|县)(?=[\u4e00-\u9fff]{2})"
)
_NUMBER = re.compile(r"\d+[a-z]?")
_CHINESE_UNITS = re.compile(r"[号弄室栋幢座楼层单元院之第]+")
_DIGITS = {digit: place for place, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CHINESE_NUMBER = re.compile(r"[〇零一二两三四五六七八九十百]+(?=[号弄室栋幢座楼层])")
_POSTAL = re.compile(r"[^0-9a-z]+")


class Address(NamedTuple):
    """A postal address, folded; what is not known is empty. ``numbers`` are those of house and flat, in their order;
    ``road`` is the rest of the street."""

    road: str = ""
    numbers: str = ""
    postal_code: str = ""
    city: str = ""
    district: str = ""
    province: str = ""


def address(given: PostalAddress) -> Address:
    """Return a postal address in the forms in which it is compared."""
    road, numbers = street(given.street)
    city, district = town(given.city), town(given.district)
    return Address(
        road,
        numbers,
        _POSTAL.sub("", fold(given.postal_code)),
        city or district,
        district,
        town(given.province),
    )


@lru_cache(maxsize=4096)
def town(name: str) -> str:
    """Return a town, district or province as it is compared: without the unit that follows a Chinese one."""
    plain = fold(name)
    if has_chinese(plain):
        return without_suffix("".join(words(plain)))
    return " ".join(_WHOLE.get(each, each) if each in ("st", "mt") else each for each in words(plain))


@lru_cache(maxsize=4096)
def street(text: str) -> tuple[str, str]:
    """Return the road of a street with its words written out, and the numbers in it."""
    plain = fold(text)
    if not plain:
        return "", ""
    if has_chinese(plain):
        return _chinese_street(plain)
    road: list[str] = []
    numbers: list[str] = []
    for word in words(plain):
        if _NUMBER.fullmatch(word):
            numbers.append(word)
            continue
        whole = _WHOLE.get(word, word)
        road.append(_GERMAN_STREET.sub("strasse", whole) if len(whole) > 6 else whole)
    return " ".join(road), " ".join(numbers)


def _in_digits(text: str) -> str:
    """Return a Chinese number below a thousand in digits; one without tens and hundreds is read digit by digit."""
    if "十" not in text and "百" not in text:
        return "".join(str(_DIGITS[each]) for each in text)
    whole, last = 0, None
    for each in text:
        if each in "十百":
            whole += (1 if last is None else last) * (10 if each == "十" else 100)
            last = None
        else:
            last = _DIGITS[each]
    return str(whole + (last or 0))


def _chinese_street(plain: str) -> tuple[str, str]:
    text = "".join(words(plain)) if " " in plain and plain.isalpha() else plain.replace(" ", "")
    for _level in range(3):
        # A street often repeats province, city and district.
        shorter = _LEADING_UNIT.sub("", text, count=1)
        if shorter == text:
            known = next((text[:length] for length in (4, 3, 2) if text[:length] in PLACES), "")
            cut = len(known) and re.match(r"(?:省|市)", text[len(known) :])
            shorter = text[len(known) + 1 :] if cut else text
        if shorter == text or len(shorter) < 2:
            break
        text = shorter
    text = _CHINESE_NUMBER.sub(lambda found: _in_digits(found[0]), text)
    numbers = " ".join(_NUMBER.findall(text))
    road = _CHINESE_UNITS.sub("", _NUMBER.sub("", text))
    return "".join(words(road)), numbers

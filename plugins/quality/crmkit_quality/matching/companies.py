"""Names of organisations taken apart: what they are called, their legal form, the place in front.

Must not know which comparisons there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from crmkit_quality.matching.places import PLACES, without_suffix
from crmkit_quality.matching.text import fold, has_chinese, latin, reading, words

_CHINESE_FORMS = (
    ("集团股份有限公司", "plc"), ("股份有限公司", "plc"), ("有限责任公司", "ltd"), ("集团有限公司", "ltd"),
    ("有限公司", "ltd"), ("株式会社", "plc"), ("有限会社", "ltd"), ("有限合伙", "lp"), ("普通合伙", "lp"),
    ("合伙企业", "lp"), ("集团公司", ""), ("总公司", ""), ("股份公司", "plc"), ("公司", ""), ("集团", ""),
    ("个体工商户", ""), ("股份", "plc"),
)  # fmt: skip
_FORMS: Mapping[str, str] = {
    form: canonical
    for canonical, forms in {
        "ltd": "ltd|limited|co ltd|company limited|pty ltd|pte ltd|pvt ltd|private limited|proprietary limited|"
        "ltd co|co limited|sdn bhd|gmbh|mbh|sarl|srl|sl|bv|kft|doo|sro|sp z oo|spzoo|ooo|ltda|lda|aps|eurl|"
        "ug|ug haftungsbeschraenkt|ug haftungsbeschrankt|gesmbh|oue|uab|sia|sas|s de rl de cv|tov",
        "plc": "plc|inc|incorporated|corp|corporation|ag|sa|spa|nv|ab|as|asa|oyj|oy|kk|kabushiki kaisha|se|jsc|pjsc|"
        "bhd|sa de cv|public limited company|aktiengesellschaft|co inc|zrt|nyrt|dd|tbk|pao|oao",
        "llc": "llc|l l c|limited liability company",
        "lp": "lp|llp|kg|ohg|gmbh and co kg|gmbh co kg|ag and co kg|ag co kg|scs|snc|cv|vof|ek|gbr|partnership|"
        "se and co kg|kgaa|gmbh and co ohg",
        "ev": "ev|association|foundation|stiftung|verein",
        "": "co|company|cie|and co|group|holding|holdings|group holdings|gruppe|und co",
    }.items()
    for form in forms.split("|")
}
_LONGEST = max(form.count(" ") for form in _FORMS) + 1
_BRACKETS = re.compile(r"[(\[（【〔]\s*([^)\]）】〕]*?)\s*[)\]）】〕]")
_PLACE_UNIT = re.compile(
    r"^([\u4e00-\u9fff]{2,4}?)(?:特别行政区|壮族自治区|维吾尔自治区|回族自治区|自治区|自治州|省|市|县|区)"
)
_BRANCH = re.compile(r"^(.*?(?:公司|集团|银行))(.+?)(?:分公司|支公司|分行|支行|办事处|分店)$")


@cache
def _latin_places() -> frozenset[str]:
    return frozenset(reading(each) for each in PLACES)


class CompanyName(NamedTuple):
    """An organisation's name, folded; what is not known is empty.

    ``core`` is what it is called without form and place, ``read`` that in Latin letters, ``initials`` those of three
    and more words; ``form`` is the family of its legal form (ltd, plc, llc, lp, ev), whatever the country.
    """

    core: str = ""
    read: str = ""
    form: str = ""
    place: str = ""
    branch: str = ""
    initials: str = ""


@lru_cache(maxsize=4096)
def company_name(name: str) -> CompanyName:
    """Return an organisation's name in the forms in which it is compared."""
    plain = fold(name)
    if has_chinese(plain):
        return _chinese(plain)
    return _latin(plain)


def _chinese(plain: str) -> CompanyName:
    place = branch = form = ""
    for inside in _BRACKETS.findall(plain):
        town = without_suffix(inside)
        if town in PLACES:
            place = town
        elif inside in ("有限合伙", "普通合伙"):
            form = "lp"
    core = "".join(words(_BRACKETS.sub("", plain)))
    branched = _BRANCH.match(core)
    if branched:
        core, branch = branched[1], without_suffix(branched[2])
    changed = True
    while changed:
        changed = False
        for ending, canonical in _CHINESE_FORMS:
            if core.endswith(ending) and len(core) - len(ending) >= 2:
                core, form, changed = core.removesuffix(ending), form or canonical, True
                break
    front, rest = _place_in_front(core)
    if front and len(rest) >= 2:
        core, place = rest, place or front
    return CompanyName(core, latin(reading(core)), form, place, branch, "")


def _place_in_front(core: str) -> tuple[str, str]:
    """Return the place that a name begins with, the nearest of several, and what follows."""
    place, rest = "", core.removeprefix("中国") if len(core) > 5 else core
    for _level in range(3):
        unit = _PLACE_UNIT.match(rest)
        if unit and (unit[1] in PLACES or len(rest) - unit.end() >= 4) and len(rest) > unit.end() + 1:
            place, rest = unit[1], rest[unit.end() :]
            continue
        known = next((rest[:length] for length in (4, 3, 2) if rest[:length] in PLACES), "")
        if known and len(rest) - len(known) >= 2:
            place, rest = known, rest[len(known) :]
            continue
        break
    return (place, rest) if place else ("", core)


def _latin(plain: str) -> CompanyName:
    place = ""
    for inside in _BRACKETS.findall(plain):
        if inside in _latin_places() or inside in ("china", "uk", "usa", "us", "hk", "hong kong", "germany", "france"):
            place = inside
    text = _BRACKETS.sub(" ", plain).replace("&", " and ").replace("+", " and ")
    parts = words(text.replace(".", "").replace("'", ""))
    form = ""
    changed = True
    while changed and len(parts) > 1:
        changed = False
        for length in range(min(_LONGEST, len(parts) - 1), 0, -1):
            canonical = _FORMS.get(" ".join(parts[-length:]))
            if canonical is not None:
                parts, form, changed = parts[:-length], form or canonical, True
                break
    while len(parts) > 1 and parts[-1] in ("and", "und", "et", "y"):
        parts = parts[:-1]
    if len(parts) > 1 and parts[0] in ("the", "firma", "fa"):
        parts = parts[1:]
    if len(parts) > 1 and parts[0] in _latin_places():
        place, parts = place or parts[0], parts[1:]
    named = [each for each in parts if each not in ("and", "of", "the", "und", "fur", "for", "et", "de", "y")]
    initials = "".join(each[0] for each in named) if len(named) >= 3 else ""
    return CompanyName(" ".join(parts), latin("".join(parts)), form, place, "", initials)

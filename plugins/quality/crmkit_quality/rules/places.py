"""Places of China as the registers write them: provinces, and the cities that lie in each.

From the codes of administrative divisions that come with python-stdnum. Must not know customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

_SUFFIXES = (
    "特别行政区",
    "特別行政區",
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "自治州",
    "地区",
    "省",
    "市",
    "盟",
)
_PEOPLES = (
    "土家族苗族", "藏族羌族", "布依族苗族", "苗族侗族", "哈尼族彝族", "傣族景颇族", "蒙古族藏族", "朝鲜族", "土家族",
    "傈僳族", "白族", "傣族", "彝族", "藏族", "壮族", "回族", "苗族", "蒙古", "哈萨克", "柯尔克孜",
)  # fmt: skip
_SIMPLIFIED = {"香港特別行政區": "香港特别行政区", "澳門特別行政區": "澳门特别行政区"}
_UNNAMED = ("市辖区", "县", "省直辖", "自治区直辖", "行政区划", "直辖")


def short_place(name: str) -> str:
    """Return the name of a place without what kind of division it is: 杭州市 is 杭州, 广西壮族自治区 is 广西."""
    plain = "".join(name.split())
    for suffix in _SUFFIXES:
        if plain.endswith(suffix) and len(plain) > len(suffix) + 1:
            plain = plain.removesuffix(suffix)
            break
    for people in _PEOPLES:
        if plain.endswith(people) and len(plain) > len(people) + 1:
            return plain.removesuffix(people)
    return plain


@lru_cache(maxsize=1)
def divisions() -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """Return the provinces by their short names: the full name, and the cities that lie there, their full names by
    their short ones. Those that stand directly below a province, and municipalities themselves, are among them."""
    from stdnum import numdb

    base = numdb.get("cn/loc")
    found: dict[str, tuple[str, Mapping[str, str]]] = {}
    for first in range(11, 83):
        province = ""
        cities: dict[str, str] = {}
        for second in range(100):
            for third in (0, *range(1, 100)) if second in (90,) else (0,):
                info = {
                    key: value
                    for _part, properties in base.info(f"{first:02}{second:02}{third:02}")
                    for key, value in properties.items()
                }
                province = info.get("province", province)
                for short, full in _names(info.get("county", "")).items() if second or third else ():
                    # What is a city today was often a prefecture of the same name before.
                    if short not in cities or full.endswith("市"):
                        cities[short] = full
        province = _SIMPLIFIED.get(province, province)
        if province:
            short = short_place(province)
            if province.endswith("市"):
                cities = {short: province}
            found[short] = (province, cities)
    return found


def _names(counties: str) -> dict[str, str]:
    """Return the names that stand under one code, the former ones included, by their short forms."""
    plain = [each.rpartition("]")[2] for each in counties.split(",")]
    full = {short_place(each): each for each in plain if each and not any(part in each for part in _UNNAMED)}
    return {short: name for short, name in full.items() if len(short) > 1 and short != "林区"}


@lru_cache(maxsize=1)
def latin_names() -> Mapping[str, str]:
    """Return the short names of provinces and of cities by their spelling in Latin letters: hangzhou is 杭州. Spellings
    that stand for several places are left out."""
    from pypinyin import lazy_pinyin

    found: dict[str, str] = {
        "shaanxi": "陕西",
        "hong kong": "香港",
        "hongkong": "香港",
        "macau": "澳门",
        "macao": "澳门",
    }
    doubtful: set[str] = set()
    names = {name for province, (_full, cities) in divisions().items() for name in (province, *cities)}
    for name in sorted(names):
        latin = "".join(lazy_pinyin(name))
        if found.get(latin, name) != name and latin != "shanxi":
            doubtful.add(latin)
        found[latin] = "山西" if latin == "shanxi" else name
    for spoken in (("haerbin", "harbin"), ("wulumuqi", "urumqi"), ("huhehaote", "hohhot"), ("xizang", "tibet"),
                   ("neimenggu", "inner mongolia"), ("lasa", "lhasa")):  # fmt: skip
        if spoken[0] in found:
            found[spoken[1]] = found[spoken[0]]
    return {latin: name for latin, name in found.items() if latin not in doubtful}


def chinese_place(text: str) -> str:
    """Return the short Chinese name of a place for its name in Chinese or in Latin letters; empty where unknown."""
    plain = " ".join(text.split())
    if not plain.isascii():
        return short_place(plain)
    bare = plain.lower().replace("'", "")
    for suffix in (" province", " city", " shi", " sheng", " municipality", " autonomous region"):
        bare = bare.removesuffix(suffix)
    return latin_names().get(bare) or latin_names().get(bare.replace(" ", ""), "")


def full_province(text: str) -> str | None:
    """Return the full Chinese name of a province: 浙江 is 浙江省. None for what is none."""
    known = divisions().get(short_place(text))
    return None if known is None else known[0]


def full_city(text: str, province: str = "") -> str | None:
    """Return the full Chinese name of a city: 杭州 is 杭州市. None for one that is not known in the province or, where
    that is not said, to be one alone."""
    short = short_place(text)
    within = divisions().get(chinese_place(province))
    if within is not None:
        return within[1].get(short)
    found = {cities[short] for _full, cities in divisions().values() if short in cities}
    return found.pop() if len(found) == 1 else None


def lies_in(city: str, province: str) -> bool | None:
    """Say whether a city lies in a province; None where either is not known."""
    known = divisions().get(chinese_place(province))
    place = chinese_place(city)
    if known is None or not known[1] or not place or not any(place in cities for _full, cities in divisions().values()):
        return None
    return place in known[1]

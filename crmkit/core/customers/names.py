"""Names of people as they are written: whole names from their parts, the parts of Chinese names, and what names are
sorted and compared by.

Must not touch the database.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from attrs import frozen

_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_CJK_NAME = re.compile(rf"{_CJK.pattern}(?:[·•]{_CJK.pattern})*")
_SPACE = re.compile(r"\s+")
KEY_LENGTH = 300

_COMPOUND = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容
仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐
段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 西门 第五 南荣 东里 东宫 仲长 即墨 达奚 褚师 单于
歐陽 司馬 東方 獨孤 南宮 諸葛 尉遲 赫連 濮陽 公孫 鍾離 長孫 鮮于 軒轅 單于 東郭 西門 閭丘 樂正 穀梁 聞人
"""
COMPOUND_SURNAMES = frozenset(_COMPOUND.split())
"""Chinese family names of two characters, in simplified and traditional forms."""


@frozen(kw_only=True)
class NameParts:
    """The parts of a person's name; what is not known is None."""

    family: str | None = None
    given: str | None = None
    middle: str | None = None


def is_chinese(name: str) -> bool:
    """Say whether a name is written in Chinese characters throughout."""
    return _CJK_NAME.fullmatch(name.strip()) is not None


def whole_name(parts: NameParts) -> str:
    """Return a name from its parts as people write it: 王小明, but Mary Ann Smith."""
    if all(part is None or is_chinese(part) for part in (parts.family, parts.given, parts.middle)):
        return "".join(part.strip() for part in (parts.family, parts.middle, parts.given) if part)
    return " ".join(part.strip() for part in (parts.given, parts.middle, parts.family) if part)


def split_name(name: str) -> NameParts:
    """Return the parts of a Chinese name of two to four characters; of any other name nothing is guessed."""
    name = name.strip()
    if not 2 <= len(name) <= 4 or not _CJK.fullmatch(name):
        return NameParts()
    length = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    if len(name) - length > 2:
        # Four characters without a compound surname: two surnames joined by marriage, or not a person's name at all.
        return NameParts()
    return NameParts(family=name[:length], given=name[length:])


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """Return what equal texts have in common whatever their case, width, composition and spaces."""
    if text.isascii():
        return _SPACE.sub(" ", text).strip().casefold()[:KEY_LENGTH]
    wide = unicodedata.normalize("NFKC", text).casefold()
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", wide)).strip()[:KEY_LENGTH]


def sort_name(name: str, parts: NameParts) -> str:
    """Return what a name is sorted by: the family name first where it is known."""
    if parts.family and parts.given and not is_chinese(name):
        return folded(f"{parts.family} {parts.given} {parts.middle or ''}")
    return folded(name) or name[:KEY_LENGTH]

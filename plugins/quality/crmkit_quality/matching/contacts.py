"""E-mail addresses, phone numbers, web sites and numbers of registers in the forms in which they are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import urlsplit

from attrs import frozen


@frozen(kw_only=True, slots=True)
class Provider:
    """What a provider of e-mail takes no notice of: dots in the local part, and what follows one of ``tags`` in it.
    ``domain`` is what its other domains stand for."""

    domain: str
    dots: bool = False
    tags: str = "+"


_GMAIL = Provider(domain="gmail.com", dots=True)
PROVIDERS: Mapping[str, Provider] = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    **{name: Provider(domain="outlook.com") for name in ("outlook.com", "hotmail.com", "live.com")},
    **{name: Provider(domain="icloud.com") for name in ("icloud.com", "me.com", "mac.com")},
    **{name: Provider(domain=name) for name in ("fastmail.com", "fastmail.fm")},
    **{name: Provider(domain="proton.me") for name in ("proton.me", "protonmail.com", "pm.me")},
    **{name: Provider(domain="yandex.ru") for name in ("yandex.ru", "yandex.com", "ya.ru")},
    "yahoo.com": Provider(domain="yahoo.com", tags="-"),
}
"""Of outlook.com and its sisters only the tags are dropped: the same name at two of them is two people's."""
_KEEP_DOMAIN = frozenset(("outlook.com", "hotmail.com", "live.com"))
_FREE = """
qq.com 163.com 126.com 139.com 189.cn sina.com sina.cn sohu.com foxmail.com yeah.net aliyun.com 21cn.com
vip.qq.com vip.163.com gmx.de gmx.net gmx.com web.de t-online.de freenet.de aol.com msn.com mail.ru orange.fr
free.fr laposte.net libero.it hotmail.co.uk yahoo.co.uk yahoo.co.jp naver.com daum.net example.com example.org
wo.cn tom.com hotmail.fr hotmail.de yahoo.fr yahoo.de yahoo.com.tw yahoo.com.hk
"""
FREE = frozenset((*PROVIDERS, *_FREE.split()))
"""Domains that say nothing of an employer."""
_GENERIC = """
info sales office admin contact hello mail support service kontakt post webmaster marketing hr jobs accounts
billing enquiries kefu market noreply no-reply team home reception bestellung buchhaltung
"""
GENERIC = frozenset(_GENERIC.split())
"""Local parts that belong to an office, not to a person."""
_NUMBER = re.compile(r"[^0-9A-Z]+")


def email(value: str, *, provider_rules: bool = False) -> str:
    """Return an e-mail address as it is compared: width and case aside and, with ``provider_rules``, what its provider
    takes no notice of."""
    plain = unicodedata.normalize("NFKC", value).strip().casefold()
    local, at, domain = plain.rpartition("@")
    if not at:
        return plain
    provider = PROVIDERS.get(domain) if provider_rules else None
    if provider is not None:
        kept = local.partition(provider.tags)[0] or local
        local = (kept.replace(".", "") or kept) if provider.dots else kept
        domain = domain if domain in _KEEP_DOMAIN else provider.domain
    return f"{local}@{domain}"


def phone(value: str) -> str:
    """Return a phone number as it is compared: a plus sign where it has its country code, its digits, and ``x`` with an
    extension."""
    plain = unicodedata.normalize("NFKC", value).casefold()
    number, mark, extension = plain.partition("x")
    digits = "".join(each for each in number if each.isdigit())
    if not digits:
        return ""
    digits = f"+{digits}" if number.lstrip().startswith("+") else digits
    return f"{digits}x{extension}" if mark and extension.isdigit() else digits


def site(value: str) -> str:
    """Return the host of a web address without www."""
    plain = value.strip().lower()
    if not plain:
        return ""
    try:
        host = urlsplit(plain if "://" in plain else f"//{plain}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.").strip(".")


def number(value: str) -> str:
    """Return the number of an identity document or a register: letters and digits alone."""
    return _NUMBER.sub("", unicodedata.normalize("NFKC", value).upper())


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_REST = "10X98765432"


def is_chinese_identity(value: str) -> bool:
    """Say whether a number is one of a Chinese resident with the right check character (GB 11643: MOD 11-2)."""
    if len(value) != 18 or not value[:17].isdigit():
        return False
    return _REST[sum(int(digit) * weight for digit, weight in zip(value, _WEIGHTS, strict=False)) % 11] == value[17]

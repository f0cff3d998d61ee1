"""What can be checked of one customer beyond expressions: check digits, numbers, places, names.

Each check says of a profile whether it has something to say, and whether the data is right. Pure; what a check sees is
sealed data, so its answer is a yes or no and nothing else. Must not know rules, sessions or tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Literal

from attrs import frozen

from crmkit import CustomerProfile, texts
from crmkit_quality.rules.places import lies_in

_ = texts("crmkit_quality")

Aspect = Literal["completeness", "validity", "consistency"]

OLDEST = 120
"""Years beyond which nobody lives."""
_NO_NAMES = re.compile(
    r"(?i)\W*(n/?a|null|none|nil|unknown|test\w*|asdf\w*|qwert\w*|x{2,}|-+|\?+|无|没有|未知|不详|测试\w*|匿名|先生|女士)\W*"
)
_REPEATED = re.compile(r"(.)\1{3,}")


@frozen(kw_only=True)
class Check:
    """A check of one customer.

    ``about`` is the field that it checks; ``applies(profile, today)`` says whether there is something to check, and
    ``holds(profile, today)`` whether that is right.
    """

    name: str
    title: str
    about: str
    aspect: Aspect
    applies: Callable[[CustomerProfile, date], bool]
    holds: Callable[[CustomerProfile, date], bool]


# --- ways of contact --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def is_email(value: str) -> bool:
    """Say whether a text is an e-mail address that mail could be sent to, by its form."""
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(value, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


@lru_cache(maxsize=8192)
def phone_country(value: str) -> str | None:
    """Return the country that a phone number in E.164 is in use in, or None for a number that is in use nowhere. The
    extension behind an ``x`` is left out."""
    import phonenumbers

    try:
        number = phonenumbers.parse(value.partition("x")[0], None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.region_code_for_number(number) or ""


def _phone_of_country(profile: CustomerProfile, today: date) -> bool:
    found = {phone_country(value) for value in profile.phones}
    # A number that is in use nowhere is not of another country; that it is in use nowhere, another rule says.
    return profile.country in found or not any(found)


# --- numbers with check digits ----------------------------------------------------------------------------------------


@frozen(kw_only=True)
class ResidentNumber:
    """What the number of a Chinese resident identity card tells: the day of birth, and the gender."""

    birth_date: date
    gender: Literal["male", "female"]


def resident_number(text: str) -> ResidentNumber | None:
    """Return what the number of a Chinese resident identity card tells, or None for what is not one: 18 characters
    with a day that there was and the right check digit."""
    plain = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", plain):
        return None
    from stdnum.cn import ric
    from stdnum.exceptions import ValidationError

    try:
        born = ric.get_birth_date(plain)
    except ValidationError:
        return None
    if ric.calc_check_digit(plain) != plain[-1]:
        return None
    return ResidentNumber(birth_date=born, gender="male" if int(plain[16]) % 2 else "female")


def looks_resident(text: str) -> bool:
    """Say whether a text has the form of the number of a Chinese resident identity card, right or not."""
    return re.fullmatch(r"\d{17}[\dXx]", re.sub(r"[\s-]", "", text)) is not None


_GENDERS: Mapping[str, str] = {
    "male": "male", "m": "male", "man": "male", "男": "male", "男性": "male", "先生": "male",
    "female": "female", "f": "female", "woman": "female", "女": "female", "女性": "female", "女士": "female",
}  # fmt: skip


def gender_of(text: str) -> str:
    """Return male or female for the usual words, else an empty text."""
    return _GENDERS.get(text.strip().casefold(), "")


def _agrees_with_birth(profile: CustomerProfile, today: date) -> bool:
    number = resident_number(profile.identity_number)
    return number is None or number.birth_date == profile.birth_date


def _agrees_with_gender(profile: CustomerProfile, today: date) -> bool:
    number = resident_number(profile.identity_number)
    return number is None or number.gender == gender_of(profile.gender)


_REGISTERS: Mapping[str, tuple[str, ...]] = {
    "CN": ("stdnum.cn.uscc",),
    "FR": ("stdnum.fr.siren", "stdnum.fr.siret"),
    "JP": ("stdnum.jp.cn",),
    "AU": ("stdnum.au.abn", "stdnum.au.acn"),
    "BR": ("stdnum.br.cnpj",),
    "NO": ("stdnum.no.orgnr",),
    "SE": ("stdnum.se.orgnr",),
    "DK": ("stdnum.dk.cvr",),
    "FI": ("stdnum.fi.ytunnus",),
    "CH": ("stdnum.ch.uid",),
    "EE": ("stdnum.ee.registrikood",),
    "NL": ("stdnum.nl.btw",),
    "TW": ("stdnum.tw.ubn",),
    "RU": ("stdnum.ru.inn",),
    "IN": ("stdnum.in_.gstin",),
    "IT": ("stdnum.it.iva",),
    "ES": ("stdnum.es.cif", "stdnum.es.nif"),
    "PL": ("stdnum.pl.nip", "stdnum.pl.regon"),
}
"""By country the numbers that organisations are registered under and that have check digits."""


def registration_number_holds(country: str, number: str) -> bool | None:
    """Say whether a registration number has the check digits of its country; None where that cannot be told."""
    from importlib import import_module

    modules = _REGISTERS.get(country)
    if modules is None:
        return None
    return any(import_module(name).is_valid(number) for name in modules)


# --- places -----------------------------------------------------------------------------------------------------------

_POSTCODES: Mapping[str, str] = {
    "CN": r"\d{6}", "DE": r"\d{5}", "US": r"\d{5}(-\d{4})?", "FR": r"\d{5}", "IT": r"\d{5}", "ES": r"\d{5}",
    "GB": r"(?i)[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|GIR ?0AA", "AT": r"\d{4}", "CH": r"\d{4}", "BE": r"\d{4}",
    "NL": r"(?i)\d{4} ?[A-Z]{2}", "DK": r"\d{4}", "NO": r"\d{4}", "SE": r"\d{3} ?\d{2}", "FI": r"\d{5}",
    "PL": r"\d{2}-\d{3}", "CZ": r"\d{3} ?\d{2}", "PT": r"\d{4}(-\d{3})?", "JP": r"\d{3}-?\d{4}", "KR": r"\d{5}",
    "AU": r"\d{4}", "NZ": r"\d{4}", "CA": r"(?i)[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?\d[ABCEGHJ-NPRSTV-Z]\d",
    "BR": r"\d{5}-?\d{3}", "IN": r"[1-9]\d{2} ?\d{3}", "RU": r"\d{6}", "SG": r"\d{6}", "TW": r"\d{3}(\d{2,3})?",
    "MX": r"\d{5}", "TR": r"\d{5}", "IE": r"(?i)[A-Z]\d[\dW] ?[A-Z\d]{4}", "GR": r"\d{3} ?\d{2}", "HU": r"\d{4}",
    "RO": r"\d{6}", "UA": r"\d{5}", "MY": r"\d{5}", "TH": r"\d{5}", "VN": r"\d{5,6}", "ID": r"\d{5}", "ZA": r"\d{4}",
}  # fmt: skip
"""By country what postal codes look like."""


def _postcodes(profile: CustomerProfile) -> list[tuple[str, str]]:
    found = [(address.country or profile.country, address.postal_code.strip()) for address in profile.addresses]
    return [(country, code) for country, code in found if code and country in _POSTCODES]


def _chinese(profile: CustomerProfile) -> bool:
    return profile.country in ("CN", "") and bool(profile.province) and bool(profile.city)


# --- names and days ---------------------------------------------------------------------------------------------------


def is_name(text: str) -> bool:
    """Say whether a text can be a name: it has letters, and is no filler such as "n/a", "test" or "无"."""
    plain = text.strip()
    return any(char.isalpha() for char in plain) and not _NO_NAMES.fullmatch(plain) and not _REPEATED.search(plain)


def _plausible_birth(profile: CustomerProfile, today: date) -> bool:
    born = profile.birth_date
    if born is None:
        return True
    # The first of January 1900, 1970 and 1901 is what programs write who do not know.
    return born <= today and today.year - born.year <= OLDEST and born not in _FILLERS


_FILLERS = frozenset({date(1900, 1, 1), date(1901, 1, 1), date(1970, 1, 1)})


CHECKS: Mapping[str, Check] = {
    check.name: check
    for check in (
        Check(
            name="name",
            title=_("The name is a name"),
            about="name",
            aspect="validity",
            applies=lambda profile, today: bool(profile.name),
            holds=lambda profile, today: is_name(profile.name),
        ),
        Check(
            name="email",
            title=_("E-mail addresses are valid"),
            about="email",
            aspect="validity",
            applies=lambda profile, today: bool(profile.emails),
            holds=lambda profile, today: all(map(is_email, profile.emails)),
        ),
        Check(
            name="phone",
            title=_("Phone numbers are in use"),
            about="phone",
            aspect="validity",
            applies=lambda profile, today: bool(profile.phones),
            holds=lambda profile, today: all(phone_country(value) is not None for value in profile.phones),
        ),
        Check(
            name="phone_country",
            title=_("A phone number is of the customer's country"),
            about="phone",
            aspect="consistency",
            applies=lambda profile, today: bool(profile.phones and profile.country),
            holds=_phone_of_country,
        ),
        Check(
            name="registration_number",
            title=_("The registration number has the right check digit"),
            about="registration_number",
            aspect="validity",
            applies=lambda profile, today: (
                bool(profile.registration_number)
                and registration_number_holds(profile.country, profile.registration_number) is not None
            ),
            holds=lambda profile, today: (
                registration_number_holds(profile.country, profile.registration_number) is not False
            ),
        ),
        Check(
            name="resident_number",
            title=_("The number of the resident identity card has the right check digit"),
            about="identity_number",
            aspect="validity",
            applies=lambda profile, today: looks_resident(profile.identity_number),
            holds=lambda profile, today: resident_number(profile.identity_number) is not None,
        ),
        Check(
            name="resident_birth_date",
            title=_("The number of the resident identity card agrees with the date of birth"),
            about="birth_date",
            aspect="consistency",
            applies=lambda profile, today: (
                profile.birth_date is not None and resident_number(profile.identity_number) is not None
            ),
            holds=_agrees_with_birth,
        ),
        Check(
            name="resident_gender",
            title=_("The number of the resident identity card agrees with the gender"),
            about="gender",
            aspect="consistency",
            applies=lambda profile, today: (
                bool(gender_of(profile.gender)) and resident_number(profile.identity_number) is not None
            ),
            holds=_agrees_with_gender,
        ),
        Check(
            name="postcode",
            title=_("Postal codes are those of their country"),
            about="address",
            aspect="validity",
            applies=lambda profile, today: bool(_postcodes(profile)),
            holds=lambda profile, today: all(
                re.fullmatch(_POSTCODES[country], code) for country, code in _postcodes(profile)
            ),
        ),
        Check(
            name="birth_date",
            title=_("The date of birth is plausible"),
            about="birth_date",
            aspect="validity",
            applies=lambda profile, today: profile.birth_date is not None,
            holds=_plausible_birth,
        ),
        Check(
            name="city_in_province",
            title=_("The city lies in the province"),
            about="city",
            aspect="consistency",
            applies=lambda profile, today: _chinese(profile) and lies_in(profile.city, profile.province) is not None,
            holds=lambda profile, today: lies_in(profile.city, profile.province) is not False,
        ),
    )
}
"""The checks by name."""

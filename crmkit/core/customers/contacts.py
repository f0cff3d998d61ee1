"""Normal forms of contact points: how an e-mail address, a phone number, a postal address is kept, and what equal ones
have in common.

Must not touch the database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen

from crmkit.core.business.standards import country, named, refused
from crmkit.core.customers.names import folded, is_chinese
from crmkit.errors import InvalidInput
from crmkit.i18n import texts

_ = texts("crmkit")

KINDS = ("email", "phone", "address", "social", "web")
ADDRESS_PARTS = ("street", "district", "postal_code", "city", "province", "country")
_NORMAL_PHONE = re.compile(r"(\+[1-9][0-9]{6,14})(?:(?:;ext=|x)([0-9]{1,12}))?")
_EXTENSION = re.compile(r"[0-9]{1,12}")
_PLAIN_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")


@frozen(kw_only=True)
class Contact:
    """A contact point in its normal form. ``match_key`` is what equal ones have in common."""

    kind: str
    value: str
    match_key: str
    label: str | None = None
    details: Mapping[str, Any] = field(factory=dict[str, Any])


def normalise(kind: str, value: str, *, region: str | None = None, details: Mapping[str, Any] | None = None) -> Contact:
    """Return a contact point in its normal form.

    ``region`` is the country whose way of dialling a phone number without country code is taken for. Raises
    InvalidInput with one problem, without a field.
    """
    if kind == "email":
        return normalise_email(value)
    if kind == "phone":
        extension = (details or {}).get("extension")
        written = extension and value.strip() and _EXTENSION.fullmatch(str(extension))
        found = normalise_phone(value, region)
        # The extension may come apart from the number, as it is kept.
        return found if found.details or not written else normalise_phone(f"{found.value};ext={extension}")
    if kind == "address":
        return normalise_address(value, details or {})
    plain = value.strip()
    if not plain:
        raise refused(_("This is empty."), hint=_("Give a value, or leave it out."), value=value)
    if kind == "web":
        return Contact(kind="web", value=website(plain), match_key=folded(plain), details=dict(details or {}))
    return Contact(kind=kind, value=plain, match_key=folded(plain.removeprefix("@")), details=dict(details or {}))


def match_key(kind: str, value: str, *, region: str | None = None) -> str | None:
    """Return what a contact value is looked up by, or None when it is not a valid one."""
    # What is in its normal form already is not taken apart again: an import asks for every row.
    if kind == "phone":
        dialled = _NORMAL_PHONE.fullmatch(value)
        if dialled:
            return f"{dialled[1]}x{dialled[2]}" if dialled[2] else dialled[1]
    elif kind == "email" and value.isascii() and _PLAIN_EMAIL.fullmatch(value):
        return value.lower()
    try:
        return normalise(kind, value, region=region).match_key
    except InvalidInput:
        return None


def normalise_email(value: str) -> Contact:
    """Return an e-mail address as it was written, without the spaces around it; compared without regard to case.

    Internationalised addresses are accepted; whether mail arrives is not asked. Raises InvalidInput.
    """
    return _email(value)


@lru_cache(maxsize=4096)
def _email(value: str) -> Contact:
    from email_validator import EmailNotValidError, validate_email

    plain = value.strip(" ")
    try:
        found = validate_email(plain, check_deliverability=False)
    except EmailNotValidError:
        raise refused(
            _("This is not an e-mail address."), hint=_("It should look like name@example.com."), value=value
        ) from None
    return Contact(kind="email", value=plain, match_key=f"{found.local_part.casefold()}@{found.ascii_domain.lower()}")


def normalise_phone(value: str, region: str | None = None) -> Contact:
    """Return a phone number in E.164, its extension in the details.

    A number without country code is taken as dialled in ``region``. Raises InvalidInput for what is not a number in
    use, and for a number without country code where no region is known.
    """
    return _phone(value, region.upper() if region else None)


@lru_cache(maxsize=4096)
def _phone(value: str, region: str | None) -> Contact:
    import phonenumbers

    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE and region is None:
            raise refused(
                _("It is not known to which country this phone number belongs."),
                hint=_("Write it with its country code, such as +86 138 0013 8000, or give the customer's country."),
                value=value,
            ) from None
        raise refused(
            _("This is not a phone number."), hint=_("It should look like +86 138 0013 8000."), value=value
        ) from None
    if not phonenumbers.is_valid_number(number):
        raise refused(
            _("No such phone number is in use in the country with code +{dialling}."),
            hint=_("Check its digits and its country code."),
            value=value,
            dialling=number.country_code,
        )
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.extension:
        return Contact(
            kind="phone", value=plain, match_key=f"{plain}x{number.extension}", details={"extension": number.extension}
        )
    return Contact(kind="phone", value=plain, match_key=plain)


def normalise_address(value: str, details: Mapping[str, Any]) -> Contact:
    """Return a postal address: as written in one text, and its parts where they are known.

    Without a text, one is made of the parts: the largest first in Chinese, the smallest first elsewhere. Raises
    InvalidInput.
    """
    parts: dict[str, Any] = {name: text for name, text in details.items() if text not in (None, "")}
    if "country" in parts:
        try:
            parts["country"] = country(str(parts["country"]))
        except InvalidInput as error:
            raise InvalidInput([named(problem, "country") for problem in error.problems]) from None
    written = value.strip() or written_address(parts)
    if not written:
        raise refused(_("This address is empty."), hint=_("Give a value, or leave it out."), value=value)
    return Contact(kind="address", value=written[:1000], match_key=folded(written), details=parts)


def written_address(parts: Mapping[str, Any]) -> str:
    """Return an address of parts in one text."""
    texts_of = {name: str(parts[name]).strip() for name in ADDRESS_PARTS if parts.get(name) and name != "country"}
    local = [texts_of[name] for name in ("street", "city", "province") if name in texts_of]
    if local and any(is_chinese(text[:1]) for text in local):
        order = [texts_of[name] for name in ("province", "city", "district", "street") if name in texts_of]
        whole = "".join(text for place, text in enumerate(order) if text not in order[:place])
        return f"{texts_of['postal_code']} {whole}" if "postal_code" in texts_of else whole
    town = " ".join(texts_of[name] for name in ("postal_code", "city") if name in texts_of)
    return ", ".join(
        text for text in (texts_of.get("street"), texts_of.get("district"), town, texts_of.get("province")) if text
    )


def website(value: str) -> str:
    """Return the address of a web page as it was written. Raises InvalidInput for what a browser should not open."""
    plain = value.strip()
    try:
        parts = urlsplit(plain if "://" in plain else f"https://{plain}")
        host = parts.hostname or ""
    except ValueError:
        host = ""
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or "." not in host.strip(".") or re.search(r"[\s<>\"'`]", plain):
        raise refused(
            _("This is not the address of a web page."), hint=_("It should look like https://example.com."), value=value
        )
    return plain

"""Operations on the settings of the business and on exchange rates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import attrs
from sqlalchemy import select, tuple_

from crmkit.configuration import branding
from crmkit.configuration.events import BusinessConfigured, CurrencyRatesSet
from crmkit.core.business import standards
from crmkit.core.business.config import bump
from crmkit.core.business.models import Business, CurrencyRate
from crmkit.core.operations.events import BATCH
from crmkit.core.operations.inputs import UNSET, Input, UnsetType, given
from crmkit.core.operations.operation import operation
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError, InvalidInput, Problem
from crmkit.i18n import LANGUAGES, normalise_language, texts

_ = texts("crmkit")


@attrs.frozen(kw_only=True)
class BusinessSettings:
    """Settings of the business; what is not given stays, or has its default when they are made."""

    name: Annotated[str | UnsetType, Input(title=_("Name"), max_length=200, classified="public")] = UNSET
    base_currency: Annotated[str | UnsetType, Input(title=_("Base currency"), classified="public")] = UNSET
    zone: Annotated[str | UnsetType, Input(title=_("Time zone"), max_length=60, classified="public")] = UNSET
    country: Annotated[str | UnsetType | None, Input(title=_("Country"), max_length=100, classified="public")] = UNSET
    province: Annotated[str | UnsetType | None, Input(title=_("Province"), max_length=120, classified="public")] = UNSET
    city: Annotated[str | UnsetType | None, Input(title=_("City"), max_length=120, classified="public")] = UNSET
    fiscal_year_start: Annotated[
        int | UnsetType,
        Input(title=_("First month of the fiscal year"), minimum=1, maximum=12, classified="public"),
    ] = UNSET
    language: Annotated[str | UnsetType, Input(title=_("Language"), max_length=20, classified="public")] = UNSET
    accent: Annotated[
        str | UnsetType | None,
        Input(
            title=_("Accent colour"), help=_("Colour of public pages, as #1a5fb4."), max_length=7, classified="public"
        ),
    ] = UNSET
    logo: Annotated[
        str | UnsetType | None,
        Input(
            title=_("Logo"),
            help=_("A PNG, JPEG, GIF or WebP of at most 12 kB, as a data: address, for public pages."),
            max_length=branding.LONGEST,
            classified="public",
        ),
    ] = UNSET


def _language(value: str) -> str:
    found = normalise_language(value)
    if found not in LANGUAGES:
        raise standards.refused(
            _("crmkit does not speak this language."),
            hint=_("Possible: {languages}."),
            value=value,
            languages=", ".join(LANGUAGES),
        )
    return found


_CHECKS = {
    "base_currency": standards.currency,
    "zone": standards.time_zone,
    "country": standards.country,
    "language": _language,
    "accent": branding.colour,
    "logo": branding.picture,
}


@operation("business.configure", title=_("Configure the business"), permission="business.admin")
def configure(session: CrmSession, settings: BusinessSettings) -> Business:
    """Make or change the settings of the business.

    The base currency has to be given the first time; the time zone is UTC until it is set. Raises InvalidInput.
    """
    values, problems = given(settings), list[Problem]()
    for name, check in _CHECKS.items():
        if values.get(name):
            try:
                values[name] = check(values[name])
            except InvalidInput as error:
                problems.extend(standards.named(problem, name) for problem in error.problems)
    business = session.scalar(select(Business))
    if business is None:
        if not values.get("base_currency"):
            problems.append(Problem("CK500", _("This is required."), field="base_currency"))
        values = {"name": "", "zone": "UTC"} | values
    if problems:
        raise InvalidInput(problems)
    if business is None:
        business = Business(**values)
        session.add(business)
    else:
        for name, value in values.items():
            setattr(business, name, value)
    bump(session)
    session.emit(BusinessConfigured(fields=tuple(sorted(values))))
    return business


@attrs.frozen(kw_only=True)
class NewRate:
    """What one unit of a currency is worth from a day on, in ``base``: by default the base currency of the business."""

    currency: Annotated[str, Input(title=_("Currency"), max_length=3, classified="public")]
    rate: Annotated[Decimal, Input(title=_("Rate"), classified="public")]
    valid_from: Annotated[date, Input(title=_("From"), classified="public")]
    base: Annotated[str | None, Input(title=_("In the currency"), max_length=3, classified="public")] = None


def set_rates(session: CrmSession, rates: Sequence[NewRate]) -> list[CurrencyRate | CrmkitError]:
    """Set many exchange rates; the bulk form of ``currency_rate.set``."""
    own = session.crm.config.get(session).base_currency
    keys = [_rate_key(new, own) for new in rates]
    wanted = [key for key in keys if not isinstance(key, CrmkitError)]
    known: dict[tuple[str, str, date], CurrencyRate] = {}
    for start in range(0, len(wanted), BATCH):
        columns = tuple_(CurrencyRate.currency, CurrencyRate.base, CurrencyRate.valid_from)
        for row in session.scalars(select(CurrencyRate).where(columns.in_(wanted[start : start + BATCH]))):
            known[row.currency, row.base, row.valid_from] = row
    results: list[CurrencyRate | CrmkitError] = []
    for new, key in zip(rates, keys, strict=True):
        if isinstance(key, CrmkitError):
            results.append(key)
            continue
        row = known.get(key)
        if row is None:
            row = known[key] = CurrencyRate(currency=key[0], base=key[1], valid_from=key[2], rate=new.rate)
            session.add(row)
        else:
            row.rate = new.rate
        results.append(row)
    if known and not session.crm.config.get(session).has_rates:
        bump(session)
    told = [f"{currency}/{base} {day.isoformat()}" for currency, base, day in known]
    for start in range(0, len(told), BATCH):
        session.emit(CurrencyRatesSet(rates=tuple(told[start : start + BATCH])))
    return results


def _rate_key(new: NewRate, own: str | None) -> tuple[str, str, date] | CrmkitError:
    problems: list[Problem] = []
    found: dict[str, str] = {}
    for name, value in (("currency", new.currency), ("base", new.base or own)):
        if value is None:
            problems.append(Problem("CK500", _("The business has no base currency yet."), field=name))
            continue
        try:
            found[name] = standards.currency(value)
        except InvalidInput as error:
            problems.extend(standards.named(problem, name) for problem in error.problems)
    if not Decimal("1e-10") <= new.rate <= Decimal("9e8"):
        problems.append(Problem("CK500", _("A rate is a number above zero."), field="rate", value=new.rate))
    if not problems and found["currency"] == found["base"]:
        problems.append(Problem("CK500", _("A currency has no rate in itself."), field="base"))
    return InvalidInput(problems) if problems else (found["currency"], found["base"], new.valid_from)


@operation("currency_rate.set", title=_("Set an exchange rate"), bulk=set_rates, permission="business.admin")
def set_rate(session: CrmSession, new: NewRate) -> CurrencyRate:
    """Set what a currency is worth from a day on, in place of an earlier rate for that day. Raises InvalidInput."""
    (result,) = set_rates(session, [new])
    if isinstance(result, CrmkitError):
        raise result
    return result


OPERATIONS: list[Any] = [configure, set_rate]

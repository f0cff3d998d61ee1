"""The countries of the sample: how the data set spells them, their English names and ISO codes.

It must not know how the sample is stored, nor who is invented for a country.
"""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class SampleCountry:
    """A country as the data set spells it, with its English name and ISO 3166-1 code (None where none fits)."""

    published: str
    name: str
    code: str | None


# "Channel Islands" is both Jersey and Guernsey; the larger one stands for it.
_COUNTRIES: dict[str, tuple[str, str | None]] = {
    "Australia": ("Australia", "AU"),
    "Austria": ("Austria", "AT"),
    "Bahrain": ("Bahrain", "BH"),
    "Belgium": ("Belgium", "BE"),
    "Brazil": ("Brazil", "BR"),
    "Canada": ("Canada", "CA"),
    "Channel Islands": ("Jersey", "JE"),
    "Cyprus": ("Cyprus", "CY"),
    "Czech Republic": ("Czechia", "CZ"),
    "Denmark": ("Denmark", "DK"),
    "EIRE": ("Ireland", "IE"),
    "European Community": ("European Community", None),
    "Finland": ("Finland", "FI"),
    "France": ("France", "FR"),
    "Germany": ("Germany", "DE"),
    "Greece": ("Greece", "GR"),
    "Iceland": ("Iceland", "IS"),
    "Israel": ("Israel", "IL"),
    "Italy": ("Italy", "IT"),
    "Japan": ("Japan", "JP"),
    "Lebanon": ("Lebanon", "LB"),
    "Lithuania": ("Lithuania", "LT"),
    "Malta": ("Malta", "MT"),
    "Netherlands": ("Netherlands", "NL"),
    "Norway": ("Norway", "NO"),
    "Poland": ("Poland", "PL"),
    "Portugal": ("Portugal", "PT"),
    "RSA": ("South Africa", "ZA"),
    "Saudi Arabia": ("Saudi Arabia", "SA"),
    "Singapore": ("Singapore", "SG"),
    "Spain": ("Spain", "ES"),
    "Sweden": ("Sweden", "SE"),
    "Switzerland": ("Switzerland", "CH"),
    "USA": ("United States", "US"),
    "United Arab Emirates": ("United Arab Emirates", "AE"),
    "United Kingdom": ("United Kingdom", "GB"),
    "Unspecified": ("Unspecified", None),
}


def country_of(published: str) -> SampleCountry:
    """Return the country that the data set means by a name; one that it does not have stays as it is, without code."""
    name, code = _COUNTRIES.get(published, (published, None))
    return SampleCountry(published=published, name=name, code=code)

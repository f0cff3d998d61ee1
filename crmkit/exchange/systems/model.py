"""What is known of one sort of table that another system exports.

Must not know any system.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from attrs import field, frozen

from crmkit.i18n import texts

_ = texts("crmkit")

_REMARK = re.compile(r"[(\[](?:必填|选填|必選|必填项|required|optional|mandatory)[)\]]")
_NOISE = re.compile(r"[\W_]+")

OWN_ID = _("an id that only {system} knows")
BOOKKEEPING = _("bookkeeping of {system}")
COUNTED = _("figures that are counted here anew")
NO_PLACE = _("there is no field for it; map it to a custom field to keep it")
LABEL = _("says only what sort the value beside it is")
DOUBLED = _("says again what other columns say")


def normal(heading: str) -> str:
    """Return what equal headings have in common: no case, width, spaces or punctuation, and no remark that a template
    puts behind it, such as "(required)"."""
    return _NOISE.sub("", _REMARK.sub("", unicodedata.normalize("NFKC", heading).casefold()))


def words(text: str) -> frozenset[str]:
    """Return the normal forms of headings that are separated by bars."""
    return frozenset(normal(one) for one in text.split("|") if one.strip())


@frozen(kw_only=True)
class KnownTable:
    """One sort of table of one system.

    ``system`` names the source of its ids. ``rows`` says what a row is. ``needs`` are groups of headings, of each of
    which one must be there; ``signs`` are headings that hardly any other system has, of which ``at_least`` must be
    there. ``meanings`` gives for fields the headings that fill them; ``ignored`` for reasons the headings that mean
    nothing here. ``withdrawn`` gives for headings the cells by which a row says that it was deleted.
    ``resource`` is what the rows become, one of the kernel's or what a plugin's `Imports` says that it ``holds``;
    ``kind`` what customers are where a row does not say it.
    """

    system: str
    title: str
    rows: str
    needs: tuple[str, ...]
    signs: str
    at_least: int = 2
    resource: str = "customers"
    kind: Literal["person", "organization"] | None = None
    meanings: Mapping[str, str] = field(factory=dict[str, str])
    ignored: Mapping[str, str] = field(factory=dict[str, str])
    withdrawn: Mapping[str, str] = field(factory=dict[str, str])

    @cached_property
    def fields(self) -> Mapping[str, tuple[str, ...]]:
        """Return for the normal form of each heading the fields that it means, the likeliest first."""
        found: dict[str, list[str]] = {}
        for name, headings in self.meanings.items():
            for heading in headings.split("|"):
                found.setdefault(normal(heading), []).append(name)
        return {heading: tuple(names) for heading, names in found.items()}

    @cached_property
    def reasons(self) -> Mapping[str, str]:
        """Return for the normal form of each heading that means nothing here the reason."""
        return {heading: reason for reason, headings in self.ignored.items() for heading in words(headings)}

    @cached_property
    def groups(self) -> tuple[frozenset[str], ...]:
        """Return the groups of headings of which one each must be there."""
        return tuple(words(group) for group in self.needs)

    @cached_property
    def marks(self) -> frozenset[str]:
        """Return the headings that hardly any other system has."""
        return words(self.signs)

    @cached_property
    def deletions(self) -> Mapping[str, frozenset[str]]:
        """Return for the normal form of a heading the cells, in small letters, that say "deleted"."""
        return {normal(heading): frozenset(cells.split("|")) for heading, cells in self.withdrawn.items()}

"""Many records as columns of numbers, so that millions of pairs are compared at once.

Each text is kept once and stands in a column by its number; 0 is the empty text. Must not know what is compared.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmkit_quality.matching.companies import CompanyName
from crmkit_quality.matching.people import PersonName
from crmkit_quality.matching.records import MatchRecord

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[Any]]

MOST_VALUES = 3
"""E-mail addresses, phone numbers and postal addresses of one customer that are compared."""
_PARTS = ("road", "numbers", "postal_code", "city", "district", "province")


class Vocabulary:
    """The texts of one or several columns, each with its number."""

    def __init__(self) -> None:
        self.texts: list[str] = [""]
        self._numbers: dict[str, int] = {"": 0}
        self._derived: dict[str, Numbers] = {}

    def number(self, text: str) -> int:
        """Return the number of a text, a new one where it was not seen before."""
        found = self._numbers.get(text)
        if found is None:
            found = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return found

    def derived(self, name: str, of: Callable[[str], int], kind: Any) -> Numbers:
        """Return what follows from each text, as numbers or truths, made once; no text may be added afterwards."""
        import numpy as np

        found = self._derived.get(name)
        if found is None:
            found = np.fromiter(map(of, self.texts), dtype=kind, count=len(self.texts))
            self._derived[name] = found
        return found


class Column:
    """One value of each record."""

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        self.vocabulary = vocabulary or Vocabulary()
        self._numbers = array("i")
        self.numbers: Numbers

    def add(self, text: str) -> None:
        """Append the value of the next record."""
        self._numbers.append(self.vocabulary.number(text))

    def fill(self, length: int) -> None:
        """Append empty values until there are so many."""
        missing = length - len(self._numbers)
        if missing:
            self._numbers.extend([0] * missing)

    def settle(self, order: Numbers) -> None:
        """Put the records in their final order."""
        import numpy as np

        self.numbers = np.array(self._numbers, dtype=np.int32)[order]
        self._numbers = array("i")


class Columns:
    """Several values of each record, at most `MOST_VALUES`; most records have none, or one."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self._held = tuple((array("i"), array("i")) for _place in range(MOST_VALUES))
        self.numbers: Numbers

    def add(self, row: int, place: int, text: str) -> None:
        """Note a value of a record, its first, second or third by ``place``; an empty one is none."""
        if text and place < MOST_VALUES:
            rows, numbers = self._held[place]
            rows.append(row)
            numbers.append(self.vocabulary.number(text))

    def settle(self, order: Numbers) -> None:
        """Put the records in their final order; `numbers` has a row for each."""
        import numpy as np

        width = max((place + 1 for place, (rows, _numbers) in enumerate(self._held) if rows), default=1)
        whole = np.zeros((len(order), width), dtype=np.int32)
        for place, (rows, numbers) in enumerate(self._held[:width]):
            whole[np.array(rows, dtype=np.int64), place] = numbers
        self.numbers = whole[order]
        self._held = ()


class RecordTable:
    """Records of one kind. Add all, then `settle`: they stand in the order of their ids, however they came."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.ids: list[UUID] = []
        names = Vocabulary()
        """Family and given names as read have one vocabulary: they may have been exchanged."""
        self.single = {
            name: Column() for name in ("family", "given", "middle", "birth", "gender", "identity", "employer")
        }
        self.single |= {name: Column(names) for name in ("family_read", "given_read", "first", "whole")}
        cores = Vocabulary()
        self.single |= {name: Column(cores) for name in ("core", "read", "initials")}
        self.single |= {name: Column() for name in ("form", "place", "branch", "registration", "website")}
        self.several = {name: Columns() for name in ("emails", "domains", "phones", *_PARTS)}
        self.custom: dict[str, Column] = {}
        self.identifiers: list[tuple[tuple[str, str], ...]] = []
        self._crowds: dict[str, Numbers] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, record: MatchRecord) -> None:
        """Append a record."""
        place = len(self.ids)
        self.ids.append(record.id)
        single, several = self.single, self.several
        if self.kind == "person":
            for name, text in zip(PersonName._fields, record.person, strict=True):
                single[name].add(text)
            single["birth"].add(record.birth)
            single["gender"].add(record.gender)
            single["employer"].add(record.employer)
        else:
            for name, text in zip(CompanyName._fields, record.company, strict=True):
                single[name].add(text)
            for number, domain in enumerate(domains(record)):
                several["domains"].add(place, number, domain)
        single["identity"].add(record.identity)
        single["registration"].add(record.registration)
        single["website"].add(record.website)
        for number, text in enumerate(record.emails):
            several["emails"].add(place, number, text)
        for number, text in enumerate(record.phones):
            several["phones"].add(place, number, text)
        for number, address in enumerate(record.addresses):
            for part, text in zip(_PARTS, address, strict=True):
                several[part].add(place, number, text)
        self.identifiers.append(record.identifiers)
        for name, text in record.custom.items():
            column = self.custom.get(name)
            if column is None:
                column = self.custom[name] = Column()
            column.fill(place)
            column.add(text)

    def settle(self) -> Numbers:
        """Put the records in the order of their ids, and return where each stood before."""
        import numpy as np

        number = len(self.ids)
        order = np.array(sorted(range(number), key=lambda place: self.ids[place].int), dtype=np.int64)
        self.ids = [self.ids[place] for place in order]
        self.identifiers = [self.identifiers[place] for place in order]
        for column in (*self.single.values(), *self.custom.values()):
            column.fill(number)
            column.settle(order)
        for several in self.several.values():
            several.settle(order)
        return order

    def crowd(self, name: str) -> Numbers:
        """Return how many records have each text of a column of several values."""
        import numpy as np

        found = self._crowds.get(name)
        if found is None:
            columns = self.several[name]
            found = np.bincount(columns.numbers.ravel(), minlength=len(columns.vocabulary.texts))
            self._crowds[name] = found
        return found


def domains(record: MatchRecord) -> list[str]:
    """Return the domains of an organisation: of its web site, and of its addresses where no provider has them."""
    from crmkit_quality.matching.contacts import FREE

    found = [record.website, *(address.rpartition("@")[2] for address in record.emails)]
    return list(dict.fromkeys(each for each in found if each and each not in FREE))


def table_of(kind: str, records: Iterable[MatchRecord]) -> RecordTable:
    """Return a table of records, in the order of their ids."""
    table = RecordTable(kind)
    for record in records:
        table.add(record)
    table.settle()
    return table

"""What the cells of a file say about its columns: the order of dates, decimal marks, the types of new custom fields,
which country's phone numbers they are.

Must not write anything. Reads the first rows, and on through the file only while a column is still in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import define, field

from crmkit.exchange.guesses import DateFormatGuess, DecimalMarkGuess, infer_type
from crmkit.exchange.rows import Row
from crmkit.exchange.values import plain
from crmkit.exchange.workbooks.cells import CellError

FIRST = 1000
"""Rows that are always looked at."""
_CHUNK = 5000
_SAMPLES = 300
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_PHONE = re.compile(r"[+(]?\d[\d\s()./-]{6,19}\Z")
_IDENTITY = re.compile(r"\d{17}[\dXx]\Z|[A-Z]{1,2}\d{6,9}\Z|\d{3}-\d{2}-\d{4}\Z|\d{15}\Z")
_CN_MOBILE = re.compile(r"1[3-9]\d{9}\Z")
_LONG = 60
_REGIONS = ("CN", "TW", "HK", "US", "GB", "DE", "FR", "JP", "KR", "IN", "AU", "SG")


@define
class ColumnEvidence:
    """What was seen of one column."""

    dates: DateFormatGuess = field(factory=DateFormatGuess)
    marks: DecimalMarkGuess = field(factory=DecimalMarkGuess)
    samples: list[str] = field(factory=list)
    type: str | None = None
    """Type of all cells so far, for a new custom field."""
    sensitive: int = 0
    filled: int = 0
    _pending: list[str] = field(factory=list)

    def feed_custom(self, text: str) -> None:
        """Take a cell of a new custom field into account."""
        self.filled += 1
        self.sensitive += is_sensitive(text)
        self._pending.append(text)
        if len(self._pending) >= _CHUNK:
            self.settle()

    def settle(self) -> None:
        """Bring the cells that wait into the type."""
        if self._pending:
            found = infer_type(self._pending)
            self._pending.clear()
            if self.type is None or self.type == found:
                self.type = found
            else:
                self.type = "decimal" if {self.type, found} == {"integer", "decimal"} else "text"

    @property
    def is_sensitive(self) -> bool:
        """Say whether the cells look like e-mail addresses, phone or identity numbers, or free text."""
        return self.sensitive * 10 >= max(self.filled, 1)


def is_sensitive(text: str) -> bool:
    """Say whether a cell looks like an e-mail address, a phone or identity number, or free text."""
    bare = plain(text)
    if len(bare) > _LONG or "\n" in bare or bare.count(" ") >= 6:
        return True
    if "@" in bare and _EMAIL.match(bare):
        return True
    if not bare[:1].isdigit() and bare[:1] not in "+(" and not bare[:2].isupper():
        # Free text without spaces, as Chinese is written.
        return len(bare) > 25 and not bare.isascii()
    if _IDENTITY.match(bare):
        return True
    digits = sum(char.isdigit() for char in bare)
    return bool(_PHONE.match(bare)) and (bare[0] in "+(" or _CN_MOBILE.match(bare) is not None or digits >= 10)


def gather(rows: Iterable[Row], wanted: Mapping[int, str]) -> dict[int, ColumnEvidence]:
    """Return what the cells show, by column index. ``wanted`` says what each is wanted for: date, number, custom,
    phone, points (a list of contact points) or identity.

    All rows are read for new custom fields, otherwise only as many as settle what is in doubt.
    """
    seen = {index: ColumnEvidence() for index in wanted}
    custom = [index for index, sort in wanted.items() if sort == "custom"]
    sampled = [index for index, sort in wanted.items() if sort in ("phone", "identity")]
    listed = [index for index, sort in wanted.items() if sort == "points"]
    typed = [(index, sort) for index, sort in wanted.items() if sort in ("date", "number")]
    for count, row in enumerate(rows):
        cells = row.cells
        for index in custom:
            if text := _text(cells[index]):
                seen[index].feed_custom(text)
        if count < FIRST:
            for index in sampled:
                if len(seen[index].samples) < _SAMPLES and (text := _text(cells[index])):
                    seen[index].samples.append(text)
            for index in listed:
                seen[index].samples.extend(_numbers(cells[index]))
        elif not typed and not custom:
            break
        elif count % FIRST == 0:
            typed = [(index, sort) for index, sort in typed if _doubtful(seen[index], sort)]
        for index, sort in typed:
            if text := _text(cells[index]):
                (seen[index].dates if sort == "date" else seen[index].marks).feed(text)
    for index in custom:
        seen[index].settle()
    return seen


def _doubtful(one: ColumnEvidence, sort: str) -> bool:
    guess: Any = one.dates if sort == "date" else one.marks
    settled = guess.order if sort == "date" else guess.mark
    return bool(guess.open) and settled is None


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell.strip()
    return "" if cell is None or isinstance(cell, (list, dict, CellError)) else str(cell)


def _numbers(cell: object) -> list[str]:
    """Return the phone numbers in a list of contact points."""
    points = [one for one in cell if isinstance(one, dict)] if isinstance(cell, list) else []
    return [str(one["value"]) for one in points if one.get("kind") == "phone" and one.get("value")]


def guess_region(samples: Sequence[str], headings: Sequence[str]) -> str | None:
    """Return the country whose phone numbers the cells are, as nearly all are valid there; None where that is in doubt.

    Only numbers without country code count. Headings in Chinese settle between countries that share a form.
    """
    local = [plain(text) for text in samples if not plain(text).startswith(("+", "00"))]
    if not local:
        return None
    if sum(1 for text in local if _CN_MOBILE.match(re.sub(r"[\s-]", "", text))) * 10 >= len(local) * 9:
        return "CN"
    written = "".join(headings)
    chinese = any("\u4e00" <= char <= "\u9fff" for char in written)
    order = _REGIONS[:3] if chinese else _REGIONS
    fitting = [region for region in order if _valid_share(local, region) >= 0.9]
    if chinese:
        return fitting[0] if fitting else None
    return fitting[0] if len(fitting) == 1 else None


def _valid_share(texts: Sequence[str], region: str) -> float:
    import phonenumbers

    valid = 0
    for text in texts[:100]:
        try:
            valid += phonenumbers.is_valid_number(phonenumbers.parse(text, region))
        except phonenumbers.NumberParseException:
            continue
    return valid / len(texts[:100])


def are_resident_ids(samples: Sequence[str]) -> bool:
    """Say whether the cells are numbers of Chinese resident identity cards: nearly all have the check digit."""
    from stdnum.cn import ric

    def fits(text: str) -> bool:
        plain = text.strip().upper()
        return len(plain) == 18 and plain[:17].isdigit() and ric.calc_check_digit(plain) == plain[17]

    return bool(samples) and sum(map(fits, samples)) * 10 >= len(samples) * 8

"""Canaries: values that occur nowhere else, every way in by which crmkit takes a sensitive value, and the search for
what is left of them in plain."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest
from attrs import define, field, frozen

from crmkit import CRM, Actor, CrmSession, Input, Job, Subscription, event, operation
from crmkit.core.interactions.attachments import Upload
from crmkit.errors import CrmkitError
from crmkit.exchange.api import ImportOptions, plan_import, run_import
from crmkit.hooks.contributions import InteractionKind, PayloadField

ACTOR = Actor.system("canaries")
WORD = "kanarq"
"""Every canary in letters begins with it, every one in digits with `NUMBER`."""
NUMBER = "139170"


@define
class Canaries:
    """Makes canaries and counts them."""

    made: int = 0

    def text(self) -> str:
        """Return a canary in letters, in a sentence that has other letters too."""
        return f"秘密 {self.word()} é"

    def word(self) -> str:
        """Return a canary in small letters and digits."""
        self.made += 1
        return f"{WORD}{self.made:05d}"

    def mail(self) -> str:
        """Return an e-mail address."""
        return f"{self.word()}@example.com"

    def phone(self) -> str:
        """Return a telephone number."""
        self.made += 1
        return f"+86{NUMBER}{self.made:05d}"


# --- what plugins and hosts do with sensitive values -----------------------------------------------------------------


@operation("canary.defer", title="Defer")
def defer(session: CrmSession, *, text: str, unique: str) -> None:
    """Defer jobs that know the text: one that is done, one that fails, one that waits."""
    for job in ("canary.done", "canary.fails", "canary.waits"):
        session.defer(job, unique=f"{job} {unique}", text=text, nested={"texts": [text]})


@operation("canary.ring", title="Ring")
def ring(session: CrmSession, *, text: str) -> dict[str, str]:
    """Answer with the text, and tell that it was asked."""
    session.emit(Rang(length=len(str(text))))
    return {"text": str(text)}


@operation("canary.break", title="Break")
def fail(session: CrmSession, *, text: str) -> None:
    """Fail with the text in the error."""
    raise ValueError(text)


@event("canary.rang")
class Rang:
    """Somebody rang."""

    length: Annotated[int, Input(classified="internal")]


def _done(session: CrmSession, *, text: str, nested: Any) -> None:
    pass


def _fails(session: CrmSession, *, text: str, nested: Any) -> None:
    raise ValueError(text)


def _hears(session: CrmSession, item: Rang) -> None:
    raise ValueError(f"{WORD} in an error")


DECLARED: dict[str, Sequence[Any]] = {
    "operation": (defer, ring, fail),
    "event": (Rang,),
    "job": (
        Job(name="canary.done", handler=_done, acts_as="system"),
        Job(name="canary.fails", handler=_fails, acts_as="system", attempts=1),
        Job(name="canary.waits", handler=_fails, acts_as="system"),
    ),
    "subscription": (
        Subscription(name="canary.hears", event="canary.rang", handler=_hears, attempts=1),
        Subscription(name="canary.now", event="canary.rang", handler=_hears, durable=False),
    ),
    "interaction kind": (
        InteractionKind(
            name="canary.visit",
            title="Visit",
            open=True,
            payload=(PayloadField(name="room", classified="internal"), PayloadField(name="remark")),
        ),
    ),
}


def declare(crm: CRM) -> None:
    """Register what the ways in need, and the custom fields."""
    for sort, items in DECLARED.items():
        crm.registry.add("crmkit", sort, items)
    for name, kind in (("diagnosis", "text"), ("remarks", "text")):
        values = {"resource": "customer", "name": name, "title": name, "type": kind, "field_class": "sensitive"}
        crm.run(ACTOR, "custom_field.create", values)


# --- the ways in -----------------------------------------------------------------------------------------------------


@frozen
class Round:
    """One round through every way in. ``own`` is a folder of the user's own files, which are not searched."""

    crm: CRM
    canaries: Canaries
    own: Path
    number: int
    kept: list[UUID] = field(factory=list)

    def run(self) -> None:
        """Put sensitive values in by every way."""
        who, other = self.customers()
        self.changes(who)
        self.interactions(who)
        self.relations(who, other)
        self.machinery()
        self.plugin(who)
        self.refusals(who)
        self.imports()

    def customers(self) -> tuple[UUID, UUID]:
        """Create customers with everything that is sensitive of them, with a key and in bulk."""
        new = self.canaries
        made = self.crm.run(
            ACTOR,
            "customer.create",
            {
                "name": f"Person {self.number}",
                "email": new.mail(),
                "phone": new.phone(),
                "street": new.text(),
                "postal_code": new.word()[-6:],
                "city": "Kiel",
                "identity_kind": "passport",
                "identity_number": new.word(),
                "custom": {"diagnosis": new.text()},
                "contact_points": [{"kind": "social", "value": new.word(), "label": "wechat"}],
                "consents": [{"purpose": "marketing", "channel": "*", "granted": True, "evidence": new.text()}],
            },
            key=f"create {self.number}",
        )
        bulk = self.crm.run_many(
            ACTOR,
            "customer.create",
            [{"name": f"Bulk {self.number}", "email": new.mail(), "custom": {"remarks": new.text()}}],
        )
        assert all(outcome.ok for outcome in bulk)
        return made.id, bulk[0].result

    def changes(self, who: UUID) -> None:
        """Change and remove what is sensitive, so that the history has it."""
        new, run = self.canaries, self.crm.run
        run(ACTOR, "customer.update", {"custom": {"diagnosis": new.text()}, "identity_number": new.word()}, target=who)
        run(ACTOR, "customer.update", {"custom": {"diagnosis": None}}, target=who)
        point = run(ACTOR, "contact_point.add", {"kind": "email", "value": new.mail()}, target=who)
        run(ACTOR, "contact_point.change", {"value": new.mail()}, target=point.id)
        run(ACTOR, "contact_point.remove", target=point.id)

    def interactions(self, who: UUID) -> None:
        """Record texts, details, participants and files; of known customers and of unknown ones; correct them."""
        new, run = self.canaries, self.crm.run
        call = run(
            ACTOR,
            "interaction.record",
            {
                "kind": "call",
                "customer_id": who,
                "subject": new.text(),
                "body": new.text(),
                "payload": {"number": new.phone()},
            },
            key=f"call {self.number}",
        )
        run(ACTOR, "interaction.reverse", {"reason": new.text()}, target=call.id)
        visit = {"room": "blue", "remark": new.text(), "undeclared": new.text()}
        run(ACTOR, "interaction.record", {"kind": "canary.visit", "customer_id": who, "payload": visit})
        mail = run(
            ACTOR,
            "interaction.record",
            {
                "kind": "email",
                "subject": new.text(),
                "body": new.text() * 50,
                "payload": {"headers": {"x-note": new.text()}},
                "customer": {"email": new.mail(), "phone": new.phone(), "unmatched": "keep"},
                "participants": [{"role": "to", "contact_kind": "email", "address": new.mail()}],
            },
        )
        text = f"%PDF-1.7\n{new.text()}\n{new.mail()}".encode()
        for place in ({"interaction_id": mail.id}, {"customer_id": who}):
            run(ACTOR, "attachment.add", {"upload": Upload(filename="scan.pdf", content=text), **place})
        run(ACTOR, "interaction.resolve", {"customer_id": who}, target=mail.id)
        outcomes = self.crm.run_many(
            ACTOR, "interaction.record", [{"kind": "note", "customer_id": who, "body": new.text()} for _ in range(3)]
        )
        assert all(outcome.ok for outcome in outcomes)

    def relations(self, who: UUID, other: UUID) -> None:
        """Add a relationship with a note, and proof of a consent."""
        new = self.canaries
        values = {"other_id": other, "kind": "partner", "note": new.text()}
        self.crm.run(ACTOR, "relationship.add", values, target=who)
        consent = {"purpose": "marketing", "channel": "email", "granted": False, "evidence": new.text()}
        self.crm.run(ACTOR, "consent.record", consent, target=who)

    def machinery(self) -> None:
        """Defer jobs with arguments, use idempotency keys with sensitive inputs and answers, emit events."""
        new = self.canaries
        self.crm.run(ACTOR, "canary.defer", {"text": new.text(), "unique": new.mail()})
        text = new.text()
        for _again in range(2):
            assert self.crm.run(ACTOR, "canary.ring", {"text": text}, key=f"ring {self.number}") == {"text": text}

    def plugin(self, who: UUID) -> None:
        """Give a plugin a sensitive value."""
        made = self.crm.run(ACTOR, "sales.opportunity.create", {"customer_id": who, "title": "Offer"})
        self.crm.run(ACTOR, "sales.opportunity.lose", {"reason": self.canaries.text()}, target=made.id)

    def refusals(self, who: UUID) -> None:
        """Let operations fail and be refused with sensitive values in what they were given."""
        new = self.canaries
        failing: list[tuple[str, dict[str, Any], UUID | None]] = [
            ("canary.break", {"text": new.text()}, None),
            ("contact_point.add", {"kind": "email", "value": new.text()}, who),
            ("customer.create", {"name": "X", "phone": new.text()}, None),
            ("customer.create", {"name": "X", "unknown": new.text()}, None),
            ("interaction.record", {"kind": "nothing", "body": new.text()}, None),
            ("interaction.record", {"kind": "note", "customer": {"email": new.mail()}}, None),
        ]
        nobody = Actor(id="public", kind="public", name="public")
        for name, values, target in failing:
            for actor in (ACTOR, nobody):
                with pytest.raises((CrmkitError, ValueError)):
                    self.crm.run(actor, name, values, target=target)

    def imports(self) -> None:
        """Import files, some rows of which are refused."""
        new = self.canaries
        customers = self._file(
            "customers.csv",
            "external_id,name,email,phone,street,diagnosis,remarks",
            [
                f"{self.number}-1,Imported,{new.mail()},{new.phone()},{new.text()},{new.text()},{new.text()}",
                f"{self.number}-2,Refused,{new.word()} at example,{new.phone()},{new.text()},{new.text()},",
            ],
        )
        calls = self._file(
            "calls.csv",
            "external_id,kind,customer,occurred_at,subject,body",
            [
                f"c{self.number}-1,call,{self.number}-1,2026-03-01 09:00,{new.text()},{new.text()}",
                f"c{self.number}-2,call,nobody,2026-03-01 09:00,{new.text()},{new.text()}",
            ],
        )
        for path, resource in ((customers, "customers"), (calls, "interactions")):
            options = ImportOptions(resource=resource, source="canary")  # type: ignore[arg-type]
            report = run_import(self.crm, ACTOR, plan_import(self.crm, path, options))
            assert (report.created, report.rejected) == (1, 1), report

    def _file(self, name: str, heading: str, lines: Sequence[str]) -> Path:
        path = self.own / f"{self.number}-{name}"
        path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
        return path


# --- the search ------------------------------------------------------------------------------------------------------


def forms(word: str) -> dict[str, bytes]:
    """Return how a word may stand in a file: in UTF-8 (as in JSON and in addresses, where letters stay themselves), in
    UTF-16, in hexadecimal digits, and in base64 at each of the three places where it may begin."""
    plain = word.encode()
    found = {"utf-8": plain, "utf-16": word.encode("utf-16-le")[:-1], "hex": plain.hex().encode()}
    found["HEX"] = found["hex"].upper()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + plain + b"\0" * 3)
        first = -(-shift * 8 // 6)
        found[f"base64+{shift}"] = whole[first : (shift + len(plain)) * 8 // 6]
    return found


def canary_like(content: bytes) -> set[str]:
    """Return the forms in which canaries stand in some bytes."""
    found = {name for name, needle in forms(WORD).items() if needle in content}
    if re.search(rb"(?<!\d)(?:\+?86)?" + NUMBER.encode() + rb"\d{5}(?!\d)", content):
        found.add("number")
    wide = b"".join(bytes((digit, 0)) for digit in NUMBER.encode())
    if re.search(re.escape(wide) + rb"(?:\d\0){4}\d", content):
        found.add("number in utf-16")
    return found


def search(folders: Iterable[Path], *, leave_out: Iterable[Path] = ()) -> tuple[dict[str, set[str]], int]:
    """Return the files with canaries in them, each with their forms, and how many bytes were searched."""
    excluded = [path.resolve() for path in leave_out]
    hits: dict[str, set[str]] = {}
    size = 0
    for path in files_in(folders):
        if any(path.resolve().is_relative_to(folder) for folder in excluded):
            continue
        content = path.read_bytes()
        size += len(content)
        found = canary_like(content)
        if found:
            hits[str(path)] = found
    return hits, size


def files_in(folders: Iterable[Path]) -> Iterator[Path]:
    """Return every file below some folders."""
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())

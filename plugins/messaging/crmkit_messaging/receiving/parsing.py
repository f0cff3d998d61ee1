"""A mail as bytes to a `ParsedMail`: whatever it looks like, within a second, without an exception.

Must not know databases, customers or mailboxes. Takes no network.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from email.message import Message
from typing import Any

from crmkit_messaging.receiving import reports
from crmkit_messaging.receiving.bodies import Body, message_of, read_body
from crmkit_messaging.receiving.cleaning import clean_html, text_of_html
from crmkit_messaging.receiving.headers import (
    addresses,
    addresses_in,
    instant_of,
    message_id_of,
    message_ids,
    raw_values,
    text_of,
)
from crmkit_messaging.receiving.quoting import split_quote
from crmkit_messaging.receiving.values import Address, Kind, LeftOut, ParsedMail, Report

LARGEST = 35_000_000
"""Bytes of a mail that are read; of a larger one the beginning is."""
KEPT_HEADERS = ("list-id", "list-unsubscribe", "auto-submitted", "precedence", "importance", "x-mailer", "user-agent",
                "reply-to", "return-path", "authentication-results", "x-spam-flag")  # fmt: skip
"""Headers that are kept with a mail beside those that have a field of their own."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
_AWAY = re.compile(
    r"^\s{0,5}(?:auto(?:matic|matische|matisk|mated)?[ -]?(?:reply|response|antwort|svar)\b|out of (?:the )?office|"
    r"abwesen(?:heit|d)|réponse automatique|respuesta automática|risposta automatica|"
    r"自动(?:回复|答复|应答)|自動(?:回覆|回復|返信))",
    re.IGNORECASE,
)
_NOBODY = re.compile(r"(?:no|do-?not|donot|don-?t)[-_.]?reply|noreply|mailer-daemon|postmaster|bounces?", re.IGNORECASE)


def parse_mail(raw: bytes, *, now: datetime | None = None, ours: Collection[str] = ()) -> ParsedMail:
    """Return a mail as values. ``now`` is the present, beyond which no mail was sent; ``ours`` are the addresses of our
    own mailboxes, which a bounce without form is not about."""
    present = now or datetime.now(UTC)
    left_out: list[LeftOut] = []
    if len(raw) > LARGEST:
        left_out.append(LeftOut(code="size"))
    message, cut = message_of(raw[:LARGEST])
    body = read_body(message)
    left_out += [*cut, *body.left_out]
    sources = "\n".join(body.html)
    html = clean_html(sources) if sources else ""
    whole = body.text or (text_of_html(html, sources) if sources else "")
    text, quoted = split_quote(whole)
    sender = _sender(message)
    subject = text_of(message, "subject", most=500)
    return_path = _return_path(message)
    kind, report = _kind(message, body, subject, sender, return_path, ours, whole)
    bulk = _is_bulk(message)
    return ParsedMail(
        message_id=message_id_of(message),
        in_reply_to=message_ids(raw_values(message, "in-reply-to")),
        references=message_ids(raw_values(message, "references")),
        sender=sender,
        reply_to=addresses(message, "reply-to"),
        to=addresses(message, "to"),
        cc=addresses(message, "cc"),
        return_path=return_path,
        subject=subject,
        sent_at=instant_of(raw_values(message, "date"), present),
        text=text,
        quoted=quoted,
        html=html,
        files=tuple(body.files),
        headers={name: value for name in KEPT_HEADERS if (value := text_of(message, name, most=500))},
        left_out=tuple(dict.fromkeys(left_out)),
        kind=kind,
        automatic=kind != "mail" or bulk or is_automatic(message, sender, subject),
        bulk=bulk,
        language=language_of(message, text or subject),
        report=report,
        digest=_digest(sender, subject, whole, body),
    )


def _sender(message: Message[Any, Any]) -> Address | None:
    for name in ("from", "sender", "return-path"):
        found = addresses(message, name)
        if found:
            return found[0]
    return None


def _return_path(message: Message[Any, Any]) -> str | None:
    values = raw_values(message, "return-path")
    if not values:
        return None
    found = addresses_in(values[0])
    return found[0] if found else ""


def _kind(
    message: Message[Any, Any],
    body: Body,
    subject: str,
    sender: Address | None,
    return_path: str | None,
    ours: Iterable[str],
    whole: str,
) -> tuple[Kind, Report | None]:
    said = reports.report_type(message)
    texts = [*body.texts, *([whole] if not body.texts else ())]
    texts += [_beginning(file.content) for file in body.files if file.media_type == "message/rfc822"][:3]
    if said == "delivery-status":
        report = reports.read_delivery_status(message, texts)
        return ("bounce", report) if report.failures or report.message_ids else ("bounce", Report())
    if said == "feedback-report":
        return "complaint", reports.read_complaint(message, texts)
    if said == "disposition-notification":
        return "receipt", reports.read_receipt(message, texts)
    address = sender.address if sender else ""
    if reports.looks_like_bounce(address, subject, texts, null_sender=return_path == ""):
        return "bounce", reports.read_plain_bounce(message, texts, ours)
    if _is_auto_reply(message, subject):
        return "auto_reply", None
    return "mail", None


def _beginning(content: bytes) -> str:
    """Return the headers of an attached mail: a bounce says by them which mail came back."""
    from crmkit_messaging.receiving.charsets import decode

    return decode(content[:20_000])


def _is_auto_reply(message: Message[Any, Any], subject: str) -> bool:
    """Say whether a machine answers: by RFC 3834, and by what older ones write."""
    submitted = text_of(message, "auto-submitted").lower()
    if submitted.startswith("auto-replied"):
        return True
    if submitted.startswith("no"):
        return False
    if any(raw_values(message, name) for name in ("x-autoreply", "x-autorespond", "x-autoreply-from")):
        return True
    if text_of(message, "precedence").lower().replace("-", "_") == "auto_reply":
        return True
    return bool(_AWAY.search(subject))


def is_automatic(message: Message[Any, Any], sender: Address | None, subject: str) -> bool:
    """Say whether a machine wrote a mail, or nobody reads an answer to it."""
    submitted = text_of(message, "auto-submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    if any(raw_values(message, name) for name in ("x-auto-response-suppress", "x-autoreply", "feedback-id")):
        return True
    return bool(sender and _NOBODY.match(sender.address.partition("@")[0])) or bool(_AWAY.search(subject))


def _is_bulk(message: Message[Any, Any]) -> bool:
    """Say whether a mail went to many: of a list, or marked as such."""
    if text_of(message, "precedence").lower() in ("bulk", "list", "junk"):
        return True
    return any(str(name).lower().startswith("list-") for name in message.keys()[:500])


def language_of(message: Message[Any, Any], text: str) -> str:
    """Return the language that a mail says that it is in, or that its script tells; empty where neither does."""
    looked_at = text[:4000]
    chinese, letters = len(_CHINESE.findall(looked_at)), len(_LETTER.findall(looked_at))
    if letters and chinese >= 0.3 * letters:
        return "zh"
    for name in ("content-language", "accept-language"):
        found = re.match(r"[A-Za-z]{2,3}(?![A-Za-z])", text_of(message, name))
        if found:
            return found[0].lower()
    return ""


def _digest(sender: Address | None, subject: str, text: str, body: Body) -> str:
    """Return what tells mails apart that bear the same Message-ID: so nobody can keep a mail from us by sending another
    one under its Message-ID first. Copies by several servers are equal, whatever their encodings and trace headers."""
    plain = "".join(text.split())[:2000]
    parts: Sequence[str] = (
        sender.address.lower() if sender else "",
        "".join(subject.split()),
        plain,
        *sorted(f"{file.filename}:{len(file.content)}" for file in body.files),
    )
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

"""What machines report of mails of ours: bounces (RFC 3464, and what older servers write), complaints (RFC 5965) and
receipts (RFC 8098).

Reads messages that were parsed; must not know which mails we sent, nor keep anything. A report is a claim of whoever
sent it: what follows from it is decided where our own mails are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from email.message import Message
from typing import Any

from crmkit_messaging.receiving.headers import addresses_in, is_address, message_ids, one_line, raw_values, text_of
from crmkit_messaging.receiving.values import Failure, Report, Severity

MOST = 50
"""Recipients that one report speaks of."""
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.-])([45]\d\d)(?=[ -]|$)")
_ORIGINAL_ID = re.compile(r"^[>\s]{0,10}message-id:\s{0,5}(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_UNKNOWN = re.compile(
    r"user unknown|unknown user|no such (?:user|recipient|mailbox|address)|does(?:n't| not) exist|invalid (?:recipient|"
    r"mailbox|address)|recipient (?:address )?rejected: (?:user|undeliverable|unknown)|"
    r"mailbox (?:unavailable|not found|unknown)|unknown (?:recipient|address|local)|address (?:not found|unknown)|"
    r"account (?:is |has been )?(?:disabled|"
    r"closed|suspended|inactive)|not a valid (?:recipient|mailbox)|no mailbox here|unrouteable address|"
    r"用户不存在|收件人不存在|邮箱不存在|地址不存在|帐号不存在|账号不存在|收件人地址不存在|用户已被(?:禁用|停用|注销)|無此(?:用戶|使用者)|"
    r"Empfänger unbekannt",
    re.IGNORECASE,
)
_FULL = re.compile(
    r"mailbox (?:is )?full|quota|over ?quota|insufficient (?:system )?storage|too (?:many|large)|"
    r"邮箱已满|空间不足|超出配额|容量已满",
    re.IGNORECASE,
)
_BLOCKED = re.compile(
    r"spam|blocked|black ?list|blocklist|policy|reputation|rejected (?:due|because|for)|dmarc|spf|dkim|"
    r"垃圾邮件|拒收|被拦截|反垃圾",
    re.IGNORECASE,
)
_SENDERS = frozenset(("mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon", "maildaemon", "bounce", "bounces",
                      "mdaemon", "postmast", "mailer_daemon", "system_administrator"))  # fmt: skip
_SUBJECT = re.compile(
    r"undeliver|delivery (?:status notification|failure|has failed|failed|problem)|failure notice|returned (?:mail|to "
    r"sender)|mail (?:delivery|system error|could not be delivered)|could not (?:be )?deliver|non[- ]?remis|"
    r"unzustellbar|nicht zustellbar|退信|退回|投递失败|发送失败|无法投递|未送达|無法傳遞|系统退",
    re.IGNORECASE,
)
_SYMPTOM = re.compile(
    r"qmail-send program|mail delivery software|could not be delivered|wasn't able to deliver|was undeliverable|"
    r"permanent(?: fatal)? error|delivery to the following|following (?:address|recipient)|undelivered|"
    r"unable to deliver|无法(?:投递|送达|发送)|投递失败|被退回|退信",
    re.IGNORECASE,
)


def report_type(message: Message[Any, Any]) -> str:
    """Return the type of a multipart/report (``delivery-status``, ``feedback-report``,
    ``disposition-notification`` …) in lower case, or an empty text for what is none."""
    if _type_of(message) != "multipart/report":
        return ""
    try:
        found = message.get_param("report-type")
    except Exception:  # Parameters fail in many ways.
        found = None
    declared = one_line(found if isinstance(found, str) else "").strip("\"'").lower()
    if declared:
        return declared
    types = {_type_of(part) for part in _parts(message)}
    return next(
        (
            name
            for name in ("delivery-status", "feedback-report", "disposition-notification")
            if f"message/{name}" in types
        ),
        "",
    )


def read_delivery_status(message: Message[Any, Any], texts: Sequence[str]) -> Report:
    """Return what a report after RFC 3464 says. ``texts`` are those of its parts, for servers that say more there."""
    failures: list[Failure] = []
    for part in _parts(message):
        if _type_of(part) in ("message/delivery-status", "message/global-delivery-status"):
            for block in _blocks(part):
                failure = _failure(block)
                if failure is not None and len(failures) < MOST:
                    failures.append(failure)
    return Report(message_ids=_originals(message, texts), failures=tuple(failures))


def _failure(block: Message[Any, Any]) -> Failure | None:
    final, original = text_of(block, "final-recipient"), text_of(block, "original-recipient")
    action = text_of(block, "action").split(" ")[0].lower()
    if not final and not original and not action:
        return None
    # The original recipient is the address that we wrote to; the final one may be behind an alias.
    recipient = _recipient(original) or _recipient(final)
    status = next(iter(_STATUS.findall(text_of(block, "status"))), "")
    diagnostic = text_of(block, "diagnostic-code")
    return Failure(
        recipient=recipient,
        severity=severity_of(action, status, diagnostic),
        status=status,
        diagnostic=diagnostic[:500],
    )


def _recipient(value: str) -> str:
    """Return the address of ``rfc822; somebody@example.org``."""
    plain = value.rpartition(";")[2].strip().strip("<>")
    return plain if is_address(plain) else ""


def severity_of(action: str, status: str, diagnostic: str) -> Severity:
    """Return how bad a report is. "hard": the address is no good. "soft": it may work another time. "blocked": the
    server wants no such mail from us, which says nothing of the address. Source of the codes: RFC 3463."""
    if action in ("delivered", "relayed", "expanded"):
        return "delivered"
    if action == "delayed" or (not action and status.startswith("4")):
        return "delayed" if action == "delayed" else "soft"
    if status.startswith("4"):
        return "soft"
    said = next(iter(_STATUS.findall(diagnostic)), "")
    subject = _subject_of(status if status and not status.endswith(".0.0") else said)
    if subject in ("1.1", "1.2", "1.3", "1.6", "1.10", "2.1"):
        # Some servers say "bad address" of what they take for spam.
        return "blocked" if _BLOCKED.search(diagnostic) and not _UNKNOWN.search(diagnostic) else "hard"
    if subject in ("2.2", "2.3", "3.1", "3.4", "4.5"):
        return "soft"
    if subject.startswith("7."):
        return "hard" if _UNKNOWN.search(diagnostic) else "blocked"
    if _FULL.search(diagnostic):
        return "soft"
    if _UNKNOWN.search(diagnostic):
        return "hard"
    if _BLOCKED.search(diagnostic):
        return "blocked"
    code = next(iter(_CODE.findall(diagnostic)), "")
    return "hard" if subject == "4.4" or code in ("551", "553") else "soft"


def _subject_of(status: str) -> str:
    return status.partition(".")[2]


def looks_like_bounce(sender: str, subject: str, texts: Sequence[str], *, null_sender: bool) -> bool:
    """Say whether a mail that is no report by its form is one: by who sent it and what it says."""
    machine = sender.partition("@")[0].lower() in _SENDERS
    said = any(_SYMPTOM.search(text[:5000]) for text in texts)
    named = bool(_SUBJECT.search(subject))
    return (machine and (named or said)) or (null_sender and named and said)


def read_plain_bounce(message: Message[Any, Any], texts: Sequence[str], ours: Iterable[str]) -> Report:
    """Return what a bounce says that keeps to no form: of the addresses that stand in it, without those of ours."""
    whole = "\n".join(text[:20_000] for text in texts)
    head = _ORIGINAL_ID.split(whole, maxsplit=1)[0]
    failed = [each for value in raw_values(message, "x-failed-recipients") for each in addresses_in(value)]
    own = {each.lower() for each in ours}
    named = failed or [each for each in addresses_in(head) if each.lower() not in own]
    status = next(iter(_STATUS.findall(head)), "")
    explained = one_line(head)[:2000]
    severity = severity_of("" if status.startswith("4") else "failed", status, explained)
    recipients = named[:1] if not failed else named[:MOST]
    failures = tuple(
        Failure(recipient=each, severity=severity, status=status, diagnostic=explained[:500])
        for each in recipients or [""]
    )
    return Report(message_ids=_originals(message, texts), failures=failures)


def read_complaint(message: Message[Any, Any], texts: Sequence[str]) -> Report:
    """Return what a report after RFC 5965 says: who complained of which mail."""
    feedback, recipients = "", list[str]()
    for part in _parts(message):
        if _type_of(part) == "message/feedback-report":
            for block in _blocks(part):
                feedback = feedback or text_of(block, "feedback-type").lower()[:40]
                for name in ("original-rcpt-to", "removal-recipient"):
                    recipients += [each for value in raw_values(block, name) for each in addresses_in(value)]
    failures = tuple(Failure(recipient=each, severity="blocked") for each in dict.fromkeys(recipients[:MOST]))
    return Report(message_ids=_originals(message, texts), failures=failures, feedback=feedback or "abuse")


def read_receipt(message: Message[Any, Any], texts: Sequence[str]) -> Report:
    """Return what a receipt after RFC 8098 says: which mail, and whether it was displayed or deleted."""
    ids: list[str] = []
    disposition = ""
    for part in _parts(message):
        if _type_of(part) in ("message/disposition-notification", "message/global-disposition-notification"):
            for block in _blocks(part):
                ids += message_ids(raw_values(block, "original-message-id"))
                said = text_of(block, "disposition").lower()
                disposition = disposition or said.rpartition(";")[2].strip().partition("/")[0][:40]
    return Report(message_ids=tuple(dict.fromkeys((*ids, *_originals(message, texts)))), disposition=disposition)


# --- the mail that a report is about ----------------------------------------------------------------------------------


def _originals(message: Message[Any, Any], texts: Sequence[str]) -> tuple[str, ...]:
    """Return the Message-IDs of the mail that came back: of the copy or its headers, else as they stand in the text."""
    found: list[str] = []
    for part in _parts(message):
        kind = _type_of(part)
        if kind in ("message/rfc822", "message/global", "message/rfc822-headers"):
            for inner in _blocks(part):
                found += message_ids(raw_values(inner, "message-id")[:1])
        elif kind in ("text/rfc822-headers", "message/global-headers"):
            found += _ids_in(_payload(part))
    for text in texts:
        found += _ids_in(text)
    found += message_ids([*raw_values(message, "in-reply-to"), *raw_values(message, "references")])
    return tuple(dict.fromkeys(found))[:20]


def _ids_in(text: str) -> list[str]:
    return [each for value in _ORIGINAL_ID.findall(text[:50_000])[:5] for each in message_ids([value])]


def _payload(part: Message[Any, Any]) -> str:
    from crmkit_messaging.receiving.charsets import decode

    try:
        content = part.get_payload(decode=True)
    except Exception:  # Broken encodings fail in many ways; what cannot be decoded says nothing.
        return ""
    return decode(content[:50_000]) if isinstance(content, bytes) else ""


def _type_of(part: Message[Any, Any]) -> str:
    try:
        return part.get_content_type()
    except Exception:  # As above.
        return ""


def _parts(message: Message[Any, Any]) -> list[Message[Any, Any]]:
    """Return the parts right below a message."""
    payload: Any = message.get_payload()
    return [part for part in payload[:MOST] if isinstance(part, Message)] if isinstance(payload, list) else []


def _blocks(part: Message[Any, Any]) -> list[Message[Any, Any]]:
    """Return the blocks of fields of a part of type ``message/…``; those of one that is encoded are decoded first."""
    found = _parts(part)
    if found and any(block.keys() for block in found):
        return found
    from email.parser import HeaderParser

    text = _payload(part) or (_payload(found[0]) if found else "")
    return [HeaderParser().parsestr(block) for block in re.split(r"\r?\n\s*\r?\n", text.strip())[:MOST] if block]

"""Mails as they come, for the tests of this room: whole ones, and seeds to be broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def mail(
    body: str | bytes = "Hello",
    *,
    sender: str = "Ada <ada@customer.example>",
    to: str = "sales@shop.example",
    subject: str = "A question",
    message_id: str | None = "<one@customer.example>",
    charset: str = "utf-8",
    **headers: str,
) -> bytes:
    """Return a plain mail. Further headers are given by name, with ``_`` for ``-``."""
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}"]
    if message_id is not None:
        lines.append(f"Message-ID: {message_id}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += ["MIME-Version: 1.0", f"Content-Type: text/plain; charset={charset}", "Content-Transfer-Encoding: 8bit"]
    head = "\r\n".join(lines).encode("utf-8")
    return head + b"\r\n\r\n" + (body if isinstance(body, bytes) else body.encode(charset, "replace"))


def multipart(
    parts: Sequence[str | bytes], *, kind: str = "mixed", top: Mapping[str, str] | None = None, boundary: str = "=_b1"
) -> bytes:
    """Return a mail of several parts, each with its own headers."""
    lines = {
        "From": "Ada <ada@customer.example>",
        "To": "sales@shop.example",
        "Subject": "Parts",
        "Message-ID": "<parts@customer.example>",
        **(top or {}),
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/{kind}; boundary="{boundary}"',
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()
    whole = [part if isinstance(part, bytes) else part.encode("utf-8") for part in parts]
    inner = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in whole)
    return head + b"\r\n" + inner + b"--" + boundary.encode() + b"--\r\n"


def bounce(
    recipient: str = "gone@customer.example",
    original: str = "<original@shop.example>",
    *,
    status: str = "5.1.1",
    action: str = "failed",
    diagnostic: str = "smtp; 550 5.1.1 user unknown",
) -> bytes:
    """Return a bounce after RFC 3464."""
    return multipart(
        [
            "Content-Type: text/plain\r\n\r\nYour mail could not be delivered.",
            "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.example\r\n\r\n"
            f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
            f"Diagnostic-Code: {diagnostic}\r\n",
            f"Content-Type: message/rfc822\r\n\r\nFrom: sales@shop.example\r\nTo: {recipient}\r\n"
            f"Message-ID: {original}\r\nSubject: Offer\r\n\r\nHello",
        ],
        kind='report; report-type="delivery-status"',
        top={
            "From": "Mail Delivery System <mailer-daemon@mx.customer.example>",
            "Return-Path": "<>",
            "Subject": "Undelivered Mail Returned to Sender",
            "Message-ID": f"<bounce-{recipient}>",
            "Auto-Submitted": "auto-replied",
        },
    )


def complaint(original: str = "<original@shop.example>", *, feedback: str = "abuse") -> bytes:
    """Return a complaint after RFC 5965."""
    return multipart(
        [
            "Content-Type: text/plain\r\n\r\nThis is an abuse report.",
            "Content-Type: message/feedback-report\r\n\r\n"
            f"Feedback-Type: {feedback}\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\n"
            "Original-Rcpt-To: <ada@customer.example>\r\n",
            f"Content-Type: message/rfc822\r\n\r\nFrom: sales@shop.example\r\nMessage-ID: {original}\r\n\r\nHello",
        ],
        kind="report; report-type=feedback-report",
        top={"From": "<feedback@provider.example>", "Subject": "FW: Offer", "Message-ID": "<arf@provider.example>"},
    )


def receipt(original: str = "<original@shop.example>") -> bytes:
    """Return a receipt after RFC 8098."""
    return multipart(
        [
            "Content-Type: text/plain\r\n\r\nThe message was displayed.",
            "Content-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822;ada@customer.example\r\n"
            f"Original-Message-ID: {original}\r\n"
            "Disposition: manual-action/MDN-sent-manually; displayed\r\n",
        ],
        kind="report; report-type=disposition-notification",
    )


ENCODED = (
    b"From: =?GB2312?B?zfXQocP3?= <xiaoming@customer.example>\r\nTo: =?utf-8?q?Verk=C3=A4ufe?= <sales@shop.example>\r\n"
    b"Subject: =?gb18030?B?se?=\r\n =?gb18030?B?vA==?= =?utf-8?b?5oql5Lu3?=\r\nMessage-ID: <e@customer.example>\r\n"
    b"Date: Mon, 02 Nov 2026 10:00:00 +0800 (CST)\r\nReferences: <a@x> <b@x>\r\nIn-Reply-To: <b@x>\r\n"
    b'Content-Type: text/html; charset="gbk"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    b"<p>=C4=E3=BA=C3</p><script>alert(1)</script><img src=3D'http://x/y.gif'>\r\n"
)
NESTED = multipart(
    [
        b"Content-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\nContent-Type: text/plain\r\n\r\nplain\r\n"
        b"--in\r\nContent-Type: text/html\r\n\r\n<b>plain</b>\r\n--in--\r\n",
        b'Content-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment; '
        b"filename*=utf-8''%E6%8A%A5%E4%BB%B7.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQKJUVPRgo=\r\n",
        b"Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\nSubject: inner\r\n\r\ntext\r\n",
        b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    ]
)
QUOTED = mail(
    "Thanks, that helps.\r\n\r\n"
    "On Mon, 2 Nov 2026 at 10:00, Sales <sales@shop.example> wrote:\r\n> Dear Ada,\r\n> see below"
)
QMAIL = mail(
    "Hi. This is the qmail-send program at mx.customer.example.\nI'm afraid I wasn't able to deliver your message to "
    "the following addresses.\n\n<gone@customer.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
    "--- Below this line is a copy of the message.\n\nReturn-Path: <sales@shop.example>\n"
    "Message-ID: <original@shop.example>\nTo: gone@customer.example\n",
    sender="MAILER-DAEMON@mx.customer.example",
    subject="failure notice",
    Return_Path="<>",
)
SEEDS: Sequence[bytes] = (
    mail(),
    ENCODED,
    NESTED,
    QUOTED,
    QMAIL,
    bounce(),
    complaint(),
    receipt(),
    mail("你好，请发报价。\r\n\r\n在 2026年11月1日，Sales 写道：\r\n> 您好", charset="gb18030"),
    mail("x", From="", Received="from a by b; Mon, 2 Nov 2026 10:00:00 +0000", List_Id="<l.example>"),
    b"",
    b"\n\n",
    b"no header at all, only text",
)

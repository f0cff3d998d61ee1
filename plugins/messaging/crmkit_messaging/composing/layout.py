"""Blocks as HTML that mail programs show: tables, inline styles, a dark look where the program asks for one.

What people read is escaped where it is put in. Must not know sessions or where values come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from attrs import frozen

from crmkit_messaging.composing.blocks import (
    Block,
    Button,
    Columns,
    Divider,
    Footer,
    Heading,
    Image,
    Lines,
    Text,
    When,
)
from crmkit_messaging.composing.markup import Look, Marked, as_html, inline_html
from crmkit_messaging.composing.placeholders import Part, plain

WIDTH = 600
"""Pixels of a message on a wide screen."""
FONT = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif"
ACCENT = "#1f4f8f"
INK, QUIET, PAPER, AROUND, LINE = "#1d2733", "#5b6673", "#ffffff", "#f2f4f7", "#dde3ea"
_SIZES = {1: (26, 33), 2: (20, 27), 3: (17, 24)}
_HEX = re.compile("#[0-9a-fA-F]{6}")

HEAD = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}"
    "body{margin:0;padding:0;-webkit-text-size-adjust:100%}"
    "img{border:0;outline:none;text-decoration:none}"
    "@media (max-width:620px){"
    ".page{width:100%!important}.pad{padding-left:20px!important;padding-right:20px!important}"
    ".col{display:block!important;width:100%!important;box-sizing:border-box;padding-left:0!important;"
    "padding-right:0!important}"
    "}"
    "@media (prefers-color-scheme:dark){"
    ".around{background-color:#12161b!important}.paper{background-color:#1c2229!important}"
    ".ink{color:#e8ecf0!important}.quiet{color:#a3aeb9!important}.line{border-color:#39424c!important}"
    ".link{color:#8fbcf2!important}"
    "}"
    "[data-ogsc] .ink{color:#e8ecf0!important}[data-ogsc] .quiet{color:#a3aeb9!important}"
    "[data-ogsc] .link{color:#8fbcf2!important}[data-ogsb] .around{background-color:#12161b!important}"
    "[data-ogsb] .paper{background-color:#1c2229!important}"
)


@frozen(kw_only=True)
class Frame:
    """What stands around the blocks: the language, the subject as the title, the line that lists of mail show behind
    the subject, the name and the colour of the business, and the texts of the link to leave."""

    language: str
    title: str
    preheader: str = ""
    business: str = ""
    accent: str = ACCENT
    leave: str = "Unsubscribe"


Fill = Callable[[str], Sequence[Part]]


@frozen(kw_only=True)
class Paint:
    """What blocks are laid out with: ``fill`` gives the parts of a text, ``line`` those of a text for an entry of a
    list, ``entries`` the entries of a list, ``holds`` says whether a condition holds, ``leave`` is where messages for
    this purpose end."""

    fill: Fill
    entries: Callable[[str], Sequence[object]]
    line: Callable[[str, object], Sequence[Part]]
    holds: Callable[[str], bool]
    leave: str = ""


def page(blocks: Sequence[Block], frame: Frame, paint: Paint) -> str:
    """Return a message as one HTML document."""
    accent = frame.accent if _HEX.fullmatch(frame.accent) else ACCENT
    rows = "\n".join(
        f'<tr><td style="padding:0">{each}</td></tr>' for each in _all(blocks, paint, accent, frame, WIDTH)
    )
    language = frame.language.replace("_", "-")
    direction = "rtl" if language.split("-")[0] in ("ar", "fa", "he", "ur") else "ltr"
    hidden = ""
    if frame.preheader:
        hidden = (
            '<div style="display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;'
            'line-height:1px">'
            f"{escape(frame.preheader)}</div>\n"
        )
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}" dir="{direction}" xmlns="http://www.w3.org/1999/xhtml">\n'
        '<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="supported-color-schemes" content="light dark">\n'
        '<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">\n'
        f"<title>{escape(frame.title)}</title>\n<style>{HEAD}</style>\n"
        "<!--[if mso]><style>table{border-collapse:collapse}td,p,a,h1,h2,h3{font-family:Arial,sans-serif!important}"
        "</style><![endif]-->\n</head>\n"
        f'<body class="around" style="margin:0;padding:0;background-color:{AROUND}">\n{hidden}'
        f'<table role="presentation" class="around" width="100%" cellpadding="0" cellspacing="0" border="0" '
        f'style="background-color:{AROUND}"><tr><td align="center" style="padding:24px 0">\n'
        f'<table role="presentation" class="page paper" width="{WIDTH}" cellpadding="0" cellspacing="0" border="0" '
        f'style="width:{WIDTH}px;max-width:100%;background-color:{PAPER};border-top:4px solid {accent}">\n'
        f'<tr><td class="pad" style="padding:28px 32px">\n'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">\n'
        f"{rows}\n</table>\n</td></tr>\n</table>\n</td></tr></table>\n</body>\n</html>\n"
    )


def _all(blocks: Sequence[Block], paint: Paint, accent: str, frame: Frame, width: int) -> list[str]:
    found: list[str] = []
    for block in blocks:
        if isinstance(block, When):
            chosen = block.blocks if paint.holds(block.condition) else block.otherwise
            found.extend(_all(chosen, paint, accent, frame, width))
        else:
            found.append(_block(block, paint, accent, frame, width))
    return [each for each in found if each]


def _look(size: int = 16, height: int = 25, colour: str = INK, kind: str = "ink", align: str = "start") -> Look:
    style = f"font-family:{FONT};font-size:{size}px;line-height:{height}px;color:{colour}"
    side = _side(align)
    return Look(
        paragraph=f' class="{kind}" style="margin:0 0 16px;{style};text-align:{side}"',
        link=' class="link" style="color:#1f4f8f;text-decoration:underline"',
        list=f' class="{kind}" style="margin:0 0 16px;padding:0 0 0 24px;{style}"',
        entry=' style="margin:0 0 4px"',
    )


def _side(align: str) -> str:
    # Old mail programs know left and right alone.
    return {"start": "left", "center": "center", "end": "right"}[align]


def _block(block: Block, paint: Paint, accent: str, frame: Frame, width: int) -> str:
    match block:
        case Heading():
            size, height = _SIZES[block.level]
            style = (
                f"margin:0 0 14px;font-family:{FONT};font-size:{size}px;line-height:{height}px;font-weight:700;"
                f"color:{INK};text-align:{_side(block.align)}"
            )
            text = inline_html(paint.fill(block.text), _look())
            return f'<h{block.level} class="ink" style="{style}">{text}</h{block.level}>'
        case Text():
            return as_html(paint.fill(block.text), _look(align=block.align))
        case Button():
            return _button(block, paint, accent)
        case Image():
            return _image(block, paint, width)
        case Divider():
            return (
                '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>'
                f'<td class="line" style="padding:0;border-top:1px solid {LINE};font-size:0;line-height:0" '
                'height="1">&nbsp;</td></tr><tr><td height="20" style="font-size:0;line-height:0">&nbsp;</td></tr>'
                "</table>"
            )
        case Columns():
            return _columns(block, paint, accent, frame, width)
        case Lines():
            return _lines(block, paint)
        case Footer():
            return _footer(block, paint, frame)
        case When():
            return ""


def _button(block: Button, paint: Paint, accent: str) -> str:
    url = Marked.of(paint.fill(block.url))
    target = url.url(url.text)
    label = escape(plain(paint.fill(block.text)).strip())
    style = (
        f"display:inline-block;padding:12px 26px;font-family:{FONT};font-size:16px;line-height:20px;font-weight:600;"
        f"color:#ffffff;text-decoration:none;background-color:{accent};border-radius:6px"
    )
    link = (
        f'<a href="{escape(target)}" style="{style}">{label}</a>' if target else f'<span style="{style}">{label}</span>'
    )
    return (
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>'
        f'<td align="{_side(block.align)}" style="padding:4px 0 20px"><table role="presentation" cellpadding="0" '
        f'cellspacing="0" border="0"><tr><td align="center" bgcolor="{accent}" style="border-radius:6px">{link}</td>'
        "</tr></table></td></tr></table>"
    )


def _image(block: Image, paint: Paint, width: int) -> str:
    source = Marked.of(paint.fill(block.url))
    address = source.url(source.text)
    alt = escape(plain(paint.fill(block.alt)).strip())
    if address is None or not address.lower().startswith("https:"):
        return f"<p{_look().paragraph}>{alt}</p>" if alt else ""
    size = min(block.width or width - 64, width - 64)
    style = (
        f"display:inline-block;width:{size}px;max-width:100%;height:auto;font-family:{FONT};font-size:14px;"
        f"color:{QUIET}"
    )
    picture = f'<img src="{escape(address)}" alt="{alt}" width="{size}" style="{style}">'
    if block.link:
        link = Marked.of(paint.fill(block.link))
        target = link.url(link.text)
        picture = f'<a href="{escape(target)}">{picture}</a>' if target else picture
    return f'<div style="margin:0 0 16px;text-align:{_side(block.align)};line-height:0">{picture}</div>'


def _columns(block: Columns, paint: Paint, accent: str, frame: Frame, width: int) -> str:
    share = 100 // len(block.columns)
    inner = width // len(block.columns) + 24
    cells: list[str] = []
    last = len(block.columns) - 1
    for number, column in enumerate(block.columns):
        sides = f"padding:0 {0 if number == last else 10}px 0 {0 if number == 0 else 10}px"
        body = "\n".join(_all(column, paint, accent, frame, inner))
        cells.append(f'<td class="col" width="{share}%" valign="top" style="width:{share}%;{sides}">{body}</td>')
    return (
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>'
        f"{''.join(cells)}</tr></table>"
    )


def _lines(block: Lines, paint: Paint) -> str:
    entries = paint.entries(block.each)
    look = _look()
    if not entries:
        return as_html(paint.fill(block.empty), look) if block.empty else ""
    cell = f"padding:9px 0;border-top:1px solid {LINE};font-family:{FONT};font-size:15px;line-height:22px;color:{INK}"
    rows: list[str] = []
    for entry in entries:
        text = inline_html(paint.line(block.text, entry), look)
        end = inline_html(paint.line(block.end, entry), look) if block.end else ""
        last = (
            f'<td class="ink line" align="right" valign="top" style="{cell};padding-left:16px">{end}</td>'
            if end
            else ""
        )
        rows.append(f'<tr><td class="ink line" valign="top" style="{cell}">{text}</td>{last}</tr>')
    return (
        '<table width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 20px">\n'
        + "\n".join(rows)
        + "\n</table>"
    )


def _footer(block: Footer, paint: Paint, frame: Frame) -> str:
    look = _look(13, 20, QUIET, "quiet")
    parts = [as_html(paint.fill(block.text), look)] if block.text else []
    if block.unsubscribe and paint.leave:
        label = escape(plain(paint.fill(block.label)).strip() if block.label else frame.leave)
        link = (
            f'<a href="{escape(paint.leave)}" class="quiet" style="color:{QUIET};text-decoration:underline">{label}</a>'
        )
        parts.append(f"<p{look.paragraph}>{link}</p>")
    return (
        f'<div class="line" style="margin:12px 0 0;padding:16px 0 0;border-top:1px solid {LINE}">{"".join(parts)}</div>'
        if parts
        else ""
    )

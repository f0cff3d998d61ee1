"""What a browser calls itself, in a few words by which a person tells one session from another.

It is a label and decides nothing: anybody can send anything.
"""

from __future__ import annotations

import re

# The first that fits: most browsers also name those that they descend from.
_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("WeChat", r"MicroMessenger/(\d+)"),
    ("QQ Browser", r"M?QQBrowser/(\d+)"),
    ("UC Browser", r"UC(?:Browser|BrowserLite)?/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS|HeadlessChrome)/(\d+)"),
    ("Safari", r"Version/(\d+)[\d.]* (?:Mobile/\S+ )?Safari/"),
)
_SYSTEMS = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"),
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Chrome OS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)


def agent_label(user_agent: str | None) -> str | None:
    """Return the name of a browser and of its system, such as "Firefox 140, Windows"; None where neither is known."""
    text = (user_agent or "")[:400]
    browser = next((f"{name} {match[1]}" for name, shape in _BROWSERS if (match := re.search(shape, text))), None)
    system = next((name for name, shape in _SYSTEMS if re.search(shape, text)), None)
    return ", ".join(part for part in (browser, system) if part) or None

"""What a browser would send of a form as it stands on a page."""

from __future__ import annotations

from html.parser import HTMLParser


class _Form(HTMLParser):
    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside = action, False
        self.values: dict[str, list[str]] = {}
        self.select: str | None = None
        self.area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("action") == self.action and given.get("method", "get").lower() == "post"
        if not self.inside:
            return
        name, kind = given.get("name"), given.get("type", "text")
        if tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in given):
            self.values.setdefault(name, []).append(given.get("value") or "")
        elif tag == "select" and name:
            self.select = name
            self.values.setdefault(name, [])
        elif tag == "option" and self.select and ("selected" in given or not self.values[self.select]):
            self.values[self.select] = [given.get("value") or ""]
        elif tag == "textarea" and name:
            self.area = name
            self.values.setdefault(name, [""])

    def handle_data(self, data: str) -> None:
        if self.area:
            self.values[self.area] = [self.values[self.area][0] + data]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None


def filled(page: str, action: str, **changes: str) -> dict[str, list[str]]:
    """Return the fields of the form of a page that is sent to an address, with some changed."""
    parser = _Form(action)
    parser.feed(page)
    assert parser.values, f"there is no form for {action}"
    return {**parser.values, **{name: [value] for name, value in changes.items()}}

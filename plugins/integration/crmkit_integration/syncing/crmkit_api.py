"""The connector to another crmkit, over its REST API with a token of one of its users.

What is masked there is revealed, which is audited there; what that user may not reveal is not synchronised. Changes
come from the feed of events, so nothing is missed however slow a transaction over there was. Must not know what is
kept here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from attrs import frozen

from crmkit import Answer, Refused, call_address, texts
from crmkit_integration.syncing.connectors import (
    Access,
    ConnectorKind,
    RemoteChanges,
    RemoteRecord,
    RemoteRefused,
    RemoteStale,
    RemoteUnreachable,
)
from crmkit_integration.syncing.fields import CUSTOM, FIELDS, LISTS, POINTS, plain_value

_ = texts("crmkit_integration")

ROOT = "/api/v1"
AT_ONCE = 40
"""Records that are read by one call."""
PAGE = 500
SECONDS = 30.0
TRIES = 5
LONGEST_WAIT = 60.0
"""Most seconds that a busy server is waited for."""
MASK = "****"
REASON = "synchronisation"
"""Why a customer is revealed, in the other system's audit log."""
SOURCE = "crmkit"
"""Under this source a record that was added there keeps its id here."""
TYPES = "customer.*,contact_point.*"
_IDS = ("customer_id", "customer_ids", "survivor_id", "absorbed_id")


@frozen(kw_only=True)
class CrmkitConnector:
    """The customers of another crmkit. ``fields`` are those that are kept in step, by their names over there."""

    access: Access
    fields: tuple[str, ...]

    # --- reading ------------------------------------------------------------------------------------------------

    def now(self) -> str:
        """Return the cursor behind the newest event."""
        return str(self._get("/events", after="now", limit=1)["next"])

    def changes(self, since: str) -> RemoteChanges:
        """Return the customers of a page of events."""
        answer = self._call("GET", "/events", query={"after": since, "type": TYPES, "limit": PAGE})
        if answer.status in (409, 422):
            return RemoteChanges(external_ids=(), watermark=since, lost=True)
        page = self._document(answer)
        found: dict[str, None] = {}
        for event in page["data"]:
            for name in _IDS:
                value = event["data"].get(name)
                found |= dict.fromkeys(value if isinstance(value, list) else [value] if value else [])
        return RemoteChanges(external_ids=tuple(found), watermark=page["next"], more=bool(page["more"]))

    def everything(self) -> Iterator[str]:
        """Give the ids of all customers that the token's user sees."""
        after: str | None = None
        while True:
            options = {"fields": "id", "sort": "created_at", "limit": PAGE, **({"after": after} if after else {})}
            page = self._get("/customer", **options)
            for row in page["data"]:
                yield str(row["id"])
            after = page["next"]
            if not after:
                return

    def read(self, external_ids: Sequence[str]) -> Mapping[str, RemoteRecord]:
        """Return customers by their ids, those that were put away too."""
        found: dict[str, RemoteRecord] = {}
        for start in range(0, len(external_ids), AT_ONCE):
            rows = self._rows(external_ids[start : start + AT_ONCE])
            open_values = self._revealed(rows)
            for row in rows:
                identity = str(row["id"])
                found[identity] = self._record(row, open_values.get(identity, {}))
        return found

    def _revealed(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        """Return in full what is masked of customers that are not put away: by the operation that says why, and that is
        audited over there."""
        wanted: list[dict[str, Any]] = []
        for row in rows:
            points = [each["id"] for each in self._points(row) if _is_masked(each["value"])]
            fields = [name for name in self.fields if name not in POINTS and _is_masked(_plain(row, name))]
            if row.get("deleted_at") is None and (points or fields):
                values = {"reason": REASON, "fields": fields, "contact_points": points}
                wanted.append({"target": row["id"], "values": values})
        if not wanted:
            return {}
        answer = self._call("POST", "/operations/customer.reveal/bulk", body=wanted)
        outcomes = self._document(answer)["data"] if answer.status == 200 else []
        found: dict[str, Mapping[str, Any]] = {}
        for outcome in outcomes:
            if outcome.get("result"):
                found[str(outcome["result"]["customer_id"])] = outcome["result"]
        if len(found) < len(wanted):
            raise RemoteUnreachable(
                _("The token's user may not reveal over there what is to be synchronised."),
                fix=_("Give that user a role that reveals customers, or leave sensitive fields out."),
            )
        return found

    def _points(self, row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        kinds = {POINTS[name] for name in self.fields if name in POINTS}
        return [each for each in row["expanded"]["contact_points"] if each["kind"] in kinds]

    def _rows(self, ids: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        listed = ", ".join(f'"{each}"' for each in ids)
        page = self._get(
            "/customer",
            filter=f"id in [{listed}]",
            fields=",".join(self._columns()),
            expand="contact_points",
            deleted="true",
            limit=AT_ONCE,
        )
        rows: Sequence[Mapping[str, Any]] = page["data"]
        return rows

    def _columns(self) -> list[str]:
        own = [each for each in self.fields if each in FIELDS and each not in POINTS]
        custom = ["custom"] if any(each.startswith(CUSTOM) for each in self.fields) else []
        return list(dict.fromkeys(["id", "updated_at", "deleted_at", *own, *custom]))

    def _record(self, row: Mapping[str, Any], revealed: Mapping[str, Any]) -> RemoteRecord:
        deleted = row.get("deleted_at") is not None
        values = {} if deleted else {name: self._value(row, name, revealed) for name in self.fields}
        return RemoteRecord(
            external_id=str(row["id"]),
            values=values,
            changed_at=datetime.fromisoformat(row["updated_at"]),
            deleted=deleted,
            version=str(row["version"]),
        )

    def _value(self, row: Mapping[str, Any], name: str, revealed: Mapping[str, Any]) -> Any:
        if name in POINTS:
            shown = {each["id"]: each["value"] for each in revealed.get("contact_points", ())}
            points = [each for each in row["expanded"]["contact_points"] if each["kind"] == POINTS[name]]
            return sorted({shown.get(each["id"], each["value"]) for each in points})
        return plain_value(revealed.get("fields", {}).get(name, _plain(row, name)))

    # --- changing -----------------------------------------------------------------------------------------------

    def create(self, values: Mapping[str, Any], *, reference: str, key: str) -> RemoteRecord:
        """Add a customer; its id here is kept with it over there."""
        body = {**_body(values, []), "despite_duplicates": True}
        if reference:
            body |= {"external_id": reference, "identifier_source": SOURCE}
        made = self._changed(self._call("POST", "/customer", body=body, key=key))
        return self._again(str(made["id"]))

    def update(self, record: RemoteRecord, values: Mapping[str, Any], *, key: str) -> RemoteRecord:
        """Change a customer as it was read."""
        points: Sequence[Mapping[str, Any]] = []
        if any(name in POINTS for name in values):
            points = self._all_points(record)
        tag = {"If-Match": f'"v{record.version}"'}
        path = f"/customer/{record.external_id}"
        self._changed(self._call("PATCH", path, body=_body(values, points), key=key, headers=tag))
        return self._again(record.external_id)

    def _all_points(self, record: RemoteRecord) -> list[Mapping[str, Any]]:
        """Return all contact points of a customer in full: those that stay are sent back with the others. Raises
        RemoteStale."""
        rows = self._rows([record.external_id])
        if not rows or str(rows[0]["version"]) != record.version:
            raise RemoteStale("it was changed meanwhile")
        points: list[Mapping[str, Any]] = list(rows[0]["expanded"]["contact_points"])
        masked = [each["id"] for each in points if _is_masked(each["value"]) or _is_masked(each.get("details"))]
        if not masked:
            return points
        values = {"reason": REASON, "contact_points": masked}
        path = f"/customer/{record.external_id}/reveal"
        shown = self._changed(self._call("POST", path, body=values))["result"]["contact_points"]
        full = {each["id"]: each for each in shown}
        return [{**each, **full.get(each["id"], {})} for each in points]

    def _again(self, external_id: str) -> RemoteRecord:
        found = self.read([external_id])
        if external_id not in found:
            raise RemoteRefused("the token's user does not see what was written")
        return found[external_id]

    def _changed(self, answer: Answer) -> Mapping[str, Any]:
        if answer.status == 412:
            raise RemoteStale("it was changed meanwhile")
        if answer.status in (400, 403, 404, 409, 413, 422, 428):
            raise RemoteRefused(_said(answer))
        return self._document(answer)

    # --- calling ------------------------------------------------------------------------------------------------

    def _get(self, path: str, **query: Any) -> Any:
        return self._document(self._call("GET", path, query=query))

    def _document(self, answer: Answer) -> Any:
        if answer.status not in (200, 201):
            raise RemoteUnreachable(
                _("{host} answers {status}: {said}"),
                host=urlsplit(self.access.url).hostname or "",
                status=answer.status,
                said=_said(answer),
            )
        try:
            return json.loads(answer.body)
        except ValueError as error:
            raise RemoteUnreachable(_("{host} is no crmkit."), host=urlsplit(self.access.url).hostname or "") from error

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {"Authorization": f"Bearer {self.access.secret}", **(headers or {})}
        content = None
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            sent["Content-Type"] = "application/json"
        if key:
            sent["Idempotency-Key"] = key
        url = f"{self.access.url.rstrip('/')}{ROOT}{path}" + (f"?{urlencode(query)}" if query else "")
        answer: Answer | None = None
        for attempt in range(TRIES):
            try:
                answer = call_address(
                    url, method=method, content=content, headers=sent, private=self.access.private, seconds=SECONDS
                )
            except Refused as error:
                if attempt < TRIES - 1 and error.__cause__ is not None:
                    # Whatever is asked can be asked again: changes carry a key.
                    time.sleep(0.2 * 2**attempt)
                    continue
                raise RemoteUnreachable(error.message, fix=error.fix, **error.values) from error
            if answer.status not in (429, 503):
                break
            time.sleep(min(_seconds(answer.headers.get("retry-after", "")), LONGEST_WAIT))
        assert answer is not None
        return answer


def _body(values: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what is sent for values: the whole list of contact points where one of their kinds is among them."""
    body: dict[str, Any] = {}
    for name, value in values.items():
        if name.startswith(CUSTOM):
            body.setdefault("custom", {})[name.removeprefix(CUSTOM)] = value
        elif name in LISTS:
            body[name] = value or []
        elif name not in POINTS:
            body[name] = value
    wanted = {POINTS[name]: list(value or ()) for name, value in values.items() if name in POINTS}
    if not wanted:
        return body
    kept: list[dict[str, Any]] = []
    for each in points:
        if each["kind"] in wanted:
            if each["value"] not in wanted[each["kind"]]:
                continue
            wanted[each["kind"]].remove(each["value"])
        names = ("kind", "value", "label", "preferred", "verified_at", "details")
        kept.append({name: each.get(name) for name in names})
    kept.extend({"kind": kind, "value": value} for kind, many in wanted.items() for value in many)
    body["contact_points"] = kept
    return body


def _plain(row: Mapping[str, Any], name: str) -> Any:
    if name.startswith(CUSTOM):
        return (row.get("custom") or {}).get(name.removeprefix(CUSTOM))
    return row.get(name)


def _is_masked(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_masked(each) for each in value.values())
    if isinstance(value, list):
        return any(_is_masked(each) for each in value)
    return isinstance(value, str) and MASK in value


def _said(answer: Answer) -> str:
    try:
        document = json.loads(answer.body)
        errors = [str(each.get("message", "")) for each in document.get("errors", [])]
        fields = [str(each.get("field", "")) for each in document.get("errors", [])]
        told = "; ".join(f"{field}: {text}" for field, text in zip(fields, errors, strict=True))
        return str(told or document.get("detail") or document.get("code") or "")[:400]
    except (ValueError, AttributeError):
        return f"HTTP {answer.status}"


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() else 1.0


def open_crmkit(access: Access, fields: Sequence[str]) -> CrmkitConnector:
    """Return the connector to another crmkit."""
    return CrmkitConnector(access=access, fields=tuple(fields))


KIND = ConnectorKind(name="crmkit", title=_("Another crmkit"), open=open_crmkit)
"""Another crmkit, over its REST API."""

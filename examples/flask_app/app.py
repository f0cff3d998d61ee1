"""A shop in Flask with crmkit below ``/crm``: Flask speaks WSGI, so crmkit comes through an adapter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, abort, jsonify, request, session as cookie
from sqlalchemy import Engine, String, create_engine, event, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from crmkit import CRM, Actor
from crmkit.web.embedding import WsgiMount, wsgi

STAFF = {"mia": ("Mia Manager", "manager"), "sam": ("Sam Seller", "seller")}
"""Who works in the shop, each with a name and the role in crmkit that the shop vouches for."""


class Base(DeclarativeBase):
    """The shop's own tables."""


class Order(Base):
    """An order of the shop, in cents."""

    __tablename__ = "shop_order"

    number: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(36))
    amount: Mapped[int] = mapped_column()


def open_engine(url: str) -> Engine:
    """Return the shop's engine, which crmkit uses too."""
    engine = create_engine(url)

    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def foreign_keys(connection: Any, record: Any) -> None:
            connection.execute("PRAGMA foreign_keys = ON")

    return engine


def actor_of(login: str | None) -> Actor | None:
    """Return who somebody of the shop is in crmkit."""
    if login not in STAFF:
        return None
    name, role = STAFF[login]
    return Actor.host(login, name=name, roles=(role,))


def make_app(engine: Engine, *, secret: str) -> Flask:
    """Return the shop. Its ``wsgi_app`` has crmkit in it, so any WSGI server serves both."""
    Base.metadata.create_all(engine)
    crm = CRM.open(engine=engine, create=True)
    app = Flask("shop")
    app.secret_key = secret
    app.extensions["crmkit"] = crm

    def signed_in(scope: Mapping[str, Any]) -> Actor | None:
        # Flask's session is in a signed cookie, which Flask itself reads out of the environ.
        found = app.session_interface.open_session(app, app.request_class(scope["wsgi_environ"]))
        return actor_of(found.get("login")) if found is not None else None

    app.wsgi_app = WsgiMount(app.wsgi_app, "/crm", wsgi(crm, actor=signed_in))  # type: ignore[method-assign]

    @app.post("/sign-in")
    def sign_in() -> Any:
        """Sign somebody in; a real shop asks for a password."""
        actor = actor_of(request.get_json()["login"])
        if actor is None:
            abort(401)
        cookie["login"] = request.get_json()["login"]
        return jsonify(name=actor.name)

    @app.post("/orders")
    def take_order() -> Any:
        """Take an order and tell the customer base of it: both, or neither."""
        actor = actor_of(cookie.get("login"))
        if actor is None:
            abort(401)
        given = request.get_json()
        with engine.begin() as connection:
            values = {"customer_id": given["customer_id"], "amount": given["amount"]}
            number = connection.execute(insert(Order).values(values).returning(Order.number)).scalar_one()
            with crm.joined(actor, connection) as session:
                note = {"kind": "note", "customer_id": given["customer_id"], "subject": f"Order {number}"}
                session.run("interaction.record", {**note, "source": "shop", "external_id": f"order:{number}"})
            if given["amount"] <= 0:
                abort(422)
        return jsonify(number=number)

    return app

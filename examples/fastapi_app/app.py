"""A shop in FastAPI with crmkit below ``/crm``: one database, one sign-in, one transaction for an order and what the
customer base is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, FastAPI, HTTPException, Request
from sqlalchemy import Engine, ForeignKey, String, create_engine, event, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.middleware.sessions import SessionMiddleware

from crmkit import CRM, Actor


class Base(DeclarativeBase):
    """The shop's own tables."""


class Staff(Base):
    """Somebody who works in the shop. ``role`` is the role in crmkit that the shop vouches for."""

    __tablename__ = "shop_staff"

    login: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(60))


class Order(Base):
    """An order of the shop, in cents."""

    __tablename__ = "shop_order"

    number: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(36))
    amount: Mapped[int] = mapped_column()
    taken_by: Mapped[str] = mapped_column(ForeignKey("shop_staff.login"))


def open_engine(url: str) -> Engine:
    """Return the shop's engine, which crmkit uses too."""
    engine = create_engine(url)

    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def foreign_keys(connection: Any, record: Any) -> None:
            connection.execute("PRAGMA foreign_keys = ON")

    return engine


def make_app(engine: Engine, *, secret: str) -> FastAPI:
    """Return the shop."""
    Base.metadata.create_all(engine)
    crm = CRM.open(engine=engine, create=True)

    def actor_of(login: str | None) -> Actor | None:
        """Return who somebody of the shop is in crmkit."""
        if not login:
            return None
        with engine.connect() as connection:
            staff = connection.execute(select(Staff.name, Staff.role).where(Staff.login == login)).one_or_none()
        return None if staff is None else Actor.host(login, name=staff.name, roles=(staff.role,))

    def signed_in(scope: Mapping[str, Any]) -> Actor | None:
        # The session is the shop's: its middleware is around everything, what is mounted included.
        return actor_of(scope["session"].get("login"))

    app = FastAPI(title="A shop")
    app.add_middleware(SessionMiddleware, secret_key=secret)
    app.mount("/crm", crm.asgi(actor=signed_in))
    app.state.crm = crm

    @app.post("/sign-in")
    def sign_in(request: Request, login: Annotated[str, Body(embed=True)]) -> dict[str, str]:
        """Sign somebody in; a real shop asks for a password."""
        actor = actor_of(login)
        if actor is None:
            raise HTTPException(401)
        request.session["login"] = login
        return {"name": actor.name}

    @app.post("/orders")
    def take_order(
        request: Request, customer_id: Annotated[UUID, Body()], amount: Annotated[int, Body()]
    ) -> dict[str, int]:
        """Take an order and tell the customer base of it: both, or neither."""
        login = request.session.get("login")
        actor = actor_of(login)
        if actor is None:
            raise HTTPException(401)
        with engine.begin() as connection:
            values = {"customer_id": str(customer_id), "amount": amount, "taken_by": login}
            number: int = connection.execute(insert(Order).values(values).returning(Order.number)).scalar_one()
            with crm.joined(actor, connection) as session:
                session.run(
                    "interaction.record",
                    {
                        "kind": "note",
                        "customer_id": customer_id,
                        "subject": f"Order {number}",
                        "occurred_at": datetime.now(UTC),
                        "source": "shop",
                        "external_id": f"order:{number}",
                    },
                )
            if amount <= 0:
                raise HTTPException(422, "An order has an amount.")
        return {"number": number}

    return app

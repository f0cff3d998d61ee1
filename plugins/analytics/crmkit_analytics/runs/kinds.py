"""What a plugin says of a model that it can fit, and what a fit hands back. Values alone: must not know the database.

A fitted model is kept as numbers in JSON and never as code, so that reading one can do nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import field, frozen

from crmkit import CRM, Actor, CrmSession, Note, __version__

if TYPE_CHECKING:
    from crmkit import Moment

SEED = 1


@frozen(kw_only=True)
class Fitted:
    """What a fit found: parameters, figures on data that it had and had not seen, and the same figures of a base line.

    ``better`` says whether it is better than the base line on what neither had seen; a model that is not is refused.
    ``judged_by`` names the figure that decided, which stands in ``figures`` and in ``baseline``. ``rows`` is how many
    customers, or other rows, it was fitted on. ``artifact`` is what is needed to score, as JSON; nothing in it may be
    about one customer. ``notes`` are warnings for people. All numbers are plain ones of Python.
    """

    parameters: Mapping[str, Any]
    figures: Mapping[str, Any]
    baseline: Mapping[str, Any] = field(factory=dict[str, Any])
    better: bool = True
    judged_by: str = ""
    rows: int = 0
    artifact: Any = None
    notes: tuple[Note, ...] = field(default=(), converter=tuple)


@frozen(kw_only=True, eq=False)
class FitContext:
    """What a fit is given: which data counts, the seed, where to read, and whom to tell how far it has come.

    Data is what occurred from the day ``data_from`` (None: from the beginning) to the day ``data_until``, both
    included, as ``known_at`` (an instant, UTC) had it. ``as_of`` is the end of ``data_until`` in the company's zone,
    in UTC. ``session()`` reads in system scope: what a model says must not depend on who asked for it.
    """

    crm: CRM
    actor: Actor
    run_id: UUID
    data_from: date | None
    data_until: date
    as_of: datetime
    known_at: datetime
    seed: int = SEED
    tell: Callable[[float, str], None] = field(default=lambda share, word: None)

    @contextmanager
    def session(self) -> Iterator[CrmSession]:
        """Open a session to read; close it before long calculations begin."""
        with self.crm.session(self.actor) as session:
            yield session

    def moment(self, session: CrmSession) -> Moment:
        """Return the moment at which facts are to be asked for."""
        from crmkit import moment_of

        return moment_of(session, self.as_of, self.known_at)

    def progress(self, share: float, word: str = "") -> None:
        """Tell how much is done, 0 to 1, and with what the fit is busy, as a text of a catalogue."""
        self.tell(min(max(share, 0.0), 1.0), word)


@frozen(kw_only=True)
class ModelKind:
    """A model that can be fitted: ``fit(context, parameters)`` returns a `Fitted` or raises an error of crmkit's tree.

    ``name`` is ``<plugin>.<noun>``. ``parameters`` is an attrs class, whose fields are what may be asked for; ``fit``
    is given one of it, or the mapping as it came where there is none. ``needs`` names modules of libraries without
    which it cannot be fitted. ``modules`` are further modules whose source says which version of the code it was.
    A run that has told nothing for ``silence`` minutes is taken for one that was killed.
    """

    name: str
    title: str
    fit: Callable[[FitContext, Any], Fitted]
    doc: str = ""
    parameters: type[Any] | None = None
    modules: tuple[str, ...] = field(default=(), converter=tuple)
    needs: tuple[str, ...] = field(default=(), converter=tuple)
    silence: int = 30

    def code_version(self) -> str:
        """Return the version of the plugin, and a digest of the source of the modules that the model is made of."""
        own = self.fit.__module__
        package = sys.modules.get(own.partition(".")[0])
        digest = sha256()
        for name in (own, *self.modules):
            digest.update(_source(name))
        return f"{getattr(package, '__version__', __version__)} {digest.hexdigest()[:12]}"


def _source(name: str) -> bytes:
    """Return the source of a module; of one that is in no file, such as a sample that was typed, its name."""
    module = sys.modules.get(name) or (import_module(name) if find_spec(name) is not None else None)
    file = getattr(module, "__file__", None)
    return Path(file).read_bytes() if file else name.encode()

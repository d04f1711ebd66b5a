"""The places themselves: a list of them, other names for them, and the end of empty ones."""

from collections.abc import Iterator, Sequence

from invctl.core.operations import mutate
from invctl.core.places.lists import known_places
from invctl.core.places.spots import check_place
from invctl.db.database import Database
from invctl.db.search import folded, words
from invctl.db.session import Row, Session
from invctl.errors import PlaceExists, PlaceNotEmpty, UsageError
from invctl.models.attempts import Attempt
from invctl.models.places import PlaceChange
from invctl.repository import changes, contents, operations, places
from invctl.repository.changes import place_named
from invctl.repository.operations import Draft
from invctl.values import check_text


def list_places(db: Database, *, search: str | None = None) -> Iterator[Sequence[Row]]:
    """Yield the places in order of name as PLACE_FIELDS: what is inside them is theirs, too.

    `search` finds every word of it in a name, without regard to case and accents.
    """
    wanted = words(check_text(search, "search")) if search else ()
    with db.read() as session:
        found = {above: [0, 0] for name in places.names(session) for above in _above(name)}
        # A product counts once in each place around its pots, which come product by product.
        current, known = None, set[str]()
        for product, name, units in contents.by_product(session):
            if product != current:
                current, known = product, set()
            for above in _above(name):
                found[above][0] += above not in known
                found[above][1] += units
                known.add(above)
    yield [
        (name, *found[name])
        for name in sorted(found)
        if all(word in folded(name) for word in wanted)
    ]


def _above(name: str) -> list[str]:
    """Return a place and those that it is inside."""
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def rename_place(db: Database, name: str, new_name: str, *, attempt: Attempt) -> PlaceChange:
    """Give a place another name, and all that is inside it with it.

    Raises UsageError, PlaceNotFound, or PlaceExists where something lies under the new name.
    """
    old, new = check_place(name), check_place(new_name)
    if old == new:
        raise UsageError(f"{old} is its name already", "give it another one")

    def work(session: Session, draft: Draft) -> PlaceChange:
        session.take_turn()  # who makes a place has it: none comes under either name meanwhile
        moving = known_places(session, old)
        named = [(one, check_place(new + one.name[len(old) :])) for one in moving]
        ids = {one.id for one in moving}
        taken = [one for one in places.inside(session, new) if one.id not in ids]
        units = places.totals_in(session, [one.id for one in taken])[1]
        if units:
            raise PlaceExists(new, units)
        operation = operations.enter(session, draft, changes=1)
        changes.append(session, operation, [place_named(old, new)])
        clashing = {one for _, one in named}
        ousted = [one for one in taken if one.name in clashing]
        # All at once would meet names that are still there; nobody can give one with `//` in it.
        at = draft.recorded_at
        passing: list[Row] = [(places.ousted(one.name, operation.id), at, one.id) for one in ousted]
        passing += [(f"//{operation.id}/{one.id}", None, one.id) for one in moving]
        places.name_all(session, passing)
        places.name_all(session, [(name, None, one.id) for one, name in named])
        return _answer(session, operation.id, draft, new, ids)

    request = {"place": old, "new_name": new}
    return mutate(db, "place", attempt, lambda: request, work)


def remove_place(db: Database, name: str, *, attempt: Attempt) -> PlaceChange:
    """Remove an empty place, and all that is inside it; its history stays.

    Raises PlaceNotFound, or PlaceNotEmpty.
    """
    checked = check_place(name)

    def work(session: Session, draft: Draft) -> PlaceChange:
        # Whoever puts something in an empty place has the turn, too.
        session.take_turn()
        found = known_places(session, checked)
        ids = {one.id for one in found}
        held, units = places.totals_in(session, ids)
        if units:
            raise PlaceNotEmpty(checked, held, units)
        operation = operations.enter(session, draft, changes=1)
        changes.append(session, operation, [place_named(checked, None)])
        places.name_all(session, [(one.name, draft.recorded_at, one.id) for one in found])
        return _answer(session, operation.id, draft, checked, ids)

    return mutate(db, "place", attempt, lambda: {"removed": checked}, work)


def _answer(
    session: Session, operation: int, draft: Draft, name: str, ids: set[int]
) -> PlaceChange:
    held, units = places.totals_in(session, ids)
    return PlaceChange(operation, draft.kind, name, held, units)

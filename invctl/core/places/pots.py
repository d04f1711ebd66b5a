"""The pots of some products in memory, while a transaction that has locked those changes them.

What is taken comes from the place that was named and from no other; in it what expires first comes
first. New places, lots and pots are made here, in this transaction's turn.
"""

from collections.abc import Collection, Iterable, Sequence

from invctl.core.balance import Pot
from invctl.core.places.noted import Noted
from invctl.core.places.spots import ANY, Spot, is_inside, is_past, warning_of_date
from invctl.core.whereabouts import record_of
from invctl.db.session import Row, Session
from invctl.errors import InsufficientStock, LotDiffers, PlaceNotFound, command
from invctl.repository import places, promises
from invctl.repository.places import Place, StoredPot
from invctl.repository.products import Found

Supply = tuple[Pot | None, int]
"""What units may be taken from, and how many are there."""

_ADVISED = 10
"""New places of a file for which it is looked whether another one was meant: it takes a while."""


class Pots:
    """The pots of the products that were loaded; `told` is what people are to be told.

    Where all is only `rehearsed`, they are told what would be done.
    """

    def __init__(self, session: Session, *, rehearsed: bool = False) -> None:
        self.said: list[str] = []
        taken, would = ("would be taken", "would ") if rehearsed else ("was taken", "")
        self.expired = Noted(f"what {taken} had expired", lambda pot: is_past(pot.expires_on))
        no_lots = f"in no place there are no lots, so that these {would}lose theirs"
        self.unlotted = Noted(no_lots, lambda pot: bool(pot.lot))
        self._session = session
        self._making = "would make" if rehearsed else "made"
        self._of: dict[int, list[Pot]] = {}
        self._at: dict[tuple[int, str, str], Pot] = {}
        self._by_id: dict[int, Pot] = {}
        self._unsorted: set[int] = set()
        """Products of which a pot was added since their pots were put in order."""
        self._dates: dict[tuple[int, str], str | None] = {}
        self._places: dict[str, Place] = {}
        self._new_pots: list[Row] = []
        self._new_lots: list[Row] = []
        self._next_pot: int | None = None

    @property
    def told(self) -> list[str]:
        """What was said so far, and what that was taken had expired, or is of no lot any more."""
        return [*self.said, *self.expired.said, *self.unlotted.said]

    def load(self, products: Collection[int]) -> None:
        """Read the pots of products that are locked and were not loaded before."""
        fresh = [one for one in products if one not in self._of]
        # Also of products without any, which then need not be asked for again.
        self._of.update((one, []) for one in fresh)
        for stored in places.pots_of(self._session, fresh) if fresh else ():
            self._add(stored)
            if stored.lot:
                self._dates[stored.product, stored.lot] = stored.expires_on

    def knows(self, product: int) -> bool:
        """Return whether a product's pots were loaded."""
        return product in self._of

    def forget(self) -> None:
        """Let go of what was loaded and has been settled."""
        for known in (self._of, self._at, self._by_id, self._dates, self._unsorted):
            known.clear()

    def numbered(self, product: int, pot: int) -> Pot:
        """Return a loaded product's pot by its number."""
        found = self._by_id[pot]
        # Where its place has lost its name to another, it is what lies there by now.
        called = places.called(found.place)
        return found if called == found.place else self.there(product, Spot(called, found.lot))

    def summed(self, product: int, sums: Iterable[tuple[int, int]]) -> list[tuple[Pot, int]]:
        """Return each pot of several numbers once, with all the units that these are said to be."""
        found: dict[tuple[str, str], tuple[Pot, int]] = {}
        for number, units in sums:
            pot = self.numbered(product, number)
            _, before = found.get((pot.place, pot.lot), (pot, 0))
            found[pot.place, pot.lot] = pot, before + units
        return list(found.values())

    def again(self, product: int, sku: str, pot: int) -> Pot:
        """Return a pot into which units come back; its place is there again if it was removed."""
        found = self.numbered(product, pot)
        return found if found.now else self.into(product, sku, Spot(found.place, found.lot))

    def others(self, product: int, spot: Spot) -> list[Pot]:
        """Return what else lies of a product in a place, of other lots."""
        here = (one for one in self._ordered(product) if one.place == spot.place and one.now)
        return [one for one in here if one.lot != (spot.lot or "")]

    def knows_lot(self, product: int, lot: str) -> bool:
        """Return whether a loaded product has, or had, units of a lot."""
        return (product, lot) in self._dates

    def inside(self, product: int, place: str) -> list[Pot]:
        """Return what lies of a product in a place and in all that is inside it."""
        return [one for one in self._ordered(product) if one.now and is_inside(one.place, place)]

    def records(self, product: int) -> list[dict[str, object]]:
        """Return where a product lies, as an error tells it."""
        there = (one for one in self._ordered(product) if one.now)
        return [record_of(one.place, one.lot, one.expires_on, one.now) for one in there]

    def short(
        self, found: Found, requested: int, available: int, there: str | None, way: str = ""
    ) -> InsufficientStock:
        """Return that no more lies there, or where that is None that the rest is held.

        A `way` is how to have what lies elsewhere.
        """
        until = promises.first_due(self._session, found.id) if found.held else None
        refused = InsufficientStock(
            found.sku,
            requested,
            available,
            quantity=found.quantity,
            held=found.held,
            held_until=until,
            there=there,
        )
        return refused.with_places(self.records(found.id), way)

    def way_to(self, found: Found, target: Pot | None, units: int) -> str:
        """Return how to bring units into a pot, or out of all places; '' where too few lie."""
        spare: list[Supply] = [
            (one, one.now)
            for one in self._ordered(found.id)
            if one is not target and (target is None or one.lot == target.lot)
        ]
        if target is not None:
            spare.append((None, found.quantity - found.placed))
        pot, most = max(spare, key=lambda one: one[1], default=(None, 0))
        if most < units:  # of one place, but of several there may be enough
            is_enough = sum(there for _, there in spare) >= units
            return "`invctl stock move` brings it there" if is_enough else ""
        words = ["--from", pot.place] if pot else []
        words += ["--to", target.place] if target else []
        said = target or pot
        assert said is not None, "units come from a place, or go to one"
        words += ["--lot", said.lot] if said.lot else []
        return f"{command('stock', 'move', found.sku, units, *words)} brings it there"

    def supplies(self, product: int, spot: Spot, unplaced: int) -> list[Supply]:
        """Return what may be taken where that is said, in order. Raises PlaceNotFound."""
        if spot.place is None:
            return [(None, unplaced)]
        fitting: list[Supply] = [
            (one, one.now)
            for one in self._ordered(product)
            if one.now
            and spot.place in (ANY, one.place)
            and (spot.lot is None or spot.lot == one.lot)
        ]
        if spot.place == ANY:
            # What lies in no place is of no lot, and comes last (§10).
            return fitting if spot.lot else [*fitting, (None, unplaced)]
        # Nothing of it lies there; that there is no such place is told first.
        if not fitting:
            self._find(spot.place, self.inside(product, spot.place))
        return fitting

    def into(self, product: int, sku: str, spot: Spot) -> Pot:
        """Return the pot of a place and lot, which are made if they are new. Raises LotDiffers."""
        assert spot.place is not None
        lot = spot.lot_name
        if lot:
            self._date(product, sku, lot, spot.expires_on)
        found = self._at.get((product, spot.place, lot))
        if found and found.now:
            return found  # whose place nobody removes meanwhile
        # Also where the pot is there: the place of an empty one may have been removed.
        place = self._made(spot.place)
        return found or self._new_pot(product, place, lot)

    def there(self, product: int, spot: Spot) -> Pot:
        """Return the pot of a place and lot as it is; one that is not there is empty."""
        assert spot.place is not None
        key = (product, spot.place, spot.lot_name)
        return self._at.get(key) or Pot(StoredPot(0, *key, spot.expires_on, 0))

    def write(self) -> None:
        """Write the lots and pots that are new."""
        if self._new_lots:
            places.add_lots(self._session, self._new_lots)
            self._new_lots.clear()
        if self._new_pots:
            places.add_pots(self._session, self._new_pots)
            self._new_pots.clear()

    def settle(self) -> None:
        """Make what is in each pot what it is here."""
        self.write()
        pots = sorted((one for pots in self._of.values() for one in pots), key=lambda one: one.id)
        changed = [one for one in pots if one.now != one.seen]
        places.settle_pots(self._session, [(one.now, one.id, one.seen) for one in changed])
        for one in changed:
            one.seen = one.now

    def _date(self, product: int, sku: str, lot: str, expires_on: str | None) -> None:
        """Note a lot, and its date if that was not known."""
        if (product, lot) not in self._dates:
            self._new_lots.append((product, lot, expires_on))
        elif expires_on is None or self._dates[product, lot] == expires_on:
            return
        elif (known := self._dates[product, lot]) is not None and self._lies(product, lot):
            raise LotDiffers(sku, lot, known, expires_on)
        else:
            self.write()
            places.date_lot(self._session, product, lot, expires_on)
            for one in self._of[product]:
                one.expires_on = expires_on if one.lot == lot else one.expires_on
            self._unsorted.add(product)
        self._dates[product, lot] = expires_on
        self._say(warning_of_date(expires_on))

    def _lies(self, product: int, lot: str) -> bool:
        """Return whether anything of a lot is there; else it may be another one by that name."""
        return any(one.now for one in self._of[product] if one.lot == lot)

    def _new_pot(self, product: int, place: Place, lot: str) -> Pot:
        number = self._next_pot or places.next_pot(self._session)  # asked once: the turn is ours
        self._next_pot = number + 1
        self._new_pots.append((number, product, place.id, lot))
        expires_on = self._dates.get((product, lot))
        return self._add(StoredPot(number, product, place.name, lot, expires_on, 0))

    def _add(self, stored: StoredPot) -> Pot:
        made = Pot(stored)
        self._of[stored.product].append(made)
        self._at[stored.product, stored.place, stored.lot] = self._by_id[stored.id] = made
        self._unsorted.add(stored.product)
        return made

    def _ordered(self, product: int) -> list[Pot]:
        """Return a product's pots: what expires first, then the lot that came first."""
        pots = self._of[product]
        if product not in self._unsorted:
            return pots
        self._unsorted.discard(product)
        # A lot came with the first pot that had it, wherever it lies by now: pots are numbered as
        # they are made. What is of no lot came when its place first had some.
        came: dict[str, int] = {}
        for one in sorted(pots, key=lambda pot: pot.id):
            if one.lot:
                came.setdefault(one.lot, one.id)
        pots.sort(key=lambda one: (one.expires_on or "~", came.get(one.lot, one.id), one.id))
        return pots

    def _find(self, name: str, wanted: Sequence[Pot]) -> Place:
        """Return a place, in which what is `wanted` lies further inside, if anywhere.

        Raises PlaceNotFound where there is none, or it was removed.
        """
        found = self._places.get(name) or places.find(self._session, name)
        if found is None or found.removed_at is not None:
            inside = (one for one in places.inside(self._session, name) if one.removed_at is None)
            there = dict.fromkeys(one.place for one in wanted) or [one.name for one in inside]
            raise PlaceNotFound(name, [*there])
        self._places[name] = found
        return found

    def _made(self, name: str) -> Place:
        """Return a place, which is made if there is none; others wait, so that it stays."""
        if name in self._places:
            return self._places[name]
        self._session.take_turn()
        found = places.find(self._session, name)
        if found is None:
            self._say(self._said_of_new(name))
            found = Place(places.next_place(self._session), name, None)
            places.add(self._session, found.id, name)
        elif found.removed_at is not None:
            places.revive(self._session, found.id)
            found = found._replace(removed_at=None)
            self._say(f"{self._making} the place {name} again, which had been removed")
        self._places[name] = found
        return found

    def _said_of_new(self, name: str) -> str:
        if len(self.said) < _ADVISED:
            from invctl.core.places.naming import said_of_new

            return said_of_new(self._session, name, self._making)
        return f"{self._making} the place {name}, which is new"

    def _say(self, text: str | None) -> None:
        if text is not None:
            self.said.append(text)

"""Everything that can go wrong, with its data; no exit codes and no printing here.

InventoryError                 code                   what it carries
├── UsageError                 usage                  hint
│   └── InvalidValue           usage                  field value problem
├── NotFound                   not_found
│   ├── ProductNotFound                               sku nearest renamed_to
│   ├── OperationNotFound                             operation
│   ├── CodeNotFound                                  code
│   ├── PromiseNotFound                               hold (or delivery) ref
│   └── PlaceNotFound                                 place
├── Conflict                   conflict               reason, and
│   ├── ProductExists          … exists               sku
│   ├── CodeExists             … exists               code sku
│   ├── CodeIsSku              … exists               code sku
│   ├── SkuIsCode              … exists               sku code product
│   ├── NoLimit                … limit
│   ├── StaleQuantity          … stale                sku expected actual
│   ├── StaleCount             … stale                sku moment counted_by quantity
│   ├── CountSlip              … limit                sku book counted
│   ├── KeyReused              … key_reused           key
│   ├── AlreadyUndone          … already_undone       operation undone_by
│   ├── NothingToUndo          … nothing_to_undo      operation
│   │   └── NothingLeftToUndo  … nothing_to_undo      operation (null) actor
│   │       └── NothingOfRun   … nothing_to_undo      operation (null) actor
│   ├── ProductArchived        … archived             sku
│   ├── HasHistory             … has_history          sku movements promises
│   ├── BalanceLimit           … limit                sku quantity delta
│   ├── ChangedSince           … changed_since        operation sku field
│   ├── CountedSince           … counted_since        operation sku counted_by
│   ├── UnitsHeld              … held                 sku quantity held
│   ├── HoldClosed             … hold_closed          hold state
│   ├── HoldExpired            … hold_expired         hold due_at
│   ├── DeliveryClosed         … delivery_closed      delivery state
│   ├── MoreThanPromised       … limit                hold (or delivery) amount requested
│   ├── UnitsPlaced            … placed               sku quantity placed places
│   ├── PlaceUnsaid            … placed               sku
│   ├── PlaceExists            … exists               place units
│   ├── PlaceNotEmpty          … not_empty            place products units
│   ├── LotDiffers             … lot                  sku lot expires_on given
│   ├── FileExists             … file_exists          path
│   └── SkuRuleDiffers         … sku_rule             path sku_rule asked
├── InsufficientStock          insufficient_stock     sku requested available quantity held places
│                                                     errors
├── InvalidData                invalid_data           error_count errors
├── ConfirmationRequired       confirmation_required  flag
├── OutcomeUnknown             outcome_unknown        path
├── DatabaseMissing            db_missing             path source
├── DatabaseLocked             db_locked              path timeout
├── DatabaseUnusable           db_unusable            path problem
│   ├── DatabaseDamaged        db_unusable            path problem
│   ├── SumTooLarge            db_unusable            path problem
│   ├── OlderInventory         db_unusable            path problem
│   └── ServerUnreachable      db_unusable            path problem
├── PermissionRefused          permission             path problem
├── ConfigError                config                 setting problem
└── OutputFailed               output_io              committed problem

A class's docstring is the sentence that its user reads, filled in from its data, where it has no
`message` of its own. The data, and the hint, are as given; they are made fit for a terminal where
they are formatted, here alone.
"""

import os
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from invctl.text import SOME, printable, unmistakable

OUTSIDE = "outside all places"
"""Where units lie that lie in no place, in words."""

_LONGEST = 200
"""Characters of a SKU that a sentence shows: a file may have named one of a million."""


class InventoryError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "internal"
    retryable: bool = False
    hint: str = ""

    def __init__(self, *, hint: str | None = None, **details: object) -> None:
        super().__init__()
        self.details: dict[str, object] = details
        if hint is not None:
            self.hint = hint

    @property
    def message(self) -> str:
        """The sentence for a person, fit to be shown."""
        return self._told(type(self).__doc__ or self.code)

    def _told(self, sentence: str) -> str:
        """Return a sentence with the data that it names in it, fit to be shown."""
        shown = {name: _shown(name, value) for name, value in self.details.items()}
        numbers = {name: one for name, one in self.details.items() if isinstance(one, int)}
        shown |= {f"{name} units": _units(one) for name, one in numbers.items()}
        return sentence.format_map(shown)

    @property
    def advice(self) -> str:
        """What to do about it: the hint, fit to be shown."""
        return printable(self.hint)

    def __str__(self) -> str:
        return self.message


def _units(value: object) -> str:
    """Return how many units a number is, in words: `{held units}` of a sentence."""
    return "1 unit" if value == 1 else f"{value} units"


def _shown(name: str, value: object) -> object:
    """Return an error's datum as its sentence shows it; in a SKU every blank can be told apart."""
    if not isinstance(value, str):
        return value
    if name != "sku":
        return printable(value)
    return unmistakable(value[:_LONGEST]) + ("…" if len(value) > _LONGEST else "")


def command(*words: object) -> str:
    """Return a command to be pasted, with what is known of it: `invctl undo 21`, in backquotes."""
    from shlex import quote  # for errors alone

    return f"`invctl {' '.join(quote(str(word)) for word in words)}`"


class UsageError(InventoryError):
    """{problem}"""

    code = "usage"

    def __init__(self, problem: str, hint: str = "", **details: object) -> None:
        super().__init__(hint=hint, problem=problem, **details)
        self.problem = problem


class InvalidValue(UsageError):
    """{field}: {problem}"""

    def __init__(self, field: str, value: str, problem: str, hint: str = "") -> None:
        super().__init__(problem, hint, field=field, value=value)
        self.field = field
        self.value = value


class NotFound(InventoryError):
    """There is no such thing"""

    code = "not_found"


class ProductNotFound(NotFound):
    """there is no product {sku}"""

    def __init__(self, sku: str, nearest: str | None = None, renamed_to: str | None = None) -> None:
        hint = f"did you mean {nearest}?" if nearest else "`invctl product list` shows them all"
        if renamed_to:
            hint = f"that is {renamed_to} since it was renamed"
        super().__init__(hint=hint, sku=sku, nearest=nearest, renamed_to=renamed_to)


class OperationNotFound(NotFound):
    """there is no operation {operation}"""

    hint = "`invctl log` shows them"

    def __init__(self, operation: int) -> None:
        super().__init__(operation=operation)


class PromiseNotFound(NotFound):
    """There is no such hold or delivery."""

    def __init__(
        self,
        kind: str,
        number: int | None = None,
        ref: str | None = None,
        *,
        is_a: str | None = None,
    ) -> None:
        named: dict[str, object] = {kind: number} if ref is None else {"ref": ref}
        hint = f"`invctl {kind} list` shows them"
        if is_a is not None:  # the two share their numbers
            all_of_them = "deliveries" if kind == "delivery" else f"{kind}s"
            hint = f"{number} is a {is_a}; `invctl {kind} list` shows the {all_of_them}"
        super().__init__(hint=hint, **named)
        self._kind = kind

    @property
    def message(self) -> str:
        """Which one there is not, by its number or its ref."""
        if "ref" in self.details:
            return self._told(f"there is no open {self._kind} with the ref {{ref}}")
        return f"there is no {self._kind} {self.details[self._kind]}"


class PlaceNotFound(NotFound):
    """there is no place {place}"""

    hint = "`invctl place list` shows them"

    def __init__(self, place: str, inside: Sequence[str] = ()) -> None:
        super().__init__(place=place)
        self._is_above = bool(inside)
        if inside:
            some = ", ".join(map(printable, inside[:3]))
            self.hint = f"inside it there {'is' if len(inside) == 1 else 'are'} {some}"
            self.hint += ", …" if len(inside) > 3 else ""

    def meaning(self, nearest: str | None) -> "PlaceNotFound":
        """Return this with the place that was probably meant, unless some are inside this one."""
        if nearest and not self._is_above:
            self.hint = f"did you mean {nearest}?"
        return self

    @property
    def message(self) -> str:
        """That there is none; of one that is only what others are inside, that it is empty."""
        if self._is_above:
            return self._told("nothing lies in {place} itself")
        return super().message


class CodeNotFound(NotFound):
    """there is no code {code}"""

    hint = "`invctl code list` shows them"

    def __init__(self, code: str) -> None:
        super().__init__(code=code)


class Conflict(InventoryError):
    """The state of the inventory forbids it."""

    code = "conflict"
    reason: ClassVar[str]

    def __init__(self, *, hint: str | None = None, **details: object) -> None:
        super().__init__(hint=hint, reason=self.reason, **details)


class ProductExists(Conflict):
    """there is a product {sku} already"""

    reason = "exists"

    def __init__(self, sku: str, *, archived: bool = False) -> None:
        super().__init__(sku=sku)
        self.hint = f"{command('product', 'update', sku)} changes it"
        if archived:
            self.hint = f"it is archived; {back([sku])}"


class CodeExists(Conflict):
    """{code} is a code of {sku} already"""

    reason = "exists"

    def __init__(self, code: str, sku: str) -> None:
        super().__init__(code=code, sku=sku)
        self.hint = f"{command('code', 'remove', code)} takes it from there"


class CodeIsSku(Conflict):
    """{code} is no code: it is the SKU {sku}"""

    reason = "exists"
    hint = "a SKU needs no code to be scanned"

    def __init__(self, code: str, sku: str) -> None:
        super().__init__(code=code, sku=sku)
        if code.casefold() != sku.casefold():  # a GTIN, of which only codes are found in any length
            renames = command("product", "rename", sku, code)
            self.hint = f"zeros make no other article; {renames} spells the SKU so"


class SkuIsCode(Conflict):
    """{sku} is a code of {product}"""

    reason = "exists"

    def __init__(self, sku: str, code: str, product: str) -> None:
        super().__init__(sku=sku, code=code, product=product)
        self.hint = f"{command('code', 'remove', code)} takes it from there"


class NoLimit(Conflict):
    """nothing limits how many times it could be applied: it takes nothing"""

    reason = "limit"
    hint = "say how many times: --times N"


class StaleQuantity(Conflict):
    """{sku} is at {actual}, not at the expected {expected}"""

    reason = "stale"
    hint = "nothing was changed: look, and count again"

    def __init__(
        self, sku: str, expected: int, actual: int, *, there: str = "", **pot: str | None
    ) -> None:
        super().__init__(sku=sku, expected=expected, actual=actual, **pot)
        self._there = there
        """Where that is, in words, of a `pot` that is in a place, of a lot; else nothing."""

    @property
    def message(self) -> str:
        """How many there are, and where, and how many there should have been."""
        there = f" {printable(self._there)}" if self._there else ""
        sku, actual, expected = (
            _shown(name, self.details[name]) for name in ("sku", "actual", "expected")
        )
        return f"{sku} is at {actual}{there}, not at the expected {expected}"


class StaleCount(Conflict):
    """{sku} cannot be what was counted at {moment}: {problem}"""

    reason = "stale"
    hint = "nothing was changed: look, and count again"

    def __init__(
        self, sku: str, moment: str, *, counted_by: int | None = None, quantity: int | None = None
    ) -> None:
        problem = f"it was counted later, by operation {counted_by}"
        if counted_by is None:
            problem = f"more has gone out since, which would leave {quantity}"
        super().__init__(
            sku=sku, moment=moment, counted_by=counted_by, quantity=quantity, problem=problem
        )


class CountSlip(Conflict):
    """{counted units} of {sku} counted, {book} in the book: more than --max-change allows"""

    reason = "limit"
    hint = "count again what changed by that much, or take it by a larger --max-change"

    def __init__(self, sku: str, book: int, counted: int) -> None:
        super().__init__(sku=sku, book=book, counted=counted)


class KeyReused(Conflict):
    """the idempotency key {key} belongs to another request"""

    reason = "key_reused"
    hint = "use a new key for a new request"

    def __init__(self, key: str) -> None:
        super().__init__(key=key)


class AlreadyUndone(Conflict):
    """operation {operation} was undone by operation {undone_by}"""

    reason = "already_undone"

    def __init__(self, operation: int, undone_by: int, *undone_in_turn: int) -> None:
        super().__init__(operation=operation, undone_by=undone_by)
        self.hint = f"{command('undo', undone_by)} would have it back"
        if undone_in_turn:
            is_back = len(undone_in_turn) % 2
            now = "it is in effect again" if is_back else "it is undone again"
            then = "take it back" if is_back else "have it back"
            self.hint = f"{now}; `invctl undo {undone_in_turn[-1]}` would {then}"


_DONE_ANEW = {
    "cancel": "`invctl delivery expect` expects it again",
    "code": "`invctl code add` and `invctl code remove` say what a code means",
    "expire": "`invctl hold create` holds units again",
    "place": "`invctl place rename` gives a place its name again",
    "release": "`invctl hold create` holds units again",
}
"""What does again what operations of some kinds did away with, which are never undone."""


class NothingToUndo(Conflict):
    """operation {operation} left nothing that can be taken back"""

    reason = "nothing_to_undo"
    hint = "`invctl log` shows what operations did"

    def __init__(self, operation: int | None, kind: str = "", **details: object) -> None:
        super().__init__(hint=_DONE_ANEW.get(kind), operation=operation, **details)


class NothingLeftToUndo(NothingToUndo):
    """{actor} has done nothing that can be taken back"""

    def __init__(self, actor: str) -> None:
        super().__init__(None, actor=actor)


class NothingOfRun(NothingLeftToUndo):
    """nothing of this run is left to undo"""


class ProductArchived(Conflict):
    """{sku} is archived"""

    reason = "archived"

    def __init__(self, sku: str) -> None:
        super().__init__(sku=sku, hint=back([sku]))


def back(skus: Sequence[str]) -> str:
    """Return how archived products are brought back, in words; many are not named."""
    named = skus if len(skus) <= SOME else ()
    which = "it" if len(skus) == 1 else "them"
    return f"{command('product', 'unarchive', *named)} brings {which} back"


class HasHistory(Conflict):
    """{sku} has a history of movements ({movements}), which a deletion would lose"""

    reason = "has_history"

    def __init__(self, sku: str, movements: int, promises: int = 0) -> None:
        super().__init__(sku=sku, movements=movements)
        self.hint = f"{command('product', 'archive', sku)} hides it"
        if promises:
            self.details["promises"] = promises

    @property
    def message(self) -> str:
        """What it has: promises are told where there are any."""
        if "promises" not in self.details:
            return super().message
        times = "once" if self.details["promises"] == 1 else "{promises} times"
        return self._told(f"{{sku}} has been promised {times}, which a deletion would lose")


class BalanceLimit(Conflict):
    """{sku} would go from {quantity} by {delta} past 9007199254740991, the most that is kept"""

    reason = "limit"

    def __init__(self, sku: str, quantity: int, delta: int) -> None:
        super().__init__(sku=sku, quantity=quantity, delta=delta)


class ChangedSince(Conflict):
    """{sku} was changed after operation {operation} ({field})"""

    reason = "changed_since"
    hint = "nothing was changed: take back what came after it first"

    def __init__(self, operation: int, sku: str, field: str, is_gone: bool = False) -> None:
        super().__init__(operation=operation, sku=sku, field=field)
        if is_gone:
            self.hint = f"nothing was changed: {sku} was deleted since; take that back first"


class CountedSince(Conflict):
    """{sku} was counted by operation {counted_by}, after operation {operation}"""

    reason = "counted_since"
    hint = "the count has it already; --despite-counts takes it back all the same"

    def __init__(self, operation: int, sku: str, counted_by: int) -> None:
        super().__init__(operation=operation, sku=sku, counted_by=counted_by)


class UnitsHeld(Conflict):
    """{sku} has {held units} held, more than the {quantity} that would be left"""

    reason = "held"
    hint = "`invctl hold list` shows for whom; commit or release them first"

    def __init__(self, sku: str, quantity: int, held: int, *, archiving: bool = False) -> None:
        super().__init__(sku=sku, quantity=quantity, held=held)
        self._is_archiving = archiving

    @property
    def message(self) -> str:
        """How many are held; to archive a product takes none away."""
        if not self._is_archiving:
            return super().message
        return self._told("{sku} has {held units} held, and what is held cannot be archived")


class HoldClosed(Conflict):
    """hold {hold} is {state} already"""

    reason = "hold_closed"
    hint = "`invctl hold list --state all` shows what became of holds"

    def __init__(self, hold: int, state: str, due_at: str | None = None) -> None:
        super().__init__(hold=hold, state=state)
        self.due_at = due_at
        """Until when it was good, None: without end."""


class HoldExpired(Conflict):
    """hold {hold} has run out, at {due_at}"""

    reason = "hold_expired"

    def __init__(self, hold: int, due_at: str) -> None:
        super().__init__(hold=hold, due_at=due_at)
        # Until it is closed it stands in the way of all that have its ref, new ones too.
        closing = command("hold", "release", hold)
        self.hint = f"its units are free for everybody: {closing} closes it, then hold them anew"


class DeliveryClosed(Conflict):
    """delivery {delivery} is {state} already"""

    reason = "delivery_closed"
    hint = "`invctl delivery list` shows what is on its way"

    def __init__(self, delivery: int, state: str) -> None:
        super().__init__(delivery=delivery, state=state)


class MoreThanPromised(Conflict):
    """A promise is of fewer units."""

    reason = "limit"

    def __init__(self, kind: str, number: int, amount: int, requested: int) -> None:
        hint = "--over takes more than was expected" if kind == "delivery" else None
        super().__init__(hint=hint, **{kind: number}, amount=amount, requested=requested)

    @property
    def message(self) -> str:
        """Which promise it is, of how many units."""
        kind = "delivery" if "delivery" in self.details else "hold"
        amount, asked = self.details["amount"], self.details["requested"]
        return f"{kind} {self.details[kind]} is of {_units(amount)}, not of {asked}"


class UnitsPlaced(Conflict):
    """{sku} has {placed units} in places, so a count of {quantity} must say of which"""

    reason = "placed"

    def __init__(self, sku: str, quantity: int, placed: int) -> None:
        super().__init__(sku=sku, quantity=quantity, placed=placed)
        shown = f"{command('stock', 'where', sku)} shows them"
        self.hint = f"{shown}, {command('stock', 'set', sku, 'N', '--in', 'PLACE')} counts one"


class PlaceUnsaid(Conflict):
    """{sku} lies in places, or is counted there, so a complete count must say of which place"""

    reason = "placed"
    hint = "`--complete --place PLACE` counts 0 what lies in there and is not named"

    def __init__(self, sku: str) -> None:
        super().__init__(sku=sku)


class PlaceExists(Conflict):
    """{place} is there already, with {units units} in it"""

    reason = "exists"

    def __init__(self, place: str, units: int) -> None:
        super().__init__(place=place, units=units)
        shown = command("stock", "where", "--place", place)
        self.hint = f"{shown} shows what; `invctl stock move` moves it"


class PlaceNotEmpty(Conflict):
    """{place} is not empty, with {units units} in it"""

    reason = "not_empty"

    def __init__(self, place: str, products: int, units: int) -> None:
        super().__init__(place=place, products=products, units=units)
        self.hint = f"{command('stock', 'where', '--place', place)} shows what; move it first"


class LotDiffers(Conflict):
    """lot {lot} of {sku} expires on {expires_on}, not on {given}"""

    reason = "lot"
    hint = "one lot has one date: name another lot"

    def __init__(self, sku: str, lot: str, expires_on: str, given: str) -> None:
        super().__init__(sku=sku, lot=lot, expires_on=expires_on, given=given)


class FileExists(Conflict):
    """{path} exists already"""

    reason = "file_exists"
    hint = "choose another name, or write to `-` and redirect it"

    def __init__(self, path: str, hint: str | None = None) -> None:
        super().__init__(path=path, hint=hint)


class SkuRuleDiffers(Conflict):
    """{path} has the SKU rule `{sku_rule}`, not `{asked}`"""

    reason = "sku_rule"

    def __init__(self, path: str, sku_rule: str, asked: str, *, is_empty: bool) -> None:
        super().__init__(path=path, sku_rule=sku_rule, asked=asked)
        chosen = "the rule is chosen when an inventory is created"
        self.hint = f"{chosen}: {another(path, asked, is_empty=is_empty)}"


def another(path: str, rule: str, *, is_empty: bool, what: str = "another one") -> str:
    """Return how to have another inventory than the one at `path`, with a SKU rule, in words.

    `what` says of what kind it is. Where there are products, also how these come there.
    """
    name, suffix = os.path.splitext(path)
    new = "URL" if "://" in path else f"{name}-{rule}{suffix}"
    made = f"{command('init', '--sku-rule', rule, '--db', new)} makes {what}"
    if is_empty:
        return made
    from_here = () if "://" in path else ("--db", path)
    out = command("product", "export", "products.csv", *from_here)
    taken = command("product", "import", "products.csv", "--db", new)
    return f"{made}; {out} and then {taken} take the products there, with their stock"


class InsufficientStock(InventoryError):
    """{sku} has {available} in stock, not {requested}"""

    code = "insufficient_stock"
    hint = "nothing was changed"

    def __init__(
        self,
        sku: str,
        requested: int,
        available: int,
        *,
        quantity: int,
        held: int = 0,
        held_until: str | None = None,
        there: str | None = None,
    ) -> None:
        super().__init__(
            sku=sku, requested=requested, available=available, quantity=quantity, held=held
        )
        self._there = there
        """Where no more than that lies, in words; None: anywhere, but for what is held."""
        self._found: Sequence[str] = ()
        """Where the product lies, in words."""
        self._way = ""
        """How it can be had from there, in words."""
        if held:
            self.details["held_until"] = held_until
        if self._is_of_holds:
            self.hint = "nothing was changed; `invctl hold list` shows for whom they are held"

    @property
    def names_no_place(self) -> bool:
        """Whether more may lie in places, of which none was named."""
        return self._there == OUTSIDE

    @property
    def _is_of_holds(self) -> bool:
        """Whether what is held is the reason, and not what lies where."""
        return self._there is None and bool(self.details["held"])

    def with_places(self, places: list[dict[str, object]], way: str = "") -> "InsufficientStock":
        """Return this with where the product lies, and by which way it can be had from there."""
        if not (places or self._there):
            return self  # it lies nowhere else
        self.details["places"] = places
        found = [*map(_contents, places[:3]), *(["…"] if len(places) > 3 else [])]
        loose = _number(self.details["quantity"]) - sum(_number(one["quantity"]) for one in places)
        if loose > 0 and not self.names_no_place:
            found.append(f"{loose} {OUTSIDE}")
        if found and not self._is_of_holds:
            self._found = found
            self._tell(way)
        return self

    def advise(self, way: str) -> None:
        """Tell another way to have what lies elsewhere, in place of the one that was told."""
        if self._way:
            self._tell(way)

    def _tell(self, way: str) -> None:
        self._way = way
        lies = f"it lies here: {', '.join(self._found)}"
        self.hint = "; ".join(filter(None, ("nothing was changed", lies, way)))

    @property
    def message(self) -> str:
        """What there is, and where; or how much of it is held, and till when."""
        shown = {name: _shown(name, value) for name, value in self.details.items()}
        if not self._is_of_holds:
            there = printable(self._there or "in stock")
            return f"{shown['sku']} has {shown['available']} {there}, not {shown['requested']}"
        until = ", the first of them until {held_until}" if self.details["held_until"] else ""
        free = "{sku} has {available} available, not {requested}"
        verb = "is" if self.details["held"] == 1 else "are"
        return f"{free}: {{held}} of {{quantity}} {verb} held{until}".format_map(shown)

    @classmethod
    def of_many(cls, errors: Sequence["InsufficientStock"]) -> "InsufficientStock":
        """Return the error that says of each of several SKUs that there is not enough."""
        first = errors[0]
        first.details["errors"] = [dict(one.details) for one in errors]
        if more := len(errors) - 1:
            others = "1 more SKU has" if more == 1 else f"{more} more SKUs have"
            first.hint = f"nothing was changed; {others} too little"
        return first


class InvalidData(InventoryError):
    """Rows of an input file were refused."""

    code = "invalid_data"
    hint = "nothing was changed: mend the file and run it again"

    def __init__(
        self,
        lines: Sequence["LineError"],
        count: int | None = None,
        *,
        summary: str = "",
        hint: str | None = None,
    ) -> None:
        self.lines = tuple(lines)
        self.count = len(lines) if count is None else count
        self.summary = summary
        records = [line.record for line in self.lines]
        super().__init__(hint=hint, error_count=self.count, errors=records)
        if hint is None and lines and all(line.line is None for line in lines):
            self.hint = "count what there is of it in the file, too, or count without --complete"

    @property
    def message(self) -> str:
        """What all errors come to, where somebody said so; the one error; or how many there are."""
        if self.summary:
            return printable(self.summary)
        return self.lines[0].sentence if self.count == 1 else f"{self.count} errors in the input"


class LineError(NamedTuple):
    """What is wrong with one line of a file, in the order of the record that scripts read.

    Its number is None where it is about what the file does not name.
    """

    line: int | None
    column: str | None
    value: str | None
    code: str
    message: str

    @property
    def record(self) -> dict[str, object]:
        """It as scripts read it: the value as given, the message fit to be shown."""
        return {**self._asdict(), "message": printable(self.message)}

    @property
    def sentence(self) -> str:
        """It in words, fit to be shown: `line 7, delta '3.0': is not a whole number`."""
        line = "no line" if self.line is None else f"line {self.line}"
        where = line + (f", {self.column}" if self.column is not None else "")
        value = "" if self.value is None else f" '{self.value[:80]}'"
        return printable(f"{where}{value}: {self.message}")


class ConfirmationRequired(InventoryError):
    """to {action} wants a confirmation"""

    code = "confirmation_required"

    def __init__(self, action: str, flag: str, *, refused: bool = False) -> None:
        super().__init__(hint=f"give {flag} to do it without being asked", action=action, flag=flag)
        self._refused = refused
        if refused:
            self.hint = f"nothing was changed; {flag} does it without being asked"

    @property
    def message(self) -> str:
        """What was to be confirmed; whoever answered no is not told to answer."""
        return self._told("not confirmed: {action}") if self._refused else super().message


class OutcomeUnknown(InventoryError):
    """the commit reported an error ({problem}): it may or may not have happened"""

    code = "outcome_unknown"
    retryable = True
    hint = "run it again with the same --idempotency-key, or look at `invctl stock log`"

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path=path, problem=problem)


class DatabaseMissing(InventoryError):
    """there is no inventory at {path} (from {source})"""

    code = "db_missing"
    hint = "`invctl init` creates it"

    def __init__(self, path: str, source: str, hint: str | None = None) -> None:
        super().__init__(hint=hint, path=path, source=source)
        if hint is None and source == "--db" and "://" not in path:
            self.hint = f"{command('init', source, path)} creates it"


class DatabaseLocked(InventoryError):
    """{path} is still locked after {timeout} s"""

    code = "db_locked"
    retryable = True
    hint = "try again, or wait longer with --timeout"

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__(path=path, timeout=timeout)


class DatabaseUnusable(InventoryError):
    """{path} {problem}"""

    code = "db_unusable"

    def __init__(self, path: str, problem: str, hint: str = "") -> None:
        super().__init__(hint=hint, path=path, problem=problem)


class DatabaseDamaged(DatabaseUnusable):
    """{path} {problem}"""


class SumTooLarge(DatabaseUnusable):
    """{path} {problem}"""

    def __init__(self, path: str) -> None:
        problem = "holds numbers that come to more than can be added up"
        super().__init__(
            path, problem, "ask for fewer of them; `invctl db check` tells whether it is damaged"
        )


class OlderInventory(DatabaseUnusable):
    """{path} {problem}"""

    def __init__(self, path: str, version: int) -> None:
        problem = f"has the older schema version {version}"
        super().__init__(path, problem, "`invctl db migrate` brings it up to date")
        self.version = version


class ServerUnreachable(DatabaseUnusable):
    """{path} {problem}"""

    retryable = True


class PermissionRefused(InventoryError):
    """{path}: {problem}"""

    code = "permission"
    hint = "check its owner and mode"

    def __init__(self, path: str, problem: str, hint: str | None = None) -> None:
        super().__init__(hint=hint, path=path, problem=problem)


class ConfigError(InventoryError):
    """{setting}: {problem}"""

    code = "config"

    def __init__(self, setting: str, problem: str, hint: str = "") -> None:
        super().__init__(hint=hint, setting=setting, problem=problem)


class OutputFailed(InventoryError):
    """standard output could not be written ({problem})"""

    code = "output_io"

    def __init__(self, problem: str, *, committed: bool) -> None:
        hint = "the change was committed" if committed else "nothing was changed"
        super().__init__(hint=hint, problem=problem, committed=committed)


def _number(value: object) -> int:
    """Return a datum that is a number."""
    assert isinstance(value, int), value
    return value


def _contents(pot: dict[str, object]) -> str:
    """Return how many units lie in a place, and of which lot: `3 in FRIDGE (2026-11-28)`."""
    lot = f" ({pot['lot']})" if pot["lot"] else ""
    return f"{pot['quantity']} in {pot['place']}{lot}"

"""The inventory as a whole: how much there is, what a check finds, what goes out."""

from typing import NamedTuple


class Usage(NamedTuple):
    """What went out of a product, how much a day, and for how many days there is enough.

    `share` is what of all that went out was of it, or of those of which more did.
    """

    sku: str
    name: str
    quantity: int
    available: int
    removed: int
    per_day: float
    days_left: int | None
    last_moved_at: str | None
    share: float | None


class InventoryInfo(NamedTuple):
    """The inventory in numbers; `size_bytes` is None where the engine cannot tell."""

    path: str
    engine: str
    schema_version: int
    sku_rule: str
    products: int
    operations: int
    movements: int
    size_bytes: int | None


class RepairChange(NamedTuple):
    """Of how many products numbers were set right, and which; without any, no operation.

    Their `quantities`, what is `held` of them, what of them is `placed`, and how many pots.
    """

    operation: int | None
    products: int
    replayed: bool = False
    dry_run: bool = False
    quantities: int = 0
    held: int = 0
    placed: int = 0
    pots: int = 0


class Finding(NamedTuple):
    """Something that a check found wrong; what was expected and what is there, where that is known.

    Its kind is `integrity`, `foreign_key`, `schema` (a table that is missing or another one),
    `index` (likewise), `name` (the file has a second one), `stranger` (what invctl did not make),
    `setting`, `value` (what no command writes), or about the books: `balance`, `held`, `placed`,
    `pot` (a sum is another one), `journal`, `range`, `run` (movements or changes that are not where
    their operation says), `undo`, `field` (what the last change of it did not leave).
    """

    kind: str
    sku: str | None
    message: str
    expected: int | str | None = None
    actual: int | str | None = None

    @property
    def sentence(self) -> str:
        """It in words, where no record beside it says of which product."""
        return self.message if self.sku is None else f"{self.sku}: {self.message}"

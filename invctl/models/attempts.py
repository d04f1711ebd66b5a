"""One attempt at a mutation, and what a person says of it."""

from typing import NamedTuple


class Attempt(NamedTuple):
    """One attempt at a mutation: who makes it, under which key, and whether it only rehearses.

    With `keeps_product` a change of stock keeps under its key the product as it left it, too.
    Without `advises` what was meant by a name that nothing has is looked for elsewhere.
    """

    actor: str
    key: str | None = None
    dry_run: bool = False
    keeps_product: bool = False
    advises: bool = True


class Label(NamedTuple):
    """What a person says of a movement. `at` is when it happened, as typed (None: now).

    It is kept as typed since that is what a retry repeats: `24h` names another moment each time.
    """

    reason: str | None = None
    ref: str | None = None
    note: str | None = None
    at: str | None = None


NO_LABEL = Label()

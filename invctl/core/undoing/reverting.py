"""What an operation changed of products, made again what was there before."""

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from invctl.core.bulk.batch import Batch
from invctl.core.lookup import sku_rule_of
from invctl.core.overdue import refuse_held
from invctl.db.session import BATCH, Session
from invctl.errors import ChangedSince, CodeIsSku, InventoryError, ProductExists, command
from invctl.repository import changes, products
from invctl.repository.changes import CODE, Change, differences, is_count
from invctl.repository.operations import Done, Draft
from invctl.repository.products import Facts


class Plan(NamedTuple):
    """A product whose description goes back: as it is (None: it was deleted), and as it was.

    One that was made hidden by the operation `is_made_hidden`.
    """

    before: Facts | None
    after: Facts
    is_made_hidden: bool = False

    @property
    def meanwhile(self) -> Facts:
        """As it is while its stock moves back: it is hidden only after that."""
        hidden = self.after.archived_at and self.before and self.before.archived_at
        hidden = None if self.is_made_hidden else hidden
        if hidden == self.after.archived_at:
            return self.after
        return self.after._replace(archived_at=hidden or None)


class Reverting:
    """The changes of an operation on their way back, before its stock is moved back and after that.

    What is changed is noted in a `batch`.
    """

    def __init__(self, session: Session, draft: Draft, done: Done, batch: Batch) -> None:
        self._session = session
        self._draft = draft
        self._now = draft.recorded_at
        self._done = done
        self._batch = batch
        self._codes: list[Change] = []
        self._plans = self._planned()
        self._between = [plan.meanwhile for plan in self._plans]

    def begin(self) -> None:
        """Make products what they are while their stock moves back.

        Raises ProductExists or UnitsHeld; one that is not as it was left, ChangedSince, was
        refused before.
        """
        self._describe((plan.before, now) for plan, now in self._pairs())

    def finish(self) -> None:
        """Make products what they were, and give back the codes of those that were deleted."""
        self._describe((now, plan.after) for plan, now in self._pairs())
        for plan in self._plans:
            for change in differences(plan.before, plan.after):
                self._batch.note_change(change)
        for change in self._codes:
            self._give_back(change)

    def _pairs(self) -> Iterable[tuple[Plan, Facts]]:
        return zip(self._plans, self._between, strict=True)

    def _planned(self) -> list[Plan]:
        """Return what each product is that the operation changed, and what it was before."""
        now: dict[int, Facts | None] = {}
        then: dict[int, Facts] = {}
        hidden: set[int] = set()
        deleted: set[int] = set()
        # The last one first: each was made on what those before it had left.
        for rows in changes.of_run(self._session, self._done.changes):
            described = [one for one in rows if one.field != CODE and not is_count(one)]
            self._codes.extend(change for change in rows if change.field == CODE)
            fresh = {change.product for change in described} - now.keys()
            now |= dict.fromkeys(fresh) | products.facts_of(self._session, fresh)
            for change in described:
                if change.field == "sku" and change.after is None:
                    deleted.add(change.product)
                found = now[change.product]
                facts = then.get(change.product) or found or _deleted(change)
                self._refuse_changed(change, facts if found else None)
                then[change.product] = self._reverted(facts, change, found or facts)
                if found and _was_made_hidden(change, found):
                    hidden.add(change.product)
        for product, facts in then.items():
            if now[product] is None and product not in deleted:  # of which every field is None
                raise ChangedSince(self._done.id, facts.sku, "sku", is_gone=True)
        return [Plan(now[one], then[one], one in hidden) for one in sorted(then)]

    def _refuse_changed(self, change: Change, facts: Facts | None) -> None:
        """Raise ChangedSince where a field is not what the operation left."""
        value = changes.value_of(facts, change.field)
        if value != change.after:
            is_gone = facts is None
            raise ChangedSince(self._done.id, change.sku, changes.called(change.field), is_gone)

    def _reverted(self, facts: Facts, change: Change, now: Facts) -> Facts:
        """Return a product with a field as it was; one that was made is hidden instead."""
        if change.field == "sku" and change.before is None:
            # A creation left nothing but itself: undone, the product is hidden as it is now. One
            # that was deleted since has no more than its SKU in `facts`.
            left = facts if facts.created_at else now
            return left._replace(archived_at=left.archived_at or self._now)
        return changes.with_value(facts, change.field, change.before)

    def _describe(self, pairs: Iterable[tuple[Facts | None, Facts]]) -> None:
        """Make what is said of products something else, each as it is and as it will be."""
        changed = ((before, after) for before, after in pairs if before != after)
        while some := list(islice(changed, BATCH)):
            for before, after in some:
                if before is not None and after.archived_at and not before.archived_at:
                    self._refuse_held(before)
                if before is None or before.sku != after.sku:
                    self._rename(before, after)
            same = [after for before, after in some if before and before.sku == after.sku]
            products.describe_all(self._session, same, self._now)

    def _refuse_held(self, before: Facts) -> None:
        """Raise UnitsHeld for a product that is to be hidden; fewer may be held by now."""
        if before.held:
            now = products.find_by_id(self._session, before.id)
            refuse_held(self._session, self._draft, now or before)

    def _rename(self, before: Facts | None, after: Facts) -> None:
        """Give a product another SKU; one that is not there is made anew. Raises ProductExists."""
        if products.find(self._session, after.sku) is not None:
            raise _with_way(ProductExists(after.sku), after.sku)
        from invctl.core.codes import refuse_code

        self._session.take_turn()  # in which nobody else makes a code of it
        refuse_code(self._session, after.sku, sku_rule_of(self._session))
        if before is None:
            products.add(self._session, products.row_of(after, self._now))
        else:
            products.describe(self._session, after, self._now)

    def _give_back(self, change: Change) -> None:
        """Let a code stand again for a product that was deleted with it.

        Raises CodeExists or CodeIsSku.
        """
        if change.before is None:
            return
        from invctl.core.codes import changed, read_change, refuse_taken, skus_like
        from invctl.repository import codes

        self._batch.enter()  # in its turn nobody makes a SKU of it
        rule = sku_rule_of(self._session)
        code = read_change(change, change.before, rule)
        skus = skus_like(self._session, [code.code], rule)
        try:
            refuse_taken(code, codes.find(self._session, code.key), skus)
        except CodeIsSku as error:
            raise _with_way(error, str(error.details["sku"])) from None
        codes.add(self._session, code)
        self._batch.note_change(changed(None, code))


def _with_way(refused: InventoryError, sku: str) -> InventoryError:
    """Return a refusal with what makes room where somebody else has a SKU by now."""
    refused.hint = f"{command('product', 'rename', sku, 'NEW_SKU')} gives that one another"
    return refused


def _was_made_hidden(change: Change, facts: Facts) -> bool:
    """Return whether a change made a product that has been hidden since that moment."""
    is_made = change.field == "sku" and change.before is None
    return is_made and facts.archived_at == facts.created_at


def _deleted(change: Change) -> Facts:
    """Return a product of which nothing is there any more, to be filled in from what it was."""
    # No moment of creation until the change that tells it: by that `_reverted` knows it.
    return Facts(change.product, change.sku, 0, "", None, None, None, None, "")

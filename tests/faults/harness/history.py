"""Judges a history: what callers asked, from when to when, and what they were told.

A call takes effect at one moment between its beginning and its end; the history is right if some
serial order within those bounds explains every answer. `explained` looks for any such order: the
search of Wing and Gong, with Lowe's memory of what was tried. `against_ledger` takes the one order
that the product itself claims, since its operation ids are in order of commitment: that is
stricter, needs no search, and names what is wrong.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from serial import REFUSALS, Answer, Call, State, step


class Event(NamedTuple):
    """A call and what became of it; without an answer nobody knows whether it happened."""

    call: Call
    answer: Answer | None
    began: float
    ended: float = math.inf
    operation: int | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the caller was told that nothing has happened."""
        return self.answer is not None and self.answer[0] in REFUSALS


def explained(opening: State, events: Sequence[Event]) -> bool:
    """Return whether some serial order within the events' bounds explains every answer."""
    tried = set()
    stack = [(frozenset(range(len(events))), opening)]
    while stack:
        left, state = stack.pop()
        if all(events[one].answer is None for one in left):  # none of these need have happened
            return True
        if (left, state.key) in tried:
            continue
        tried.add((left, state.key))
        first_end = min(events[one].ended for one in left)
        for one in left:
            event = events[one]
            if event.began <= first_end:  # else another was over before it began, and comes first
                answer, after = step(state, event.call)
                if event.answer in (None, answer):
                    stack.append((left - {one}, after))
    return False


def against_ledger(
    opening: State, events: Sequence[Event], ledger: Sequence[tuple[int, str]]
) -> list[str]:
    """Return what contradicts the order of the operations in `ledger`, as sentences.

    `ledger` has the id and the tag of each operation after `opening`, in order of id. Calls that
    changed nothing, reads and refusals, must fit in between.
    """
    by_tag = {event.call.tag: event for event in events}
    assert len(by_tag) == len(events), "two events have one tag"
    states, placed, findings = [opening], dict[str, int](), []
    for place, (operation, tag) in enumerate(ledger):
        if tag not in by_tag:
            findings.append(f"nobody asked for operation {operation} ({tag})")
            states.append(states[-1])
            continue
        if tag in placed:
            findings.append(f"{tag} happened twice")
        answer, after = step(states[-1], by_tag[tag].call)
        states.append(after)
        placed[tag] = place
        findings.extend(_told(by_tag[tag], operation, answer))
    findings.extend(_too_early([by_tag[tag] for tag in placed]))
    findings.extend(_misplaced(states, events, placed))
    return findings


def _told(event: Event, operation: int, answer: Answer) -> Iterator[str]:
    """Compare what a caller was told with what the order of the ledger says."""
    tag = event.call.tag
    if answer[0] in REFUSALS:
        yield f"{tag} happened, where the order of the ledger says {answer}"
    elif event.answer not in (None, answer):
        yield f"{tag} was told {event.answer}, where the order of the ledger says {answer}"
    if event.operation not in (None, operation):
        yield f"{tag} was told operation {event.operation}, and is {operation}"


def _too_early(in_order: Sequence[Event]) -> Iterator[str]:
    """Yield which operation has an earlier id than one that had ended before it began."""
    latest = None
    for event in in_order:
        if latest and event.ended < latest.began:
            yield f"{event.call.tag} had ended before {latest.call.tag} began, and has a later id"
        if latest is None or event.began > latest.began:
            latest = event


def _misplaced(
    states: Sequence[State], events: Sequence[Event], placed: Mapping[str, int]
) -> Iterator[str]:
    """Yield which calls that changed nothing fit nowhere in between.

    Each is put at the first moment that explains its answer; those before it in time bind it, so
    to take them in the order of their beginning leaves every later one the most room.
    """
    changes = [(event, placed[event.call.tag]) for event in events if event.call.tag in placed]
    looks: list[tuple[Event, int]] = []
    for event in sorted(events, key=lambda one: one.began):
        if event.call.tag in placed or event.answer is None:
            continue
        if event.operation is not None:
            yield f"{event.call.tag} was acknowledged as operation {event.operation} and is lost"
            continue
        after = [place + 1 for one, place in changes if one.ended < event.began]
        seen = [place for one, place in looks if one.ended < event.began]
        before = [place for one, place in changes if one.began > event.ended]
        first, last = max([0, *after, *seen]), min([len(states) - 1, *before])
        for place in range(first, last + 1):
            if step(states[place], event.call)[0] == event.answer:
                looks.append((event, place))
                break
        else:
            told = sorted({str(step(one, event.call)[0]) for one in states[first : last + 1]})
            then = " or ".join(told) or "at no moment"
            yield f"{event.call.tag} was told {event.answer}; then it was {then}"

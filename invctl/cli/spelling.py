"""Which known word was probably meant by one that is misspelt. Knows no word itself."""

from collections.abc import Collection

_REVERSING = ("un", "de", "dis", "no-")
_SHORTEST = 3
"""Letters that a word must have to be taken for a misspelt one."""
_LONG = 7
"""Letters from which on two may be wrong: `switch` is no `watch`, nor `labels` `levels`."""


def nearest(word: str, known: Collection[str]) -> list[str]:
    """Return the known words that are nearest to one, if any is near enough."""
    letters = word.lstrip("-")
    if len(letters) < _SHORTEST:
        return []
    begun = [one for one in known if one.startswith(word)]
    if len(begun) == 1 and len(word) > _SHORTEST:  # of an option the hyphens count
        return begun
    most = 1 if len(letters) < _LONG else 2
    found: dict[int, list[str]] = {}
    for one in sorted(known):
        bare = one.lstrip("-")
        is_like = len(bare) >= _SHORTEST and abs(len(one) - len(word)) <= most
        if is_like and not _reverses(letters, bare):
            slips = _distance(word, one)
            begins = letters[0] == bare[0] or (slips == 1 and _first_slips(letters, bare))
            if slips <= most and begins:
                found.setdefault(slips, []).append(one)
    return found[min(found)] if found else []


def _first_slips(one: str, other: str) -> bool:
    """Return whether a first letter was left out, added or swapped, and not another one typed.

    Who types `put` means no `out`: the first letter is looked at more than any.
    """
    return one[0] in other[:2] or other[0] in one[:2]


def _reverses(one: str, other: str) -> bool:
    """Return whether one of two words only says that it is not the other: archive, unarchive."""
    return any(one == prefix + other or other == prefix + one for prefix in _REVERSING)


def _distance(one: str, other: str) -> int:
    """Return how many letters to add, drop, change or swap with the next make one word another."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, match in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != match))
            if last and j > 1 and letter == other[j - 2] and one[i - 2] == match:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]

"""Compares what was acknowledged with what the books hold in the end."""

import json
from collections import Counter, defaultdict
from typing import Any, NamedTuple

from load import Load, Try


class Verdict(NamedTuple):
    """What became of the sales; all but the first two and the last must be empty."""

    acknowledged: int
    codes: dict[str, int]
    lost: list[str]
    """Keys that were acknowledged, and are not there."""
    twice: list[str]
    """Keys of which there is more than one movement."""
    untrue: list[str]
    """Keys whose answer names another movement than there is."""
    surprising: list[str]
    """Keys that were there already though no try before could have done it."""
    missed: list[int]
    """Movements of which who read along was never told, though of later ones."""
    disordered: list[int]
    """Ids that came to who read along after higher ones, or twice."""
    gaps: list[int]
    """Ids that there are not."""
    ends: list[str]
    """Who ended or hung, and ought not to have."""
    phantoms: int
    """Movements that who read along saw and that a failover undid, acknowledged to nobody."""

    @property
    def faults(self) -> dict[str, object]:
        """What must not be, by its name."""
        kept = self._asdict()
        return {name: kept[name] for name in self._fields[2:-1] if kept[name]}


def judge(load: Load) -> Verdict:
    """Return what became of all that was tried; the load is over."""
    rows = [json.loads(one) for one in load.run("stock", "log", "-o", "jsonl").splitlines()]
    by_key: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_key[row["ref"]].append(row)
    tries: dict[str, list[Try]] = defaultdict(list)
    for one in load.tries:
        tries[one.key].append(one)
    sure = {key: [one for one in of_it if one.code == 0] for key, of_it in tries.items()}
    ids, told = [row["id"] for row in rows], [number for number, _ in load.seen]
    there = {row["id"]: row["ref"] for row in rows}
    real = [number for number, ref in load.seen if there.get(number) == ref]
    return Verdict(
        acknowledged=sum(map(bool, sure.values())),
        codes={f"{who} {code}": n for (who, code), n in sorted(_codes(load).items())},
        lost=[key for key, of_it in sure.items() if of_it and key not in by_key],
        twice=[key for key, found in by_key.items() if key in tries and len(found) > 1],
        untrue=[
            key
            for key, of_it in sure.items()
            if key in by_key
            and any(one.answer["movement"] != by_key[key][0]["id"] for one in of_it)
        ],
        surprising=[key for key, of_it in tries.items() if _is_surprising(of_it)],
        missed=sorted({one for one in ids if one <= max(told, default=0)} - set(told)),
        disordered=[one for at, one in enumerate(real) if at and one <= real[at - 1]],
        gaps=sorted(set(range(ids[0], ids[-1] + 1)) - set(ids)),
        ends=load.ends,
        phantoms=len(load.seen) - len(real),
    )


def _codes(load: Load) -> Counter[tuple[str, int]]:
    return Counter((one.who, one.code) for one in load.tries)


def _is_surprising(tries: list[Try]) -> bool:
    """Return whether a sale was there though each try before had said that it had not happened.

    A try that finds its own outcome out answers as a repeated one does.
    """
    first = next((at for at, one in enumerate(tries) if one.code == 0), None)
    if first is None or not tries[first].answer["replayed"]:
        return False
    unsure = [one for one in tries[:first] if one.code not in (11, 12)]
    return not unsure and tries[first].took < 0.5

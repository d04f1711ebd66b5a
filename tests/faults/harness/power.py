"""The power-cut sweep: each disk that a cut during a session could leave, recovered and judged."""

import hashlib
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bench import Bench
from books import ACKNOWLEDGED, REFUSED, UNKNOWN, Try, check_books
from disk import Disk, Files, Write
from session import CALLS, Event, Recording, record, replay
from sweep import Report, spread
from trial import state
from upkeep import Upkeep, UpkeepTrial

STATES = 250
"""How many of a session's states the share in CI recovers from."""
UPKEEP_STATES = 40
"""From how many of each sort of upkeep."""
_SEED = 1
_MIXTURES = 10


class Cut(NamedTuple):
    """A disk after a power cut: which call it came after, and how much of the session was known.

    `answered` operations were acknowledged, those up to `begun` may have been under way.
    """

    event: int
    answered: int
    begun: int
    files: Files


def cuts_of(disk: Disk, events: Sequence[Event], answers: Path) -> Iterator[Cut]:
    """Yield every different state that a cut may leave, in the order of the calls.

    The events happen to `disk`; `answers` is where each line acknowledges something.
    """
    seen, answered = set[object](), 0
    contents: dict[bytes, bytes] = {}  # most cuts differ in one file
    chance = random.Random(_SEED)
    for number, event in enumerate(events):
        answered += replay(disk, event.line, str(answers))
        for files in disk.after_cut(chance, _MIXTURES):
            digests = {path: hashlib.sha256(files[path]).digest() for path in _outliving(files)}
            known = (answered, event.begun, *sorted(digests.items()))
            if known not in seen:
                seen.add(known)
                kept = {
                    path: contents.setdefault(digest, files[path])
                    for path, digest in digests.items()
                }
                yield Cut(number, answered, event.begun, kept)


def _outliving(files: Files) -> list[str]:
    """Return what means something after a cut: no process has shared memory open then."""
    return [path for path in files if not path.endswith(("-shm", ".lock"))]


def power_sweep(bench: Bench, *, with_reader: bool, most: int | None = None) -> Report:
    """Recover from each cut during the session, or from `most` of them."""
    recording, report = record(bench, with_reader=with_reader), Report()
    cuts = cuts_of(Disk(recording.root), recording.events, bench.shop.root / "stdout")
    for cut in spread(list(cuts), most):
        line = recording.events[cut.event].line
        point = f"cut after call {cut.event}, {line.partition('(')[0]}, {cut.answered} answered"
        report.tried(point, list(_wrong_after(bench, recording, cut)))
    return report


def upkeep_power_sweep(bench: Bench, scenario: Upkeep, most: int | None = None) -> Report:
    """Recover from each cut during upkeep, or from `most` of them, and do it once more."""
    trial, report = UpkeepTrial(bench, scenario), Report()
    trial.lay()
    disk = Disk(bench.books)
    for path in bench.books.iterdir():
        disk.change(str(path), Write(0, path.read_bytes()))
        disk.sync(str(path))
    disk.sync(str(bench.books))
    run = bench.trace(scenario.arguments, calls=CALLS, whole=True)
    answers = bench.shop.root / ("stderr" if scenario.streams else "stdout")
    lines = answers.read_bytes().count(b"\n")
    events = [Event(line, 1) for line in run.trace]
    cuts = list(cuts_of(disk, events, answers))
    # Few come after the answer, and those say the most.
    acknowledged = spread([cut for cut in cuts if cut.answered == lines], most and most // 2)
    others = [cut for cut in cuts if cut.answered < lines]
    for cut in (*spread(others, most and most - len(acknowledged)), *acknowledged):
        bench.lay(None)
        bench.books.mkdir()
        for name, content in cut.files.items():
            Path(name).write_bytes(content)
        told = ACKNOWLEDGED if cut.answered == lines else UNKNOWN
        call = events[cut.event].line.partition("(")[0]
        point = f"{scenario.name}, cut after call {cut.event}, {call}"
        report.tried(point, list(trial.judge_told(told)))
    return report


def _wrong_after(bench: Bench, recording: Recording, cut: Cut) -> Iterator[str]:
    db = _restore(bench, cut.files)
    tries = []
    for place, moved in enumerate(recording.operations):
        told = ACKNOWLEDGED if place < cut.answered else REFUSED
        if cut.answered <= place < cut.begun:
            told = UNKNOWN  # those of one command are under way together
        sku, delta = moved[0] if moved else ("", 0)
        tries.append(Try(None, sku, delta, told, moved[1:]))
    found = check_books(db, {}, tries, after=0)
    yield from found
    if not found:
        now = state(db)
        if now not in (recording.states[cut.answered], recording.states[cut.begun]):
            yield f"{now} is neither what was acknowledged nor that and the next command's change"


def _restore(bench: Bench, files: Files) -> Path:
    """Write the files of a cut where their paths are below a folder of their own."""
    root = bench.shop.root / "cut"
    shutil.rmtree(root, ignore_errors=True)
    for path, content in files.items():
        target = root / Path(path).relative_to(bench.shop.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return root / bench.shop.db.relative_to(bench.shop.root)

"""Which column of a file is which field, by its name; and which names are nobody's."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from invctl.files.options import KEY, FileOptions
from invctl.files.rows import in_quotes, nearest, plain
from invctl.files.synonyms import SYNONYMS, fields_called

_STOCK = "quantity"
_WANTED = ("code", "counted")
_LONG = 5
"""Letters from which on what is close to a synonym is taken for it: `mix` is no `min`."""
_ALIKE = 0.65
"""From how alike on a name is proposed: `price` is no `place`."""

NOT_KNOWN = "is not a known column"

Problem = tuple[str, Callable[[], str]]
"""A name that is at fault, and what says why: a header may have a hundred thousand of them."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field of a file stands, and what is wrong with the names of its columns.

    `read_as` is the field of each name that was known by a synonym; `unknown` names are nobody's.
    """

    places: Mapping[str, int]
    read_as: Mapping[str, str]
    problems: Sequence[Problem]
    unknown: Sequence[str]

    def name_of(self, field: str) -> str:
        """Return the name of a field's column, as --map finds it."""
        return next((name for name, known in self.read_as.items() if known == field), field)


class Finder:
    """Finds the columns of fields in files; what else `own` records have is passed over.

    `kinds` maps each field to its kind, `fields` each to its name as it is compared.
    """

    def __init__(
        self, kinds: Mapping[str, str], options: FileOptions, own: Collection[str]
    ) -> None:
        self.kinds = kinds
        self.options = options
        self.own = frozenset(own)
        self.fields = {field: plain(field) for field in kinds}
        self._meant = [
            (field, bare, [s for s in map(plain, SYNONYMS.get(field, ())) if len(s) >= _LONG])
            for field, bare in self.fields.items()
            if field not in options.mapping  # which is read from there and nowhere else
        ]

    def find(self, names: Sequence[str], *, sparse: bool = False) -> Columns:
        """Return what the names of a file's columns mean; one that is empty is no column.

        Of the `sparse` names of one object those that --map wants may be missing.
        """
        return _Search(self, names, sparse).columns()

    def missed(self, name: str, placed: Collection[str]) -> str | None:
        """Return the field that a name was probably meant to be, being one letter away from it."""
        bare = plain(name)
        for field, known, synonyms in self._meant:
            if _one_off(bare, known):
                return field
            if field not in placed and any(_one_off(bare, one) for one in synonyms):
                return field
        return None


def lacking(fields: Collection[str], given: Collection[str]) -> list[str]:
    """Return which of its fields a file of some kind has to have and is not `given`.

    The first, and what no line says anything without: a code, or a number where that is what its
    lines are about. Of movements it is a delta, or an amount beside an action.
    """
    needed = [next(iter(fields)), *(one for one in _WANTED if one in fields)]
    if "amount" in fields and not {"delta", "amount"} & {*given}:
        needed.append("delta" if "delta" in fields and "action" not in given else "amount")
    return [one for one in needed if one not in given]


class _Search:
    """The columns of one file while they are being found."""

    def __init__(self, finder: Finder, names: Sequence[str], sparse: bool) -> None:
        self._finder = finder
        self._names = names
        self._sparse = sparse
        self._by_name: dict[str, list[int]] = {}
        self._by_plain: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            if name:
                self._by_name.setdefault(name, []).append(place)
                self._by_plain.setdefault(plain(name), []).append(place)
        self._places: dict[str, int] = {}
        self._read_as: dict[str, str] = {}
        self._problems: list[Problem] = []
        self._settled: set[int] = set()

    def columns(self) -> Columns:
        mapping = self._finder.options.mapping
        for field, header in mapping.items():
            if header:
                self._find_mapped(field, header)
        # What --map has read as one field is no column of the field by whose name it goes.
        claimed = set(self._places.values())
        for field, bare in self._finder.fields.items():
            found = [p for p in self._by_plain.get(bare, ()) if p not in claimed]
            # Where it is mapped elsewhere, or dropped, its own column is known all the same.
            self._settled.update(found)
            if found and field not in mapping:
                self._place(field, found)
        self._find_synonyms()
        unknown = list(dict.fromkeys(self._unknown()))
        columns = Columns(self._places, self._read_as, self._problems, unknown)
        if self._finder.options.ignore_extra:
            self._refuse_misses(columns)
        else:
            why = partial(_not_known, self._finder, self._places, self._names)
            self._problems += [(name, partial(why, name)) for name in unknown]
        return columns

    def _find_mapped(self, field: str, header: str) -> None:
        found = self._by_name.get(header) or self._by_plain.get(plain(header), [])
        if found:
            self._settled.update(found)
            self._place(field, found)
        elif not self._sparse:
            problem = partial(_not_there, header, field, list(self._by_name))
            self._problems.append((header, problem))

    def _place(self, field: str, found: Sequence[int]) -> None:
        if len(found) == 1:
            self._places[field] = found[0]
        else:
            names = [self._names[place] for place in found]
            self._problems.append((names[0], partial(_several, field, names)))

    def _find_synonyms(self) -> None:
        """Find fields that have no column yet by what else they are called."""
        tried = {*self._places, *self._finder.options.mapping}
        candidates: dict[str, list[int]] = {}
        for bare in [one for one in self._by_plain if one in fields_called()]:
            places = [place for place in self._by_plain[bare] if place not in self._settled]
            known = [one for one in fields_called()[bare] if one in self._finder.fields]
            meant = [one for one in known if one not in tried]
            dropped = any(self._finder.options.mapping.get(one) == "" for one in known)
            if places and len(meant) > 1:
                name = self._names[places[0]]
                self._problems.append((name, partial(_ambiguous, name, meant)))
            if places and (meant or dropped):
                self._settled.update(places)
            if len(meant) == 1:
                candidates.setdefault(meant[0], []).extend(places)
        for field, found in candidates.items():
            if found:
                self._place(field, sorted(found))
        for field, place in self._places.items():
            if field not in tried:
                self._read_as[self._names[place]] = field

    def _unknown(self) -> list[str]:
        # Beside our quantity alone: else a foreign file's `available` may be what is in stock.
        own = self._finder.own if _STOCK in self._places else ()
        return [
            name
            for name, places in self._by_name.items()
            if name not in own and not self._settled.issuperset(places) and not self._is_key(name)
        ]

    def _is_key(self, name: str) -> bool:
        """Return whether a column holds keys, which nobody would look at here, and refuse it."""
        if plain(name) != plain(KEY) and not _one_off(plain(name), plain(KEY)):
            return False
        if KEY not in self._finder.options.mapping:
            self._problems.append((name, lambda: _KEYS))
        return True

    def _refuse_misses(self, columns: Columns) -> None:
        """Refuse names that are ignored though they were probably meant to be known ones."""
        for name in columns.unknown:
            if field := self._finder.missed(name, self._places):
                found = columns.name_of(field) if field in self._places else ""
                self._problems.append((name, partial(_missed, name, field, found)))


_KEYS = (
    "a key for each line is for `stock apply --each`; --idempotency-key is one for all of the "
    f"file, and --map '{KEY}=' passes over the column"
)


def _not_known(finder: Finder, places: Mapping[str, int], names: Sequence[str], name: str) -> str:
    if also := [one for one in fields_called().get(plain(name), ()) if one in places]:
        column = in_quotes(names[places[also[0]]])
        return f"means {also[0]}, as {column} does; --map '{also[0]}={name}' reads this one instead"
    near = finder.missed(name, ()) or nearest(name, tuple(finder.fields), _ALIKE)
    return f"{NOT_KNOWN}; did you mean {near}?" if near else NOT_KNOWN


def _missed(name: str, field: str, found: str) -> str:
    passed = f"{found}' passes over it" if found else "' says that there is none"
    read = f"--map '{field}={name}' reads it"
    return f"is a letter away from {field}: {read}, and --map '{field}={passed}"


def _several(field: str, names: Sequence[str]) -> str:
    if len(set(names)) == 1:
        return f"the column {in_quotes(names[0])} is there {len(names)} times"
    listed = ", ".join(map(in_quotes, names[:5]))
    return f"{len(names)} columns are {field}: {listed}; --map '{field}=…' says which"


def _ambiguous(name: str, fields: Sequence[str]) -> str:
    return f"{in_quotes(name)} may be {' or '.join(fields)}; --map says which: '{fields[0]}={name}'"


def _not_there(header: str, field: str, names: Sequence[str]) -> str:
    near = nearest(header, names)
    meant = f"; did you mean {in_quotes(near)}?" if near else ""
    if "=" in header:
        meant = "; pairs are parted by commas"
    return f"--map: there is no column {in_quotes(header)} to read {field} from{meant}"


def _one_off(name: str, known: str) -> bool:
    """Return whether a letter more, less, other, or two that are swapped make one of the other."""
    if name == known or abs(len(name) - len(known)) > 1:
        return False
    pairs = zip(name, known, strict=False)
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(name), len(known)))
    a, b = name[same:], known[same:]
    # Where they first differ: a letter more or another one, one less, or two that are swapped.
    return a[1:] in {b, b[1:]} or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])

"""How standard output is to look: what the options about it said, and what follows from that."""

from typing import NamedTuple

from invctl.cli.printing.streams import is_terminal

FORMATS = ("table", "tsv", "csv", "json", "jsonl")


class Format(NamedTuple):
    """What the options said of standard output; a `name` or `columns` of None were not given."""

    name: str | None = None
    columns: tuple[str, ...] | None = None
    header: bool = True
    quiet: bool = False
    color: str = "auto"

    @property
    def effective(self) -> str:
        """The format that is written: the one that was named, or the one that fits the reader."""
        return self.name or ("table" if is_terminal(1) else "tsv")

    @property
    def is_for_people(self) -> bool:
        """Whether a table is written, or a sentence in place of a record."""
        return self.effective == "table"

    @property
    def is_in_words(self) -> bool:
        """Whether people read it, and have not said which columns."""
        return self.is_for_people and self.columns is None

    @property
    def is_json(self) -> bool:
        """Whether a program was said to read it, and errors too."""
        return self.name in ("json", "jsonl")

    @property
    def is_silent(self) -> bool:
        """Whether a mutation says nothing: quiet was wished for, and no format beside it."""
        return self.quiet and self.name is None

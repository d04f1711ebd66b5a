"""What a file is known by when it comes again: its bytes, whatever it is called."""

from hashlib import file_digest
from typing import BinaryIO


def fingerprint(stream: BinaryIO, start: int = 0) -> str:
    """Return the SHA-256 of a stream's bytes from `start` on, in hex; it stays where it was."""
    place = stream.tell()
    stream.seek(start)
    digest = file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    stream.seek(place)
    return digest

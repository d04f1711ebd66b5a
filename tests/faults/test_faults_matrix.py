"""A reader and a writer in each of the surroundings; `tests/faults --surroundings` tries all."""

import pytest
from matrix import SURROUNDINGS, tried, unexpected
from surroundings import needs, needs_root

pytestmark = [
    pytest.mark.faults,
    needs_root("mount, and be others"),
    needs("setpriv"),
    pytest.mark.sqlite("it is about files"),
]


@pytest.mark.parametrize("line", ["product show A-1", "stock remove A-1 1"])
@pytest.mark.parametrize("name", SURROUNDINGS)
def test_nothing_unexpected_comes_of_it(name: str, line: str) -> None:
    around = SURROUNDINGS[name]
    assert list(unexpected(around, line, tried(around, line))) == []

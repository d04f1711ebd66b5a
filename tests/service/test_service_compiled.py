"""The texts of the fixed statements are those of what is declared."""

from invctl.repository import compiling


def test_the_compiled_texts_are_what_the_declared_statements_say() -> None:
    assert compiling.TARGET.read_text(encoding="utf-8") == compiling.source()

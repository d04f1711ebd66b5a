"""The lines that say who may ask: what stands in them, and that no message gives it away."""

from pathlib import Path

import pytest

from invctl.errors import ConfigError, InvalidValue, InventoryError
from invctl.http.tokens import VARIABLE, Tokens, read_tokens

pytestmark = pytest.mark.sqlite("it is about a file")

LONG = "s3cret" * 8


def read(tmp_path: Path, content: str) -> Tokens:
    file = tmp_path / "tokens"
    file.write_text(content)
    file.chmod(0o600)
    return read_tokens(str(file), "whoever")


def test_a_line_is_a_name_and_a_token_and_a_comment(tmp_path: Path) -> None:
    tokens = read(tmp_path, f"# who may ask\n\nanna {LONG} # till\n  bert\t{LONG}#2\nc short\n")
    assert [tokens.name(token) for token in (LONG, f"{LONG}#2", "short", "till", "#")] == [
        "anna", "bert", "c", None, None,
    ]  # fmt: skip
    assert tokens.guessable == [f"--token-file {tmp_path}/tokens, line 5"]


@pytest.mark.parametrize(
    "line",
    [f"{LONG} anna maria", f"anna {LONG} till", f"{LONG} # anna", f"anna # {LONG}", f"{LONG}\x85ü"],
)
def test_what_is_no_such_line_is_refused_and_not_shown(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f"bert {LONG}0\n{line}\n")
    assert "line 2: " in caught.value.message
    assert "s3cret" not in repr((caught.value.message, caught.value.hint, caught.value.details))


def test_a_file_without_a_name_is_none() -> None:
    with pytest.raises(InvalidValue, match="is empty"):
        read_tokens("", "anna")


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("   ", "there is no token in it"),
        ("# till", "there is no token in it"),
        ("$s3cret", "no shell has replaced"),
        ("anna ${s3cret:-x}", "no shell has replaced"),
        ("anna $(s3cret)", "no shell has replaced"),
    ],
)
def test_a_variable_that_holds_no_token_is_none(
    monkeypatch: pytest.MonkeyPatch, value: str, problem: str
) -> None:
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(ConfigError, match=problem) as caught:
        read_tokens(None, "anna")
    assert "s3cret" not in repr((caught.value.message, caught.value.hint, caught.value.details))
    monkeypatch.setenv(VARIABLE, "s3$cret")
    assert read_tokens(None, "anna").name("s3$cret") == "anna"


def test_a_name_in_the_place_of_its_token_is_not_shown_either(tmp_path: Path) -> None:
    assert "s3cret" not in repr(read(tmp_path, f"{LONG} anna").guessable)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028"])
def test_a_variable_of_two_lines_is_no_token(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    for value in (f"anna {LONG}{end}bert {LONG}2", f"{LONG}{end}", f"{LONG}{end}{LONG}2"):
        monkeypatch.setenv(VARIABLE, value)
        with pytest.raises(InventoryError) as caught:
            read_tokens(None, "anna")
        assert (caught.value.code, "line end" in caught.value.message) == ("config", True)
        assert "s3cret" not in repr((caught.value.message, caught.value.details))
    for value, name in ((LONG, "anna"), (f"bert {LONG}", "bert")):
        monkeypatch.setenv(VARIABLE, value)
        assert read_tokens(None, "anna").name(LONG) == name

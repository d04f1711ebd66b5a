"""What README tells to type: its blocks, each by the comment before it."""

import re

from invctl.cli.help.readme import README

TEXT = README.read_text(encoding="utf-8")


def block(purpose: str) -> str:
    """Return the lines of the fenced block after a comment."""
    found = re.search(rf"<!-- {purpose} -->\n```\w+\n(.*?)```", TEXT, re.DOTALL)
    assert found, f"README has no block for {purpose}"
    return found[1]

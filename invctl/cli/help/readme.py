"""`python -m invctl.cli.help.readme`: the topics of `invctl help`, copied into README.

Each stands between `<!-- topic: NAME -->` and `<!-- end of topic -->`; a test fails while they
differ.
"""

import re
from pathlib import Path

from invctl.cli.help.topics import text

README = Path(__file__).parents[3] / "README.md"
_TOPIC = re.compile(r"(<!-- topic: ([a-z-]+) -->\n).*?(<!-- end of topic -->)", re.DOTALL)


def with_topics(readme: str) -> str:
    """Return README's text with its topics as `invctl help` tells them."""
    return _TOPIC.sub(lambda found: f"{found[1]}{text(found[2])}\n{found[3]}", readme)


def main() -> None:
    """Write README anew."""
    README.write_text(with_topics(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

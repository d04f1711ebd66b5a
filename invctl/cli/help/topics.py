"""The topics of `invctl help`: one text each, which README shows too.

A topic is a file in `topics/`: what it is about after a `#`, then Markdown as `prose` knows it.
"""

import re
from pathlib import Path

from invctl.cli.printing.prose import rendered

TOPICS = (
    "environment",
    "exit-codes",
    "formats",
    "files",
    "times",
    "scripts",
    "mistakes",
    "promises",
    "places",
    "server",
)
_BLOCKS = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_FOLDER = Path(__file__).with_name("topics")


def about(topic: str) -> str:
    """Return in one line what a topic is about."""
    return _read(topic)[0]


def text(topic: str) -> str:
    """Return a topic's text as it is written, for README."""
    return _read(topic)[1]


def telling_of(word: str) -> list[str]:
    """Return the topics whose sentences have words that begin so, which has most of them first."""
    begins = re.compile(rf"\b{re.escape(word)}", re.IGNORECASE)
    found = {topic: len(begins.findall(_BLOCKS.sub("", text(topic)))) for topic in TOPICS}
    return sorted(filter(found.get, TOPICS), key=lambda topic: -found[topic])


def topic_page(topic: str) -> str:
    """Return a topic as a terminal shows it."""
    title, markdown = _read(topic)
    return "\n".join([title, "", *rendered(markdown)])


def _read(topic: str) -> tuple[str, str]:
    content = _FOLDER.joinpath(f"{topic}.md").read_text(encoding="utf-8")
    title, _, markdown = content.partition("\n")
    return title.removeprefix("# "), markdown.strip("\n")

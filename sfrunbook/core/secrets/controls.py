"""Characters that change what a screen shows: colours, cursor moves, links, NUL, reversed writing, no width."""

from __future__ import annotations

import re

__all__ = ["visible_controls", "without_controls"]

#: sequences of a terminal: CSI, OSC and its like up to their end, and the shorter ones
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?",
)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def without_controls(text: str) -> str:
    """The text as it is meant to be read; line ends and tabs stay."""
    return _CONTROL.sub("", _SEQUENCE.sub("", text))


def visible_controls(text: str) -> str:
    """The text with such characters as escapes, so that a screen shows them and does not obey them."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)

"""What every reader of `formats.py` needs: the name of a secret in a text, and where a value ends.

Each reader looks at one place with a fixed reach, so that a text of any kind is read in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sfrunbook.core.secrets.names import Weight, is_harmless
from sfrunbook.core.secrets.patterns import Hit

__all__ = ["BARE", "MARK", "PASSWORD", "SPAN", "Name", "Progress", "Reader", "closing", "end_of_line"]

MARK = r"(?:\\*[\"'`]|%(?:25)*2[27]|&(?:quot|apos|\#0?3[49]);|\\+u002[27]|[\u201c\u201e\u00ab\u2018])"
_CLOSED_BY = {"\u201c": "\u201d", "\u201e": "\u201c", "\u00ab": "\u00bb", "\u2018": "\u2019"}
#: what follows `code:` in the words of a program
_ERROR_CODE = re.compile(r"(?:[A-Z][a-z]+){2,}|[A-Z]{2,}(?:_[A-Z]+)+")
#: how far a reader looks
SPAN = 300
#: the end of a value without quotes: a blank, a quotation mark, or a delimiter that another name or nothing follows
_ENDS = r"&amp;|[,;&)}\]](?=[\s\"'<>,;&)}\]]|$|amp;|\s{0,3}[\w.$@-]{1,60}\s?[=:])|\\+[nrt](?![\w.-]*$)"
BARE = tuple(
    re.compile(rf"(?:\$?{{{{?[^{{}}\s\"'][^{{}}\n\"']{{0,60}}}}}}?|(?!{_ENDS}{encoded})[^\s\"'<>`|])+")
    for encoded in ("", r"|%(?:26|22|27|23|7D|2C|0A)", r"|%(?:25)?(?:26|22|27|23|7D|2C|0A)")
)
#: names whose values people choose, so that they may have blanks
PASSWORD = re.compile(r".*(?:pass|pwd|passphrase|passwd|password)", re.I)


@dataclass
class Progress:
    """How far a text was read, so that nothing is read again and again."""

    #: where the last value without quotes ends
    bare: int = 0
    #: where the last table with a column of secrets begins and ends
    table: tuple[int, int] = (-1, 0)


@dataclass(kw_only=True, slots=True)
class Name:
    """The name of a secret in a text, `[start, end)`, and how much it says."""

    text: str
    progress: Progress
    start: int
    end: int
    weight: Weight
    #: the words before and after its keyword, as in SF_CLIENT_SECRET_PROD
    whole: str

    def hit(self, start: int, end: int, *, weight: Weight | None = None, doubtful: bool = False) -> Iterator[Hit]:
        """The value at this place, unless it is harmless."""
        value = self.text[start:end].strip()
        if self.whole.lower().endswith("code") and _ERROR_CODE.fullmatch(value):
            return
        if value and not is_harmless(value, self.weight if weight is None else min(weight, self.weight)):
            yield Hit(start=start, end=end, kind=f"value of {self.whole.lower()}", doubtful=doubtful)


Reader = Callable[[Name], Iterator[Hit]]


def closing(text: str, start: int, mark: str) -> int:
    """Where a value ends that `mark` opened: at the same mark, or with the line where there is none."""
    mark = _CLOSED_BY.get(mark, mark)
    if mark[0] in "%&" or (mark.startswith("\\") and "u002" in mark):
        end = text.find(mark, start)
        while end >= 0 and text[max(start, end - 9) : end].upper().endswith(("%5C", "%255C")):
            end = text.find(mark, end + 1)
        return end if end >= 0 else end_of_line(text, start)
    depth, char = len(mark) - 1, mark[-1]
    at = text.find(char, start)
    while at >= 0:
        slashes = 0
        while slashes < 16 and at - slashes > start and text[at - slashes - 1] == "\\":
            slashes += 1
        if slashes <= depth if depth else slashes % 2 == 0:
            break
        at = text.find(char, at + 1)
    line = text.find("\n", start, at) if at >= 0 else end_of_line(text, start)
    if line < 0 or (at >= 0 and re.fullmatch(r"[\w+/=.~!%\s:-]+", text[start:at])):
        return at - slashes
    return line


def end_of_line(text: str, start: int) -> int:
    """Where the line ends."""
    end = text.find("\n", start)
    return end if end >= 0 else len(text)

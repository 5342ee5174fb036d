"""Checks the words that people read: `make check` fails when a text has a finding.

python docs/voice.py               show every finding
python docs/voice.py --write FILE  write every text with its source to one file, for someone to read
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from voice_texts import GAP, Kind, Text, texts

__all__ = ["Finding", "findings", "main"]

ROOT = Path(__file__).parents[1]
#: the longest sentence, in words
LONGEST = {Kind.INTERFACE: 20, Kind.NOTEBOOK: 20, Kind.DOCS: 25}
#: words that read like a translation, and what to write instead
WORDS = {
    r"roads?": "your progress; step 3 of 7",
    r"mend(?:s|ed|ing)?": "fix",
    r"told|tells|telling|tell (?:of|apart|from)": "reported, shown, says; tell apart: distinguish",
    r"st(?:ands?|ood) (?:in|on|at|there|for|where|as)": "is in, is on",
    r"prov(?:es?|ed|en|ing)": "verify, verified",
    r"attest(?:s|ed)?": "confirm, confirmed by you",
    r"nobody|without a person|no person": "unattended; no one",
    r"(?<!without a )(?<!no )persons?": "someone, the user, you",
    r"(?:came|comes?|coming) back|(?:is|are|was|were|be) had": "was returned; is available",
    r"look(?:s|ed)? again": "check again",
    r"held|kept": "stored",
    r"lives|lived|living|dies|died|outlives?": "is valid until; expired; was revoked",
    r"(?:token|grant|login|session|access|approval)s? (?:ends?|ended)": "expires; was revoked",
    r"renew(?:s|ed|als?|ing)?": "refreshed",
    r"practice world": "practice org; practice Cyclr",
    r"fores(?:ees?|een|aw)": "check before you log in",
    r"refusals?": "an error; a rejected request",
    r"made[- ]up": "a test URL that isn't registered",
    r"(?:is|are|was|were) looked (?:at|into)": "check; confirm",
}
#: words that code and developers' pages may use
INTERFACE_WORDS = {
    r"the grant(?:'s)?(?! type)": "the stored login",
    r"inconclusive": "couldn't check",
}
DOUBLE_NEGATIVES = r"(?:none|nothing|nobody|nowhere|no one|no other) but|none other than|that which|of which"
#: what a heading of a notebook begins with
VERBS = re.compile(
    r"\W*(?:add|allow|approve|ask|check|choose|clean|compare|complete|confirm|connect|copy|create|decide|download|enter|"
    r"explain|export|fill|find|finish|fix|get|give|go|install|keep|let|log|look|make|open|paste|pick|prepare|press|query|"
    r"read|refresh|register|rehearse|remove|replace|reset|restore|review|revoke|run|save|see|select|send|set|share|show|"
    r"sign|start|stay|stop|store|switch|test|try|turn|undo|update|use|verify|view|watch|write)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"`[^`]*`|<code>.*?</code>|https?://\S+|!?\[([^\]]*)\]\([^)]*\)")
#: one word each, however long: a path of screens, and a label or message in quotation marks
_SEGMENT = r"(?:[A-Z][\w'-]*|the|your|app|and|of|for|app's|user's|name|row|tab|arrow)"
_ON_THE_SCREEN = re.compile(rf"“[^”]*”|{_SEGMENT}(?: {_SEGMENT})*(?: > {_SEGMENT}(?: {_SEGMENT})*)+")
#: sentences that are not ours: Salesforce's own, repeated by the practice org, and one that a kernel is recognized by
QUOTED = (
    "The API Name can only contain underscores and alphanumeric characters.",
    "Kernel died before replying to kernel_info",
)
_SENTENCE_END = re.compile(r"(?<!e\.g)(?<!i\.e)[.!?](?=[\s\"”*)]|$)|\n\n")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is wrong with one text."""

    text: Text
    what: str

    def __str__(self) -> str:
        """One line, as a compiler writes it."""
        return f"{self.text.path}:{self.text.line}: {self.what}: {' '.join(self.text.words.split())[:160]}"


def findings(text: Text) -> Iterator[Finding]:
    """Everything that is wrong with a text."""
    if text.words.startswith(QUOTED):
        return
    plain = _CODE.sub(lambda found: found[1] or GAP, text.words)
    words = WORDS if text.kind is Kind.DOCS else WORDS | INTERFACE_WORDS
    for pattern, better in words.items():
        for found in re.finditer(rf"\b(?:{pattern})\b", plain, re.IGNORECASE):
            yield Finding(text=text, what=f"“{found[0]}”, write “{better}”")
    for found in re.finditer(rf"\b(?:{DOUBLE_NEGATIVES})\b", plain, re.IGNORECASE):
        yield Finding(text=text, what=f"“{found[0]}”: say what it is")
    for sentence in _SENTENCE_END.split(_ON_THE_SCREEN.sub(GAP, plain)):
        if (length := len(re.findall(r"\w[\w'\u2019.-]*|…", sentence))) > LONGEST[text.kind]:
            yield Finding(text=text, what=f"a sentence of {length} words")
    if text.heading and not VERBS.match(plain):
        yield Finding(text=text, what="a heading that does not begin with a verb")


def main(arguments: list[str], root: Path = ROOT) -> int:
    every = list(texts(root))
    if arguments[:1] == ["--write"]:
        lines = (f"{one.path}:{one.line}\t{' '.join(one.words.split())}\n" for one in every)
        Path(arguments[1]).write_text("".join(lines), "utf-8")
        return 0
    found = [finding for text in every for finding in findings(text)]
    sys.stdout.write("".join(f"{one}\n" for one in found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`explain` withstands any input: no crash, no control character, no secret, and time that grows with its length."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.each import for_each
from support.in_process import invoke
from support.tails import is_long, long_or

from sfrunbook.core.secrets.formats import FORMATS

_MEGABYTE = 1_000_000
FORMS_SHOWN = ((), ("--json",), ("--message",), ("--all",))
SECRET = "k7KpQm2vR9tLw4Zx"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_PIECES = st.sampled_from(
    [
        *(b"\x1b[31m", b"\x9b2J", b"\x1b]0;x\x07", b"\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xe2\x80\xae"),
        *(
            b"{",
            b"[",
            b'"',
            b"'",
            b"<",
            b"&lt;",
            b"%25",
            b"\\",
            b"=",
            b": ",
            b"\n",
            b"\r\n",
            b"\t",
            b"2026-11-29 10:00:00 ",
        ),
        *(b"invalid_grant", b"error=", b"INVALID_SESSION_ID", b"Failed: ", b"https://", b"<html>", b"Caused by: "),
        *(b"https://login.salesforce.com/services/oauth2/authorize?client_id=", b'{"error":"', b"password: "),
    ]
)
_SHORT = st.lists(_PIECES | st.binary(max_size=20), max_size=30).map(b"".join)


@st.composite
def _inputs(draw: st.DrawFn) -> bytes:
    """Bytes of any kind, mostly short, some repeated up to a megabyte."""
    piece = draw(_SHORT)
    length = draw(st.sampled_from([*[0] * 9, 50_000, *([_MEGABYTE] if is_long() else [])]))
    return piece * (length // len(piece)) if length and piece else piece


@st.composite
def _planted(draw: st.DrawFn) -> bytes:
    """Such bytes with a secret in one of the formats, on lines of its own."""
    row = draw(st.sampled_from(FORMATS))
    text = row.example.replace("HIDDEN", row.write(SECRET) if row.write else SECRET)
    return draw(_SHORT).replace(b"\x00", b"") + f"\n\n{text}\n\n".encode() + draw(_SHORT)


#: repeated up to a megabyte, each is hard for a pattern that walks back
HARD = (
    *("https://", "https://a--", "{", "[{", '"', "'", "\\", "<html>", "<script", "<ns:faultcode>", "Failed: ", "| "),
    *("error=", "oauth_", "A_", "requests.post(", "content-type: application/json ", "scope=x ", "\n", "\x1b[", "a"),
    *("2026-11-29 10:00:00 invalid_grant\n", "https://a.example/services/oauth2/authorize?client_id=", "password: "),
)


@settings(max_examples=long_or(200, 60), suppress_health_check=[HealthCheck.too_slow])
@given(_inputs())
def test_no_input_crashes_explain_or_prints_a_control_character(home: Path, given_bytes: bytes):
    assert not _CONTROL.search(shown_of(given_bytes, home, FORMS_SHOWN))


@settings(max_examples=long_or(400, 60))
@given(_planted())
def test_no_input_makes_explain_print_a_planted_secret(home: Path, given_bytes: bytes):
    shown = shown_of(given_bytes, home, FORMS_SHOWN)
    assert [SECRET[at : at + 8] for at in range(9) if SECRET[at : at + 8] in shown] == []


@for_each("piece", HARD if is_long() else HARD[::4])
def test_a_megabyte_takes_no_more_than_a_few_times_what_a_hundred_kilobytes_take(home: Path, piece: str):
    """A square of the length takes a hundred times as much."""
    short, long = (cpu_seconds(piece * (size // len(piece)), home) for size in (100_000, _MEGABYTE))
    assert long < 8 * max(short, 0.1)


def cpu_seconds(text: str, home: Path) -> float:
    shown_of(b"x", home)  # reads the catalogue
    begun = time.process_time()
    shown_of(text.encode(), home)
    return time.process_time() - begun


def shown_of(content: bytes, home: Path, forms: tuple[tuple[str, ...], ...] = ((),)) -> str:
    """What `explain` prints of a file in these forms; it neither fails nor shows a traceback."""
    (home / "given").write_bytes(content)
    outputs = []
    for options in forms:
        code, *texts = invoke(["explain", "given", *options], typed="", environ={"HOME": str(home)}, folder=home)
        assert code == 0 or (code == 2 and "given is empty." in texts[1])
        outputs += texts if code == 0 else []
    return "".join(outputs)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")

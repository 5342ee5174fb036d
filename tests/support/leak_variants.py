"""Ways in which a secret ends up in an artefact, and ordinary notebooks that hold none; both from a seed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import quopri
import random
import textwrap
import uuid
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

SECRET = "Qk7+vN/2zR-w9_LxP4=t" + "Hb3.mJ8sYd6&Uc5fG1aE0"
HEX_SECRET = "9C4E2B7F" + "D15A8036" + "4BE7C902" + "F86D13A5" + "7E1B94C0" + "2D6F58A3" + "B9E04C71" + "835AD2F6"
TOKEN = "00Dxx0000001gPF" + "!AQ8AQHzR7mWq2LxkV9bTn4CyPd6sJf3GhU1eK0oYi5Nv_tXwZa.rMcBpSuEgQj7l8DkHO2Fh"
PEM_BODY = "Zk9wT3xQv1mB7nR4sKc2yLd8" + "JhG5fUe0aPiXo6tVqWzM3bNrCyEk"


def _b64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def _codes(text: str, frame: str) -> str:
    return "".join(frame.format(ord(one)) for one in text)


#: each makes a text of a value
TEXTS: dict[str, Callable[[str], str]] = {
    "raw": lambda v: f"the value is {v} today",
    "with no space around": lambda v: f"x{v}y",
    "quoted": lambda v: f"'{v}'",
    "in a repr of a dict": lambda v: repr({"k": v}),
    "URL-encoded": lambda v: f"?a={quote(v, safe='')}&b=1",
    "form-encoded": lambda v: f"a={quote_plus(v)}&b=1",
    "URL-encoded in small letters": lambda v: quote(v, safe="").replace("%2B", "%2b").replace("%2F", "%2f"),
    "URL-encoded twice": lambda v: quote(quote(v, safe=""), safe=""),
    "URL-encoded three times": lambda v: quote(quote(quote(v, safe=""), safe=""), safe=""),
    "URL-encoded to the last letter": lambda v: _codes(v, "%{:02X}"),
    "in an address in a query string": lambda v: "https://h.example/?next=" + quote(f"https://g.example/?x={quote(v)}"),
    "base64": _b64,
    "base64 behind one letter": lambda v: _b64("a" + v),
    "base64 behind two letters": lambda v: _b64("ab" + v),
    "base64 for addresses": lambda v: base64.urlsafe_b64encode(v.encode()).decode(),
    "base64 for addresses behind one letter": lambda v: base64.urlsafe_b64encode(b"a" + v.encode()).decode(),
    "base64 for addresses behind two letters": lambda v: base64.urlsafe_b64encode(b"ab" + v.encode()).decode(),
    "base64 without padding": lambda v: _b64(v).rstrip("="),
    "base32": lambda v: base64.b32encode(v.encode()).decode(),
    "base32 in small letters, without padding": lambda v: (
        base64.b32encode(f"a{v}".encode()).decode().rstrip("=").lower()
    ),
    "gzip in base64": lambda v: _b64(gzip.compress(f"a log line with {v} in it".encode())),
    "zlib in base64": lambda v: _b64(zlib.compress(v.encode())),
    "in numbered lines": lambda v: "\n".join(f"{at:>3}: {line}" for at, line in enumerate(textwrap.wrap(v, 9), 1)),
    "in numbered list items": lambda v: "\n".join(f"[{at}] {v[at * 8 : at * 8 + 8]}" for at in range(len(v) // 8 + 1)),
    "between lines of another stream": lambda v: f"{v[:20]}\nWARNING: slow\n{v[20:]}",
    "base64 twice": lambda v: _b64(_b64(v)),
    "base64, URL-encoded": lambda v: quote(_b64(v), safe=""),
    "base64 of JSON": lambda v: _b64(json.dumps({"client_secret": v})),
    "base64 in lines of 76": lambda v: base64.encodebytes(f"some words before {v} and some after it".encode()).decode(),
    "base64 in lines of 16": lambda v: "\n".join(textwrap.wrap(_b64(v), 16)),
    "Basic header": lambda v: f"Authorization: Basic {_b64('client:' + v)}",
    "Basic header, longer id": lambda v: f"Authorization: Basic {_b64('clients:' + v)}",
    "Basic header without its name": lambda v: _b64("clientss:" + v),
    "in JSON": lambda v: json.dumps({"a": v}),
    "in JSON in JSON": lambda v: json.dumps(json.dumps({"a": v})),
    "in JSON three deep": lambda v: json.dumps(json.dumps(json.dumps({"a": v}))),
    "in JSON with escaped slashes": lambda v: json.dumps({"a": v}).replace("/", "\\/"),
    "as Unicode escapes": lambda v: _codes(v, "\\u{:04x}"),
    "as byte escapes": lambda v: _codes(v, "\\x{:02x}"),
    "as octal escapes": lambda v: _codes(v, "\\{:03o}"),
    "escaped for HTML": lambda v: f"<p>{html.escape(v)}</p>",
    "escaped for HTML twice": lambda v: html.escape(html.escape(v)),
    "as decimal entities": lambda v: _codes(v, "&#{};"),
    "as hexadecimal entities": lambda v: _codes(v, "&#x{:x};"),
    "hexadecimal": lambda v: v.encode().hex(),
    "hexadecimal in capitals": lambda v: v.encode().hex().upper(),
    "hexadecimal with colons": lambda v: v.encode().hex(":"),
    "hexadecimal with spaces": lambda v: v.encode().hex(" "),
    "hexadecimal in lines": lambda v: "\n".join(textwrap.wrap(v.encode().hex(), 32)),
    "backwards": lambda v: v[::-1],
    "in capitals": lambda v: v.upper(),
    "in small letters": lambda v: v.lower(),
    "wrapped at 12": lambda v: "\n".join(textwrap.wrap(v, 12, break_on_hyphens=False)),
    "wrapped at 9 and indented": lambda v: textwrap.indent("\n".join(textwrap.wrap(v, 9)), "    "),
    "wrapped with backslashes": lambda v: "\\\n".join(textwrap.wrap(v, 11)),
    "as adjacent literals": lambda v: '"' + '" "'.join(textwrap.wrap(v, 10)) + '"',
    "as a sum of literals": lambda v: "'" + "' + '".join(textwrap.wrap(v, 10)) + "'",
    "letter by letter": lambda v: " ".join(v),
    "as a list of letters": lambda v: repr(list(v)),
    "a letter a line": lambda v: "\n".join(v),
    "with zero-width spaces": lambda v: "\u200b".join(v),
    "with soft hyphens": lambda v: "\u00ad".join(v),
    "the first half": lambda v: f"begins with {v[: len(v) // 2]}...",
    "the last half": lambda v: f"ends with ...{v[len(v) // 2 :]}",
    "all but four letters": lambda v: f"{v[:-4]}****",
    "the middle": lambda v: f"...{v[-24:-4]}...",
    "with colours": lambda v: f"\x1b[31m{v[:10]}\x1b[0m\x1b[1;32m{v[10:]}\x1b[0m",
    "quoted-printable": lambda v: quopri.encodestring(("words before it " * 4 + v).encode()).decode(),
    "in XML": lambda v: f"<a b={html.escape(v)!r}/>",
    "in a traceback": lambda v: f"    client_secret = '{v}'\n    self = <X object>",
    "in a bytes literal": lambda v: repr(f"a={v}".encode()),
    "in a YAML block": lambda v: "secret: >-\n  " + "\n  ".join(textwrap.wrap(v, 15)),
    "in a shell command": lambda v: f"curl -u 'id:{v}' https://h.example",
    "URL-encoded in HTML": lambda v: html.escape(f'<a href="/p?a=1&x={quote(v, safe="")}">'),
    "URL-encoded in JSON in base64": lambda v: _b64(json.dumps({"url": f"/p?x={quote(v, safe='')}"})),
    "in a data frame's cut column": lambda v: f"0  acme  {v[:28]}...",
}
#: each makes the bytes of a file
FILES: dict[str, Callable[[str], bytes]] = {
    "UTF-16": lambda v: f"value {v}".encode("utf-16"),
    "UTF-16, other order": lambda v: f"value {v}".encode("utf-16-be"),
    "UTF-32": lambda v: f"value {v}".encode("utf-32"),
    "between bytes that are no text": lambda v: b"\x00\xff\xfe\x81" + v.encode() + b"\x00\x9c",
}


def _code(source: str, *outputs: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {
        "cell_type": "code", "id": uuid.uuid4().hex[:8], "metadata": metadata, "execution_count": 1,
        "source": source.splitlines(keepends=True), "outputs": list(outputs),
    }  # fmt: skip


def _said(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}


def _shown(**data: str) -> dict[str, Any]:
    named = {key.replace("__", "/").replace("_", "+"): value for key, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": named}


def _book(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


_STATE = "application/vnd.jupyter.widget-state+json"
#: each makes a notebook
BOOKS: dict[str, Callable[[str], dict[str, Any]]] = {
    "in a source": lambda v: _book(_code(f"secret = {v!r}")),
    "in a printed line": lambda v: _book(_code("1", _said(f"it is {v}\n"))),
    "printed in two cells": lambda v: _book(_code("1", _said(v[:19] + "\n")), _code("2", _said(v[19:] + "\n"))),
    "printed in four cells": lambda v: _book(*(_code("1", _said(v[at : at + 11])) for at in range(0, 44, 11))),
    "split over the sources of cells": lambda v: _book(_code(f"a = {v[:21]!r}"), _code(f"b = {v[21:]!r}")),
    "split over two outputs of a cell": lambda v: _book(_code("1", _said(v[:14]), _said(v[14:]))),
    "in an HTML page": lambda v: _book(_code("1", _shown(text__html=f"<b>{html.escape(v)}</b>"))),
    "in a drawing": lambda v: _book(_code("1", _shown(image__svg_xml=f"<text>{html.escape(v)}</text>"))),
    "in JSON that is shown": lambda v: _book(_code("1", _shown(application__json=json.dumps([v])))),
    "in a cell's metadata": lambda v: _book(_code("1", note={"deep": [v]})),
    "in papermill's parameters": lambda v: _book(_code("1"), papermill={"parameters": {"x": v}}),
    "in widget state": lambda v: _book(widgets={_STATE: {"state": {"m": {"state": {"value": v}}}}}),
    "in a traceback's value": lambda v: _book(
        _code("1", {"output_type": "error", "ename": "E", "evalue": v, "traceback": []})
    ),
    "in an attachment": lambda v: _book(_code("1") | {"attachments": {"a.txt": {"text/plain": _b64(v)}}}),
    "as the name of a key": lambda v: _book(_code("1", **{v: 1})),
}

_WORDS = """
the connection is renewed each night and its rows are counted so that a report can say how many accounts were changed
since the token of the app was refreshed; code and secret are kept apart; see session for more
""".split()  # noqa: SIM905 - prose is read as prose


def ordinary_notebook(number: int) -> dict[str, Any]:
    """A notebook as people keep them: prose, code, data frames, hashes, ids, pictures; `number` is its seed."""
    dice = random.Random(number)
    cells = [_ORDINARY[name](dice) for name in dice.choices(sorted(_ORDINARY), k=12)]
    return _book(*cells, kernelspec={"name": "python3", "display_name": "Python 3"}, language_info={"name": "python"})


def _prose(dice: random.Random) -> dict[str, Any]:
    text = f"# {' '.join(dice.choices(_WORDS, k=4))}\n\n{' '.join(dice.choices(_WORDS, k=60))}.\n"
    return {"cell_type": "markdown", "id": "m", "metadata": {}, "source": text}


def _identifier(dice: random.Random, prefix: str = "001") -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return prefix + "".join(dice.choices(letters, k=15))


def _frame(dice: random.Random) -> dict[str, Any]:
    rows = [
        f"{place}  {_identifier(dice)}  {dice.choice(_WORDS)}  {dice.random():.6f}  {dice.randrange(10**9)}"
        for place in range(20)
    ]
    cells = "".join(f"<td>{_identifier(dice, '00D')}</td>" for _ in range(9))
    return _code(
        "frame = query('SELECT Id, Name FROM Account')\nframe.head(20)",
        _said("\n".join(rows)),
        _shown(text__html=f"<table class='dataframe'><tr>{cells}</tr></table>"),
    )


def _hashes(dice: random.Random) -> dict[str, Any]:
    digest = [hashlib.new(name, dice.randbytes(9)).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")]
    names = [str(uuid.UUID(bytes=dice.randbytes(16), version=4)) for _ in range(6)]
    return _code("print(commit, sums, names)", _said("\n".join([*digest, *names, f"sha256:{digest[2]}"])))


def _picture(dice: random.Random) -> dict[str, Any]:
    data = _b64(dice.randbytes(3000))
    inline = f'<img src="data:image/png;base64,{_b64(dice.randbytes(1500))}">'
    return _code("plot(frame)", _shown(image__png=data, text__plain="<Figure size 640x480>"), _shown(text__html=inline))


def _program(dice: random.Random) -> dict[str, Any]:
    source = (
        "import os, requests\n"
        "client_secret = os.environ['CLIENT_SECRET']\n"
        "token = fetch_token(code=code, client_secret=client_secret, include_client_id=True)\n"
        "headers = {'Authorization': f'Bearer {token}'}\n"
        f"reply = requests.get(url, headers=headers, timeout={dice.randrange(9)})\n"
        "password: str = getpass('Password: ')\n"
        "assert token['access_token'] and token.get('refresh_token') is None\n"
    )
    said = f"status code: {dice.choice((200, 400, 401))}, error=invalid_grant, code: {dice.choice(_WORDS)}"
    return _code(source, _said(said))


def _json(dice: random.Random) -> dict[str, Any]:
    data = {
        "client_id": "3MVG9" + _identifier(dice) * 5, "token_type": "Bearer", "scope": "full refresh_token",
        "instance_url": "https://acme.my.salesforce.com", "code": "callback-url-mismatch",
        "id": f"https://login.salesforce.com/id/{_identifier(dice, '00D')}/{_identifier(dice, '005')}",
        "issued_at": str(dice.randrange(10**12, 2 * 10**12)), "etag": f'W/"{dice.randbytes(16).hex()}"',
        "signature_of_the_build": _b64(dice.randbytes(32)), "access_token": "***",
    }  # fmt: skip
    return _code("reply.json()", _shown(application__json=json.dumps(data), text__plain=repr(data)))


_ORDINARY: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "prose": _prose, "frame": _frame, "hashes": _hashes, "picture": _picture, "program": _program, "json": _json,
}  # fmt: skip

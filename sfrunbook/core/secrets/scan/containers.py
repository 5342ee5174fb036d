"""What a file has inside: archives, compressed data, databases, and texts of two bytes a character."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["Content", "contents_of"]

#: archives in archives
_DEEPEST = 4
#: more than this is not unpacked
_LARGEST = 100_000_000


@dataclass(frozen=True, kw_only=True)
class Content:
    """A text in a file, and where in it; `text` is None where the place could not be looked into."""

    inside: str
    text: str | None


def contents_of(data: bytes, inside: str = "", depth: int = 0) -> Iterator[Content]:
    """Every text of a file: its own, and those of what is packed in it; a place that cannot be opened is named too."""
    opener = _opener(data)
    if opener is None:
        yield Content(inside=inside, text=_text(data))
        return
    if depth == _DEEPEST:
        yield Content(inside=inside, text=None)
        return
    try:
        for name, part in opener(data):
            within = "/".join(filter(None, (inside, name)))
            if part is None:
                yield Content(inside=within, text=None)
            else:
                yield from contents_of(part, within, depth + 1)
    except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, tarfile.TarError):
        yield Content(inside=inside, text=None)
    except (sqlite3.Error, NotImplementedError, RuntimeError):  # a password, or a method that Python has not
        yield Content(inside=inside, text=None)


_Parts = Iterator[tuple[str, bytes | None]]


def _opener(data: bytes) -> Callable[[bytes], _Parts] | None:
    if data[257:262] == b"ustar":
        return _tar
    return next((opener for magic, opener in _OPENERS if data.startswith(magic)), None)


def _text(data: bytes) -> str:
    """The text of a file; one of two or four bytes a character is recognised by its mark or by its zeros."""
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return data.decode("utf-32", "replace")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = data[first:4096:2]
        if (
            len(zeros) > 8
            and zeros.count(0) * 10 > 9 * len(zeros)
            and data[1 - first : 4096 : 2].count(0) * 10 < len(zeros)
        ):
            return data.decode(encoding, "replace")
    return data.decode("utf-8", "replace")


def _unpacked(opened: Callable[[io.BytesIO], io.BufferedIOBase]) -> Callable[[bytes], _Parts]:
    def parts(data: bytes) -> _Parts:
        with opened(io.BytesIO(data)) as stream:
            yield "", _limited(stream.read(_LARGEST + 1))

    return parts


def _limited(data: bytes) -> bytes | None:
    return data if len(data) <= _LARGEST else None


def _zip(data: bytes) -> _Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            try:
                yield entry.filename, _limited(archive.open(entry).read(_LARGEST + 1))
            except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError):
                yield entry.filename, None


def _tar(data: bytes) -> _Parts:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for entry in archive:
            if entry.isfile() and (stream := archive.extractfile(entry)):
                yield entry.name, _limited(stream.read(_LARGEST + 1))


def _sqlite(data: bytes) -> _Parts:
    """Each row as lines with the name of the column and the value, then the file itself with what was deleted."""
    plain = data[:18] + b"\x01\x01" + data[20:]  # a database with a write-ahead log can't be read in memory
    with sqlite3.connect(":memory:") as database:
        database.deserialize(plain)
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            rows = database.execute('SELECT * FROM "{}"'.format(table.replace('"', '""')))  # noqa: S608 - its own names
            names = [column[0] for column in rows.description]
            for number, row in enumerate(rows, start=1):
                for name, value in zip(names, row, strict=True):
                    if isinstance(value, bytes):
                        yield f"{table}, row {number}, {name}", value
                lines = [f"{name}: {value}" for name, value in zip(names, row, strict=True) if value is not None]
                yield f"{table}, row {number}", "\n".join(lines).encode("utf-8", "surrogatepass")
    yield "", b"SQLite file:" + data


def _closed(data: bytes) -> _Parts:
    yield "", None


_OPENERS: tuple[tuple[bytes, Callable[[bytes], _Parts]], ...] = (
    (b"\x1f\x8b", _unpacked(lambda raw: gzip.GzipFile(fileobj=raw))),
    (b"BZh", _unpacked(bz2.BZ2File)),
    (b"\xfd7zXZ\0", _unpacked(lzma.LZMAFile)),
    (b"PK\x03\x04", _zip),
    (b"PK\x05\x06", _zip),
    (b"SQLite format 3\0", _sqlite),
    *(
        (magic, _closed)
        for magic in (b"7z\xbc\xaf'\x1c", b"Rar!\x1a\x07", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"%PDF-")
    ),
)

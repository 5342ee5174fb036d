"""The text of bytes that another program wrote, such as PowerShell, which redirects output as UTF-16."""

from __future__ import annotations

import codecs

__all__ = ["decoded"]

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def decoded(content: bytes, errors: str = "strict") -> str:
    """UTF-8, or what the byte order mark at the beginning says. Raises UnicodeDecodeError, unless `errors` replaces."""
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    return content.decode(encoding, errors)

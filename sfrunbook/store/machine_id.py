"""The id of this machine: short, always the same here, and different on every other machine.

Not py-machineid: in a container without an id it falls back to the container's, which changes at every start, and it
reads through a shell. A grant is bound to this id, so another id on the same machine would refuse every stored grant.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

__all__ = ["MACHINE_VARIABLE", "machine_id"]

#: the common id of containers that share a store, such as the pods of one job
MACHINE_VARIABLE = "SFRUNBOOK_MACHINE_ID"

_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_IOREG_SECONDS = 5


def machine_id(environ: Mapping[str, str]) -> str:
    """16 hexadecimal digits, hashed, so that the system's own id stays private.

    From the environment variable, else what the operating system calls itself, else the host's name.
    Source: https://www.freedesktop.org/software/systemd/man/latest/machine-id.html (confirmed: it is to be hashed).
    """
    name = environ.get(MACHINE_VARIABLE, "").strip() or _system_id() or platform.node()
    return hashlib.sha256(b"sfrunbook machine 1\0" + name.encode("utf-8", "surrogateescape")).hexdigest()[:16]


@cache
def _system_id() -> str:
    if sys.platform == "win32":
        return _from_registry()
    if sys.platform == "darwin":
        return _from_ioreg()
    for path in _FILES:
        try:
            text = path.read_text("ascii", errors="replace").strip()
        except OSError:
            continue
        if re.fullmatch(r"[0-9a-f]{32}", text):
            return text
    return ""


def _from_registry() -> str:
    if sys.platform != "win32":
        return ""
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    except OSError:
        return ""


def _from_ioreg() -> str:
    command = ["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"]
    try:
        done = subprocess.run(  # noqa: S603 - a program of the system, our own arguments
            command, capture_output=True, text=True, timeout=_IOREG_SECONDS, check=False, env={"PATH": os.defpath}
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r'"IOPlatformUUID" = "([^"]+)"', done.stdout)
    return found.group(1) if found else ""

"""Where the kernel runs: whether the browser's localhost is this machine, and why not; pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from sfrunbook.core.http import is_loopback

__all__ = ["CONTAINER_FILES", "SIGNS", "why_remote"]

#: files that Docker and Podman put into a container
CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv")

#: signs of a remote kernel, the most specific first. Sources: JupyterHub and BinderHub documentation,
#: https://github.com/microsoft/vscode-remote-release/issues/3517 (confirmed) and issue 11867 there (likely)
SIGNS: Mapping[str, str] = {
    "BINDER_SERVICE_HOST": "Binder",
    "BINDER_LAUNCH_HOST": "Binder",
    "CODESPACES": "GitHub Codespaces",
    "COLAB_RELEASE_TAG": "Google Colab",
    "JUPYTERHUB_SERVICE_PREFIX": "JupyterHub",
    "REMOTE_CONTAINERS": "a container of VS Code",
    "VSCODE_AGENT_FOLDER": "a remote machine of VS Code",
    "SSH_CONNECTION": "a remote machine over SSH",
    "KUBERNETES_SERVICE_HOST": "a container",
}


def why_remote(environ: Mapping[str, str], files: tuple[str, ...] = (), *, login_url: str = "") -> str:
    """Why the answer of a login does not come back by itself, and what to do; empty where the browser is likely here.

    `files` are those of `CONTAINER_FILES` that exist. A browser that can open a login page on this very machine, as in
    rehearsal, is on it: then a container means nothing.
    """
    for sign, place in SIGNS.items():
        if environ.get(sign):
            return _sentence(place, sign)
    if files and not is_loopback(urlsplit(login_url).hostname or ""):
        return _sentence("a container", files[0])
    return ""


def _sentence(place: str, sign: str) -> str:
    return (
        f"This notebook's kernel runs on {place} (as {sign} shows), so your browser can't return to it. "
        "After the login, paste the address that the browser shows."
    )

"""Where the kernel runs: whether the browser's localhost is this machine, and the sentence that says why not; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sfrunbook.core.http import is_loopback

__all__ = ["CONTAINER_FILES", "SIGNS", "Place", "remote_place"]

#: files that Docker and Podman put into a container
CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv")

#: what tells a remote kernel, most telling first. Sources: JupyterHub and BinderHub documentation,
#: https://github.com/microsoft/vscode-remote-release/issues/3517 (confirmed) and issue 11867 there (likely)
SIGNS: Mapping[str, str] = {
    "BINDER_SERVICE_HOST": "Binder",
    "BINDER_LAUNCH_HOST": "Binder",
    "CODESPACES": "GitHub Codespaces",
    "COLAB_RELEASE_TAG": "Google Colab",
    "JUPYTERHUB_SERVICE_PREFIX": "JupyterHub",
    "REMOTE_CONTAINERS": "a container of VS Code",
    "VSCODE_AGENT_FOLDER": "a remote machine of VS Code",
    "SSH_CONNECTION": "a machine that was reached by SSH",
    "KUBERNETES_SERVICE_HOST": "a container",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A kernel whose localhost is likely not the browser's."""

    name: str
    #: the variable or file that tells it
    sign: str

    @property
    def sentence(self) -> str:
        """Why the answer does not come back by itself, and what to do."""
        return (
            f"This notebook's kernel runs on {self.name} (told by {self.sign}), so “localhost” in your browser is not "
            "the machine where this runbook listens: after the login, paste the address that the browser shows."
        )


def remote_place(environ: Mapping[str, str], files: tuple[str, ...] = (), *, login_url: str = "") -> Place | None:
    """Where the kernel is when the browser is likely on another machine; None when it is likely on this one.

    `files` are those of `CONTAINER_FILES` that exist. A browser that can open a login page on this very machine, as in
    rehearsal, is on it: then a container says nothing.
    """
    for sign, name in SIGNS.items():
        if environ.get(sign):
            return Place(name=name, sign=sign)
    if files and not is_loopback(urlsplit(login_url).hostname or ""):
        return Place(name="a container", sign=files[0])
    return None

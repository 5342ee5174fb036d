"""Links into Setup that have no page of their own here: an app by its id, screens that are missing, and the rest."""

from __future__ import annotations

from collections.abc import Callable

from sfrunbook.practice.org.entities import App
from sfrunbook.practice.setup.desk import Desk, Visit
from sfrunbook.practice.web import paths
from sfrunbook.practice.web.wire import Answer, Call, redirect

__all__ = ["LightningPages"]


class LightningPages:
    """Where a link into Setup ends. That an org leads an unknown one to Setup Home is a guess."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        guarded = self._desk.guarded
        return {
            paths.ECA_DETAIL: guarded(self._desk.of_app(self._app)),
            **{path: guarded(self._missing(label)) for path, label in paths.MISSING.items()},
            paths.LIGHTNING: guarded(self._home),
            f"{paths.LIGHTNING}/{{rest:path}}": guarded(self._home),
        }

    def _app(self, _visit: Visit, app: App) -> Answer:
        return redirect(paths.app_path(app.app_id, "view"))

    def _missing(self, label: str) -> Callable[[Visit], Answer]:
        def page(visit: Visit) -> Answer:
            return self._desk.message(
                visit,
                label,
                f"The practice org doesn't have the screen {label}. In a real org, this link opens it.",
                "Setup Home lists the screens that you can practice with.",
                status=404,
            )

        return page

    def _home(self, visit: Visit) -> Answer:
        return self._desk.go(visit, paths.SETUP_HOME, "Setup has no screen at this address.")

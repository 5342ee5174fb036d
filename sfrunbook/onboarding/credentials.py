"""The forms of 02_enter_credentials."""

from __future__ import annotations

from collections.abc import Callable

from sfrunbook import report, widgets
from sfrunbook.credential_shape import shape_of_client_secret
from sfrunbook.model import RunbookError
from sfrunbook.onboarding.register import client_id_form
from sfrunbook.report import Card
from sfrunbook.secret import Secret
from sfrunbook.workbench import Workbench

__all__ = ["client_secret_form", "credentials_form"]


def credentials_form(bench: Workbench, check: Callable[[], Card]) -> object:
    """The fields for Consumer Key and Consumer Secret, one below the other."""

    def no_check() -> Card:
        return report.card("Now the Consumer Secret.")

    return widgets.stack(client_id_form(bench, no_check), client_secret_form(bench, check))


def client_secret_form(bench: Workbench, check: Callable[[], Card]) -> object:
    """A field for the Consumer Secret; what was kept is checked at once and the outcome shown below.

    For the practice app a button carries its secret over unseen.
    """
    outcome = widgets.Outcome()

    def keep(secret: Secret) -> str:
        wrong = shape_of_client_secret(secret.reveal())
        if wrong:
            return "Not kept: " + " ".join(wrong) + " Copy it again and paste it here."
        try:
            bench.keep_client_secret(secret)
            outcome.show(check().html)
            return f"Kept, encrypted. {bench.store.protection}"
        except RunbookError as error:
            return f"Not kept: {error.diagnosis.what} {_first_step(error)}"

    field = widgets.SecretField(
        label="Consumer Secret", placeholder="Paste the Consumer Secret", action="Keep this secret", on_secret=keep
    )
    practice = bench.practice
    if practice is None:
        return widgets.stack(field, outcome.widget)

    def carry_over() -> None:
        field.message = keep(practice.client_secret)

    return widgets.stack(field, widgets.button("Use the practice app's secret", carry_over), outcome.widget)


def _first_step(error: RunbookError) -> str:
    causes = error.diagnosis.causes
    return causes[0].remedies[0].what if causes and causes[0].remedies else ""

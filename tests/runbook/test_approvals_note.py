"""What is said of the approvals before a login makes another."""

from __future__ import annotations

import pytest

from sfrunbook.runbook.forms.approvals_note import approvals_note
from sfrunbook.salesforce.approvals import Approvals

ALLOWED = "(one is made each time a user presses Allow for the app)"


@pytest.mark.parametrize(
    ("approvals", "text"),
    [
        (
            Approvals(count=2, counted_by="the org"),
            (
                f"2 of 5 approvals are used {ALLOWED}, counted by the org.\n"
                "       This login makes one more. None is ended by it."
            ),
        ),
        (
            Approvals(count=4, counted_by="the org"),
            (
                f"[WARN] 4 of 5 approvals are used {ALLOWED}, counted by the org.\n"
                "       This login may end the oldest one: revoke one that nobody uses first, in the user's Setup > "
                "Personal Information > OAuth Connected Apps."
            ),
        ),
        (
            Approvals(count=None, counted_by="nobody may look"),
            (
                "This login makes one more approval.\n"
                f"       How many of the 5 approvals are used {ALLOWED} is not known: nobody may look. "
                "Salesforce keeps 5 for each user and app; one more ends the oldest, wherever it is used. "
                "The user sees theirs under Setup > Personal Information > OAuth Connected Apps."
            ),
        ),
    ],
)
def test_the_approvals_are_told_before_the_login(approvals: Approvals, text: str) -> None:
    assert approvals_note(approvals).text == text

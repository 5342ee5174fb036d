"""Grants to keep, and what a store refuses, for the tests of the grant store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Grant, GrantKind
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of

__all__ = ["NOW", "made_grant", "record_path", "refusal"]

NOW = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)


def made_grant(
    generation=1, *, connection="acme", approved_at=NOW, access="access-canary", refresh="refresh-canary"
) -> Grant:
    return Grant(
        connection=connection,
        kind=GrantKind.AUTHORIZATION_CODE,
        issuer="https://acme.my.salesforce.com",
        client_id="3MVG9x",
        access_token=Secret(f"{access}-{generation}"),
        refresh_token=Secret(f"{refresh}-{generation}") if refresh else None,
        instance_url="https://acme.my.salesforce.com",
        identity_url="https://login.salesforce.com/id/00Dxx0000001gPFEAY/005xx000001Sv6AAAS",
        scopes=("full", "refresh_token"),
        org_id="00Dxx0000001gPFEAY",
        user_id="005xx000001Sv6AAAS",
        issued_at=NOW + timedelta(minutes=generation),
        approved_at=approved_at,
        generation=generation,
        rotates=None if generation == 1 else True,
    )


def refusal(call, *args, **kwargs) -> dict[str, str]:
    with pytest.raises(RunbookError) as caught:
        call(*args, **kwargs)
    return {"code": diagnosis_of(caught.value).code, **caught.value.failure.evidence}


def record_path(tmp_path, name="acme.grant"):
    return tmp_path / "grants" / name

"""A grant store with a key file of its own."""

from __future__ import annotations

import pytest

from sfrunbook.store.grants import GrantStore
from sfrunbook.store.secret_place import open_store
from sfrunbook.store.wrapping_key import create_key_file


@pytest.fixture
def environ(tmp_path) -> dict[str, str]:
    create_key_file(tmp_path / "key")
    return {"SFRUNBOOK_KEY_FILE": str(tmp_path / "key")}


@pytest.fixture
def store(tmp_path, environ) -> GrantStore:
    return open_store(tmp_path, "acme", environ)

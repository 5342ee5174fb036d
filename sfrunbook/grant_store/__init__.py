"""Grants and named secrets at rest: encrypted, locked across processes, written atomically, counted by generation."""

from __future__ import annotations

from sfrunbook.grant_store.files import LOCK_SECONDS, GrantStore, open_store
from sfrunbook.grant_store.keeping import Keeps
from sfrunbook.grant_store.record import Kept, Sent
from sfrunbook.wrapping_key import WrappingKey, create_key_file

__all__ = ["LOCK_SECONDS", "GrantStore", "Keeps", "Kept", "Sent", "WrappingKey", "create_key_file", "open_store"]

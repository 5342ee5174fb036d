"""The labels of Setup's scopes, switches and boxes, read from `labels.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

__all__ = ["LABELS"]

LABELS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("labels.toml").read_text(encoding="utf-8"))

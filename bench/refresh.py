"""A refresh through the store beside the bare HTTP request, in one run: what our own care costs."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from bench.figures import Figure
from bench.practice import running_world
from sfrunbook.connections import ConnectionBook
from sfrunbook.grant_store import create_key_file, open_store
from sfrunbook.model import AppKind, Connection
from sfrunbook.oauth.callback import parse_address
from sfrunbook.oauth.grants import AuthorizationCode
from sfrunbook.practice.visitor import visit
from sfrunbook.secret import Secret
from sfrunbook.workbench import Workbench

__all__ = ["measure"]

_BARE = "bare refresh over HTTP"

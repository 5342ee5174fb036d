"""SOQL for the practice org: parse a query, compile it against the schema, run it over the rows."""

from __future__ import annotations

from sfrunbook.practice.soql.errors import SoqlError
from sfrunbook.practice.soql.parser import parse
from sfrunbook.practice.soql.plan import Plan, Result, compile_query
from sfrunbook.practice.soql.resolve import Run

__all__ = ["Plan", "Result", "Run", "SoqlError", "compile_query", "parse"]

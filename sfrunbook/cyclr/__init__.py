"""Cyclr's side of a connection: where it is, what its API answers, and what it sends to Salesforce."""

from __future__ import annotations

from sfrunbook.cyclr.api import Api
from sfrunbook.cyclr.client import Cyclr, sign_in_link
from sfrunbook.cyclr.evidence import MethodResponse, judge_response, judge_text
from sfrunbook.cyclr.redirect import AuthorizeRequest, Seen, read_redirect
from sfrunbook.cyclr.regions import REGIONS, SUPPORT_ADDRESS, Places, Region, places_of, region_of

__all__ = [
    "REGIONS",
    "SUPPORT_ADDRESS",
    "Api",
    "AuthorizeRequest",
    "Cyclr",
    "MethodResponse",
    "Places",
    "Region",
    "Seen",
    "judge_response",
    "judge_text",
    "places_of",
    "read_redirect",
    "region_of",
    "sign_in_link",
]

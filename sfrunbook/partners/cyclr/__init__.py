"""Cyclr's side of a connection: where it is, what its API answers, and what it sends to Salesforce."""

from __future__ import annotations

from sfrunbook.partners.cyclr.api import Api
from sfrunbook.partners.cyclr.client import Cyclr, sign_in_link
from sfrunbook.partners.cyclr.redirect import AuthorizeRequest, Seen, read_redirect
from sfrunbook.partners.cyclr.regions import REGIONS, SUPPORT_ADDRESS, Places, Region, places_of, region_of
from sfrunbook.partners.cyclr.response import MethodResponse, judge_response, judge_text

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

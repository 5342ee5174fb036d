"""The words from which the rows of a practice org are made: names, companies, places, subjects."""

from __future__ import annotations

__all__ = [
    "CITIES",
    "COMPANY_ENDS",
    "COMPANY_STEMS",
    "DEPARTMENTS",
    "FIRST_NAMES",
    "LAST_NAMES",
    "SPECIAL_COMPANIES",
    "SUBJECTS",
    "TITLES",
]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    "Aisha Anna Björn Carlos Chloé Daniel Elena Emma Farid Grace Hannah Hiro Ines Jack James José Karin Lena Liam Luca "
    "Łukasz Maria Marta Mei Mohamed Nina Noah Olga Omar Paul Priya Rosa Ruth Samir Sofia Søren Tom Uma Víctor "
    "Zoë"
)
LAST_NAMES = _words(
    "Andersen Baker Bianchi Brown Chen Clarke D'Angelo Dubois Evans Fischer García Haddad Hughes Ivanova Jansen "
    "Johnson Kowalska Kumar Larsen López Martin Müller Nakamura Nguyen Novák O'Brien Okafor Olsen Park Patel "
    "Rossi Schmidt Silva Singh Smith Tanaka Taylor Weber Williams Øvergård"
)
COMPANY_STEMS = _words(
    "Alder Amber Beacon Birch Blue Bright Canyon Cedar Cobalt Copper Coral Crown Delta Dune Ember Falcon Fern Fjord "
    "Glacier Granite Harbour Hazel Heron Indigo Iron Juniper Kestrel Lagoon Lark Maple Meadow Mistral Nordic Oak Onyx "
    "Orchard Pine Quarry Raven River Rowan Saffron Silver Solar Sterling Summit Tidal Umber Vale Willow"
)
COMPANY_ENDS = _words(
    "Analytics Bank Biotech Builders Chemicals Consulting Design Energy Foods Freight Health Hotels Insurance Labs "
    "Logistics Media Motors Networks Partners Retail Robotics Software Systems Textiles Utilities"
)
SPECIAL_COMPANIES = (
    "O'Brien & Sons",
    '"Quoted" Trading Ltd',
    "100% Natural Foods",
    "Under_score Systems",
    "Back\\slash Labs",
    "Ørsted Æther A/S",
    "東京電子株式会社",
    "Nuñez y Asociados",
    "Fish & Chips <Holdings>",
    "Zażółć Gęślą Sp. z o.o.",
)
CITIES = (
    ("London", None, "SW1A 1AA", "United Kingdom", 51.5014, -0.1419),
    ("Manchester", None, "M1 2AB", "United Kingdom", 53.4794, -2.2453),
    ("Dublin", None, "D02 X285", "Ireland", 53.3498, -6.2603),
    ("Paris", None, "75001", "France", 48.8566, 2.3522),
    ("Köln", "Nordrhein-Westfalen", "50667", "Germany", 50.9375, 6.9603),
    ("Málaga", None, "29001", "Spain", 36.7213, -4.4214),
    ("Gdańsk", None, "80-001", "Poland", 54.352, 18.6466),
    ("San Francisco", "CA", "94105", "USA", 37.7898, -122.3942),
    ("Austin", "TX", "73301", "USA", 30.2672, -97.7431),
    ("New York", "NY", "10001", "USA", 40.7506, -73.9972),
    ("Toronto", "ON", "M5H 2N2", "Canada", 43.6487, -79.3817),
    ("São Paulo", "SP", "01310-100", "Brazil", -23.5614, -46.6559),
    ("Singapore", None, "049483", "Singapore", 1.2839, 103.8515),
    ("Tokyo", None, "100-0001", "Japan", 35.6817, 139.7671),
)
TITLES = (
    "CEO",
    "CFO",
    "VP, Operations",
    "VP, Sales",
    "IT Manager",
    "Head of Integrations",
    "Director, Procurement",
    "Office Manager",
    "Systems Administrator",
)
DEPARTMENTS = ("Finance", "IT", "Operations", "Procurement", "Sales", "Technology")
SUBJECTS = (
    "Cannot log in after password reset",
    "Export stops at 50% of rows",
    "Invoice shows the wrong address",
    "Question about the renewal",
    "Sync with the warehouse is late",
    "It's not possible to add a user",
    "Feature request: dark mode",
    'Error "Timeout" when saving',
    "Report totals differ from dashboard",
)

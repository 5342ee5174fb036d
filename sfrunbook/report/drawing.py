"""A simplified drawing of a screen with a form, so that a reader finds the field that a step is about; our own, as SVG.

Colours are those of the text around it and of JupyterLab where that shows it, so that light and dark both work.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Xml
from xml.etree.ElementTree import Element

from sfrunbook.partners import FilledField, PartnerProfile, RegistrationForm
from sfrunbook.report.words import xml_text

__all__ = ["DrawnField", "form_drawing", "partner_drawing", "screen_drawing"]

_WIDTH, _LEFT, _CONTROL = 640, 28, 268
#: height of a line of text, and the space between rows
_LINE, _GAP = 18, 10
#: characters that fit beside a box, into the column of labels, and into a field
_BESIDE_BOX, _LABEL, _FIELD = 76, 32, 46
_BOX_WORDS = ("checked", "cleared")
_HIGHLIGHT = "var(--jp-warn-color1, #b26a00)"
_STYLES = {
    "svg": "color: var(--jp-content-font-color1, CanvasText); max-width: 40rem; width: 100%; height: auto; "
    "font-family: var(--jp-ui-font-family, system-ui, sans-serif); font-size: 13px",
    "text": "fill: currentColor",
    "bold": "fill: currentColor; font-weight: 600",
    "line": "fill: none; stroke: currentColor; stroke-opacity: 0.5",
    "mark": f"fill: {_HIGHLIGHT}; fill-opacity: 0.15; stroke: {_HIGHLIGHT}; stroke-width: 2.5",
    "arrow": f"fill: {_HIGHLIGHT}",
}


@dataclass(frozen=True, kw_only=True)
class DrawnField:
    label: str
    section: str = ""
    #: what is entered; of a box "checked", "cleared", or anything else where it stays as it is
    value: str = ""
    is_box: bool = False
    is_button: bool = False


def form_drawing(form: RegistrationForm, filled: Sequence[FilledField], *, marked: str = "") -> str:
    """A form of Salesforce with its values; `marked` is the label of a field or the button that completes it."""
    fields = [
        DrawnField(
            label=field.label,
            section=field.section,
            value=field.value,
            is_box=bool(row.flag) or field.value in _BOX_WORDS,
        )
        for row, field in zip(form.fields, filled, strict=True)
    ]
    button = DrawnField(label=form.finish.partition(",")[0], is_button=True)
    return screen_drawing(f"New {form.label}", [*fields, button], marked=marked)


def partner_drawing(profile: PartnerProfile, *, marked: str = "") -> str:
    """The partner's screen that takes Consumer Key and Consumer Secret, such as Cyclr's Setup; its fields by the steps.

    The path of a step that copies a value ends in the field. Empty where the profile has no such step.
    """
    paths = {step.copies: step.where.split(" > ") for step in profile.steps if step.copies and " > " in step.where}
    values = {"client_id": "the Consumer Key", "client_secret": "the Consumer Secret"}
    fields = [DrawnField(label=paths[each][-1], value=value) for each, value in values.items() if each in paths]
    if not fields:
        return ""
    *screens, _field = next(iter(paths.values()))
    return screen_drawing(f"{profile.label}: {' > '.join(screens[-2:])}", fields, marked=marked)


def screen_drawing(title: str, fields: Iterable[DrawnField], *, marked: str = "") -> str:
    """The screen as an `<svg>` with the field labelled `marked` highlighted, by shape and weight as well as by colour.

    Raises ValueError when no field has that label.
    """
    fields = list(fields)
    if marked and marked not in [field.label for field in fields]:
        raise ValueError(f"{title} has no field {marked}")
    words = f"Simplified drawing of the screen “{title}”" + (f", with “{marked}” highlighted" if marked else "")
    svg = Xml.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "style": _STYLES["svg"]})
    Xml.SubElement(svg, "title").text = svg.attrib["aria-label"] = xml_text(words)
    _text(svg, [title], _LEFT - 8, 16, bold=True)
    y, section = 16 + _LINE + _GAP, ""
    for field in fields:
        if field.section != section and field.section:
            section = field.section
            _text(svg, [section], _LEFT - 8, y + _GAP, bold=True)
            y += _LINE + 2 * _GAP
        y += _row(svg, field, y, marked=bool(marked) and field.label == marked) + _GAP
    frame = {"x": "1", "y": "1", "width": str(_WIDTH - 2), "height": str(y - 2), "rx": "4", "style": _STYLES["line"]}
    Xml.SubElement(svg, "rect", frame)
    svg.set("viewBox", f"0 0 {_WIDTH} {y}")
    return Xml.tostring(svg, encoding="unicode")


def _row(svg: Element, field: DrawnField, y: int, *, marked: bool) -> int:
    """Draw a field from `y` down; its height."""
    label = textwrap.wrap(field.label, _BESIDE_BOX if field.is_box else _LABEL) or [""]
    value = [] if field.is_box or field.is_button else _value_lines(field.value)
    height = max(len(label), len(value)) * _LINE + 8
    group = Xml.SubElement(svg, "g", {"class": "sfr-marked"} if marked else {})
    if marked:
        _rect(group, _LEFT - 8, y - 3, _WIDTH - 2 * (_LEFT - 8), height + 6, "mark")
        tip = f"M{_LEFT - 22} {y + 4} l10 {_LINE // 2} l-10 {_LINE // 2} z"
        Xml.SubElement(group, "path", {"d": tip, "style": _STYLES["arrow"]})
    if field.is_button:
        _rect(group, _LEFT, y, 16 + 8 * len(field.label), height, "line")
        _text(group, label, _LEFT + 8, y + 4, bold=marked)
    elif field.is_box:
        _box(group, field.value, y + 5)
        _text(group, label, _LEFT + 24, y + 4, bold=marked)
    else:
        _text(group, label, _LEFT, y + 4, bold=marked)
        _rect(group, _CONTROL, y, _WIDTH - _CONTROL - _LEFT, height, "line")
        _text(group, value, _CONTROL + 8, y + 4)
    return height


def _box(group: Element, value: str, y: int) -> None:
    """A box to check; dashed where it stays as it is."""
    box = _rect(group, _LEFT, y, 14, 14, "line")
    if value not in _BOX_WORDS:
        box.set("stroke-dasharray", "3 2")
    elif value == "checked":
        tick = f"M{_LEFT + 3} {y + 7} l3 4 l6 -8"
        Xml.SubElement(group, "path", {"d": tick, "style": "fill: none; stroke: currentColor; stroke-width: 2"})


def _rect(group: Element, x: int, y: int, width: int, height: int, style: str) -> Element:
    place = {"x": str(x), "y": str(y), "width": str(width), "height": str(height), "rx": "3"}
    return Xml.SubElement(group, "rect", {**place, "style": _STYLES[style]})


def _text(group: Element, lines: Sequence[str], x: int, y: int, *, bold: bool = False) -> None:
    for number, line in enumerate(lines):
        place = {"x": str(x), "y": str(y + 13 + number * _LINE), "style": _STYLES["bold" if bold else "text"]}
        Xml.SubElement(group, "text", place).text = xml_text(line)


def _value_lines(value: str) -> list[str]:
    """The lines of a field; what continues a long one is set in."""
    return [part for line in value.splitlines() for part in textwrap.wrap(line, _FIELD, subsequent_indent="  ")] or [""]

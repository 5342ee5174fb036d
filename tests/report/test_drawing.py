"""The drawing of a screen: well-formed, its own work, one field highlighted, and everything foreign escaped."""

from xml.etree import ElementTree

import pytest

from sfrunbook import partners
from sfrunbook.report.drawing import DrawnField, form_drawing, partner_drawing, screen_drawing

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert('x')</script>\"&\x00\x0b"
VARIABLES = {"cyclr": {}, "n8n": {"n8n_host": "n8n.acme.example"}}


def words(drawing, inside="."):
    """The words in a drawing, or in its highlighted part; what was wrapped is joined again."""
    found = ElementTree.fromstring(drawing).findall(f"{inside}//{SVG}text")
    return " ".join(" ".join(text.text or "" for text in found).split())


def highlighted(drawing):
    return words(drawing, f".//{SVG}g[@class='sfr-marked']/.")


def screens():
    """Every form of the packaged profiles with its fields, and the partners' own screens."""
    for name in partners.names():
        profile = partners.load(name)
        for form in profile.forms:
            filled = profile.fill(form, VARIABLES[name])
            labels = [*(field.label for field in filled), form.finish.partition(",")[0]]
            yield labels, lambda marked, form=form, filled=filled: form_drawing(form, filled, marked=marked)
        yield ["Client ID", "Client Secret"], lambda marked, profile=profile: partner_drawing(profile, marked=marked)


def test_every_field_of_every_screen_can_be_highlighted():
    for labels, draw in screens():
        for label in labels:
            drawing = draw(label)
            assert highlighted(drawing).startswith(label)
            assert all(each in words(drawing) for each in labels)
            assert f"with “{label}” highlighted" in ElementTree.fromstring(drawing).get("aria-label")


def test_a_drawing_is_an_image_with_a_name_and_loads_nothing():
    for labels, draw in screens():
        root = ElementTree.fromstring(draw(labels[0]))
        assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
        assert root[0].tag == f"{SVG}title" and root[0].text == root.get("aria-label")
        assert {each.tag for each in root.iter()} <= {
            f"{SVG}{tag}" for tag in ("svg", "title", "g", "rect", "path", "text")
        }
        assert "url(" not in draw(labels[0]) and "href" not in draw(labels[0])


def test_colours_are_those_of_the_page():
    root = ElementTree.fromstring(partner_drawing(partners.load("cyclr"), marked="Client ID"))
    styles = ";".join(each.get("style", "") for each in root.iter())
    colours = {
        part.partition(":")[2].strip() for part in styles.split(";") if part.split(":")[0].strip() in ("fill", "stroke")
    }
    assert colours == {"currentColor", "none", "var(--jp-warn-color1, #b26a00)"}
    assert root.get("style").startswith("color: var(--jp-content-font-color1, CanvasText)")


def test_the_partners_screen_shows_what_goes_where():
    drawing = partner_drawing(partners.load("cyclr"), marked="Client Secret")
    assert words(drawing) == (
        "Cyclr: Application Connector Library > Salesforce Client ID the Consumer Key Client Secret the Consumer Secret"
    )
    assert highlighted(drawing) == "Client Secret the Consumer Secret"


def test_boxes_are_drawn_as_they_should_be():
    rows = [DrawnField(label=value, value=value, is_box=True) for value in ("checked", "cleared", "as it is")]
    for field, ticks, dashes in zip(rows, (1, 0, 0), (0, 0, 1), strict=True):
        drawing = screen_drawing("Boxes", [field])
        assert (drawing.count("<path"), drawing.count("stroke-dasharray")) == (ticks, dashes)


def test_nothing_is_highlighted_unless_it_is_asked_for():
    drawing = screen_drawing("Empty", [DrawnField(label="A")])
    assert "sfr-marked" not in drawing and "highlighted" not in drawing
    with pytest.raises(ValueError, match="Empty has no field B"):
        screen_drawing("Empty", [DrawnField(label="A")], marked="B")


def test_foreign_text_is_escaped():
    field = DrawnField(label=HOSTILE, section=HOSTILE, value=HOSTILE)
    drawing = screen_drawing(HOSTILE, [field, DrawnField(label="Save", is_button=True)], marked=HOSTILE)
    root = ElementTree.fromstring(drawing)
    assert not [each for each in root.iter() if each.tag.endswith("script")]
    assert "<script" not in drawing and "alert('x')" in words(drawing)


def test_long_words_stay_inside_the_drawing():
    drawing = screen_drawing("Long", [DrawnField(label="Label " * 30, value="https://" + "a" * 300)])
    for text in ElementTree.fromstring(drawing).iter(f"{SVG}text"):
        assert len(text.text) <= (46 if text.get("x") == "276" else 76)

"""The stylesheet keeps its promises: contrast in light and dark, no rule without a file, the vendored script unchanged."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

import webapp

STATIC = Path(webapp.__file__).parent / "static"
TEXT = [("ink", "ground"), ("ink", "surface"), ("ink", "sunken"), ("muted", "ground"), ("muted", "surface"),
        ("accent", "ground"), ("accent", "surface"), ("on-accent", "accent"), ("on-accent", "accent-hover"),
        ("info", "sunken"), ("bad", "surface"), ("bad", "ground"), ("good", "surface")]  # fmt: skip
TEXT += [(kind, f"{kind}-ground") for kind in ("good", "bad", "warn", "calm", "info")]
TEXT += [("ink", f"{kind}-ground") for kind in ("good", "bad", "warn", "info")]
TEXT += [("muted", f"{kind}-ground") for kind in ("good", "bad", "info")]
EDGES = [("edge", "surface"), ("edge", "ground"), ("focus", "surface"), ("focus", "ground"), ("accent", "surface")]


def tokens(which: str) -> dict[str, tuple[float, float, float]]:
    """The colours of the light or the dark page as shares of red, green and blue."""
    light, dark = (STATIC / "tokens.css").read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")
    text = light if which == "light" else dark
    return {
        name: tuple(int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))  # type: ignore[misc]
        for name, code in re.findall(r"--([\w-]+): #([0-9a-f]{6});", text)
    }


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """WCAG 2.2, relative luminance."""

    def luminance(colour: tuple[float, float, float]) -> float:
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("which", ["light", "dark"])
def test_text_has_a_contrast_of_four_and_a_half(which: str) -> None:
    colours = tokens(which)
    assert {
        p: round(contrast(colours[p[0]], colours[p[1]]), 2)
        for p in TEXT
        if contrast(colours[p[0]], colours[p[1]]) < 4.5
    } == {}


@pytest.mark.parametrize("which", ["light", "dark"])
def test_edges_and_focus_have_a_contrast_of_three(which: str) -> None:
    colours = tokens(which)
    assert [p for p in EDGES if contrast(colours[p[0]], colours[p[1]]) < 3] == []


def test_every_colour_stands_in_the_tokens_alone() -> None:
    strays = [p.name for p in STATIC.glob("*.css") if p.name not in ("tokens.css", "print.css")
              and re.search(r"#[0-9a-f]{3,8}\b|rgba?\(", p.read_text(encoding="utf-8"))]  # fmt: skip
    assert strays == []


def test_every_token_that_is_used_is_defined() -> None:
    text = "".join(p.read_text(encoding="utf-8") for p in STATIC.glob("*.css"))
    assert set(re.findall(r"var\(--([\w-]+)", text)) <= set(re.findall(r"--([\w-]+):", text))


def test_no_stylesheet_reaches_outside() -> None:
    for path in STATIC.glob("*.css"):
        assert not re.search(r"url\(|@import|https?:", path.read_text(encoding="utf-8").replace('"http"', "")), (
            path.name
        )


def test_the_vendored_script_is_the_published_one() -> None:
    folder = STATIC / "vendor" / "htmx"
    digest = hashlib.sha256((folder / "htmx.min.js").read_bytes()).hexdigest()
    assert digest in (folder / "README.md").read_text(encoding="utf-8")


def test_our_script_needs_no_evaluation_and_decides_nothing() -> None:
    script = (STATIC / "formulary.js").read_text(encoding="utf-8")
    assert not re.search(r"\beval\(|new Function|innerHTML|\.submit\(|requestSubmit", script)

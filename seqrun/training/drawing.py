"""Figures as PNG files; characters that no font of this machine has are told together, once."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING

from seqrun.readable import listed_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GLYPH = re.compile(r"Glyph (\d+) .*missing from (?:font\(s\)|current font)")  # as matplotlib warns


def drawn(figures: Mapping[str, Figure]) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return each figure as a PNG file, and a warning if there are characters that they show as boxes."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        files = {name: _png(figure) for name, figure in figures.items()}
    glyphs = [_GLYPH.search(str(one.message)) for one in told]
    for one, glyph in zip(told, glyphs, strict=True):
        if glyph is None:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    lacking = [*dict.fromkeys(chr(int(glyph[1])) for glyph in glyphs if glyph)]
    if not lacking:
        return files, ()
    return files, (f"the plots show {listed_names(lacking)} as boxes: no font that matplotlib finds here has them",)


def _png(figure: Figure) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    image = BytesIO()
    FigureCanvasAgg(figure).print_png(image)  # type: ignore[no-untyped-call]  # savefig arranges everything once more
    return image.getvalue()

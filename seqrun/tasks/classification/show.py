"""What `seqrun show` adds for a classifier: example texts, their class and the predicted one."""

from __future__ import annotations

from seqrun.rundir.shapes import anything, fields, real, text
from seqrun.tasks.pages import Page, Section, Shown, TaskPage, cut


def page(shown: Shown) -> Page:
    """Return a table of the run's example texts."""
    rows = [
        [
            str(one["row"]),
            str(one["target"]),
            f"{one['prediction']} ({one['probability']:.1%})",
            cut(one["text"], shown.excerpt),
        ]
        for one in shown.examples
        if "probability" in one
    ]
    return Page(examples=[Section(["test row", "is", "predicted", "text"], rows, ("test row",))])


PAGE = TaskPage(
    page,
    marks="probability",
    example=fields({"row": anything, "target": anything, "prediction": anything, "probability": real, "text": text}),
)

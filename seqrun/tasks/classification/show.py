"""What `seqrun show` adds for a classifier: example texts, their class and the predicted one."""

from __future__ import annotations

from seqrun.tasks.pages import Page, Section, Shown, cut


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

"""What only runs that classify show: texts, their class, and what the network made of them."""

from __future__ import annotations

from seqrun.tasks.pages import Page, Section, Shown, cut


def page(shown: Shown) -> Page:
    """The examples, if there are any."""
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

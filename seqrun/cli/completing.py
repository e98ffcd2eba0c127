"""What the parameters of commands offer to the TAB key; what they offer is found when it is asked for alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from seqrun.cli.arguments import ARGUMENTS
from seqrun.registry import load

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Offer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def offers(found: str) -> Offer:
    """Return a parameter's `shell_complete` that offers what a function of seqrun.completion ("places:runs") finds."""

    def offered(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return items(ctx, found, incomplete)

    return offered


def items(ctx: click.Context, found: str, incomplete: str) -> list[CompletionItem]:
    """Return what a function of seqrun.completion finds for the line that has been typed."""
    from click.shell_completion import CompletionItem

    from seqrun.completion.line import Line

    candidates = load(f"seqrun.completion.{found}")(Line(ctx.meta.get(ARGUMENTS, ()), incomplete))
    return [CompletionItem(each.value, each.kind, each.help or None) for each in candidates]


class DashedValues(click.Command):
    """A command with options whose values may begin with a dash: `--sort -auc`, `--tag -draft`."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the values of an option that waits for one; Click takes what begins with a dash for an option."""
        [*_, last] = ctx.meta.get(ARGUMENTS) or [""]
        for parameter in self.get_params(ctx):
            if last in parameter.opts and not getattr(parameter, "is_flag", True):
                return parameter.shell_complete(ctx, incomplete)
        return super().shell_complete(ctx, incomplete)


devices = offers("words:devices")
runs = offers("places:runs")
configs = offers("places:configs")
templates = offers("places:templates")
metrics = offers("recorded:metrics")
tolerances = offers("recorded:tolerances")
sortable = offers("recorded:sortable")
tags = offers("recorded:tags")
slices = offers("recorded:slices")
runs_or_tags = offers("recorded:runs_or_tags")
settings = offers("settings:settings")
kinds = offers("components:kinds")
of_the_kind = offers("components:of_the_kind")
datasets = offers("components:datasets")
loggers = offers("components:loggers")
changeable = offers("words:changeable")

"""`seqrun completion`: the script by which a shell completes command lines."""

from __future__ import annotations

import click

from seqrun.cli.arguments import COMPLETE

NAMES = ("bash", "zsh", "fish")


@click.command(
    epilog="""\b
Examples:
  echo 'eval "$(seqrun completion bash)"' >> ~/.bashrc
  echo 'eval "$(seqrun completion zsh)"' >> ~/.zshrc
  seqrun completion fish > ~/.config/fish/completions/seqrun.fish"""
)
@click.argument("shell", type=click.Choice(NAMES))
def command(shell: str) -> None:
    """Print the script by which a shell completes commands, options, runs, configs, components and settings.

    The TAB key then knows the keys and values of what the config on the line names: seqrun train my.yaml --set tra. No
    plugin is run for it.
    """
    from seqrun.cli.shells import SHELLS

    root = click.get_current_context().find_root()
    click.echo(SHELLS[shell](root.command, {}, "seqrun", COMPLETE).source().strip())

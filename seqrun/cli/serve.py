"""`seqrun serve`: a finished run's predictions over HTTP."""

from __future__ import annotations

import click

from seqrun.cli import completing
from seqrun.cli.options import device_option, threads_option
from seqrun.errors import UsageError
from seqrun.machine.signals import StopSignals
from seqrun.rundir.reading import read_run

NEEDED = ("starlette", "uvicorn", "prometheus_client")


@click.command(
    epilog="""\b
Examples:
  seqrun serve imdb_lstm@latest
  seqrun serve runs/20261122-041530_imdb_lstm --port 9000 --max-batch 256
  curl -d '{"text": "A film to remember."}' http://127.0.0.1:8000/predict
  curl -H 'Content-Type: text/csv' --data-binary @reviews.csv 'http://127.0.0.1:8000/predict?column=review'"""
)
@click.argument("run", metavar="RUN", shell_complete=completing.runs)
@click.option("--host", default="127.0.0.1", show_default=True, help="What to listen on; 0.0.0.0 is every network.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--max-batch", type=click.IntRange(1, 4096), default=64, show_default=True, help="Samples of a batch.")
@click.option(
    "--max-body", type=click.IntRange(1), default=10_000_000, show_default=True, help="Bytes of a request (else 413)."
)
@click.option(
    "--max-waiting",
    type=click.IntRange(1),
    default=256,
    show_default=True,
    help="Requests that are accepted and not yet answered (else 429).",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds that a request may take (else 408), and that a stop waits for those which are accepted.",
)
@device_option
@threads_option
@click.option("--allow-plugins", is_flag=True, help="Run the plugins that the run was trained with; they are code.")
@click.pass_obj
def command(
    stop: StopSignals,
    run: str,
    host: str,
    port: int,
    max_batch: int,
    max_body: int,
    max_waiting: int,
    timeout: float,
    device: str,
    threads: int | None,
    allow_plugins: bool,
) -> None:
    """Answer over HTTP what `seqrun predict` answers: a page for people at /, JSON and CSV at /predict, and the Open
    Inference Protocol at /v2, until Ctrl-C or SIGTERM.

    The address goes to stdout once the network is compiled. Whoever reaches the address may ask; nothing that they send
    is kept, and nothing on this machine's disks can be asked for.
    """
    _check_installed()
    from seqrun.console import show_warning
    from seqrun.inference.saved import read_saved
    from seqrun.machine.device import select_device
    from seqrun.serving.figures import Figures
    from seqrun.serving.limits import Limits
    from seqrun.serving.served import Served
    from seqrun.serving.server import Address, serve

    saved = read_saved(read_run(run), allow_plugins=allow_plugins)
    if warning := saved.unfinished():
        show_warning(warning)
    address = Address.bound(host, port)
    if not address.is_loopback:
        show_warning(f"--host {host}: whoever reaches this machine can ask, without a password and in the clear")
    select_device(device, threads)
    limits = Limits(body=max_body, seconds=timeout, waiting=max_waiting, batch=max_batch)
    figures = Figures(saved.run.path.resolve().name)
    served = Served(saved, limits, figures.batches.observe)

    def ready() -> None:
        click.echo(f"serving {served.name} on {address.url}", err=True)
        click.echo(address.url)

    serve(served, address, figures, stop, ready)


def _check_installed() -> None:
    from importlib.util import find_spec

    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise UsageError(f"serve needs {', '.join(missing)}: pip install 'seqrun[serve]'")

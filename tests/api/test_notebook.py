"""Real notebooks: their cells are run by a kernel of this Python."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from commands import SMOKE

nbformat = pytest.importorskip("nbformat", reason="notebooks need nbclient and ipykernel")
nbclient = pytest.importorskip("nbclient", reason="notebooks need nbclient and ipykernel")
pytest.importorskip("ipykernel", reason="notebooks need nbclient and ipykernel")

PACKAGES = Path(__file__).parents[2]
INTERRUPT = """
import os, signal, threading, time
def stop():
    while not list(Path("runs").glob("*_long/checkpoints/*")): time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=stop).start()
seqrun.train(config, name="long", set={"trainer.epochs": 100000, "trainer.early_stopping": False})
"""
CELLS = [
    "import seqrun\nfrom pathlib import Path",
    f"config = Path({str(SMOKE / 'bag_of_words.yaml')!r})",
    "run = seqrun.train(config, set={'trainer.epochs': 2}, seed=1)",
    "run",
    "run.plots['loss']",
    "run.predict(['a film', 'no <b>film</b>'])",
    "seqrun.compare([run])",
    INTERRUPT,
    "seqrun.load('long').status",
    "seqrun.load('lnog')",
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """What each of CELLS puts out: a list of nbformat's outputs each."""
    folder = tmp_path_factory.mktemp("notebook")
    kernel = folder / "jupyter" / "kernels" / "own"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "own", "language": "python"}))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder / "jupyter"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(PACKAGES), os.environ.get("PYTHONPATH", "")]))
        client = nbclient.NotebookClient(
            notebook, timeout=600, kernel_name="own", allow_errors=True, resources={"metadata": {"path": str(folder)}}
        )
        client.execute()
    return [cell.outputs for cell in notebook.cells]


def test_progress_is_one_output_with_the_epochs_and_how_it_ended(outputs):
    [shown] = outputs[2]
    assert shown.output_type == "display_data"
    assert "finished: best epoch 2" in shown.data["text/html"] and "<th" in shown.data["text/html"]
    assert shown.data["text/plain"].splitlines()[1].startswith("epoch   2")


def test_runs_plots_predictions_and_comparisons_are_shown(outputs):
    run, plot, predicted, compared = ([each for each in outputs[number] if "data" in each] for number in (3, 4, 5, 6))
    assert "tfidf_logistic" in run[0].data["text/html"]
    assert plot[0].data["image/png"].startswith("iVBORw0KGgo")
    assert "no &lt;b&gt;film&lt;/b&gt;" in predicted[0].data["text/html"]
    assert "smoke_bag_of_words" in compared[0].data["text/html"]


def test_the_stop_button_ends_a_training_that_can_go_on(outputs):
    *_, error = outputs[7]
    assert (error.output_type, error.ename) == ("error", "TrainingInterrupted")
    assert "seqrun.load('runs/" in "\n".join(error.traceback) and ".resume()" in "\n".join(error.traceback)
    assert outputs[8][0].data["text/plain"] == "'interrupted'"


def test_an_error_reads_as_on_the_command_line(outputs):
    [error] = outputs[9]
    assert error.ename == "UsageError"
    assert error.evalue == "lnog: no such run directory, and no run in runs/ is called so (did you mean long?)"

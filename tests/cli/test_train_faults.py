"""`seqrun train` as processes of their own, to which things happen: disks fill up, directories go, others begin too."""

import subprocess
import sys
from pathlib import Path

from commands import SMOKE, UNDRAWN
from full_disk import with_disks

from seqrun.rundir.reading import read_run

PATIENCE = 600  # seconds for a process that a busy machine is slow to run


def command(runs: Path, *arguments: object, config: str = "waves_linear") -> list[str]:
    file = SMOKE / f"{config}.yaml"
    return [sys.executable, "-c", UNDRAWN, "train", *map(str, (file, "--runs-dir", runs, *arguments))]


def test_on_a_full_disk_each_run_of_a_command_ends_in_words(tmp_path):
    """The disk has room for one run; that for temporary files is the same."""
    disk, copy = tmp_path / "disk", tmp_path / "copy"
    disk.mkdir()
    script = (
        f"mount -t tmpfs -o size=400k tmpfs {disk} || exit 99\n"
        f'TMPDIR={disk} "$@"\ncode=$?\ncp -r {disk} {copy}\nexit $code'
    )
    several = command(disk / "runs", "--repeats", 3, "--progress", "none", config="bag_of_words")
    done = with_disks(tmp_path, "sh", "-c", script, "sh", *several, timeout=PATIENCE)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    ends = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert 1 <= len(ends) <= 2 and all("No space left on device" in line for line in ends)
    statuses = [read_run(copy / "runs" / Path(line).name).status for line in done.stdout.splitlines()]
    assert statuses[0] == "finished"
    assert len(ends) == 3 - statuses.count("finished")
    assert {path.name for path in copy.iterdir()} == {"runs"}  # nothing temporary
    assert not list(copy.rglob("*.tmp"))


def test_a_directory_removed_in_mid_training_ends_its_run_and_not_the_next(tmp_path, wait_for):
    several = command(tmp_path, "--repeats", 2, "--progress", "plain", "--set", "trainer.epochs=100")
    with subprocess.Popen(several, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: bool(list(tmp_path.glob("*/history.csv"))), lambda: process.poll() is None)
        (first,) = tmp_path.iterdir()
        first.rename(tmp_path / "gone")
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert f"error: {first} was removed or renamed while the run was going on" in err
    assert "Traceback" not in err
    second = Path(out.splitlines()[1])
    assert {path.name for path in tmp_path.iterdir()} == {"gone", second.name}
    assert read_run(second).status == "finished"
    assert read_run(tmp_path / "gone").status == "interrupted"


def test_trainings_that_begin_together_have_directories_of_their_own(tmp_path):
    count = 2
    (tmp_path / "runs").mkdir()
    started = [
        subprocess.Popen(
            command(tmp_path / "runs", "--progress", "none", "--set", "trainer.epochs=1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    ends = [process.communicate(timeout=PATIENCE) for process in started]
    assert [process.returncode for process in started] == [0] * count, ends
    runs = [Path(out.strip()) for out, _ in ends]
    assert len(set(runs)) == count == len(list((tmp_path / "runs").iterdir()))
    assert len({(run / "metrics.json").read_text() for run in runs}) == 1

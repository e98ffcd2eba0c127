"""A real disk that is full at any moment: what was there stays whole, and what could not be written leaves nothing."""

import json
import sys

from full_disk import with_disks

SIZES = [64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 1024, 1280, 1536, 2048, 3072]  # kB

FILL = """
import json, subprocess, sys
from pathlib import Path
import numpy as np
from seqrun.rundir.checkpoints import latest_checkpoint, save_checkpoint
from seqrun.rundir.directory import RunDirectory
from seqrun.rundir.reading import read_run

def fill(disk):
    saved, rows, epoch, log = 0, 0, 0, "x" * 200
    with RunDirectory.create(disk, "x") as run:
        run.update(status="running", filler="x" * 3000)
        try:
            while True:
                epoch += 1
                run.log(log)
                run.add_epoch({"epoch": epoch, "loss": 1 / epoch})
                rows = epoch
                arrays = {"weights": np.full(3000 + 150 * epoch, epoch, "float64")}
                save_checkpoint(run.path / "checkpoints", epoch, arrays, {"epoch": epoch})
                saved = epoch
        except OSError as error:
            full = error.strerror
        try:
            run.update(status="failed")
        except OSError:
            pass
    found, newest = read_run(run.path), latest_checkpoint(run.path / "checkpoints")
    return {
        "reason": full,
        "saved": saved,
        "newest": 0 if newest is None else newest.epoch,
        "whole": newest is None or bool((newest.arrays["weights"] == newest.epoch).all()),
        "rows": [rows, len(found.history)],
        "status": found.status,
        "left": [str(path) for path in run.path.rglob("*.tmp")],
    }

results, disk = [], Path(sys.argv[1])
for size in json.loads(sys.argv[2]):
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(disk)], check=True)
    results.append(fill(disk))
    subprocess.run(["umount", str(disk)], check=True)
print(json.dumps(results))
"""


def test_on_disks_that_are_full_at_20_sizes_the_last_good_checkpoint_and_every_file_stay_whole(tmp_path):
    (tmp_path / "disk").mkdir()
    done = with_disks(tmp_path, sys.executable, "-c", FILL, str(tmp_path / "disk"), json.dumps(SIZES))
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert len(results) == len(SIZES)
    for result in results:
        assert result["reason"] == "No space left on device"
        assert result["newest"] == result["saved"]
        assert result["whole"]
        assert result["rows"][0] == result["rows"][1]
        assert result["status"] in ("failed", "interrupted")
        assert result["left"] == []
    assert [result["saved"] > 0 for result in results].count(True) >= 15

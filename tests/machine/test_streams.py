"""Standard streams that are closed, full or without a reader, as a shell gives them to a command."""

import os
import subprocess
import sys
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import pytest

from seqrun.machine.streams import OutputError, Telling, Unfailing, guarded


def shell(redirected: str, *arguments: str, code: str = "from seqrun.cli import main\nmain(prog_name='seqrun')"):
    """`seqrun ARGUMENTS`, its streams redirected; buffered, as in a user's shell."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = ["sh", "-c", f'exec "$@" {redirected}', "sh", sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.mark.parametrize("arguments", [["list"], ["--help"], ["show", "--help"], ["schema"]])
@pytest.mark.parametrize(("out", "reason"), [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")])
def test_a_result_that_cannot_be_written_is_exit_1_in_words(arguments, out, reason):
    result = shell(out, *arguments)
    assert (result.returncode, result.stderr) == (1, f"error: standard output cannot be written: {reason}\n")


@pytest.mark.parametrize("err", ["2>/dev/full", "2>&-", "2>&- <&-"])
def test_what_is_said_beside_it_may_be_lost(err):
    assert shell(err, "list").stdout.startswith("datasets")
    failed = shell(err, "show", "no/such/run")
    assert (failed.returncode, failed.stdout, failed.stderr) == (2, "", "")


def test_a_reader_that_leaves_is_no_error_to_tell():
    result = shell("| head -c 20", "schema")
    assert (len(result.stdout), result.stderr) == (20, "")


def test_no_file_gets_the_number_of_a_closed_stream_and_with_it_what_libraries_print(tmp_path):
    code = (
        "import os, sys\n"
        "from seqrun.machine.streams import open_closed\n"
        "open_closed()\n"
        "file = open(sys.argv[1], 'w')\n"
        "os.write(2, b'from a library')\n"
        "try: os.write(1, b'from a library')\n"
        "except OSError: file.write(f'{file.fileno()} is the file, and 1 not written')\n"
    )
    shell("<&- >&- 2>&-", str(tmp_path / "log"), code=code)
    assert (tmp_path / "log").read_text() == "3 is the file, and 1 not written"


@contextmanager
def full_stdout():
    """`sys.stdout` is on a full disk; inside of the tests, where pytest has put its own."""
    with Path("/dev/full").open("w") as stream, redirect_stdout(stream):
        yield stream


def test_a_guard_drops_what_comes_after_a_failure_and_says_why():
    with full_stdout() as stream:
        with guarded("stdout", Unfailing) as out:
            assert out.failure is None
            for _ in range(3):
                print("lost", flush=True)
            assert out.failure == "No space left on device"
            with guarded("stdout", Unfailing) as same:
                assert same is out
        assert sys.stdout is stream
        stream.flush()  # nothing is left to fail when the process ends


def test_an_outer_guard_that_tells_does_not_keep_an_inner_one_from_dropping():
    with full_stdout(), guarded("stdout", Telling), guarded("stdout", Unfailing) as out:
        print("lost", flush=True)
        assert out.failure == "No space left on device"


def test_a_guard_that_tells_does_so_each_time():
    with full_stdout(), guarded("stdout", Telling):
        for _ in range(2):
            with pytest.raises(OutputError, match="No space left"):
                print("told", flush=True)

"""The TAB key in real shells, at a terminal."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

RUN = "20261121-041530_b"
# What is typed -> the line after the TAB key. A space follows what is whole.
LINES = {
    "seqrun show 20261121": f"seqrun show {RUN} ",
    "seqrun show @l": "seqrun show @latest ",
    "seqrun train my.yaml --set tra": "seqrun train my.yaml --set trainer.",
    "seqrun train my.yaml --set architecture.bidirectional=t": (
        "seqrun train my.yaml --set architecture.bidirectional=true "
    ),
    f"seqrun compare {RUN} --metric a": f"seqrun compare {RUN} --metric auc ",
}
CONTROL_G, CONTROL_U = "\x07", "\x15"
# Control-G writes the line into a file, in whole: on the screen it stands among other things.
SHELLS = {
    "bash": (
        ["--norc", "--noprofile", "-i"],
        "bind 'set enable-bracketed-paste off'\n"
        'written() { printf "%s" "$READLINE_LINE" > part; mv part line; }\nbind -x \'"\\C-g": written\'\n',
    ),
    "zsh": (
        ["-f", "-i"],
        "unsetopt zle_bracketed_paste beep\nautoload -Uz compinit; compinit -u -D\n"
        'written() { printf "%s" "$BUFFER" > part; mv part line }\nzle -N written\nbindkey "^G" written\n'
        'bindkey "^U" kill-whole-line\n',
    ),
    "fish": (
        ["--no-config", "-i"],
        "function written; commandline | string collect --no-trim-newlines > part; mv part line; end\n"
        "bind \\cg written\nbind \\cu 'commandline \"\"'\nset -g fish_autosuggestion_enabled 0\n",
    ),
}


class Terminal:
    """A shell at a terminal."""

    def __init__(self, command: list[str], folder: Path, path: str):
        self.folder = folder
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            environment = {**os.environ, "PATH": path, "TERM": "xterm", "HOME": str(folder), "HISTFILE": ""}
            os.chdir(folder)
            os.execvpe(command[0], command, environment)

    def type(self, keys: str) -> None:
        os.write(self.screen, keys.encode())

    def wait_for(self, name: str, wait_for) -> str:
        """Return what a file holds, as soon as it is there; what the shell shows is read meanwhile, and forgotten."""

        def there() -> bool:
            while select.select([self.screen], [], [], 0)[0]:
                os.read(self.screen, 65536)
            return (self.folder / name).exists()

        wait_for(there)
        found = (self.folder / name).read_text()
        (self.folder / name).unlink()
        return found.removesuffix("\n")

    def end(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.screen)


@pytest.fixture(params=SHELLS)
def shell(request, folder, wait_for) -> Iterator[Terminal]:
    """A shell that has read the script of `seqrun completion`."""
    name = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    (folder / "bin").mkdir()
    seqrun = folder / "bin" / "seqrun"
    source = str(Path(__file__).parents[2])
    seqrun.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {source!r})\nfrom seqrun.__main__ import main\nmain()\n"
    )
    seqrun.chmod(0o755)
    options, commands = SHELLS[name]
    script = subprocess.run([seqrun, "completion", name], capture_output=True, text=True, check=True).stdout
    (folder / "start").write_text(f"{commands}\n{script}\necho > ready\n")
    terminal = Terminal([name, *options], folder, f"{folder / 'bin'}:{os.environ['PATH']}")
    terminal.type("source ./start\n")
    terminal.wait_for("ready", wait_for)
    yield terminal
    terminal.end()


def test_the_tab_key_completes_the_line(shell, wait_for):
    found = {}
    for typed in LINES:
        shell.type(f"{typed}\t{CONTROL_G}")
        found[typed] = shell.wait_for("line", wait_for)
        shell.type(CONTROL_U)
    assert found == LINES

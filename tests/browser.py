"""Chromium without a window, driven over its DevTools protocol through two pipes."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 60  # seconds
ENTER = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
TAB = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
CTRL = 2


class Page:
    """One page of the browser."""

    def __init__(self, to_browser: int, from_browser: int):
        self._to, self._from = to_browser, from_browser
        self._session: str | None = None
        self._number, self._read = 0, b""
        self.complaints: list[str] = []  # of the page's console, errors that nothing caught among them
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "DOM"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            if answer.get("method") == "Log.entryAdded" and answer["params"]["entry"]["level"] == "error":
                self.complaints.append(answer["params"]["entry"]["text"])
            if answer.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(str(answer["params"]["exceptionDetails"]))
        assert "error" not in answer, answer
        return answer["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            more = os.read(self._from, 1 << 16)
            assert more, "the browser has ended"
            self._read += more
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)

    def value(self, expression: str) -> Any:
        """The value of an expression in JavaScript."""
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def open(self, url: str) -> None:
        self.ask("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")

    def wait_for(self, expression: str) -> None:
        """Returns as soon as the expression is true."""
        until = time.monotonic() + PATIENCE
        while not self.value(expression):
            assert time.monotonic() < until, f"{expression}: {self.value('document.body.innerText')}"
            time.sleep(0.02)

    def press(self, key: dict[str, Any], modifiers: int = 0) -> None:
        text = {"text": "\r"} if key is ENTER else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", modifiers=modifiers, **key, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", modifiers=modifiers, **key)

    def type(self, text: str) -> None:
        self.ask("Input.insertText", text=text)

    def drop(self, file: Path, x: int, y: int) -> None:
        """A file is dragged from the desktop and dropped at a place of the page."""
        data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.ask("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    def look(self, width: int, height: int = 800, *, dark: bool = False) -> None:
        """The page is seen at this width, as on a phone if it is narrow, in light or dark colours."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self) -> bytes:
        return base64.b64decode(self.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"])


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """A page of a browser of its own, whose files are in the folder."""
    assert CHROMIUM is not None
    (read_there, to_browser), (from_browser, write_there) = os.pipe(), os.pipe()

    def as_the_browser_wants() -> None:
        first, second = os.dup(read_there), os.dup(write_there)
        os.dup2(first, 3)
        os.dup2(second, 4)

    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe")
    process = subprocess.Popen(
        [CHROMIUM, *options, f"--user-data-dir={folder}"],
        preexec_fn=as_the_browser_wants,
        close_fds=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(read_there)
    os.close(write_there)
    try:
        yield Page(to_browser, from_browser)
    finally:
        os.close(to_browser)
        os.close(from_browser)
        process.terminate()
        process.wait()

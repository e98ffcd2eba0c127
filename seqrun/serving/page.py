"""The pages that a browser gets: one to try the run on, one for those who write programs. They need no network."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from starlette.responses import HTMLResponse

from seqrun.datasets.samples.reader import SequencesReader
from seqrun.datasets.series.reader import SeriesReader
from seqrun.machine.opener import read_text
from seqrun.serving.served import Served

HERE = Path(__file__).parent
ACCEPTED = (".csv", ".tsv", ".txt", ".jsonl", ".npy")  # of the endings that a run's reader reads


def try_page(served: Served) -> HTMLResponse:
    """Return the page on which one types or drops an input and sees what the run predicts."""
    fields = {"name": served.name, "does": served.prediction.does, "details": _details(served), **_words(served)}
    found = {name: escape(value) for name, value in fields.items()}
    style, script = _part("page.css"), _part("page.js")
    page = Template(_part("page.html")).substitute(found, style=style, script=script)
    return HTMLResponse(page, headers=_headers(style, script))


def docs_page(document: Mapping[str, Any]) -> HTMLResponse:
    """Return an OpenAPI document as a page."""
    style, parts = _part("page.css"), []
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            parts.append(f"<h2>{escape(method.upper())} {escape(path)}</h2><p>{escape(told['summary'])}</p>")
            parts += [_example(kind, each) for kind, each in told.get("requestBody", {}).get("content", {}).items()]
    info = document["info"]
    body = f"<h1>{escape(info['title'])}</h1><p>{escape(info['description'])}</p><main>{''.join(parts)}</main>"
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}</title><style>{style}</style></head><body>{body}"
        '<footer><a href="./">Try it</a> · <a href="openapi.json">OpenAPI</a></footer></body></html>'
    )
    return HTMLResponse(page, headers=_headers(style))


def _example(kind: str, content: Mapping[str, Any]) -> str:
    examples = [each["value"] for each in content.get("examples", {}).values()]
    texts = [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in examples]
    return "".join(f"<p class=quiet>{escape(kind)}</p><pre tabindex=0>{escape(text)}</pre>" for text in texts)


def _part(name: str) -> str:
    return read_text(HERE / name)


def _headers(*inline: str) -> dict[str, str]:
    """Return headers that let nothing run or load but these parts of the page itself, and questions to this server."""
    hashes = [f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'" for text in inline]
    script = f"script-src {hashes[1]}; connect-src 'self'; " if len(hashes) > 1 else ""
    policy = (
        f"default-src 'none'; style-src {hashes[0]}; {script}img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}


def _details(served: Served) -> str:
    """Return what is known of the run, in a line."""
    record, metrics = served.saved.run.record, served.saved.run.metrics or {}
    test = {name: value for name, value in (metrics.get("test") or {}).items() if isinstance(value, float)}
    first = ", ".join(f"{name} {value:.4g}" for name, value in [*test.items()][:3])
    return f"{record['config']['architecture']['name']}{f'; on test {first}' if first else ''}"


def _words(served: Served) -> dict[str, str]:
    """Return what the page says of the input, by its kind: `text`, `table` (in CSV) or `array` (in JSON)."""
    reader = served.saved.reader
    endings = [ending for ending in ACCEPTED if reader.reads(Path(f"input{ending}"))]
    endings += [".npy"] if served.saved.spec.vocabulary is not None and ".npy" not in endings else []
    common = {"endings": ", ".join(endings)}
    if served.reads_texts:
        words = {"kind": "text", "label": "Text", "rows": "4", "placeholder": "", "hint": "Type or paste a text."}
    elif isinstance(reader, SeriesReader | SequencesReader) and ".csv" in endings:
        columns = _columns(served)
        hint = "Paste a table with a header, or samples as lists of numbers in JSON."
        words = {"kind": "table", "label": "Table, in CSV", "rows": "8", "placeholder": columns, "hint": hint}
    else:
        inside = served.saved.spec.input_shape
        shape = ", ".join(("samples", *map(str, inside)))
        hint = f"Lists in lists, of the shape ({shape})."
        words = {
            "kind": "array",
            "label": "Numbers, in JSON",
            "rows": "8",
            "placeholder": f"[{_sample(inside)}, …]",
            "hint": hint,
        }
    return {**words, **common}


def _sample(shape: tuple[int, ...]) -> str:
    """Return how a sample of this shape begins in JSON, and how many numbers, or lists of numbers, it has."""
    first, what = ("0.5", "numbers") if len(shape) == 1 else (_sample(shape[1:]), "lists")
    return f"[{first}, … {shape[0]} {what}]"


def _columns(served: Served) -> str:
    reader = served.saved.reader
    if isinstance(reader, SeriesReader):
        reading = reader.encoder.reading
        named = [name for name in (reading.time, reading.series_id) if name is not None]
        return ",".join(dict.fromkeys([*named, *reader.encoder.features]))
    values = served.saved.spec.values
    return ",".join(values.features) if values is not None else ""

"""Checks as JUnit XML, which CI systems show beside the results of tests.

It is valid by the schema of Ant's task (https://github.com/windyroad/JUnit-Schema) and by the looser ones of Jenkins
and GitLab: one suite, a case for each limit.
"""

from __future__ import annotations

import platform
import re
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from seqrun.comparing.checking.checks import Check, Checked
from seqrun.comparing.checking.table import conclusion, told_verdicts
from seqrun.readable import printable

_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TIMES = {"time": "0"}  # nothing is run: figures are compared
MISSING = "missing"  # the type of a failure for want of a figure


def junit(checked: Checked) -> bytes:
    """Return the XML file's content."""
    suites = Element("testsuites")
    counts = {"tests": len(checked.checks), "failures": len(checked.failed), "errors": 0}
    suite = SubElement(
        suites,
        "testsuite",
        {"id": "0", "name": _token(checked.run.names), "package": "seqrun", "hostname": platform.node() or "localhost"}
        | {"timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"}
        | {name: str(count) for name, count in counts.items()}
        | TIMES,
    )
    properties = SubElement(suite, "properties")
    for name, value in _facts(checked).items():
        SubElement(properties, "property", {"name": name, "value": _text(value)})
    for check in checked.checks:
        _add(suite, check, f"seqrun.{checked.run.runs[0].record.get('name') or checked.run.names}")
    SubElement(suite, "system-out").text = _text(
        "\n".join([conclusion(checked), *told_verdicts(checked), *checked.notes])
    )
    SubElement(suite, "system-err")
    indent(suites)
    return tostring(suites, encoding="utf-8", xml_declaration=True) + b"\n"


def _facts(checked: Checked) -> dict[str, str]:
    facts = {"run": " ".join(str(run.path) for run in checked.run.runs)}
    if checked.against is not None:
        facts["against"] = " ".join(str(run.path) for run in checked.against.runs)
    return facts


def _add(suite: Element, check: Check, classname: str) -> None:
    name = f"{check.limit.figure}: {check.limit}"
    case = SubElement(suite, "testcase", {"name": _token(name), "classname": _token(classname), **TIMES})
    if not check.passed:
        kind, reason = MISSING if check.value is None else check.limit.kind, check.reason or ""
        SubElement(case, "failure", {"message": _text(reason), "type": kind}).text = _text(
            f"{reason}\nlimit: {check.limit.given}"
        )


def _text(value: str) -> str:
    """Return text that XML can hold."""
    return _NO_XML.sub("\ufffd", printable(value))


def _token(value: str) -> str:
    """Return text that XML can hold, on one line, without blanks at its ends."""
    return " ".join(_text(value).split())

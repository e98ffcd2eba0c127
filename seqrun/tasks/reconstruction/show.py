"""What `seqrun show` adds for runs of autoencoders: from which error on a sample is anomalous."""

from __future__ import annotations

from seqrun.readable import figure
from seqrun.rundir.shapes import fields, number, optional
from seqrun.tasks.pages import Page, Shown, TaskPage
from seqrun.tasks.reconstruction.worst import worst


def page(shown: Shown) -> Page:
    """Return the page with the anomaly threshold, if the run has one."""
    found = shown.metrics.get("anomaly")
    if not found:
        return Page()
    told = f"errors above {figure(found['threshold'])}: at most {found['false_alarm_rate']:.3g} of ordinary samples"
    return Page(facts={"anomalies": f"{told}, {found['test_rate']:.3g} of the test's"})


_ANOMALY = fields(dict.fromkeys(("threshold", "false_alarm_rate", "test_rate"), number))
PAGE = TaskPage(page, details=fields({}, {"anomaly": optional(_ANOMALY)}), worst=worst)

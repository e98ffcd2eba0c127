"""The server's figures for Prometheus."""

from __future__ import annotations

from seqrun import __version__

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)  # the histogram's borders
SAMPLES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Figures:
    """Counts requests and times them, by the path that answers and the status."""

    def __init__(self, name: str):
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

        self._registry = registry = CollectorRegistry()
        labels = ("path", "status")
        self.requests = Counter("seqrun_requests", "Requests that were answered.", labels, registry=registry)
        self.seconds = Histogram(
            "seqrun_request_seconds",
            "From the first byte to the answer.",
            ("path",),
            registry=registry,
            buckets=SECONDS,
        )
        self.batches = Histogram(
            "seqrun_batch_samples", "Samples that went through the network at once.", registry=registry, buckets=SAMPLES
        )
        self.waiting = Gauge("seqrun_requests_waiting", "Requests accepted and not yet answered.", registry=registry)
        self.ready = Gauge(
            "seqrun_ready", "1 when the network is compiled and requests are accepted.", registry=registry
        )
        self.gone = Counter("seqrun_clients_gone", "Clients that left before their answer.", registry=registry)
        Info("seqrun_served", "What is served.", registry=registry).info({"run": name, "version": __version__})

    def observe(self, path: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self.requests.labels(path, str(status)).inc()
        self.seconds.labels(path).observe(seconds)

    def text(self) -> tuple[bytes, str]:
        """Return all figures in Prometheus' text format, and the content type."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self._registry), CONTENT_TYPE_LATEST

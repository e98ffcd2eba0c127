"""What a network's outputs mean, as a TensorFlow graph: what `Reader.answers` of read_input.py does."""

from __future__ import annotations

from typing import Any

import keras  # noqa: TID253
import numpy as np
import tensorflow as tf  # noqa: TID253

from seqrun.export.graph.scales import Scales
from seqrun.export.plain import coders


class Answers(tf.Module):
    """Runs a network, and gives its outputs as `input.json` describes them."""

    def __init__(self, network: keras.Model, told: dict[str, Any]):
        super().__init__()
        self.network, self.told = network, told
        self.scales = Scales({"offset": [0.0], "scale": [1.0], **told})
        halves: dict[str, Any] = coders(network)
        self.encoder, self.decoder = halves.get("encoder", network), halves.get("decoder", network)

    def __call__(self, inputs: tf.Tensor, series: tf.Tensor | None) -> dict[str, tf.Tensor]:
        """Return the answers by name, for inputs as the network reads them; `series` names those of the samples."""
        kind = self.told["kind"]
        if kind == "reconstruction":
            return self._reconstructions(inputs)
        outputs = self._iterated(inputs) if self.told.get("iterated") else self.network(inputs, training=False)
        if kind == "classes" and outputs.shape[1] == 1:  # of two classes, the second
            return {"probabilities": tf.concat([1 - outputs, outputs], axis=1)}
        if kind in ("classes", "labels", "tags"):
            return {"probabilities": outputs}
        if self.told.get("every_step"):
            outputs = outputs[:, -1]
        return self._with_interval(self.scales.original(outputs, series), series)

    def _with_interval(self, predictions: tf.Tensor, series: tf.Tensor | None) -> dict[str, tf.Tensor]:
        interval = self.told.get("interval")
        if interval is None:
            return {"predictions": predictions}
        reach = tf.constant(np.array(interval["half_widths"], np.float64))
        if interval.get("scaled"):
            reach = reach * tf.abs(self.scales.of(series)[1])
        return {"predictions": predictions, "lower": predictions - reach, "upper": predictions + reach}

    def _iterated(self, window: tf.Tensor) -> tf.Tensor:
        """Return forecasts (samples, horizon, targets), each of which was appended to the input of the next."""
        horizon, targets = self.told["horizon"], len(self.told["names"])
        places = np.argsort(self.told["target_features"])  # of each feature among the targets

        def step(number: tf.Tensor, window: tf.Tensor, found: tf.TensorArray) -> tuple[tf.Tensor, ...]:
            forecast = tf.ensure_shape(self.network(window, training=False), [None, 1, targets])
            following = tf.gather(forecast, places, axis=2)
            return number + 1, tf.concat([window[:, 1:], following], axis=1), found.write(number, forecast[:, 0])

        steps = tf.TensorArray(tf.float32, size=horizon, element_shape=[None, targets])
        _, _, steps = tf.while_loop(lambda number, *_: number < horizon, step, (tf.constant(0), window, steps))
        return tf.transpose(steps.stack(), [1, 0, 2])

    def _reconstructions(self, inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        codes = self.encoder(inputs, training=False)
        outputs = self.decoder(codes, training=False)
        real = tf.reduce_any(inputs != self.told["fill"], axis=2)  # (samples, time)
        squares = tf.square(tf.cast(tf.where(real[..., None], outputs - inputs, 0.0), tf.float64))
        counted = tf.reduce_sum(tf.cast(real, tf.float64), axis=1) * inputs.shape[2]
        values = tf.where(real[..., None], self.scales.original(outputs), np.nan)
        errors = tf.reduce_sum(squares, axis=[1, 2]) / counted
        return {"predictions": self._upright(values), "errors": errors, "codes": codes}

    def decode(self, codes: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return samples in original units, (samples, time, features), for codes (samples, latent_dim)."""
        return {"predictions": self._upright(self.scales.original(self.decoder(codes, training=False)))}

    def _upright(self, values: tf.Tensor) -> tf.Tensor:
        return tf.transpose(values, [0, 2, 1]) if self.told["columns"] else values

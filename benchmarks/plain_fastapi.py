"""The same Keras model behind plain FastAPI, one request at a time: python plain_fastapi.py RUN PORT predict|call

`predict` asks the network by `model.predict`, as most such scripts do, `call` by `model(inputs)`, which is faster for
one sample.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import uvicorn
from fastapi import FastAPI

from seqrun.inference.saved import read_saved
from seqrun.rundir.reading import read_run


def app(run: str, how: str) -> FastAPI:
    saved = read_saved(read_run(run))
    encode, model, lock = saved.reader.encoder.encode, saved.model, threading.Lock()
    served = FastAPI()

    @served.post("/predict")
    def predict(body: dict[str, str]) -> dict[str, Any]:
        inputs = encode([body["text"]])
        with lock:
            outputs = model.predict(inputs, verbose=0) if how == "predict" else model(inputs, training=False).numpy()
        return {"predictions": [{"probability": float(outputs[0, 0])}]}

    predict({"text": "a film"})
    return served


if __name__ == "__main__":
    uvicorn.run(app(sys.argv[1], sys.argv[3]), port=int(sys.argv[2]), log_level="error")

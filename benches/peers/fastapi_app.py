"""A model behind FastAPI, as people write it by hand: the file that $MODEL names, through ONNX Runtime."""

import os

import numpy
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
# One row is not worth a second thread, and a worker for each core is there already.
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
app = FastAPI()


class Rows(BaseModel):
    inputs: list[list[float]]


# `async`, though it keeps the loop busy: with a model that takes microseconds this is faster than a pool of threads.
@app.post("/predict")
async def predict(rows: Rows):
    label, probabilities = session.run(None, {"X": numpy.array(rows.inputs, dtype=numpy.float32)})
    return {"label": label.tolist(), "probabilities": probabilities.tolist()}

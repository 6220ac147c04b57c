"""Large tensors behind FastAPI, as people write it by hand: the file that $MODEL names, through ONNX Runtime, for JSON and for bytes."""

import os

import numpy
import onnxruntime
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
app = FastAPI()


class Rows(BaseModel):
    inputs: list[list[float]]


@app.post("/json")
async def from_json(rows: Rows):
    (mean,) = session.run(None, {"x": numpy.array(rows.inputs, dtype=numpy.float32)})
    return {"mean": mean.tolist()}


@app.post("/binary")
async def from_bytes(request: Request):
    rows = numpy.frombuffer(await request.body(), dtype=numpy.float32).reshape(-1, 1024)
    (mean,) = session.run(None, {"x": rows})
    return Response(mean.tobytes(), media_type="application/octet-stream")

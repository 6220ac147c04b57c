"""What the clients have in common: their arguments, and how answers are compared with what is expected of them."""

import json
import math
import sys

import numpy

TYPES = {
    "BOOL": numpy.bool_, "BYTES": numpy.object_, "FP16": numpy.float16, "FP32": numpy.float32, "FP64": numpy.float64,
    **{f"{sign}INT{bits}": numpy.dtype(f"{sign.lower()}int{bits}") for sign in ("", "U") for bits in (8, 16, 32, 64)},
}


def arguments():
    """The node's URL, the model's name, and {"inputs": [...], "outputs": [...]} of tensors in JSON form with flat data."""
    url, model, path = sys.argv[1:4]
    with open(path, encoding="utf-8") as file:
        return url, model, json.load(file)


def array(tensor):
    """A tensor in JSON form as an array."""
    data = tensor["data"]
    if tensor["datatype"] == "BYTES":
        data = [text.encode() for text in data]
    return numpy.array(data, dtype=TYPES[tensor["datatype"]]).reshape(tensor["shape"])


def number(value):
    """A value as a number, where it is one: infinities and what is not a number are words in JSON."""
    words = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
    return words.get(value, value) if isinstance(value, str) else value


def same(tensor, got, tolerance=1e-5):
    """Fails unless the values are those of the expected tensor."""
    expected = array({**tensor, "data": [number(value) for value in tensor["data"]]} if tensor["datatype"].startswith("FP") else tensor)
    got = numpy.asarray(got).reshape(-1)
    if tensor["datatype"] == "BYTES":
        got = numpy.array([text.encode() if isinstance(text, str) else bytes(text) for text in got], dtype=numpy.object_)
    got = got.reshape(expected.shape)
    if tensor["datatype"].startswith("FP"):
        numpy.testing.assert_allclose(got.astype(numpy.float64), expected.astype(numpy.float64), rtol=tolerance, atol=tolerance)
    else:
        numpy.testing.assert_array_equal(got, expected)

"""Compares a node with ONNX Runtime in Python: FOLDER NODE SERVICE. The folder has a model and expected.json, whose inputs go to both. Prints
a line of JSON: how many answers and elements there were, and whether each form gave what Python gives."""

import json
import pathlib
import sys
import urllib.request

import ml_dtypes
import numpy
import onnxruntime

TYPES = {
    "BOOL": "?", "INT8": "i1", "INT16": "<i2", "INT32": "<i4", "INT64": "<i8", "UINT8": "u1", "UINT16": "<u2", "UINT32": "<u4",
    "UINT64": "<u8", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8", "BF16": ml_dtypes.bfloat16, "BYTES": object,
}


def from_json(tensor):
    # The strings "NaN", "Infinity" and "-Infinity" are numbers to numpy too.
    values = numpy.array(tensor["data"], dtype=object).ravel()
    kind = TYPES[tensor["datatype"]]
    if tensor["datatype"] in ("BYTES", "BOOL"):
        return values.astype(kind).reshape(tensor["shape"])
    convert = float if tensor["datatype"][0] in "FB" else int
    return numpy.array([convert(value) for value in values]).astype(kind).reshape(tensor["shape"])


def to_bytes(array, datatype):
    if datatype != "BYTES":
        return array.tobytes()
    words = [word.encode() for word in array.ravel()]
    return b"".join(len(word).to_bytes(4, "little") + word for word in words)


def from_bytes(data, tensor):
    if tensor["datatype"] != "BYTES":
        return numpy.frombuffer(data, dtype=TYPES[tensor["datatype"]]).reshape(tensor["shape"])
    words = []
    while data:
        length = int.from_bytes(data[:4], "little")
        words.append(data[4 : 4 + length].decode())
        data = data[4 + length :]
    return numpy.array(words, dtype=object).reshape(tensor["shape"])


def ask(url, body, headers=()):
    with urllib.request.urlopen(urllib.request.Request(url, body, dict(headers))) as answer:
        return answer.headers, answer.read()


def in_json(url, inputs):
    _, body = ask(url, json.dumps({"inputs": inputs}).encode())
    return [from_json(tensor) for tensor in json.loads(body)["outputs"]]


def in_bytes(url, inputs):
    head, contents = [], b""
    for tensor in inputs:
        content = to_bytes(from_json(tensor), tensor["datatype"])
        parameters = {"binary_data_size": len(content)}
        head.append({"name": tensor["name"], "shape": tensor["shape"], "datatype": tensor["datatype"], "parameters": parameters})
        contents += content
    head = json.dumps({"inputs": head, "parameters": {"binary_data_output": True}}).encode()
    headers, body = ask(url, head + contents, {"Inference-Header-Content-Length": str(len(head))})
    length = int(headers["Inference-Header-Content-Length"])
    outputs, data, found = json.loads(body[:length])["outputs"], body[length:], []
    for tensor in outputs:
        size = tensor["parameters"]["binary_data_size"]
        found.append(from_bytes(data[:size], tensor))
        data = data[size:]
    return found


def in_python(session, inputs):
    outputs = session.run(None, {tensor["name"]: from_json(tensor) for tensor in inputs})
    # A node gives maps as a table, a column for each class.
    table = lambda maps: numpy.array([list(one.values()) for one in maps], dtype=numpy.float32)
    return [table(output) if isinstance(output, list) else output for output in outputs]


def same(found, expected):
    def one(found, expected):
        if found.shape != expected.shape:
            return False
        return (found == expected).all() if expected.dtype == object else found.tobytes() == expected.tobytes()

    return len(found) == len(expected) and all(one(*pair) for pair in zip(found, expected))


def main():
    folder, node, service = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    options = onnxruntime.SessionOptions()
    # As in a node: with other threads, sums have another order.
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    url = f"http://{node}/v2/models/{service}/infer"
    answers, elements, json_same, binary_same = 0, 0, True, True
    for case in json.loads((folder / "expected.json").read_text()):
        expected = in_python(session, case["inputs"])
        json_same &= same(in_json(url, case["inputs"]), expected)
        binary_same &= same(in_bytes(url, case["inputs"]), expected)
        answers += 1
        elements += sum(output.size for output in expected)
    print(json.dumps({"answers": answers, "elements": elements, "json": bool(json_same), "binary": bool(binary_same)}))


main()

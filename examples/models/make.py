"""Makes the small models that the tests of the node serve, and what Python's ONNX Runtime answers to them.

Each model gets a folder beside this script: `model.onnx`, and `expected.json` with requests and their
answers in the JSON form of the Open Inference Protocol. `hostile` holds models that must do no harm.
"""

import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEED = 20
# Fixed, so that a newer converter does not silently ask for a newer runtime.
TARGET_OPSET = {"": 18, "ai.onnx.ml": 3}
OPSETS = [helper.make_opsetid("", 18)]
IR_VERSION = 8
# What a model may be off by on another processor.
TOLERANCE = 1e-5
HERE = Path(__file__).parent

DATATYPES = {
    "float16": "FP16", "float32": "FP32", "float64": "FP64", "bool": "BOOL", "object": "BYTES",
    **{f"{sign}int{bits}": f"{sign}int{bits}".upper() for sign in ("", "u") for bits in (8, 16, 32, 64)},
}


def main():
    data = load_iris()
    features = data.data.astype(np.float32)
    few = [{"X": features[[0]]}, {"X": features[[10, 60, 110]]}]

    for name, estimator in {
        "linear": LogisticRegression(max_iter=1000),
        "gradient-boosting": GradientBoostingClassifier(n_estimators=20, max_depth=2, random_state=SEED),
        "random-forest": RandomForestClassifier(n_estimators=15, max_depth=4, random_state=SEED),
        "mlp": make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=3000, random_state=SEED)),
    }.items():
        write(name, convert(estimator.fit(features, data.target), features, zipmap=False), few)

    # The maps that scikit-learn's converter makes of probabilities unless told otherwise: by number and by name.
    estimator = LogisticRegression(max_iter=1000).fit(features, data.target)
    write("zipmap", convert(estimator, features, zipmap=True), few)
    names = np.array(data.target_names)[data.target]
    estimator = LogisticRegression(max_iter=1000).fit(features, names)
    write("zipmap-names", convert(estimator, features, zipmap=True), few)

    write("categories", *categories())
    write("cnn", *cnn())
    write("numbers", *numbers())
    write("strings", *strings())
    write("no-shape", convert_without_shape(LogisticRegression(max_iter=1000).fit(features, data.target)), few)
    write("text", *text())
    write("quantized", *quantized())
    write("local-function", *local_function())
    write("unused-domains", *unused_domains())
    write("int-div", *int_div())
    hostile()


def convert(estimator, features, zipmap):
    return to_onnx(estimator, features[:1], target_opset=TARGET_OPSET, options={"zipmap": zipmap})


def convert_without_shape(estimator):
    """The converter leaves the shape of an input out where nobody names one."""
    types = [("X", FloatTensorType())]
    return to_onnx(estimator, initial_types=types, target_opset=TARGET_OPSET, options={"zipmap": False})


def text():
    """Words are counted and weighted: the converter uses an operator of ONNX Runtime's own for that. Letters stay as they are, because
    changing them asks for a locale that not every machine has."""
    mails = ["buy cheap pills now", "meeting at noon tomorrow", "cheap watches buy now", "lunch with the team at noon"]
    estimator = make_pipeline(TfidfVectorizer(lowercase=False), LogisticRegression()).fit(mails, [1, 0, 1, 0])
    types = [("text", StringTensorType([None]))]
    opset = {**TARGET_OPSET, "com.microsoft": 1}
    model = to_onnx(estimator, initial_types=types, target_opset=opset, options={"zipmap": False})
    return model, [{"text": np.array(["buy now", "team meeting at noon"], dtype=object)}]


def quantized():
    """The convolution in whole numbers, as the quantizer of ONNX Runtime writes it: with operators of its own."""
    model, requests = cnn()

    class Images(CalibrationDataReader):
        def __init__(self):
            self.images = iter(requests)

        def get_next(self):
            return next(self.images, None)

    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / name) for name in ("float.onnx", "int8.onnx")]
        onnx.save(model, paths[0])
        quantize_static(paths[0], paths[1], Images(), quant_format=QuantFormat.QOperator)
        return onnx.load(paths[1]), requests


def local_function():
    """An operator that the model defines for itself, made of operators of the standard."""
    domain = "com.example.parts"
    twice = helper.make_function(domain, "Twice", ["v"], ["w"], [helper.make_node("Add", ["v", "v"], ["w"])], OPSETS)
    node = helper.make_node("Twice", ["x"], ["y"], domain=domain)
    x, y = value("x", TensorProto.FLOAT, ["n"]), value("y", TensorProto.FLOAT, ["n"])
    model = build([node], [x], [y], opsets=[*OPSETS, helper.make_opsetid(domain, 1)])
    model.functions.append(twice)
    return model, [{"x": np.array([1.5, -2], np.float32)}]


def unused_domains():
    """Imports operators that it does not use, as everything does that ONNX Runtime saves."""
    domains = ["com.microsoft", "ai.onnx.training", "ai.onnx.preview.training"]
    x, y = value("x", TensorProto.FLOAT, ["n"]), value("y", TensorProto.FLOAT, ["n"])
    opsets = [*OPSETS, *(helper.make_opsetid(domain, 1) for domain in domains)]
    return build([helper.make_node("Relu", ["x"], ["y"])], [x], [y], opsets=opsets), [{"x": np.array([1, -1], np.float32)}]


def int_div():
    """Divides whole numbers. The processor has no quotient of the smallest by -1, and the library's process ends by that."""
    a, b, y = (value(name, TensorProto.INT64, ["n"]) for name in ("a", "b", "y"))
    return build([helper.make_node("Div", ["a", "b"], ["y"])], [a, b], [y]), [{"a": np.array([7]), "b": np.array([2])}]


def categories():
    """A pipeline on a table with columns of words beside columns of numbers."""
    random = np.random.default_rng(SEED)
    rows = 200
    table = {
        "site": random.choice(["lung", "liver", "skin"], rows).astype(object),
        "stage": random.choice(["I", "II", "III"], rows).astype(object),
        "age": random.integers(20, 90, rows).astype(np.float32),
        "size": random.uniform(0, 10, rows).astype(np.float32),
    }
    label = np.where((table["stage"] == "III") | (table["size"] > 7), "treat", "wait")
    stacked = np.column_stack([table[name] for name in table])
    steps = [("words", OneHotEncoder(handle_unknown="ignore"), [0, 1]), ("numbers", StandardScaler(), [2, 3])]
    estimator = make_pipeline(ColumnTransformer(steps), LogisticRegression()).fit(stacked, label)
    kinds = {"site": StringTensorType, "stage": StringTensorType, "age": FloatTensorType, "size": FloatTensorType}
    types = [(name, kind([None, 1])) for name, kind in kinds.items()]
    model = to_onnx(estimator, initial_types=types, target_opset=TARGET_OPSET, options={"zipmap": False})

    def rows_of(places):
        return {name: column[places].reshape(-1, 1) for name, column in table.items()}

    unknown = rows_of([0])
    unknown["site"] = np.array([["Lunge, große"]], dtype=object)
    return model, [rows_of([0]), rows_of([1, 2, 3]), unknown]


def cnn():
    """One convolution, pooling and a dense layer with weights that nobody trained."""
    random = np.random.default_rng(SEED)
    weights = {
        "kernel": random.normal(0, 0.5, (4, 1, 3, 3)).astype(np.float32),
        "bias": random.normal(0, 0.1, 4).astype(np.float32),
        "dense": random.normal(0, 0.3, (4, 3)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["image", "kernel", "bias"], ["maps"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["maps"], ["active"]),
        helper.make_node("GlobalAveragePool", ["active"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("MatMul", ["flat", "dense"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
    ]
    model = build(
        nodes,
        [value("image", TensorProto.FLOAT, ["n", 1, 8, 8])],
        [value("probabilities", TensorProto.FLOAT, ["n", 3])],
        weights,
    )
    images = random.uniform(0, 1, (3, 1, 8, 8)).astype(np.float32)
    return model, [{"image": images[:1]}, {"image": images}]


def numbers():
    """Every type of number goes in and comes out, doubled or turned round."""
    kinds = {"FLOAT16": "fp16", "FLOAT": "fp32", "DOUBLE": "fp64", "BOOL": "bool"}
    kinds |= {f"{sign}INT{bits}": f"{sign}int{bits}".lower() for sign in ("", "U") for bits in (8, 16, 32, 64)}
    nodes, inputs, outputs, feed = [], [], [], {}
    for kind, name in kinds.items():
        element = getattr(TensorProto, kind)
        inputs.append(value(name, element, ["n"]))
        outputs.append(value(f"{name}_out", element, ["n"]))
        dtype = helper.tensor_dtype_to_np_dtype(element)
        if kind == "BOOL":
            nodes.append(helper.make_node("Not", [name], [f"{name}_out"]))
            feed[name] = np.array([True, False, True])
        else:
            nodes.append(helper.make_node("Identity", [name], [f"{name}_out"]))
            limits = np.finfo(dtype) if np.issubdtype(dtype, np.floating) else np.iinfo(dtype)
            feed[name] = np.array([limits.min, 1, limits.max], dtype)
    # Clients of others have no form for half precision in JSON: its request is left out of expected.json.
    half = [number for number, node in enumerate(nodes) if node.input[0] == "fp16"][0]
    for part in (nodes, inputs, outputs):
        part.pop(half)
    del feed["fp16"]
    return build(nodes, inputs, outputs), [feed]


def strings():
    """Words go in and the same words come out; a matrix, so that their shape counts too."""
    node = helper.make_node("Identity", ["words"], ["same"])
    words = np.array([["", "plain"], ["naïve ☂", "two words"]], dtype=object)
    shape = ["rows", 2]
    model = build([node], [value("words", TensorProto.STRING, shape)], [value("same", TensorProto.STRING, shape)])
    return model, [{"words": words}]


def hostile():
    """Models that ask for more than they should, and two with numbers of 16 bits, which not every client can ask."""
    folder = HERE / "hostile"
    folder.mkdir(exist_ok=True)

    def save(name, model):
        (folder / f"{name}.onnx").write_bytes(model if isinstance(model, bytes) else model.SerializeToString())

    x, y = value("x", TensorProto.FLOAT, [1]), value("y", TensorProto.FLOAT, [1])

    # Goes round for ever when x is positive, and not at all otherwise.
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go_on"]),
            helper.make_node("Add", ["sum", "x"], ["next"]),
        ],
        "body",
        [value("round", TensorProto.INT64, []), value("go", TensorProto.BOOL, []), value("sum", TensorProto.FLOAT, [1])],
        [value("go_on", TensorProto.BOOL, []), value("next", TensorProto.FLOAT, [1])],
    )
    nodes = [
        helper.make_node("Greater", ["x", "zero"], ["positive"]),
        helper.make_node("Squeeze", ["positive"], ["start"]),
        helper.make_node("Loop", ["", "start", "x"], ["y"], body=body),
    ]
    save("endless-loop", build(nodes, [x], [y], {"zero": np.zeros(1, np.float32)}))

    # A gigabyte that is computed while the model is loaded.
    nodes = [
        helper.make_node("ConstantOfShape", ["size"], ["zeros"]),
        helper.make_node("Add", ["x", "zeros"], ["y"]),
    ]
    save("gigabyte", build(nodes, [x], [value("y", TensorProto.FLOAT, ["n"])], {"size": np.array([1 << 28])}))

    # Asks for the memory that it is told to ask for.
    nodes = [helper.make_node("ConstantOfShape", ["size"], ["y"])]
    save("greedy", build(nodes, [value("size", TensorProto.INT64, [1])], [value("y", TensorProto.FLOAT, ["n"])]))

    # One operator that takes long and cannot be stopped half-way: each of many boxes is compared with all others.
    nodes = [
        helper.make_node("Concat", ["one", "size", "four"], ["boxes_shape"], axis=0),
        helper.make_node("Concat", ["one", "one", "size"], ["scores_shape"], axis=0),
        helper.make_node("ConstantOfShape", ["boxes_shape"], ["boxes"]),
        helper.make_node("ConstantOfShape", ["scores_shape"], ["scores"]),
        helper.make_node("NonMaxSuppression", ["boxes", "scores", "size"], ["y"]),
    ]
    sizes = {"one": np.array([1]), "four": np.array([4])}
    size = value("size", TensorProto.INT64, [1])
    save("stubborn", build(nodes, [size], [value("y", TensorProto.INT64, ["n", 3])], sizes))

    # Weights in a file beside the model.
    weights = numpy_helper.from_array(np.zeros(1, np.float32), "weights")
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="/etc/hostname")
    model = build([helper.make_node("Add", ["x", "weights"], ["y"])], [x], [y])
    model.graph.initializer.append(weights)
    save("external-data", model)

    node = helper.make_node("Inverse", ["x"], ["y"], domain="com.example")
    save("foreign-operator", build([node], [x], [y], opsets=[*OPSETS, helper.make_opsetid("com.example", 1)]))

    # Twenty conditions, each inside the one before.
    condition = TensorProto.BOOL
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y0"])], "innermost", [], [value("y0", 1, [1])])
    for depth in range(1, 21):
        node = helper.make_node("If", ["c"], [f"y{depth}"], then_branch=graph, else_branch=leaf(depth))
        graph = helper.make_graph([node], f"level{depth}", [], [value(f"y{depth}", 1, [1])])
    graph.input.extend([x, value("c", condition, [])])
    save("deep", helper.make_model(graph, opset_imports=OPSETS, ir_version=IR_VERSION))

    # Outputs that are no tensors and cannot be made one.
    node = helper.make_node("SequenceConstruct", ["x"], ["y"])
    sequence = helper.make_tensor_sequence_value_info("y", TensorProto.FLOAT, [1])
    save("sequence", build([node], [x], [sequence]))

    # Changes letters by the rules of a locale that no machine has.
    words = [value(name, TensorProto.STRING, ["n"]) for name in ("x", "y")]
    node = helper.make_node("StringNormalizer", ["x"], ["y"], case_change_action="LOWER", locale="xx_XX.UTF-8")
    save("locale", build([node], words[:1], words[1:]))

    half = [value(name, TensorProto.FLOAT16, ["n"]) for name in ("x", "y")]
    save("half", build([helper.make_node("Identity", ["x"], ["y"])], half[:1], half[1:]))
    brain = [value(name, TensorProto.BFLOAT16, ["n"]) for name in ("x", "y")]
    save("brain", build([helper.make_node("Identity", ["x"], ["y"])], brain[:1], brain[1:]))


def leaf(depth):
    node = helper.make_node("Identity", ["x"], [f"z{depth}"])
    return helper.make_graph([node], f"leaf{depth}", [], [value(f"z{depth}", TensorProto.FLOAT, [1])])


def value(name, element, shape):
    return helper.make_tensor_value_info(name, element, shape)


def build(nodes, inputs, outputs, weights=None, opsets=OPSETS):
    constants = [numpy_helper.from_array(array, name) for name, array in (weights or {}).items()]
    graph = helper.make_graph(nodes, "graph", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def write(name, model, requests):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    cases = []
    for request in requests:
        answers = session.run(None, request)
        outputs = [tensor(spec.name, answer) for spec, answer in zip(session.get_outputs(), answers)]
        inputs = [tensor(key, array) for key, array in request.items()]
        cases.append({"inputs": inputs, "outputs": outputs, "tolerance": TOLERANCE})
    (folder / "expected.json").write_text(json.dumps(cases, ensure_ascii=False) + "\n")


def tensor(name, content):
    """A tensor in the protocol's JSON form. Maps become a table with a column for each of their names."""
    if isinstance(content, list):
        classes = list(content[0])
        table = np.array([[row[key] for key in classes] for row in content], np.float32)
        return {**tensor(name, table), "classes": [str(key) for key in classes]}
    datatype = "BYTES" if content.dtype.kind in "OU" else DATATYPES[content.dtype.name]
    return {"name": name, "shape": list(content.shape), "datatype": datatype, "data": content.ravel().tolist()}


if __name__ == "__main__":
    main()

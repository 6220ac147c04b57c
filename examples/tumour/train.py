"""Trains the example models of the tumour diagnosis project and writes them as ONNX.

Each model gets a folder beside this script: the model, its measured metrics, its parameters, its
input and output schema and a note for the reviewer. Running it again gives the same models and figures.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime
from onnx.helper import make_opsetid
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, precision_score, recall_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 20
TEST_SHARE = 0.3
# Fixed, so that a newer converter does not silently ask for a newer runtime.
TARGET_OPSET = {"": 18, "ai.onnx.ml": 3}
# ONNX Runtime computes in 32-bit floats, scikit-learn in 64-bit: this much apart is rounding.
TOLERANCE = 1e-4
MALIGNANT = 1

HERE = Path(__file__).parent

# Parameters are listed in full here and nowhere else: they are what params.json says.
MODELS = {
    "logistic-regression": {
        "build": lambda params: make_pipeline(StandardScaler(), LogisticRegression(**params)),
        "params": {"C": 1.0, "max_iter": 1000},
        "about": "Logistic regression on standardised measurements. "
        "Its coefficients can be read one by one, which makes it the easiest to question.",
    },
    "gradient-boosting": {
        "build": lambda params: GradientBoostingClassifier(**params),
        "params": {"n_estimators": 60, "learning_rate": 0.1, "max_depth": 3},
        "about": "Gradient-boosted decision trees on the raw measurements. "
        "Finds interactions that a linear model cannot, at the price of a plain explanation.",
    },
    "random-forest": {
        "build": lambda params: RandomForestClassifier(**params),
        # With 40 trees one held-out row ends at exactly one half, where rounding decides.
        "params": {"n_estimators": 41, "max_depth": 6},
        "about": "A random forest on the raw measurements. "
        "Averages many trees, so single odd measurements move its answer little.",
    },
}


def main():
    data = load_breast_cancer()
    # The data set counts a benign finding as 1. A diagnosis asks for the malignant ones.
    malignant = 1 - data.target
    split = train_test_split(
        data.data.astype(np.float32), malignant, test_size=TEST_SHARE, random_state=SEED, stratify=malignant
    )
    for name, model in MODELS.items():
        metrics = train(HERE / name, name, model, data, *split)
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in metrics.items()))


def train(folder, name, model, data, train_x, test_x, train_y, test_y):
    """Fits one model, writes its folder and returns its metrics on the held-out share."""
    params = model["params"] | {"random_state": SEED}
    estimator = model["build"](params).fit(train_x, train_y)
    onnx_bytes = convert(name, estimator, train_x[:1])
    session = onnxruntime.InferenceSession(onnx_bytes, providers=["CPUExecutionProvider"])
    check_same(name, estimator, session, test_x)

    metrics = measure(session, test_x, test_y)
    folder.mkdir(exist_ok=True)
    (folder / "model.onnx").write_bytes(onnx_bytes)
    write_json(folder / "metrics.json", metrics)
    write_json(folder / "params.json", params)
    write_json(folder / "signature.json", signature(session, data))
    (folder / "notes.md").write_text(notes(name, model["about"], metrics, len(train_y), len(test_y)))
    return metrics


def convert(name, estimator, sample):
    """The ONNX model as bytes; `zipmap` would return a list of dictionaries in place of a tensor."""
    model = to_onnx(estimator, sample, options={"zipmap": False}, target_opset=TARGET_OPSET, name=name)
    # The converter lists these in the order of a set, which changes from run to run.
    opsets = sorted((opset.domain, opset.version) for opset in model.opset_import)
    del model.opset_import[:]
    model.opset_import.extend(make_opsetid(domain, version) for domain, version in opsets)
    return model.SerializeToString(deterministic=True)


def predict(session, rows):
    """Labels and probabilities of the malignant class, as the deployed ONNX model gives them."""
    label, probabilities = session.run(["label", "probabilities"], {session.get_inputs()[0].name: rows})
    return label, probabilities[:, MALIGNANT]


def check_same(name, estimator, session, rows):
    """Ends the run when the converted model does not answer as the trained one does."""
    label, probability = predict(session, rows)
    expected = estimator.predict_proba(rows)[:, MALIGNANT]
    furthest = np.abs(probability - expected).max()
    differing = int((label != estimator.predict(rows)).sum())
    if differing or furthest > TOLERANCE:
        raise SystemExit(
            f"{name}: the ONNX model differs from scikit-learn: "
            f"{differing} labels, probabilities by up to {furthest:.2g}"
        )


def measure(session, test_x, test_y):
    """Metrics of the ONNX model itself, since that is what gets reviewed and deployed."""
    label, probability = predict(session, test_x)
    metrics = {
        "auc": roc_auc_score(test_y, probability),
        "accuracy": accuracy_score(test_y, label),
        "recall": recall_score(test_y, label),
        "precision": precision_score(test_y, label),
    }
    return {key: round(float(value), 4) for key, value in metrics.items()}


def signature(session, data):
    """Input and output schema: -1 is a dimension that the caller chooses (the number of rows)."""

    def tensor(value):
        shape = [size if isinstance(size, int) else -1 for size in value.shape]
        return {"name": value.name, "datatype": value.type, "shape": shape}

    (rows,) = session.get_inputs()
    label, probabilities = session.get_outputs()
    return {
        "inputs": [tensor(rows) | {"columns": [str(column) for column in data.feature_names]}],
        "outputs": [
            tensor(label) | {"meaning": "1 malignant, 0 benign"},
            tensor(probabilities) | {"columns": ["benign", "malignant"]},
        ],
    }


def notes(name, about, metrics, train_rows, test_rows):
    """What a reviewer reads beside the figures: use, data, result and limits."""
    missed = 1 - metrics["recall"]
    return f"""# Tumour diagnosis: {name.replace("-", " ")}

{about}

**Intended use.** Demonstration only; not a medical device.

**Data.** Wisconsin Diagnostic Breast Cancer: {train_rows} rows to train, {test_rows} held out to measure
(stratified, seed {SEED}). No held-out row was seen in training.

**Result on the held-out rows.** AUC {metrics["auc"]:.4f}, accuracy {metrics["accuracy"]:.4f},
recall {metrics["recall"]:.4f}, precision {metrics["precision"]:.4f}. Of the malignant cases {missed:.1%} are missed
at the default threshold of 0.5.

**Known limits.** One hospital, one measuring method, no information on age or origin: fairness cannot be assessed.
"""


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


if __name__ == "__main__":
    main()

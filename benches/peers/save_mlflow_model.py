"""Saves an ONNX file as a model of MLflow: FILE FOLDER."""

import sys

import mlflow.onnx
import onnx

mlflow.onnx.save_model(onnx.load(sys.argv[1]), sys.argv[2])

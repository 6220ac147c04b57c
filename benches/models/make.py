"""Writes the model of the benchmark of large tensors: FILE. It takes rows of 1,024 numbers and gives the mean of each column, which costs
little, so that the figures show what the servers do around it."""

import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

rows = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", 1024])
mean = helper.make_tensor_value_info("mean", TensorProto.FLOAT, [1, 1024])
axes = numpy_helper.from_array(numpy.array([0], dtype=numpy.int64), "axes")
graph = helper.make_graph([helper.make_node("ReduceMean", ["x", "axes"], ["mean"])], "mean", [rows], [mean], [axes])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), sys.argv[1])

"""Runtimes: the graph that a model computes, written as ONNX, and what runs it: torch, ONNX Runtime, OpenVINO."""

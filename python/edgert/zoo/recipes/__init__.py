"""Recipes: each makes a model out of what the zoo fetched. They need numpy and onnx, nothing larger."""

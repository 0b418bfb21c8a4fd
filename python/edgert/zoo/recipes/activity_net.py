"""A small one-dimensional convolutional network in numpy, with its gradients, to train on short windows.

Arrays are (batch, time, channels). A layer's weight is (kernel * channels in, channels out).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]

STRIDE = 2
KERNELS = (9, 5)
_CHANNELS = (16, 32)
_STEPS = 300
_RATE = 0.005
_DECAY = 1e-3


@dataclass
class Network:
    """Two convolutions with ReLU, the mean over time, a dense layer: weights and biases, first to last."""

    weights: list[Array]
    biases: list[Array]
    _inputs: list[Array] = field(default_factory=list)
    _activations: list[Array] = field(default_factory=list)

    @staticmethod
    def random(channels: int, classes: int, generator: np.random.Generator) -> Network:
        """A new one with He's scale."""
        sizes = [(KERNELS[0] * channels, _CHANNELS[0]), (KERNELS[1] * _CHANNELS[0], _CHANNELS[1])]
        sizes.append((_CHANNELS[1], classes))
        weights = [generator.normal(0, np.sqrt(2 / size[0]), size) for size in sizes]
        return Network(weights, [np.zeros(size[1]) for size in sizes])

    def probabilities(self, x: Array) -> Array:
        """(batch, classes), each row summing to 1."""
        self._inputs, self._activations = [], []
        for layer, kernel in enumerate(KERNELS):
            columns = _columns(x, kernel)
            x = np.maximum(columns @ self.weights[layer] + self.biases[layer], 0)
            self._inputs.append(columns)
            self._activations.append(x)
        self._inputs.append(x.mean(axis=1))
        logits = self._inputs[-1] @ self.weights[-1] + self.biases[-1]
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))

    def gradients(self, x: Array, truth: Array) -> list[Array]:
        """Of the mean cross entropy against one-hot rows, in the order of `parameters`."""
        back = (self.probabilities(x) - truth) / len(x)
        weights, biases = [self._inputs[-1].T @ back], [back.sum(axis=0)]
        time = self._activations[-1].shape[1]
        back = np.repeat((back @ self.weights[-1].T)[:, None] / time, time, axis=1)
        for layer in reversed(range(len(KERNELS))):
            back = back * (self._activations[layer] > 0)
            outer = np.tensordot(self._inputs[layer], back, axes=((0, 1), (0, 1)))
            weights.insert(0, np.asarray(outer, np.float64))
            biases.insert(0, back.sum(axis=(0, 1)))
            if layer:
                back = _spread(
                    back @ self.weights[layer].T, KERNELS[layer], self._activations[layer - 1].shape
                )
        return weights + biases

    @property
    def parameters(self) -> list[Array]:
        return self.weights + self.biases


def train(x: Array, truth: Array, seed: int) -> Network:
    """A network fitted by Adam to all of x (batch, time, channels), of zero mean and unit deviation."""
    generator = np.random.default_rng(seed)
    network = Network.random(x.shape[2], truth.shape[1], generator)
    moments = [(np.zeros_like(p), np.zeros_like(p)) for p in network.parameters]
    for step in range(1, _STEPS + 1):
        gradients = network.gradients(_varied(x, generator), truth)
        for parameter, gradient, (mean, square) in zip(network.parameters, gradients, moments, strict=True):
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient**2 - square)
            scaled = (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
            parameter -= _RATE * (scaled + _DECAY * parameter)
    return network


def _varied(x: Array, generator: np.random.Generator) -> Array:
    """The same windows begun at another moment, a little louder or softer, with a little noise."""
    shifts = generator.integers(0, x.shape[1], len(x))
    rolled = np.stack([np.roll(window, shift, axis=0) for window, shift in zip(x, shifts, strict=True)])
    return np.asarray(
        rolled * generator.uniform(0.7, 1.4, (len(x), 1, 1)) + generator.normal(0, 0.05, x.shape)
    )


def _columns(x: Array, kernel: int) -> Array:
    """(batch, steps, kernel * channels): what the kernel sees at each step."""
    windows = sliding_window_view(x, kernel, axis=1)[:, ::STRIDE]
    return np.asarray(windows.transpose(0, 1, 3, 2).reshape(len(x), windows.shape[1], -1))


def _spread(columns: Array, kernel: int, shape: tuple[int, ...]) -> Array:
    """The gradient of the columns added up where each value came from."""
    x = np.zeros(shape)
    steps = columns.shape[1]
    parts = columns.reshape(len(columns), steps, kernel, shape[2])
    for offset in range(kernel):
        x[:, offset : offset + STRIDE * steps : STRIDE] += parts[:, :, offset]
    return x

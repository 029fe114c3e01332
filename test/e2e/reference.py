"""Operators of ONNX in float64, written for plainness: what compiled networks
are compared with. Each takes the operands and the attributes as ONNX names
them; images are NCHW."""

import math

import numpy as np
from onnx import TensorProto


def windows(x, kernel, strides, pads, fill, ceil_mode=0, dilations=(1, 1)):
    """Yields (i, j, the values of x under kernel position i, j)."""
    counts, after = [], []
    for axis in range(2):
        size = x.shape[2 + axis]
        reach = dilations[axis] * (kernel[axis] - 1) + 1
        free = size + pads[axis] + pads[axis + 2] - reach
        count = free // strides[axis] + 1
        if ceil_mode and count * strides[axis] < size + pads[axis] and (
                free % strides[axis]):
            count += 1
        counts.append(count)
        end = (count - 1) * strides[axis] + reach
        after.append(max(end - size - pads[axis], 0))
    padded = np.pad(x, [(0, 0), (0, 0), (pads[0], after[0]), (pads[1], after[1])],
                    constant_values=fill)
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            y, x0 = i * dilations[0], j * dilations[1]
            yield i, j, padded[:, :, y:y + (counts[0] - 1) * strides[0] + 1:strides[0],
                               x0:x0 + (counts[1] - 1) * strides[1] + 1:strides[1]]


def conv(x, w, b=None, *, kernel_shape, strides=(1, 1), pads=(0, 0, 0, 0), group=1,
         dilations=(1, 1)):
    filters, channels = w.shape[:2]
    w = w.reshape(group, filters // group, channels, *kernel_shape)
    result = 0
    for i, j, part in windows(x, kernel_shape, strides, pads, 0.0,
                              dilations=dilations):
        n, _, height, width = part.shape
        part = part.reshape(n, group, channels, height, width)
        result = result + np.einsum("ngchw,gmc->ngmhw", part, w[..., i, j])
    result = result.reshape(result.shape[0], filters, *result.shape[3:])
    return result if b is None else result + b.reshape(1, -1, 1, 1)


def max_pool(x, *, kernel_shape, strides=(1, 1), pads=(0, 0, 0, 0), ceil_mode=0):
    parts = windows(x, kernel_shape, strides, pads, -np.inf, ceil_mode)
    return np.max([part for _, _, part in parts], axis=0)


def average_pool(x, *, kernel_shape, strides=(1, 1), pads=(0, 0, 0, 0),
                 count_include_pad=0):
    total = sum(part for _, _, part in windows(x, kernel_shape, strides, pads, 0.0))
    if count_include_pad:
        return total / (kernel_shape[0] * kernel_shape[1])
    ones = np.ones_like(x)
    return total / sum(p for _, _, p in windows(ones, kernel_shape, strides, pads, 0.0))


def batch_normalization(x, scale, bias, mean, variance, *, epsilon=1e-5):
    column = (1, -1, 1, 1)
    return ((x - mean.reshape(column)) / np.sqrt(variance.reshape(column) + epsilon) *
            scale.reshape(column) + bias.reshape(column))


def lrn(x, *, size, alpha, beta, bias):
    result = np.empty_like(x)
    for c in range(x.shape[1]):
        near = x[:, max(0, c - (size - 1) // 2):c + size // 2 + 1]
        result[:, c] = x[:, c] / (bias + alpha / size * (near**2).sum(axis=1))**beta
    return result


def gemm(a, b, c, *, transB=0):
    return a @ (b.T if transB else b) + c


def softmax(x, *, axis=-1):
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def reduce_mean(x, *, axes, keepdims=1):
    return x.mean(axis=tuple(axes), keepdims=bool(keepdims))


def layer_normalization(x, scale, bias, *, axis=-1, epsilon=1e-5):
    mean, variance = x.mean(axis, keepdims=True), x.var(axis, keepdims=True)
    return (x - mean) / np.sqrt(variance + epsilon) * scale + bias


def hard_sigmoid(x, *, alpha=0.2, beta=0.5):
    return np.clip(alpha * x + beta, 0, 1)


def unsqueeze(x, axes):
    return np.expand_dims(x, tuple(axes))


def non_max_suppression(boxes, scores, most, overlap, least):
    """Rows of image, class and box: the best boxes that overlap no better one."""
    def shared(a, b):
        sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
        both = sides.clip(0).prod()
        return both / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - both)

    selected = []
    for image, label in np.ndindex(scores.shape[:2]):
        kept = []
        for box in np.argsort(-scores[image, label], kind="stable"):
            if len(kept) < most[0] and scores[image, label, box] > least[0] and all(
                    shared(boxes[image, box], boxes[image, other]) <= overlap[0]
                    for other in kept):
                kept.append(box)
        selected += [[image, label, box] for box in kept]
    return np.array(selected, dtype=np.int64).reshape(-1, 3)


def slice_(x, starts, ends, axes):
    places = [slice(None)] * x.ndim
    for start, end, axis in zip(starts, ends, axes):
        places[axis] = slice(start, end)
    return x[tuple(places)]


def cast(x, *, to):
    return x.astype(bool if to == TensorProto.BOOL else np.float64)


REFERENCE = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide,
    "Pow": np.power, "Sqrt": np.sqrt, "MatMul": np.matmul,
    "Relu": lambda x: np.maximum(x, 0),
    "Clip": lambda x, low, high: np.clip(x, low, high),
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Erf": np.vectorize(math.erf, otypes=[np.float64]),
    "HardSigmoid": hard_sigmoid,
    "HardSwish": lambda x: x * hard_sigmoid(x, alpha=1 / 6, beta=0.5),
    "Softmax": softmax,
    "Conv": conv, "MaxPool": max_pool, "AveragePool": average_pool,
    "GlobalAveragePool": lambda x: x.mean(axis=(2, 3), keepdims=True),
    "BatchNormalization": batch_normalization, "LRN": lrn,
    "LayerNormalization": layer_normalization,
    "Gemm": gemm, "ReduceMean": reduce_mean,
    "Concat": lambda *parts, axis: np.concatenate(parts, axis=axis),
    "Flatten": lambda x: x.reshape(x.shape[0], -1),
    "Reshape": lambda x, shape: x.reshape(tuple(shape)),
    "Transpose": lambda x, *, perm: x.transpose(perm),
    "Gather": lambda x, indices, *, axis=0: np.take(x, indices, axis=axis),
    "Unsqueeze": unsqueeze,
    "Cast": cast, "Where": np.where, "And": np.logical_and,
    "LessOrEqual": np.less_equal, "Neg": np.negative, "Reciprocal": np.reciprocal,
    "Cos": np.cos, "Sin": np.sin, "Slice": slice_,
    "Expand": lambda x, shape: np.broadcast_to(x, tuple(shape)),
    "Exp": np.exp, "NonMaxSuppression": non_max_suppression,
}

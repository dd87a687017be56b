"""Features of generated pictures by Python's onnxruntime, for comparison with the application's own.

  python3 tests/reference/onnx_features.py MODELS > src-main/core/backbones/testing/reference-features.json

MODELS is the folder of mobilenetv2-imagenet.onnx and squeezenet-fp16-bgr.onnx. Needs onnxruntime, onnx and numpy.
The pictures have the networks' size, so that no resampling comes between; preprocessing, the exposing of an inner tensor
and the pooling are written here once more, independently.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

SIZE = 224


def picture(which):
    """Height x width x RGB, whole numbers only: the same in every language (drawnPicture in real-models.spec.ts)."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    planes = [
        (x * (which + 1) + y * 2 + (x * y) // 64) % 256,
        (x * x // 128 + y * (which + 2)) % 256,
        ((x // 28 + y // 28) % 2) * 180 + (x + y + which * 31) % 64,
    ]
    return np.stack(planes, axis=-1).astype(np.uint8)


def mobilenet(models, pixels):
    """RGB in [-1, 1]; the output is the features."""
    session = onnxruntime.InferenceSession(str(models / "mobilenetv2-imagenet.onnx"))
    values = pixels.astype(np.float32) / 127.5 - 1
    return session.run(["features"], {"input": values.transpose(2, 0, 1)[None]})[0][0]


def squeezenet(models, pixels):
    """BGR less Caffe's mean, half precision; the last map before the classifier, averaged."""
    model = onnx.load(str(models / "squeezenet-fp16-bgr.onnx"))
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info("fire9/concat_1"))
    session = onnxruntime.InferenceSession(model.SerializeToString())
    values = pixels[:, :, ::-1].astype(np.float32) - np.array([104, 117, 123], np.float32)
    feeds = {"data_0": values.transpose(2, 0, 1)[None].astype(np.float16)}
    return session.run(["fire9/concat_1"], feeds)[0][0].astype(np.float64).mean(axis=(1, 2))


def summary(features, every):
    """A part of the numbers, and two that depend on all of them."""
    features = features.astype(np.float64)
    return {
        "dimension": len(features),
        "largest": float(np.abs(features).max()),
        "norm": float(np.sqrt((features**2).sum())),
        "every": every,
        "values": [float(f"{value:.6g}") for value in features[::every]],
    }


def main():
    models = Path(sys.argv[1])
    result = {
        "mobilenetv2-imagenet": [summary(mobilenet(models, picture(which)), 32) for which in range(3)],
        "squeezenet-fp16-bgr": [summary(squeezenet(models, picture(which)), 16) for which in range(3)],
    }
    json.dump(result, sys.stdout, indent=1)
    print()


main()

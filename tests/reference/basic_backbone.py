"""What TensorFlow Lite makes of the network inside @mediapipe/objectron, for a picture drawn here.

    python3 -m pip install ai-edge-litert numpy        (and onnx, onnxruntime with --onnx)
    python3 tests/reference/basic_backbone.py > src-main/core/backbones/basic/reference.json
    python3 tests/reference/basic_backbone.py --onnx model.onnx

The first form writes, for some feature maps and two input sizes, the number of channels, the sum of their means over the
picture and the first eight of those means. The second compares every inner tensor that the converted network (size 224) has in
common with TensorFlow Lite's, value by value, and fails where one is off by more than 1e-3.
"""

import argparse
import json
import pathlib

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

PACKAGE = pathlib.Path(__file__).parents[2] / "node_modules/@mediapipe/objectron"
PREFIX = "FeatureExtractor/MobilenetV2/"
MAPS = [
    "Conv/Relu6",
    "expanded_conv/depthwise/Relu6",
    "expanded_conv_3/depthwise/Relu6",
    "expanded_conv_6/expand/Relu6",
    "expanded_conv_13/depthwise/Relu6",
    "expanded_conv_15/depthwise/Relu6",
    "expanded_conv_16/depthwise/Relu6",
    "Conv_1/Relu6",
]


def picture(size):
    """Two slopes and, in blue, a disc on a pattern: whole numbers alone, so that every language draws the same."""
    y, x = np.mgrid[0:size, 0:size]
    disc = (x - size // 2) ** 2 + (y - size // 3) ** 2 < (size // 4) ** 2
    blue = np.where(disc, 255, (x ^ y) & 255)
    pixels = np.stack([x * 255 // size, y * 255 // size, blue], axis=-1)
    return (pixels.astype(np.float32) / np.float32(127.5) - 1)[None]


def tensors(size):
    data = (PACKAGE / "objectron_solution_packed_assets.data").read_bytes()
    model = data[data.index(b"TFL3") - 4 :]
    # The detector's last reshape is to a number of boxes that only 300 pixels give: any number may come out of it.
    boxes, any_boxes = (np.array([12, 1, count, 4], "<i4").tobytes() for count in (1917, -1))
    assert model.count(boxes) == 1
    model = model.replace(boxes, any_boxes)
    interpreter = Interpreter(
        model_content=model,
        experimental_preserve_all_tensors=True,
        # Without the delegate, which fuses operators and leaves no inner tensors.
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    at = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(at, [1, size, size, 3])
    interpreter.allocate_tensors()
    interpreter.set_tensor(at, picture(size))
    interpreter.invoke()
    found = {}
    for detail in interpreter.get_tensor_details():
        if len(detail["shape"]) == 4 and detail["dtype"] == np.float32:
            try:
                value = interpreter.get_tensor(detail["index"])
            except ValueError:
                continue
            found.setdefault(detail["name"].split(";")[0], value)
    return found


def reference():
    sizes = {}
    for size in (300, 224):
        found = tensors(size)
        sizes[size] = {
            PREFIX + name: {
                "channels": len(means),
                "sum": float(means.sum()),
                "means": [round(float(mean), 7) for mean in means[:8]],
            }
            for name in MAPS
            for means in [found[PREFIX + name].astype(np.float64).mean(axis=(0, 1, 2))]
        }
    print(json.dumps(sizes, indent=1))


def compare(path):
    import onnx
    import onnxruntime

    model = onnx.load(path)
    found = tensors(224)
    names = [out for node in model.graph.node for out in node.output if out in found]
    for name in names:
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    values = session.run(names, {session.get_inputs()[0].name: picture(224).transpose(0, 3, 1, 2)})
    worst = 0.0
    for name, value in zip(names, values):
        difference = float(np.abs(value - found[name].transpose(0, 3, 1, 2)).max())
        worst = max(worst, difference)
        print(f"{difference:.2e}  {name}  {value.shape}")
    print(f"{len(names)} tensors, largest difference {worst:.2e}")
    assert names and worst < 1e-3


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--onnx")
    arguments = parser.parse_args()
    compare(arguments.onnx) if arguments.onnx else reference()

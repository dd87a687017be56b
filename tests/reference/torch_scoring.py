"""Times IPN's scoring of many images (METHOD.md section 2, step 7) in PyTorch on the processor, as tests/benchmarks/scoring.ts does.

    python3 tests/reference/torch_scoring.py --form factorised --images 37322

Prints one line of JSON. `factorised` multiplies each side once and forms the pairs a tile of images at a time; `expanded`
multiplies features and prototypes expanded to all pairs, as the authors' code does: give it a sample of the images.
"""
import argparse
import json
import time

import torch
from torch.nn.functional import linear

C, D, H = 50, 2048, 2048


def factorised(x, z, p):
    seen, projected = x @ p["image"], z @ p["prototype"] + p["bias"]
    return torch.relu(seen[:, None] + projected) @ p["out"] + p["out_bias"]


def expanded(x, z, p):
    b, c = len(x), len(z)
    pairs_x = x.view(b, 1, -1).expand(b, c, x.shape[1])
    pairs_z = z.view(1, c, -1).expand(b, c, z.shape[1])
    hidden = torch.matmul(pairs_x, p["image"]) + torch.matmul(pairs_z, p["prototype"])
    return linear(torch.relu(hidden + p["bias"]), p["out"][None], p["out_bias"]).view(b, c)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--form", choices=["factorised", "expanded"], default="factorised")
    parser.add_argument("--images", type=int, default=37322)
    parser.add_argument("--tile", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    score = {"factorised": factorised, "expanded": expanded}[options.form]
    p = {"image": torch.randn(D, H) / 45, "prototype": torch.randn(2 * H, H) / 64, "bias": torch.randn(H), "out": torch.randn(H) / 45, "out_bias": torch.randn(1)}
    x, z = torch.rand(options.images, D), torch.randn(C, 2 * H)
    scores = torch.empty(options.images, C)
    with torch.inference_mode():
        score(x[: options.tile], z, p)
        start = time.perf_counter()
        for at in range(0, options.images, options.tile):
            scores[at : at + options.tile] = score(x[at : at + options.tile], z, p)
        seconds = time.perf_counter() - start
    print(json.dumps({"form": options.form, "images": options.images, "tile": options.tile, "seconds": seconds, "torch": torch.__version__}))


main()

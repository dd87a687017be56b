"""Times one training step of IPN (METHOD.md sections 2 and 3) in PyTorch on the processor, as `unseen bench step` does.

    python3 tests/reference/torch_step.py --size quick --form factorised
    python3 tests/reference/torch_step.py --golden FILE…

Prints one line of JSON. `expanded` forms the relation score as the authors' code does, from features and prototypes
expanded to B×C×D and B×C×2H; `factorised` multiplies each side once. `--golden` checks this file itself against golden
values, in float64.
"""
import argparse
import json
import math
import statistics
import time

import torch
from torch.nn.functional import cross_entropy, linear

SIZES = {
    "quick": dict(C=30, B=60, K=312, D=1000, H=256, G=256),
    "paper": dict(C=30, B=30, K=85, D=2048, H=2048, G=256),
}
STEP = dict(
    propagationSteps=2, edgeRule="threshold", edgeDegrees=40, edgeNeighbours=5, attentionSharpness=10, logitTemperature=1,
    consistency="last", consistencyWeight=1, sharedAttention=False, prototypes="both",
)


def cosine(p, projection):
    q = p @ projection
    q = q / q.norm(dim=1, keepdim=True)
    return q @ q.T


def attention(cos, config):
    fixed = cos.detach()
    if config["edgeRule"] == "threshold":
        edges = fixed > math.cos(math.radians(config["edgeDegrees"]))
    else:
        neighbours = min(config["edgeNeighbours"] + 1, len(cos))
        edges = fixed >= fixed.topk(neighbours, dim=1).values[:, -1:] - 1e-5
    edges = edges | torch.eye(len(cos), dtype=torch.bool)
    return torch.where(edges, config["attentionSharpness"] * cos, -9e15).softmax(1)


def divergence(left, right):
    left, right = left + 1e-7, right + 1e-7
    return (left * (left.log() - right.log())).sum() / len(left)


def prototypes(p, config, inputs):
    """Final prototypes z and the consistency loss."""
    s = sum(
        torch.relu((inputs["attributes"] - centre).nan_to_num(0) @ p[f"semantic.{k}.weight"] + p[f"semantic.{k}.bias"])
        for k, centre in enumerate(inputs["centres"])
    )
    v = inputs["support"] @ p["visual.weight"] + p["visual.bias"]
    visual_projection = p["attention.semantic" if config["sharedAttention"] else "attention.visual"]
    steps = []
    for _ in range(max(1, config["propagationSteps"])):
        cos_s, cos_v = cosine(s, p["attention.semantic"]), cosine(v, visual_projection)
        a_s, a_v = attention(cos_s, config), attention(cos_v, config)
        steps.append((cos_s, cos_v, a_s, a_v))
        if config["propagationSteps"] > 0:
            s, v = a_s @ s, a_v @ v
    cos_s, cos_v, a_s, a_v = steps[-1]
    rule = config["consistency"]
    if rule == "mse":
        consistency = ((cos_v - cos_s) ** 2).mean()
    elif rule == "every":
        consistency = torch.stack([divergence(av, as_) for _, _, as_, av in steps]).mean()
    else:
        consistency = divergence(a_s, a_v) if rule == "reversed" else divergence(a_v, a_s)
    z = {"both": torch.cat([s, v], 1), "semantic": s, "visual": v}[config["prototypes"]]
    return z, consistency


def factorised(p, images, z):
    hidden = (images @ p["relation.image"])[:, None] + (z @ p["relation.prototype"] + p["relation.bias"])
    return torch.relu(hidden) @ p["relation.out.weight"][:, 0] + p["relation.out.bias"]


def expanded(p, images, z):
    """The authors' form: both sides are expanded to all pairs of an image and a class before they are multiplied."""
    b, c = len(images), len(z)
    pairs_x = images.view(b, 1, -1).expand(b, c, images.shape[1])
    pairs_z = z.view(1, c, -1).expand(b, c, z.shape[1])
    hidden = torch.matmul(pairs_x, p["relation.image"]) + torch.matmul(pairs_z, p["relation.prototype"])
    hidden = torch.relu(hidden + p["relation.bias"])
    return linear(hidden, p["relation.out.weight"].T, p["relation.out.bias"]).view(b, c)


def loss(p, config, inputs, relation):
    z, consistency = prototypes(p, config, inputs)
    scores = relation(p, inputs["query"], z)
    weight = 0 if config["consistency"] == "none" else config["consistencyWeight"]
    return cross_entropy(scores / config["logitTemperature"], inputs["target"]) + weight * consistency


def shapes(K, D, H, G):
    return {
        **{f"semantic.{k}.weight": (K, H) for k in range(3)}, **{f"semantic.{k}.bias": (H,) for k in range(3)},
        "visual.weight": (D, H), "visual.bias": (H,), "attention.semantic": (H, G), "attention.visual": (H, G),
        "relation.image": (D, H), "relation.prototype": (2 * H, H), "relation.bias": (H,),
        "relation.out.weight": (H, 1), "relation.out.bias": (1,),
    }


def bench(size, relation, warm_up, steps, compiled):
    step_loss = torch.compile(loss) if compiled else loss
    C, B, K, D, H, G = SIZES[size].values()
    p = {name: (torch.rand(shape) * 2 - 1).div(math.sqrt(shape[0])).requires_grad_() for name, shape in shapes(K, D, H, G).items()}
    adam = torch.optim.Adam(p.values(), lr=5e-4, weight_decay=1e-4, fused=True)
    milliseconds = []
    for step in range(warm_up + steps):
        inputs = dict(
            centres=torch.randn(3, K), attributes=torch.randn(C, K), support=torch.randn(C, D), query=torch.randn(B, D),
            target=torch.arange(B) % C,
        )
        start = time.perf_counter()
        adam.zero_grad(set_to_none=True)
        step_loss(p, STEP, inputs, relation).backward()
        adam.step()
        if step >= warm_up:
            milliseconds.append(1000 * (time.perf_counter() - start))
    return {
        "size": {"name": size, **SIZES[size]}, "form": relation.__name__, "compiled": compiled,
        "msPerStep": {"median": statistics.median(milliseconds), "min": min(milliseconds), "max": max(milliseconds)},
        "parameters": sum(x.numel() for x in p.values()), "torch": torch.__version__, "threads": torch.get_num_threads(),
    }


def check(file, relation):
    """Largest error of loss, gradients and three Adam steps, measured as METHOD.md section 10 says."""
    torch.set_default_dtype(torch.float64)
    with open(file) as opened:
        golden = json.load(opened)
    config, given, after = golden["config"], golden["inputs"], golden["afterThreeAdamSteps"]

    def tensor(values):
        if isinstance(values[0], list):
            return torch.tensor([[math.nan if x is None else x for x in row] for row in values])
        return torch.tensor(values)

    def error(found, reference, floor):
        return ((found - reference).abs().max() / max(reference.abs().max().item(), floor)).item()

    def largest(named):
        return max(tensor(values).abs().max().item() for values in named.values())

    inputs = {name: tensor(given[name]) for name in ("centres", "attributes", "support", "query", "target")}
    inputs["target"] = inputs["target"].long()
    p = {name: tensor(values).double().requires_grad_() for name, values in golden["parameters"].items()}
    adam = torch.optim.Adam(
        p.values(), lr=config["learningRate"], betas=(config["adamBeta1"], config["adamBeta2"]), eps=config["adamEpsilon"],
        weight_decay=config["weightDecay"],
    )
    losses = []
    for step in range(3):
        adam.zero_grad(set_to_none=False)
        total = loss(p, config, inputs, relation)
        total.backward()
        for x in p.values():
            # A parameter that the loss does not reach is penalised too.
            x.grad = torch.zeros_like(x) if x.grad is None else x.grad
        losses.append(total.item())
        if step == 0:
            floor = 0.01 * largest(golden["gradients"])
            gradients = max(error(p[name].grad, tensor(values), floor) for name, values in golden["gradients"].items())
        adam.step()
    floor = 0.01 * largest(after["parameters"])
    parameters = max(error(p[name].detach(), tensor(values), floor) for name, values in after["parameters"].items())
    return {
        "loss": abs(losses[0] - golden["forward"]["loss"]) / max(abs(golden["forward"]["loss"]), 1e-6),
        "gradients": gradients,
        "adam": max(parameters, error(torch.tensor(losses), tensor(after["lossesBeforeEachStep"]), floor)),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="quick")
    parser.add_argument("--form", choices=["factorised", "expanded"], default="factorised")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--warm-up", type=int, default=10)
    parser.add_argument("--compile", action="store_true", help="torch.compile the loss (needs a C++ compiler)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--golden", nargs="+", metavar="FILE", help="check against golden files instead of timing")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    relation = {"factorised": factorised, "expanded": expanded}[options.form]
    if options.golden:
        errors = {file: check(file, relation) for file in options.golden}
        print(json.dumps(errors))
        raise SystemExit(any(error > 1e-9 for one in errors.values() for error in one.values()))
    print(json.dumps(bench(options.size, relation, options.warm_up, options.steps, options.compile)))


main()

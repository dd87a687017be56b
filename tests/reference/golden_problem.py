"""Writes a golden problem (METHOD.md section 10) and its answers, in float64 by PyTorch's autograd.

    python3 tests/reference/golden_problem.py > src-main/core/devices/probe-problem.json

The application solves this small problem on a device before it trusts it.
"""
import json
import math
import sys

import torch

torch.set_default_dtype(torch.float64)
SEED = 7
config = dict(
    seed=SEED, attributes=6, features=8, hidden=8, attentionWidth=5, classes=6, unseenClasses=2, queries=12, images=16,
    propagationSteps=2, edgeRule="knn", edgeDegrees=40, edgeNeighbours=2, attentionSharpness=10, logitTemperature=1,
    consistency="every", consistencyWeight=3, sharedAttention=False, prototypes="both",
    learningRate=0.01, adamBeta1=0.9, adamBeta2=0.999, adamEpsilon=1e-3, weightDecay=1e-4,
)
generator = torch.Generator().manual_seed(SEED)


def normal(*shape):
    return torch.randn(*shape, generator=generator)


def cosine(p, projection):
    q = p @ projection
    q = q / q.norm(dim=1, keepdim=True)
    return q @ q.T


def attention(cos):
    c, k = cos.shape[0], config["edgeNeighbours"] + 1
    fixed = cos.detach()
    if config["edgeRule"] == "threshold":
        mask = fixed > math.cos(math.radians(config["edgeDegrees"]))
    else:
        mask = fixed >= fixed.topk(min(k, c), dim=1).values[:, -1:] - 1e-5
    mask = mask | torch.eye(c, dtype=torch.bool)
    scaled = torch.where(mask, config["attentionSharpness"] * cos, torch.tensor(-9e15))
    return scaled.softmax(1), (mask.sum(1) - 1).double().mean()


def semantic0(p, attributes, centres):
    total = 0
    for k in range(3):
        difference = (attributes - centres[k]).nan_to_num(0)
        total = total + torch.relu(difference @ p[f"semantic.{k}.weight"] + p[f"semantic.{k}.bias"])
    return total


def kl(v, s):
    a, b = v + 1e-7, s + 1e-7
    return (a * (a.log() - b.log())).sum() / len(v)


def forward(p, attributes, centres, means):
    s, v = semantic0(p, attributes, centres), means @ p["visual.weight"] + p["visual.bias"]
    first, steps = (s, v), []
    for _ in range(config["propagationSteps"]):
        cs, cv = cosine(s, p["attention.semantic"]), cosine(v, p["attention.visual"])
        (a_s, d_s), (a_v, d_v) = attention(cs), attention(cv)
        s, v = a_s @ s, a_v @ v
        steps.append(dict(
            semanticCosine=cs, semanticAttention=a_s, visualCosine=cv, visualAttention=a_v, semantic=s, visual=v,
            consistency=kl(a_v, a_s), semanticMeanDegree=d_s, visualMeanDegree=d_v))
    return first, steps, torch.cat([s, v], 1)


def scores(p, images, z):
    pairs = (images @ p["relation.image"])[:, None] + (z @ p["relation.prototype"] + p["relation.bias"])[None]
    return (torch.relu(pairs) @ p["relation.out.weight"])[..., 0] + p["relation.out.bias"]


def loss(p, inputs):
    first, steps, z = forward(p, inputs["attributes"], inputs["centres"], inputs["support"])
    logits = scores(p, inputs["query"], z)
    ce = torch.nn.functional.cross_entropy(logits / config["logitTemperature"], inputs["target"])
    consistency = torch.stack([s["consistency"] for s in steps]).mean()
    return first, steps, z, logits, ce, consistency, ce + config["consistencyWeight"] * consistency


def parameters():
    K, D, H, G = (config[k] for k in ("attributes", "features", "hidden", "attentionWidth"))
    shapes = {f"semantic.{k}.weight": (K, H) for k in range(3)} | {f"semantic.{k}.bias": (H,) for k in range(3)}
    shapes |= {"visual.weight": (D, H), "visual.bias": (H,), "attention.semantic": (H, G), "attention.visual": (H, G),
               "relation.image": (D, H), "relation.prototype": (2 * H, H), "relation.bias": (H,),
               "relation.out.weight": (H, 1), "relation.out.bias": (1,)}
    return {name: normal(*shape) / math.sqrt(shape[0]) for name, shape in shapes.items()}


def per_class(predicted, labels, classes):
    return 100 * torch.stack([(predicted[labels == c] == c).double().mean() for c in classes]).mean().item()


def evaluate(given, p, centres):
    seen, unseen = given["seen"], given["unseen"]
    s = semantic0(p, given["attributes"], centres) @ p["attention.semantic"]
    s = s / s.norm(dim=1, keepdim=True)
    anchors = (s[unseen] @ s[seen].T).argmax(1)
    means = torch.zeros(len(given["attributes"]), config["features"])
    means[seen] = given["classMeans"]
    means[unseen] = given["classMeans"][anchors]
    everything = scores(p, given["images"], forward(p, given["attributes"], centres, means)[2])
    alone = scores(p, given["images"], forward(p, given["attributes"][unseen], centres, means[unseen])[2])
    labels = given["labels"]
    is_unseen = torch.isin(labels, unseen)

    def at(gamma):
        shifted = everything.clone()
        shifted[:, seen] -= gamma
        predicted = shifted.argmax(1)
        u = per_class(predicted[is_unseen], labels[is_unseen], unseen)
        v = per_class(predicted[~is_unseen], labels[~is_unseen], seen)
        return dict(gamma=gamma, U=u, S=v, H=2 * u * v / (u + v) if u + v else 0)

    changes = (everything[:, seen].max(1).values - everything[:, unseen].max(1).values).unique().tolist()
    middles = [changes[0] - 1, *((a + b) / 2 for a, b in zip(changes, changes[1:])), changes[-1] + 1]
    curve = [at(gamma) for gamma in middles]
    area = sum((b["U"] - a["U"]) * (a["S"] + b["S"]) / 2 for a, b in zip(curve, curve[1:])) / 1e4
    t1 = per_class(unseen[alone.argmax(1)][is_unseen], labels[is_unseen], unseen)
    return dict(parameters=p, anchors=seen[anchors], scores=everything, scoresUnseenOnly=alone, T1=t1, plain=at(0.0),
                calibrated=[at(0.3), at(-0.3), at(1.0)], ausuc=area)


def plain(value):
    if isinstance(value, torch.Tensor):
        value = value.detach().tolist()
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value


C, U, B = config["classes"], config["unseenClasses"], config["queries"]
attributes = normal(C + U, config["attributes"])
attributes[1, 2] = math.nan
centres = torch.stack([attributes[:C].nan_to_num(0)[i::3].mean(0) for i in range(3)])
inputs = dict(centres=centres, attributes=attributes[:C], support=normal(C, config["features"]),
              query=normal(B, config["features"]), target=torch.arange(B) % C)
inputs["evaluation"] = dict(attributes=attributes, classMeans=normal(C, config["features"]), seen=torch.arange(C),
                            unseen=torch.arange(C, C + U), images=normal(config["images"], config["features"]),
                            labels=torch.arange(config["images"]) % (C + U))
start = parameters()
p = {name: value.clone().requires_grad_() for name, value in start.items()}
first, steps, z, logits, ce, consistency, total = loss(p, inputs)
names = list(p)
gradients = dict(zip(names, torch.autograd.grad(total, [p[n] for n in names])))
optimiser = torch.optim.Adam(p.values(), lr=config["learningRate"], betas=(config["adamBeta1"], config["adamBeta2"]),
                             eps=config["adamEpsilon"], weight_decay=config["weightDecay"])
losses = []
for _ in range(3):
    optimiser.zero_grad()
    now = loss(p, inputs)[-1]
    losses.append(now.item())
    now.backward()
    optimiser.step()
problem = dict(
    config=config, inputs=inputs, parameters=start,
    forward=dict(semantic0=first[0], visual0=first[1], steps=steps, prototypes=z, logits=logits, crossEntropy=ce,
                 consistency=consistency, loss=total),
    gradients=gradients, afterThreeAdamSteps=dict(lossesBeforeEachStep=losses, parameters=p),
    evaluation=evaluate(inputs["evaluation"], parameters(), centres))
json.dump(plain(problem), sys.stdout)

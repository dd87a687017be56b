"""What networkx makes of exported graphs: `read_graph.py FILE…` (.graphml, .cyjs), one JSON object a line.

Needs `python3 -m pip install networkx`.
"""

import json
import sys

import networkx


def read(path):
    if path.endswith(".graphml"):
        return networkx.read_graphml(path, force_multigraph=True)
    with open(path, encoding="utf-8") as file:
        network = json.load(file)
    # networkx names a node by its "value" and parallel edges by their "key", which Cytoscape does not write.
    for node in network["elements"]["nodes"]:
        node["data"]["value"] = node["data"]["id"]
    for edge in network["elements"]["edges"]:
        edge["data"]["key"] = edge["data"]["id"]
    return networkx.cytoscape_graph({"directed": True, "multigraph": True, **network})


for path in sys.argv[1:]:
    graph = read(path)
    nodes = [data for _, data in sorted(graph.nodes(data=True), key=lambda node: int(node[0][1:]))]
    edges = [(source, target, data) for source, target, data in graph.edges(data=True)]
    print(
        json.dumps(
            {
                "directed": graph.is_directed(),
                "names": [node["name"] for node in nodes],
                "roles": [node["role"] for node in nodes],
                "edges": len(edges),
                "spaces": sorted({edge["space"] for _, _, edge in edges}),
                "attention": sum(edge["attention"] for _, _, edge in edges),
            }
        )
    )

"""Writes inputs with the results of the pipelines, for the tests of the package."""

import json


def write(path, toy, results):
    """Replaces the examples of one toy in the file: for each input the results in float32."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    written[toy.name] = [toy.fixture(input, result) for input, result in results]
    toys = []
    for name, rows in sorted(written.items()):
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        toys.append(f"{json.dumps(name)}: [\n{lines}\n]")
    path.write_text("{\n" + ",\n".join(toys) + "\n}\n", encoding="utf-8")

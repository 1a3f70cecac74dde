#!/usr/bin/env python3
"""Whether the files of deploy/ are what Kubernetes and Compose take: each is held against its schema, without a cluster.

    pip install kubernetes-validate compose-spec
    python scripts/check-deploy.py [--json] [FILE...]

Names what is wrong, one line each, and ends with status 1 if there is something. --json prints the documents too, for the tests.
"""
import argparse
import json
import re
import sys
from pathlib import Path

import kubernetes_validate
import yaml
from compose_spec import PyCompose

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
# The oldest that the manifests are for, and the newest that the package knows.
VERSIONS = ("1.30", kubernetes_validate.latest_version())
# Of programs other than Kubernetes itself, which bring their own schemas.
WITHOUT_SCHEMA = ("Kustomization", "Component", "ScaledObject")


def check_kubernetes(document):
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{'.'.join(map(str, error.path))}: {error.message} (Kubernetes {version})"
        except kubernetes_validate.SchemaNotFoundError as error:
            yield error.message


def check_compose(document):
    try:
        PyCompose.from_yaml(yaml.safe_dump(document)).validate()
    except ValueError as error:
        yield str(error)


def interpolated(text):
    """As Compose does it: ${NAME:-default}, and a value that nobody knows for ${NAME:?...}."""
    return re.sub(r"\$\{\w+:([-?])([^}]*)\}", lambda found: found[2] if found[1] == "-" else "given", text)


def read(file):
    """The documents of a file, each with its check."""
    text = file.read_text(encoding="utf-8")
    if file.name.startswith("compose"):
        yield yaml.safe_load(interpolated(text)), check_compose
        return
    for document in filter(None, yaml.safe_load_all(text)):
        has_schema = "kind" in document and document["kind"] not in WITHOUT_SCHEMA
        yield document, check_kubernetes if has_schema else lambda _: ()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("files", nargs="*", type=Path, default=sorted(DEPLOY.rglob("*.yaml")))
    options = parser.parse_args()
    documents, problems = [], []
    for file in options.files:
        for document, check in read(file):
            name = str(file.relative_to(DEPLOY)) if file.is_relative_to(DEPLOY) else file.name
            documents.append({"file": name, "document": document})
            problems += [f"{name}: {problem}" for problem in check(document)]
    if options.json:
        print(json.dumps({"documents": documents, "problems": problems}))
    else:
        for problem in problems:
            print(problem)
    sys.exit(1 if problems else 0)


main()

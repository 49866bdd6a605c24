"""A Dataset of rdflib, as the README of the release says."""

import rdflib
import store_job


def load(case):
    dataset = rdflib.Dataset(default_union=True)
    for path in case["files"]:
        dataset.parse(path, format="nquads")

    def ask(question):
        result = dataset.query(question["text"])
        if result.type == "CONSTRUCT":
            return set(result.graph)
        return [store_job.pick(question, {str(name): cell for name, cell in row.asdict().items()}) for row in result]

    return ask


store_job.run(rdflib.__version__, load)

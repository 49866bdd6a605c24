"""A store of pyoxigraph in memory, as the README of the release says."""

import pyoxigraph as ox
import store_job


def load(case):
    store = ox.Store()
    for path in case["files"]:
        store.bulk_load(path=path, format=ox.RdfFormat.N_QUADS)

    def ask(question):
        result = store.query(question["text"], use_default_graph_as_union=True)
        if isinstance(result, ox.QueryTriples):
            return {(t.subject.value, t.predicate.value, t.object.value) for t in result}
        names = [variable.value for variable in result.variables]
        rows = (dict(zip(names, (cell and cell.value for cell in row), strict=True)) for row in result)
        return [store_job.pick(question, row) for row in rows]

    return ask


store_job.run(ox.__version__, load)

"""Jena TDB2, loaded by its own command, and asked with the setting that the README of the release names."""

import json
import tempfile

import jena_jars
import jpype
import store_job


def load(case):
    folder = tempfile.mkdtemp()
    jpype.JClass("tdb2.tdbloader").main(["--quiet", "--loc", folder, *case["files"]])
    dataset = jpype.JClass("org.apache.jena.tdb2.TDB2Factory").connectDataset(folder)
    dataset.getContext().set(jpype.JClass("org.apache.jena.tdb2.TDB2").symUnionDefaultGraph, jpype.JBoolean(1))
    factory = jpype.JClass("org.apache.jena.query.QueryExecutionFactory")
    dataset.begin(jpype.JClass("org.apache.jena.query.ReadWrite").READ)

    def value(node):
        return (
            None if node is None else str(node.asLiteral().getLexicalForm() if node.isLiteral() else node.asResource().getURI())
        )

    def ask(question):
        execution = factory.create(question["text"], dataset)
        if execution.getQuery().isConstructType():
            statements = execution.execConstruct().listStatements().toList()
            return {tuple(map(value, (one.getSubject(), one.getPredicate(), one.getObject()))) for one in statements}
        rows, found = execution.execSelect(), []
        while rows.hasNext():
            row = rows.next()
            found.append([value(row.get(column)) for column in question["columns"]])
        return found

    return ask


if version := jena_jars.find_version("tdb2"):
    with tempfile.TemporaryDirectory() as place:
        jpype.startJVM(classpath=jena_jars.unpack(place))
        store_job.run(version, load)
else:
    print(json.dumps({"skip": "libapache-jena-java is not installed"}))

"""What the JSON Schemas say: the vocabulary of facts, the names of the Biolink Model, open licences."""

"""What the JSON Schemas define: the vocabulary of facts, the names of the Biolink Model, open licences."""

"""A structured knowledge base with linked-data export: facts, each with the sentence that states it."""

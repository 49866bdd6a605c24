"""RELEASE: a folder of all exports with the metadata that people and machines look for; ``parts`` lists what is in it."""

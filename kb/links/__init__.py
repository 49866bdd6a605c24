"""RESOLVE: records that keep their schema, parsed into the model.

Each step takes one record and gives one frozen value; nothing is looked up in other records, so that
references can be checked afterwards, all at once, with the place of each.
"""

"""The line in bounded memory: input cut into pieces, pieces read into parts, parts merged, joined and written.

A *piece* is a file, or a stretch of a large file of JSON Lines. A *part* is what was read from one piece: its values,
sorted, and what is wrong with them; it depends on the piece alone, so pieces can be read by several processes, and
parts be remembered from run to run. Facts and documents are then merged from all parts in the order of their names and
joined document by document: references are judged, and lines of N-Quads written in their order, without a knowledge
base ever being held as a whole.
"""

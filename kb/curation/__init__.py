"""CURATE: what a curator does all day around the line: write, put in order, compare, see what is left, be told why."""

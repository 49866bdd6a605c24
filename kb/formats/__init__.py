"""EXPORT: quads in, text out, the same bytes for the same quads. ``table`` lists the formats."""

"""EXPORT: quads in, text out, the same bytes for the same quads. ``registry`` lists the formats."""

"""The records that tests of the schemas draw, for tests that make knowledge bases of them."""

from __future__ import annotations

from tests.schema.conftest import good_facts, good_predicates, good_terms

__all__ = ["good_facts", "good_predicates", "good_terms"]

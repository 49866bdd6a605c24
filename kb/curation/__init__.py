"""Write records: new facts and documents, canonical form, schemas for editors, new knowledge bases."""

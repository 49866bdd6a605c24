"""Read and write files safely: atomic writes, locks, compression, sorting larger than memory."""

"""One page of data for each problem code, and reports of problems for other programs."""

"""The pages that explain the rules, and reports of problems for other programs: SARIF, JUnit, GitHub."""

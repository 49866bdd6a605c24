"""What the checks of stores share: ask every question of a job, and count those whose rows are right."""

import json
import os
import sys
from pathlib import Path


def run(version, load):
    """Load each case by ``load(case)``, which returns a function from a question to its rows; print the counts."""
    job = json.loads(Path(os.environ["KB_QUESTIONS"]).read_text(encoding="utf-8"))
    counts = {"version": version}
    for name, case in job.items():
        ask, right = load(case), 0
        for question in case["questions"]:
            try:
                rows = sorted([plain(cell) for cell in row] for row in ask(question))
            except Exception as error:
                rows = [[f"{type(error).__name__}: {error}"[:300]]]
            if rows == sorted([plain(cell) for cell in row] for row in question["rows"]):
                right += 1
            else:
                print(name, question["name"], "gave", rows[:2], "of", len(rows), "for", len(question["rows"]), file=sys.stderr)
        counts[f"questions_of_{name}"] = right
    print(json.dumps(counts))


def plain(cell):
    """Give a cell as text; stores write numbers and booleans in their own way."""
    text = "" if cell is None else str(cell)
    return {"true": "1", "false": "0"}.get(text, text)


def pick(question, row):
    """Give the promised columns of a row, which is a mapping by the names of variables."""
    return [row.get(column) for column in question["columns"]]

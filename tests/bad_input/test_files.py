"""Files that are not text, not YAML, not JSON, or not files: each is reported, and none blocks or breaks the run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

FACTS, LIST, BULK = "facts/leaflet.yaml", "terms/more.json", "terms/more.jsonl"
MAPPINGS = "mappings/hp.sssom.tsv"
TERM = '{"id": "rash", "kind": "symptom", "label": "rash", "definition": "Red skin."}'
MEGABYTES = 17 * 1024 * 1024
HEADER = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tobject_source_version\tmapping_date\n"
ROW = "term:itch\tskos:exactMatch\tHP:1\tsemapv:ManualMappingCuration\t2026-01-16\t2026-01-31\n"


class Bad(NamedTuple):
    """The content of a file (made when it is needed, if it is large), every problem without its file, and the exit code."""

    file: str
    content: str | bytes | Callable[[], bytes]
    messages: list[str]
    exit: int = 3


NOTHING = ": KB109 The file is empty."
CASES = {
    # Bytes
    "empty": Bad(FACTS, b"", [NOTHING]),
    "blank": Bad(FACTS, b" \n\n \r\n", [NOTHING]),
    "byte-order-mark-only": Bad(FACTS, b"\xef\xbb\xbf", [NOTHING]),
    "comments-only": Bad(FACTS, "# nothing yet\n", [NOTHING]),
    "document-mark-only": Bad(FACTS, "---\n", [NOTHING]),
    "binary": Bad(FACTS, b"\x89PNG\r\n\x1a\n\x00\x00", [":1:1: KB103 Byte 0x89 at offset 0 is not UTF-8 text."]),
    "latin-1": Bad(
        FACTS, "- a\n- \u00e9\u00e9t\u00e9\n".encode("latin-1"), [":2:3: KB103 Byte 0xe9 at offset 6 is not UTF-8 text."]
    ),
    "latin-1-after-carriage-returns": Bad(FACTS, b"- a\r- b\r- \xe9", [":3:3: KB103 Byte 0xe9 at offset 10 is not UTF-8 text."]),
    "latin-1-after-a-byte-order-mark": Bad(FACTS, b"\xef\xbb\xbf\xe9", [":1:1: KB103 Byte 0xe9 at offset 3 is not UTF-8 text."]),
    "cut-within-a-character": Bad(FACTS, "- \u00e9".encode()[:-1], [":1:3: KB103 Byte 0xc3 at offset 2 is not UTF-8 text."]),
    "surrogate-in-utf-8": Bad(FACTS, b"- \xed\xa0\x80", [":1:3: KB103 Byte 0xed at offset 2 is not UTF-8 text."]),
    "utf-16": Bad(
        FACTS, "- a\n".encode("utf-16"), [":1:1: KB103 Byte 0xff at offset 0 is not UTF-8 text. It looks like UTF-16 or UTF-32."]
    ),
    "utf-16-without-mark": Bad(
        FACTS,
        "- a\n".encode("utf-16-le"),
        [":1:2: KB103 Byte 0x00 at offset 1 is not UTF-8 text. It looks like UTF-16 or UTF-32."],
    ),
    "null-character": Bad(FACTS, b"- a\n- b\0c\n", [":2:4: KB108 The file holds U+0000 control character."]),
    "controls": Bad(
        FACTS,
        "- \x1b[31m\n# \x7f\u0085\n",
        [
            ":1:3: KB108 The file holds U+001B control character.",
            ":2:3: KB108 The file holds U+007F control character.",
            ":2:4: KB108 The file holds U+0085 control character.",
        ],
    ),
    "line-separator": Bad(FACTS, "- a\u2028b\n", [":1:4: KB108 The file holds U+2028 LINE SEPARATOR."]),
    "byte-order-mark-within": Bad(FACTS, "- a\n\ufeff- b\n", [":2:1: KB108 The file holds U+FEFF ZERO WIDTH NO-BREAK SPACE."]),
    "noncharacter": Bad(FACTS, "- \U0010ffff\n", [":1:3: KB108 The file holds U+10FFFF noncharacter."]),
    "huge": Bad(FACTS, lambda: b"#" * MEGABYTES, [": KB110 The file has 17,825,792 bytes; at most 16,777,216 are read."], 4),
    # YAML
    "tag": Bad(
        FACTS,
        "- !!python/object/apply:os.system [ls]\n",
        [":1:3: KB106 The tag 'tag:yaml.org,2002:python/object/apply:os.system' is refused."],
    ),
    "own-tag": Bad(FACTS, "- ! a\n- !foo b\n", [":1:3: KB106 The tag '!' is refused.", ":2:3: KB106 The tag '!foo' is refused."]),
    "cycle": Bad(FACTS, "&a [*a]\n", [":1:1: KB106 The anchor '&a' is refused.", ":1:5: KB106 The alias '*a' is refused."]),
    "alias-as-key": Bad(
        FACTS, "- &a x\n- {*a : y}\n", [":1:3: KB106 The anchor '&a' is refused.", ":2:4: KB106 The alias '*a' is refused."]
    ),
    "merge-key": Bad(FACTS, "- a: {<<: {b: c}}\n", [":1:7: KB106 The merge key << is refused."]),
    "alias-bomb": Bad(
        FACTS,
        "- &a [x, x]\n- &b [*a, *a]\n",
        [
            ":1:3: KB106 The anchor '&a' is refused.",
            ":2:3: KB106 The anchor '&b' is refused.",
            ":2:7: KB106 The alias '*a' is refused.",
            ":2:11: KB106 The alias '*a' is refused.",
        ],
    ),
    "duplicate-key": Bad(FACTS, "- a: 1\n  b: 2\n  a: 3\n", [":3:3: KB105 The key 'a' is also in line 1."]),
    "duplicate-key-within": Bad(FACTS, "- a:\n    b: 2\n    'b': 3\n", [":3:5: KB105 The key 'b' is also in line 2."]),
    "several-documents": Bad(FACTS, "- a\n---\n- b\n---\n- c\n", [":2:1: KB104 A second YAML document starts here."]),
    "list-as-key": Bad(FACTS, "- ? [a]\n  : b\n", [":1:5: KB104 A key must be a word, not a list or mapping."]),
    "indentation": Bad(FACTS, "- a: 1\n b: 2\n", [":2:2: KB104 A dash is missing: the lines above are items of a list."]),
    "tab-indentation": Bad(FACTS, "a:\n\tb: 1\n", [":2:1: KB104 A tab indents this line."]),
    "unclosed-quote": Bad(FACTS, '- "a\n', [":1:3: KB104 A quotation mark is opened here and not closed."]),
    "escaped-surrogate": Bad(
        FACTS, '- "\\ud800"\n', [":1:6: KB104 The YAML cannot be read: found invalid Unicode character escape code."]
    ),
    "deep": Bad(FACTS, "[" * 20_000, [":1:65: KB111 More than 64 levels are nested."], 4),
    "deep-after-a-duplicate": Bad(
        FACTS,
        "- {a: 1, a: 2}\n- " + "[" * 99,
        [":1:10: KB105 The key 'a' is also in line 1.", ":2:66: KB111 More than 64 levels are nested."],
    ),
    "infinite": Bad(
        FACTS,
        "- 1e400\n- -1E999\n",
        [
            ":1:3: KB107 The number 1e400 is not supported.",
            ":2:3: KB107 The number -1E999 is not supported.",
        ],
    ),
    "long-integer": Bad(FACTS, f"- {'7' * 5000}\n", [":1:3: KB107 The number 77777777777777777777\u2026 is not supported."]),
    "scalar": Bad(FACTS, "just words\n", [":1:1: KB203 This fact must be a mapping, not text."], 1),
    "list-of-scalars": Bad(
        FACTS,
        "- no\n- 2026-01-31\n- .nan\n- 012\n- 1.5\n",
        [
            ":1:3: KB203 This fact must be a mapping, not text.",
            ":2:3: KB203 This fact must be a mapping, not text.",
            ":3:3: KB203 This fact must be a mapping, not text.",
            ":4:3: KB203 This fact must be a mapping, not text.",
            ":5:3: KB203 This fact must be a mapping, not a number.",
        ],
        1,
    ),
    "list-of-lists": Bad(
        FACTS,
        "- [a]\n- - b\n",
        [":1:3: KB203 This fact must be a mapping, not a list.", ":2:3: KB203 This fact must be a mapping, not a list."],
        1,
    ),
    "about-itself-as-a-list": Bad(
        "kb.yaml", "- id: a\n- id: b\n", [":1:1: KB203 This knowledge base must be a mapping, not a list."], 1
    ),
    # JSON
    "json-syntax": Bad(LIST, f"[{TERM},\n {TERM}", [":2:79: KB104 The JSON cannot be read: Expecting ',' delimiter."]),
    "json-two-values": Bad(LIST, f"{TERM}\n{TERM}\n", [":2:1: KB104 The JSON cannot be read: Extra data."]),
    "json-single-quotes": Bad(
        LIST, "{'id': 1}", [":1:2: KB104 The JSON cannot be read: Expecting property name enclosed in double quotes."]
    ),
    "json-raw-tab": Bad(LIST, '["a\tb"]', [":1:4: KB104 The JSON cannot be read: Invalid control character at."]),
    "json-numbers": Bad(
        LIST,
        f'[NaN, {{"a": -Infinity}},\n 1e400, [{"9" * 5000}]]',
        [
            ":1:2: KB107 The number NaN is not supported.",
            ":1:13: KB107 The number -Infinity is not supported.",
            ":2:2: KB107 The number 1e400 is not supported.",
            ":2:10: KB107 The number 99999999999999999999\u2026 is not supported.",
        ],
    ),
    "json-duplicate-keys": Bad(
        LIST,
        '[{"a": 1, "b": {"c": 1,\n "c": 2},\n "\\u0061": 3}]',
        [":2:2: KB105 The key 'c' is also in line 1.", ":3:2: KB105 The key 'a' is also in line 1."],
    ),
    "json-deep": Bad(LIST, '{"a":' * 70 + "1" + "}" * 70, [":1:321: KB111 More than 64 levels are nested."], 4),
    "json-too-deep-for-python": Bad(LIST, "[" * 100_000, [":1:65: KB111 More than 64 levels are nested."], 4),
    "json-surrogates": Bad(
        LIST, TERM.replace("Red", "\\ud800"), [":1:66: KB108 The text holds U+D800 lone surrogate at position 1."]
    ),
    "json-hidden": Bad(
        LIST, TERM.replace("Red", "\\u202e"), [":1:66: KB108 The text holds U+202E RIGHT-TO-LEFT OVERRIDE at position 1."]
    ),
    "json-escapes-before-a-slip": Bad(
        LIST,
        f'[{{"note": "\\/\\"\\ud83d\\ude00",\n{TERM[1:-1]}, "lable": 1}}]',
        [":2:78: KB202 This term cannot have 'lable'. Did you mean 'label'?"],
        1,
    ),
    # JSON Lines
    "lines-blank": Bad(BULK, "\n \n\n", [NOTHING]),
    "lines-cut": Bad(BULK, f"{TERM}\n\n{TERM[:40]}", [":3:35: KB104 The JSON cannot be read: Unterminated string starting at."]),
    "lines-all-bad-ones": Bad(
        BULK,
        f'[1\n{TERM}\n{{"a": 1, "a": 2}}\nNaN\n',
        [
            ":1:3: KB104 The JSON cannot be read: Expecting ',' delimiter.",
            ":3:10: KB105 The key 'a' is also in line 3.",
            ":4:1: KB107 The number NaN is not supported.",
        ],
    ),
    "lines-latin-1": Bad(BULK, f"{TERM}\n".encode() + b'{"\xe9"', [":2:3: KB103 Byte 0xe9 at offset 80 is not UTF-8 text."]),
    "lines-mark-within": Bad(BULK, f"{TERM}\n\ufeff{{}}", [":2:1: KB108 The file holds U+FEFF ZERO WIDTH NO-BREAK SPACE."]),
    "lines-long": Bad(
        BULK,
        lambda: b'"' + b"a" * 2 * MEGABYTES + b'"\n{\n',
        [
            ":1: KB110 The line has more than 33,554,432 bytes.",
            ":2:2: KB104 The JSON cannot be read: Expecting property name enclosed in double quotes.",
        ],
    ),
    "lines-of-lists": Bad(BULK, f"[{TERM}]\n", [":1:1: KB203 This term must be a mapping, not a list."], 1),
    # SSSOM
    "table-without-heading": Bad(MAPPINGS, ROW, [":1:1: KB104 The table has no header row with the column 'subject_id'."]),
    "table-with-heading-only": Bad(MAPPINGS, "#a: b\n", [":2:1: KB104 The table has no header row."]),
    "table-short-row": Bad(
        MAPPINGS,
        HEADER + "term:itch\tHP:1\n" + ROW + "a\n",
        [":2:1: KB104 The row has 2 cells, the header has 6.", ":4:1: KB104 The row has 1 cells, the header has 6."],
    ),
    "table-quote-left-open": Bad(
        MAPPINGS, HEADER + ROW + '"' + ROW, [":3:1: KB104 The row cannot be read: unexpected end of data."]
    ),
    "table-quote-within": Bad(
        MAPPINGS,
        HEADER + '"a"b' + ROW + "a\n",
        [":2:1: KB104 The row cannot be read: '\t' expected after '\"'.", ":3:1: KB104 The row has 1 cells, the header has 6."],
    ),
    "table-column-twice": Bad(
        MAPPINGS, HEADER.replace("object_id", "subject_id"), [":1:25: KB105 The column 'subject_id' is there twice."]
    ),
    "table-bad-heading": Bad(
        MAPPINGS,
        "#a: b\n#a: c\n#b: [\n" + HEADER,
        [
            ":2:2: KB105 The key 'a' is also in line 1.",
            ":3:6: KB104 The YAML cannot be read: did not find expected node content.",
        ],
    ),
    "table-list-as-heading": Bad(
        MAPPINGS, "# - a\n" + HEADER, [":1:3: KB104 The heading must be 'key: value' lines; so must be its curie_map."]
    ),
}


@pytest.mark.parametrize("bad", [pytest.param(bad, id=name) for name, bad in CASES.items()])
def test_an_unusable_file_is_reported(bad: Bad, spoil: Callable[..., Path], validate: Callable[[Path], Any]) -> None:
    verdict = validate(spoil({bad.file: bad.content() if callable(bad.content) else bad.content}))
    assert verdict.messages == [bad.file + message for message in bad.messages]
    assert verdict.exit == bad.exit


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_ends_of_other_systems_and_a_byte_order_mark_do_not_matter(
    ending: str, spoil: Callable[..., Path], validate: Callable[[Path], Any]
) -> None:
    good = spoil()
    for path in good.rglob("*.*"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", ending.encode()))
    assert validate(good) == (0, [])


def test_a_string_of_megabytes_is_not_echoed(spoil: Callable[..., Path], validate: Callable[[Path], Any]) -> None:
    words = "a-" * 800_000
    verdict = validate(spoil({"terms/more.json": f'[{{"id": "{words}", "kind": "{words}", "{words}": 1}}]'}))
    assert verdict.exit == 1
    assert {message.split(" ")[1] for message in verdict.messages} >= {"KB201", "KB202", "KB204", "KB205"}
    assert all(len(message) < 300 for message in verdict.messages)


def test_hundreds_of_problems_in_one_file_end_its_reading(spoil: Callable[..., Path], validate: Callable[[Path], Any]) -> None:
    verdict = validate(spoil({FACTS: "- *a\n" * 100_000, BULK: "[\n" * 100_000, MAPPINGS: HEADER + "a\n" * 100_000}))
    assert verdict.exit == 3
    assert len(verdict.messages) == 300


def test_what_is_not_named_like_a_file_of_records_is_left_alone(
    spoil: Callable[..., Path], validate: Callable[[Path], Any]
) -> None:
    files = dict.fromkeys(("facts/.#leaflet.yaml", "facts/notes.txt", "terms/.git/x.yaml", "README.md"), b"\xff")
    assert validate(spoil(files)) == (0, [])


def test_suffixes_in_capitals_are_read(spoil: Callable[..., Path], validate: Callable[[Path], Any]) -> None:
    verdict = validate(spoil({"terms/MORE.YAML": "- a\n", "terms/MORE.JSONL": "1\n"}))
    assert [message.split(" ")[:2] for message in verdict.messages] == [
        ["terms/MORE.JSONL:1:1:", "KB203"],
        ["terms/MORE.YAML:1:3:", "KB203"],
    ]


@pytest.mark.parametrize(
    "name", ["facts/more.yaml", "facts/more.jsonl", "facts.yaml", "predicates.yaml", "mappings/x.sssom.tsv", "kb.yaml"]
)
def test_a_pipe_is_reported_and_does_not_block(name: str, spoil: Callable[..., Path], validate: Callable[[Path], Any]) -> None:
    top = spoil()
    (top / name).unlink(missing_ok=True)
    os.mkfifo(top / name)
    verdict = validate(top)
    assert verdict.messages == [f"{name}: KB102 The file is a pipe or device, not a regular file."]
    assert verdict.exit == 3


@pytest.mark.parametrize("name", ["facts/more.yaml", "facts/more.jsonl", "terms.json", "mappings/x.sssom.tsv", "kb.yaml"])
def test_a_folder_named_like_a_file_is_reported(name: str, spoil: Callable[..., Path], validate: Callable[[Path], Any]) -> None:
    top = spoil()
    (top / name).unlink(missing_ok=True)
    (top / name).mkdir()
    verdict = validate(top)
    assert verdict.messages == [f"{name}: KB102 The file is a folder."]
    assert verdict.exit == 3


def test_a_file_named_like_a_folder_is_reported(spoil: Callable[..., Path], validate: Callable[[Path], Any]) -> None:
    top = spoil({MAPPINGS: None})
    (top / "mappings").rmdir()
    (top / "mappings").write_text("x", encoding="utf-8")
    assert validate(top).messages == ["mappings: KB102 The file cannot be read: Not a directory."]


OUTSIDE, NOWHERE = "KB113 The link leads out of the knowledge base.", "KB101 The file does not exist."
CIRCLE = "KB102 The file cannot be read: Too many levels of symbolic links."
FOLDER = "KB113 A link to a folder is not followed."


@pytest.mark.parametrize(
    "link_target_message",
    [
        ("facts/x.yaml", "../../outside.yaml", OUTSIDE),
        ("facts/x.yaml", "/etc/hostname", OUTSIDE),
        ("predicates.yml", "../outside.yaml", OUTSIDE),
        ("mappings/x.sssom.tsv", "/dev/zero", OUTSIDE),
        ("facts/more", "..", FOLDER),
        ("facts/more", "/etc", FOLDER),
        ("facts/x.yaml", "y.yaml", NOWHERE),
        ("facts/x.yaml", "x.yaml", CIRCLE),
        ("facts/x.jsonl", "x.jsonl", CIRCLE),
    ],
)
def test_a_link_out_of_the_folder_or_to_nowhere_is_reported(
    link_target_message: tuple[str, str, str], spoil: Callable[..., Path], validate: Callable[[Path], Any], tmp_path: Path
) -> None:
    link, target, message = link_target_message
    (tmp_path / "outside.yaml").write_text("- a", encoding="utf-8")
    top = spoil()
    (top / link).symlink_to(target)
    verdict = validate(top)
    assert verdict.messages == [f"{link}: {message}"]
    assert verdict.exit == 3


@pytest.mark.parametrize("name", ["kb.yaml", "terms"])
def test_not_even_its_own_parts_may_be_links_to_the_outside(
    name: str, spoil: Callable[..., Path], validate: Callable[[Path], Any], tmp_path: Path
) -> None:
    top = spoil()
    (top / name).rename(tmp_path / "outside")
    (top / name).symlink_to(tmp_path / "outside")
    verdict = validate(top)
    assert verdict.messages == [f"{name}: KB113 The link leads out of the knowledge base."]
    assert verdict.exit == 3


def test_a_link_within_the_folder_is_followed(spoil: Callable[..., Path], validate: Callable[[Path], Any]) -> None:
    top = spoil()
    (top / "terms").rename(top / "words")
    (top / "terms").symlink_to("words")
    assert validate(top) == (0, [])


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
@pytest.mark.parametrize("name", [FACTS, "facts", "kb.yaml"])
def test_an_unreadable_file_is_reported(name: str, spoil: Callable[..., Path], validate: Callable[[Path], Any]) -> None:
    top = spoil()
    (top / name).chmod(0)
    verdict = validate(top)
    (top / name).chmod(0o700)
    assert verdict.messages == [f"{name}: KB102 The file cannot be read: Permission denied."]
    assert verdict.exit == 3


@pytest.mark.parametrize(
    ("name", "message"), [("no-such-folder", "KB101"), ("x" * 5000, "KB101"), (".", "KB112"), ("outside.yaml", "KB101")]
)
def test_a_folder_that_is_no_knowledge_base_is_reported(
    name: str, message: str, validate: Callable[[Path], Any], tmp_path: Path
) -> None:
    (tmp_path / "outside.yaml").write_text("- a", encoding="utf-8")
    verdict = validate(tmp_path / name)
    assert [line.split(": ")[1][:5] for line in verdict.messages] == [message]
    assert verdict.exit == 3


def test_a_folder_without_records_is_not_called_good(spoil: Callable[..., Path], validate: Callable[[Path], Any]) -> None:
    top = spoil({FACTS: None, "documents/leaflet.yaml": None})
    verdict = validate(top)
    assert verdict.messages == [f"{top}: KB405 It has neither facts nor documents."]
    assert verdict.exit == 1

"""Reads worklint's reports with libraries of others, and compares what they find with the JSON report.

    read-reports.py multitool RESULT LOG    the multitool found nothing in LOG
    read-reports.py junit PREFIX            PREFIX.junit by junitparser
    read-reports.py examples PATH… OUT      writes the YAML and TOML examples of Markdown files below OUT
"""
import json
import pathlib
import re
import sys

from junitparser import Failure, JUnitXml


def multitool(result, log):
    # The file begins with a byte order mark.
    found = json.loads(pathlib.Path(result).read_text(encoding="utf-8-sig"))["runs"][0]["results"]
    for it in found[:10]:
        print(f"{log}: {it['ruleId']} {json.dumps(it.get('message', {}))[:200]}")
    sys.exit(f"{log}: {len(found)} faults by the multitool" if found else 0)


def in_diff(prefix):
    """The findings that reports for people show."""
    findings = json.loads(pathlib.Path(prefix + ".json").read_text())["findings"]
    return [it for it in findings if it["status"] == "new" and it.get("inDiff", True)]


def junit(prefix):
    expected = in_diff(prefix)
    cases = [case for suite in JUnitXml.fromfile(prefix + ".junit") for case in suite]
    failed = [case for case in cases if any(isinstance(it, Failure) for it in case.result)]
    assert len(failed) == len(expected), (prefix, "junit", len(failed), len(expected))
    assert len(cases) == max(1, len(expected)), (prefix, "junit", len(cases))
    rules = sorted(case.name.split(" ")[0] for case in failed)
    assert rules == sorted(it["rule"] for it in expected), (prefix, "junit", rules)
    print(f"{prefix}: {len(failed)} findings read from JUnit's XML")


FENCE = re.compile(r"^( *)```(yaml|toml)([^\n]*)\n(.*?)^\1```", re.S | re.M)


def examples(paths, out):
    out = pathlib.Path(out)
    files = [file for path in map(pathlib.Path, paths) for file in (path.rglob("*.md") if path.is_dir() else [path])]
    counts = {}
    for file in sorted(files):
        for indent, language, info, text in FENCE.findall(file.read_text()):
            text = re.sub(f"^{indent}", "", text, flags=re.M)
            kind = "toml" if language == "toml" else "workflow" if re.search(r"^jobs:", text, re.M) else "gitlab" if "gitlab" in info else None
            if kind is None or "fragment" in info or "catalog" in info:
                continue
            number = counts[kind] = counts.get(kind, 0) + 1
            folder = {"toml": ".", "workflow": ".github/workflows", "gitlab": "gitlab"}[kind]
            suffix = "toml" if kind == "toml" else "yml"
            path = out / folder / f"{file.stem}-{number}.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    assert {"toml", "workflow", "gitlab"} <= counts.keys(), counts
    print(f"examples: {counts}")


def many(number, path):
    """A source that starts so many threads."""
    calls = "".join(f"    fun f{at}() = thread {{ println({at}) }}\n" for at in range(int(number)))
    text = f"package com.example\n\nimport kotlin.concurrent.thread\n\nclass Many {{\n{calls}}}\n"
    pathlib.Path(path).write_text(text)


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    {"multitool": multitool, "junit": junit, "many": many, "examples": lambda *all: examples(all[:-1], all[-1])}[command](*rest)

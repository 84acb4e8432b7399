"""Add up what pytest reported: `tally.py FOLDER BROKEN_STEPS`. Exits 1 unless everything passed.

Each FOLDER/ENGINE-PART.xml is a JUnit report. The last line is `N passed, M failed`; a step that broke
without a failed test (a lint, a crash of pytest) counts as one failure.
"""

import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path


def main() -> None:
    folder, broken = Path(sys.argv[1]), int(sys.argv[2])
    engines: dict[str, Counter[str]] = {}
    broken_by_tests = set()
    for report in sorted(folder.glob("*-*.xml")):
        engine, _, part = report.stem.partition("-")
        count = engines.setdefault(engine, Counter())
        for suite in ET.parse(report).iter("testsuite"):  # noqa: S314 - pytest just wrote it
            failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped = int(suite.get("skipped", 0))
            count["failed"] += failed
            if failed:  # the journeys of all engines are one step
                broken_by_tests.add(part if part == "browser" else report.stem)
            count["skipped"] += skipped
            count["passed"] += int(suite.get("tests", 0)) - failed - skipped
    total = sum(engines.values(), Counter())
    for engine, count in engines.items():
        print(f"{engine}: 通过 {count['passed']}，失败 {count['failed']}，跳过 {count['skipped']}")
    if not total["passed"]:
        print("没有测试被执行。")
    failed = total["failed"] + broken - len(broken_by_tests)
    print(f"{total['passed']} passed, {failed} failed")
    sys.exit(bool(failed or not total["passed"]))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Counts the tests in a report of GoogleTest (JSON) or of ns-3's test.py (XML).

usage: count-tests.py gtest|ns3 REPORT

Prints a line for each failed test and then "PASSED FAILED". Skipped and disabled tests count as neither.
"""

import json
import sys
import xml.etree.ElementTree as ElementTree


def gtest_results(path):
    """Yields (name, passed) of every GoogleTest case that ran."""
    with open(path) as file:
        report = json.load(file)
    for suite in report["testsuites"]:
        for case in suite["testsuite"]:
            if case["status"] == "RUN" and case["result"] != "SKIPPED":
                yield f"{suite['name']}.{case['name']}", not case.get("failures")


def ns3_results(path):
    """Yields (name, passed) of every ns-3 TestCase without TestCases of its own."""
    for case in ElementTree.parse(path).iter("Test"):
        if case.find("Test") is None and case.findtext("Result") != "SKIP":
            yield case.findtext("Name"), case.findtext("Result") == "PASS"


def main():
    readers = {"gtest": gtest_results, "ns3": ns3_results}
    if len(sys.argv) != 3 or sys.argv[1] not in readers:
        sys.exit(__doc__)
    passed = failed = 0
    for name, ok in readers[sys.argv[1]](sys.argv[2]):
        if ok:
            passed += 1
        else:
            failed += 1
            print("FAIL:", name)
    print(passed, failed)


if __name__ == "__main__":
    main()

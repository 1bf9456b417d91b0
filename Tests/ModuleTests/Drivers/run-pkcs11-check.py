"""run-pkcs11-check.py MODULE REPORT: runs the tests of pkcs11-check with a module, in this process.

REPORT gets a line for each test when it begins, `begins ID`, and one when it has ended, `OUTCOME ID`, with a tab and the
reason in one line. OUTCOME is what pytest says, or `crashed` where a child process of the test was ended by a signal,
whatever the test itself makes of that. The last line is `finished`; a process that dies leaves the test that killed it.
P11TEST_PIN and P11TEST_SO_PIN hold the PINs.
"""

import importlib.resources
import sys

import pytest


class Reporter:
    def __init__(self, path):
        self.file = open(path, "w", buffering=1)
        self.parts = {}

    def pytest_runtest_logstart(self, nodeid):
        print("begins", nodeid, file=self.file)
        self.parts = {}

    def pytest_runtest_logreport(self, report):
        outcome = report.outcome
        if hasattr(report, "wasxfail"):
            outcome = "xfailed" if report.skipped else "xpassed"
        elif report.failed and report.when != "call":
            outcome = "error"
        reason = getattr(report, "wasxfail", "") or crash_message(report)
        observations = dict(report.user_properties).get("pkcs11_process_observations", [])
        if any(child["termination"]["kind"] != "exit" for child in observations):
            outcome, reason = "crashed", f"{outcome}, but a signal ended a child process {reason}"
        if report.when == "call" or outcome != "passed":
            self.parts[outcome] = reason

    def pytest_runtest_logfinish(self, nodeid):
        worst = ("error", "crashed", "failed", "xpassed", "xfailed", "skipped", "passed")
        outcome = min(self.parts, key=worst.index, default="passed")
        print(outcome, nodeid, "\t", " ".join(self.parts.get(outcome, "").split())[:400], file=self.file)

    def pytest_sessionfinish(self):
        print("finished", file=self.file)


def crash_message(report):
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2]
    crash = getattr(report.longrepr, "reprcrash", None)
    return crash.message if crash else str(report.longrepr or "")


module, report = sys.argv[1:]
tests = str(importlib.resources.files("pkcs11_check.testcases"))
# Left out: what wants vectors that are not in the package, and what allocates gigabytes.
sys.exit(pytest.main([
    tests, f"--rootdir={tests}", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", "--benchmark-disable",
    "--timeout=60", "--timeout-method=thread",
    f"--ignore={tests}/acvp", f"--ignore={tests}/wycheproof", f"--ignore-glob={tests}/security/*_length_truncation.py",
    f"--p11-module={module}", "--p11-slot=0", "--p11-destructive", "--p11-thread-safe",
], plugins=[Reporter(report)]))

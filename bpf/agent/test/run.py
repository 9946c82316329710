# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""Runs the tests beside this file; prints a line for each, and the sum last. Names as parameters choose some."""

import os
import pathlib
import sys
import time
import unittest


class Result(unittest.TextTestResult):
    """One line per test: how it ended, how long it took."""

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def say(self, how, test, more=""):
        name = test.id().split(".", 1)[-1]
        self.stream.writeln(f"  {how:7} {name} ({time.monotonic() - self.began:.2f} s){more}")

    def addSuccess(self, test):
        unittest.TestResult.addSuccess(self, test)
        self.say("passed", test)

    def addFailure(self, test, err):
        unittest.TestResult.addFailure(self, test, err)
        self.say("FAILED", test)

    def addError(self, test, err):
        unittest.TestResult.addError(self, test, err)
        self.say("FAILED", test)

    def addSkip(self, test, reason):
        unittest.TestResult.addSkip(self, test, reason)
        self.say("skipped", test, f": {reason}")


def main():
    folder = pathlib.Path(__file__).resolve().parent
    sys.path.insert(0, str(folder))
    loader = unittest.TestLoader()
    names = sys.argv[1:]
    suite = loader.loadTestsFromNames(names) if names else loader.discover(str(folder))
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Result, verbosity=0).run(suite)
    failed = len({test.id() for test, _ in result.failures + result.errors})
    skipped = len(result.skipped)
    print(f"agent: {result.testsRun - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ.setdefault("BPFLAB_TEST_NM", "llvm-nm")
    sys.exit(main())

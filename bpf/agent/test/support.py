# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""What every test of the agent stands on: an agent of its own, objects, and a second look at what is left."""

import contextlib
import json
import os
import shutil
import struct
import subprocess
import tempfile
import unittest

import client

OBJECTS = os.environ["BPFLAB_TEST_OBJECTS"]


def object_bytes(name):
    with open(os.path.join(OBJECTS, f"{name}.bpf.o"), "rb") as file:
        return file.read()


def u32(value):
    return struct.pack("<I", value).hex()


def u64(value):
    return struct.pack("<Q", value).hex()


def globals_of(agent, suffix=".bss"):
    """The bytes of the globals of the run that was loaded last."""
    name = next(name for name in agent.maps if name.endswith(suffix))
    return agent.read_map(agent.maps[name]["id"])[1][0][4:]


def is_mounted(kind):
    with open("/proc/self/mounts", encoding="utf-8") as file:
        return next((line.split()[1] for line in file if line.split()[2] == kind), None)


def folders(path, prefix=""):
    with contextlib.suppress(FileNotFoundError):
        return {name for name in os.listdir(path) if name.startswith(prefix) and os.path.isdir(os.path.join(path, name))}
    return set()


def is_alive(pid):
    """False also for a zombie that nobody has reaped yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def may_load_programs():
    """Root, and not of a user namespace only."""
    with open("/proc/self/uid_map", encoding="utf-8") as file:
        return os.geteuid() == 0 and file.read().split() == ["0", "0", "4294967295"]


class AgentTest(unittest.TestCase):
    """`self.agent` is a session on an agent of its own; at the end nothing of it may be left."""

    maxDiff = None
    # Called in the agent's process before it is the agent.
    prepare = None

    def setUp(self):
        if not may_load_programs():
            if "bpf" in os.environ.get("BPFLAB_REQUIRE", "").split(","):
                self.fail("only root may load programs, and BPFLAB_REQUIRE says that it must be tested")
            self.skipTest("only root may load programs")
        self.state = tempfile.mkdtemp(prefix="bpflab-agent-test-")
        self.addCleanup(shutil.rmtree, self.state, True)
        self.agent = client.start(self.state, prepare=self.prepare)
        self.addCleanup(self.end_agent)
        self.hello = self.agent.greet()

    def end_agent(self):
        if not self.agent.closed:
            try:
                self.agent.bye()
            except (client.AgentError, TimeoutError, BrokenPipeError):
                self.agent.close()
        self.assertEqual(0, self.agent.process.wait(client.TIMEOUT_S), "exit status of the agent")
        if self.hello["cgroup_path"]:
            self.assertFalse(os.path.exists(self.hello["cgroup_path"]), "the session's cgroup is gone")
        self.assertEqual(set(), folders(self.state), "the session's folders are gone")

    def skip_refused(self, error, must_work):
        """A hook that this kernel lacks: the refusal is typed and has the kernel's reason."""
        self.assertIn(error.code, ("BPFLAB_LOAD_FAILED", "BPFLAB_ATTACH_FAILED", "BPFLAB_VERIFIER_REJECTED", "BPFLAB_LOAD_MAP"))
        self.assertTrue(error.error.get("errno"), error)
        if must_work:
            raise error
        self.skipTest(str(error))

    def fails(self, code, verb, **fields):
        with self.assertRaises(client.AgentError) as caught:
            self.agent.ask(verb, **fields)
        self.assertEqual(code, caught.exception.code, caught.exception)
        return caught.exception.error

    def run_shell(self, script, run="shell", **more):
        pid, out, err = self.agent.exec(run, "sh", "-c", script, **more)
        end = self.agent.wait_exit(pid)
        return end["status"], out.bytes().decode(errors="replace"), err.bytes().decode(errors="replace")

    def touch(self, count=1):
        """Makes the system call that the test programs watch."""
        for _ in range(count):
            os.getpgid(0)


def symbols(object_name):
    """Places of the object's globals in .bss, as the compiler chose them; order is not promised."""
    lines = run(os.environ.get("BPFLAB_TEST_NM", "llvm-nm"), os.path.join(OBJECTS, f"{object_name}.bpf.o")).splitlines()
    return {line.split()[2]: int(line.split()[0], 16) for line in lines if " B " in line}


def bpftool_ids(kind):
    """Ids of all programs, maps or links of the machine, by another program than ours."""
    return {entry["id"] for entry in json.loads(run("bpftool", "-j", kind, "show"))}


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout

# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""The policy of a node: who may use it, for what, and how much; and the log of what was done."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import client
from support import folders, is_alive, may_load_programs, object_bytes


class Policy(unittest.TestCase):
    def setUp(self):
        if not may_load_programs():
            self.skipTest("only root may load programs")
        self.state = tempfile.mkdtemp(prefix="bpflab-agent-test-")
        self.addCleanup(shutil.rmtree, self.state, True)
        self.path = os.path.join(self.state, "agent.sock")
        self.file = os.path.join(self.state, "policy.json")
        words = [os.environ["BPFLAB_AGENT"], "supervise", "--socket", self.path, "--state", self.state]
        words += ["--policy", self.file, "--audit"]
        self.log = open(os.path.join(self.state, "log"), "w+", encoding="utf-8")
        self.addCleanup(self.log.close)
        environment = {**os.environ, "BPFLAB_NODE": "node7"}
        self.supervisor = subprocess.Popen(words, stderr=self.log, env=environment)
        self.addCleanup(self.end)
        # The socket has its name before it listens.
        while not self.is_ready():
            self.assertIsNone(self.supervisor.poll())
            time.sleep(0.01)

    def is_ready(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return any(line.endswith("ready\n") for line in file)

    def end(self):
        self.supervisor.send_signal(signal.SIGTERM)
        self.assertEqual(0, self.supervisor.wait(client.TIMEOUT_S))
        self.assertEqual(set(), folders(self.state))

    def policy(self, **parts):
        with open(self.file, "w", encoding="utf-8") as file:
            json.dump({"version": 1, **parts}, file)

    def open(self, session="s", **more):
        agent = client.connect(self.path)
        agent.greet(session, **more)
        return agent

    def refused(self, code, **more):
        agent = self.open("refused", **more)
        self.assertEqual(code, agent.hello["refused"]["code"], agent.hello)
        with self.assertRaises(TimeoutError):
            agent.pump_until(lambda: False, "end", 5)
        self.assertTrue(agent.closed)
        return agent.hello["refused"]["message"]

    def audited(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            lines = [line.split(" ", 1)[1] for line in file if line.startswith("bpflab-audit ")]
        return [json.loads(line) for line in lines]

    def wait_audited(self, condition):
        deadline = time.monotonic() + client.TIMEOUT_S
        while not condition(self.audited()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def test_without_a_file_everything_is_permitted(self):
        agent = self.open(policy={"program_types": ["nothing"]})
        self.assertNotIn("policy", agent.hello)
        agent.load("r", object_bytes("maps"))
        agent.ask("bye")

    def test_the_first_rule_that_names_user_and_node_decides(self):
        rules = [{"users": ["ann"], "nodes": ["other"]}, {"users": ["a*"], "nodes": ["node?"], "namespaces": ["class-*"]}]
        self.policy(rules=rules, limits={"sessions": 9})
        agent = self.open(user="ann")
        self.assertEqual({"namespaces": ["class-*"], "not_held": []}, agent.hello["policy"])
        agent.ask("bye")
        self.assertIn('"ben"', self.refused("BPFLAB_POLICY_REFUSED", user="ben"))
        self.refused("BPFLAB_POLICY_REFUSED")

    def test_a_file_that_is_wrong_permits_nothing(self):
        for text in ("{", "[]", "{}", '{"version":2}', '{"version":1,"limit":{}}', '{"version":1,"limits":{"memory_mb":1}}',
                     '{"version":1,"limits":{"sessions":0}}', '{"version":1,"rules":[{"users":["a",1]}]}',
                     '{"version":1,"rules":[1]}', '{"version":1,"rules":[{"machine_wide":"x"}]}',
                     '{"version":1,"rules":[{"limits":{"x":1}}]}', '{"version":1,"rules":{}}'):
            with open(self.file, "w", encoding="utf-8") as file:
                file.write(text)
            self.refused("BPFLAB_POLICY_INVALID", user="ann")

    def test_sessions_are_counted(self):
        self.policy(limits={"sessions": 2}, rules=[{"users": ["ann"], "limits": {"sessions_per_user": 1}}, {}])
        first = self.open("first", user="ann")
        self.assertIn('User "ann" has 1', self.refused("BPFLAB_POLICY_LIMIT", user="ann"))
        second = self.open("second", user="ben")
        self.assertIn("has 2 sessions", self.refused("BPFLAB_POLICY_LIMIT", user="eve"))
        first.ask("bye")
        self.wait_audited(lambda lines: lines and lines[-1]["what"] == "session_end")
        again = self.open("again", user="ann")
        for agent in (again, second):
            agent.ask("bye")

    def test_only_permitted_types_are_loaded_and_by_the_agent_alone(self):
        self.policy(rules=[{"program_types": ["xdp", "sched_*"]}])
        agent = self.open(user="ann")
        with self.assertRaises(client.AgentError) as caught:
            agent.load("r", object_bytes("maps"))
        self.assertEqual("BPFLAB_POLICY_REFUSED", caught.exception.code)
        self.assertIn('no programs of type "tracepoint"', str(caught.exception))
        # Processes could load anything else: to them the call itself is refused, and to what they start.
        load = (
            "import ctypes, errno, os; libc = ctypes.CDLL(None, use_errno=True); numbers = {'x86_64': 321, 'aarch64': 280}\n"
            "def call(command): ctypes.set_errno(0); libc.syscall(numbers[os.uname().machine], command, 0, 0); return errno.errorcode[ctypes.get_errno()]\n"
            "print(call(5), call(0))"
        )
        pid, out, err = agent.exec("shell", "sh", "-c", 'exec python3 -c "$0"', load)
        self.assertEqual(0, agent.wait_exit(pid)["status"], err.bytes())
        self.assertRegex(out.bytes().decode(), r"^EPERM E(?!PERM)")
        agent.ask("stop", run="shell")
        agent.ask("bye")

    def test_the_rate_holds_against_a_client_that_gives_all_credit(self):
        self.policy(limits={"rate_kib_s": 1024})
        agent = self.open(user="ann")
        began = time.monotonic()
        pid, out, _ = agent.exec("r", "head", "-c", str(2 << 20), "/dev/zero")
        agent.wait_exit(pid)
        out.wait_end()
        self.assertEqual(2 << 20, len(out.bytes()))
        # What may be saved up is a fifth of a second's; the last block may be a debt.
        self.assertGreater(time.monotonic() - began, 1.2)
        agent.ask("stop", run="r")
        agent.ask("bye")

    def test_a_session_that_asks_for_nothing_is_ended(self):
        self.policy(limits={"idle_s": 1})
        agent = self.open(user="ann")
        pid, _, _ = agent.exec("r", "sleep", "1000")
        agent.fails_on_swept = False
        agent.pump_until(lambda: agent.was_swept() is not None, "end")
        self.assertRegex(agent.was_swept()["items"][0], "idle for [0-9]+ s, which the policy of this node ends")
        self.wait_audited(lambda lines: lines[-1]["what"] == "session_end")
        self.assertFalse(is_alive(pid))
        self.assertFalse(os.path.exists(agent.hello["cgroup_path"]))

    def test_the_log_says_who_loaded_what_for_how_long(self):
        self.policy(rules=[{"users": ["ann"]}])
        agent = self.open("course-1", user="ann")
        agent.load("maps-1", object_bytes("maps"))
        pid, _, _ = agent.exec("shell-2", "true")
        agent.wait_exit(pid)
        agent.ask("stop", run="maps-1")
        agent.ask("stop", run="shell-2")
        agent.ask("bye")
        self.wait_audited(lambda lines: lines[-1]["what"] == "session_end")
        # A name that must be cut is in the log all the same.
        self.refused("BPFLAB_POLICY_REFUSED", user="b" + "\u00e9" * 40)
        lines = self.audited()
        self.assertEqual(["session", "load", "exec", "end", "session_end", "refused"], [line["what"] for line in lines])
        self.assertEqual({"node7"}, {line["node"] for line in lines})
        self.assertEqual(["ann"] * 5 + ["b"], [line["user"][:3] if line["what"] != "refused" else line["user"][0] for line in lines])
        self.assertEqual({"course-1"}, {line["session"] for line in lines[:5]})
        load, command, end = lines[1:4]
        self.assertEqual("tracepoint", load["programs"][0]["type"])
        self.assertEqual(["true"], command["argv"])
        self.assertEqual("maps-1", end["run"])
        self.assertGreater(end["seconds"], 0)

    def test_memory_and_processes_are_held_where_the_kernel_can(self):
        self.policy(limits={"memory_mib": 64, "processes": 24, "cpu_percent": 50})
        agent = self.open(user="ann")
        if agent.hello["policy"]["not_held"]:
            # Cgroup v1, or a part of v2 without controllers: it is said, and nothing else is different.
            self.assertEqual({"memory_mib", "processes", "cpu_percent"}, set(agent.hello["policy"]["not_held"]))
            agent.ask("bye")
            self.skipTest("this machine's cgroup v2 has no controllers")
        # A process, and a map of the worker: both count.
        pid, _, _ = agent.exec("big", "python3", "-c", "x = b'1' * (200 << 20)")
        end = agent.wait_exit(pid)
        self.assertEqual((None, signal.SIGKILL), (end["status"], end["signal"]))
        pid, out, _ = agent.exec("many", "sh", "-c", "for i in $(seq 40); do sleep 5 & done 2>&1; echo end")
        agent.pump_until(lambda: b"fork" in out.bytes() or b"end" in out.bytes(), "refusal")
        self.assertIn(b"fork", out.bytes())
        for run in ("big", "many"):
            agent.ask("stop", run=run)
        agent.fails_on_swept = False
        with self.assertRaises(client.AgentError):
            agent.load("maps", object_bytes("maps"), maps={"hash": {"max_entries": 50_000_000}})
        with open(os.path.join(agent.hello["cgroup_path"], "cpu.max"), encoding="utf-8") as file:
            self.assertEqual("50000 100000", file.read().strip())
        agent.ask("bye")


if __name__ == "__main__":
    unittest.main()

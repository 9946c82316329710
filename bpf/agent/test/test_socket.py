# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""Many sessions on one supervisor, connections that break, leases."""

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


class Sockets(unittest.TestCase):
    def setUp(self):
        if not may_load_programs():
            self.skipTest("only root may load programs")
        self.state = tempfile.mkdtemp(prefix="bpflab-agent-test-")
        self.addCleanup(shutil.rmtree, self.state, True)
        self.path = os.path.join(self.state, "agent.sock")
        words = [os.environ["BPFLAB_AGENT"], "supervise", "--socket", self.path, "--state", self.state]
        self.supervisor = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        for line in self.supervisor.stderr:
            if "ready" in line:
                break
        self.addCleanup(self.end)

    def end(self):
        self.supervisor.send_signal(signal.SIGTERM)
        self.supervisor.stderr.read()
        self.assertEqual(0, self.supervisor.wait(client.TIMEOUT_S))
        self.assertEqual(set(), folders(self.state))
        self.supervisor.stderr.close()

    def open(self, session, **more):
        agent = client.connect(self.path)
        agent.greet(session, **more)
        return agent

    def test_sessions_are_apart(self):
        one, two = self.open("one"), self.open("two")
        self.assertNotEqual(one.hello["worker_pid"], two.hello["worker_pid"])
        self.assertNotEqual(one.hello["cgroup_path"], two.hello["cgroup_path"])
        one.load("r", object_bytes("maps"))
        with self.assertRaises(client.AgentError):
            two.ask("stop", run="r")
        self.assertEqual([], two.ask("inventory", scope="session")["programs"])
        one.ask("bye")
        self.assertEqual([], two.ask("stats")["programs"])
        two.ask("bye")

    def test_a_broken_connection_is_taken_up_where_it_broke(self):
        first = self.open("kept")
        pid, out, _ = first.exec("r", "sh", "-c", "for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 0.2; done; sleep 1000")
        first.pump_until(lambda: b"line 2\n" in out.bytes(), "lines")
        seen, text = first.frames_seen, out.bytes()
        first.close()
        again = client.connect(self.path)
        again.streams = {number: client.Stream(again, number) for number in first.streams}
        hello = again.greet("kept", after=str(seen))
        self.assertTrue(hello["resumed"])
        self.assertEqual(first.hello["worker_pid"], hello["worker_pid"])
        stream = again.streams[out.number]
        again.pump_until(lambda: b"line 8\n" in stream.bytes(), "the rest")
        self.assertEqual([f"line {n}" for n in range(1, 9)], (text + stream.bytes()).decode().split("\n")[:-1])
        again.next_id = 100
        again.ask("stop", run="r")
        self.assertFalse(is_alive(pid))
        again.ask("bye")

    def test_a_new_hello_of_the_same_name_is_a_new_session(self):
        first = self.open("same")
        pid, _, _ = first.exec("r", "sleep", "1000")
        second = self.open("same")
        self.assertNotEqual(first.hello["worker_pid"], second.hello["worker_pid"])
        self.assertFalse(is_alive(pid))
        with self.assertRaises(TimeoutError):
            first.pump_until(lambda: False, "end", 5)
        self.assertTrue(first.closed)
        second.ask("bye")

    def test_the_lease_ends_what_nobody_comes_back_for(self):
        agent = self.open("leased", lease_s=1)
        pid, _, _ = agent.exec("r", "sleep", "1000")
        agent.close()
        self.assertTrue(is_alive(pid))
        deadline = time.monotonic() + 10
        while is_alive(pid):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_connect_pipes_a_session(self):
        words = [os.environ["BPFLAB_AGENT"], "connect", "piped", "--socket", self.path]
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        agent = client.Client(os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno()), process)
        process.stdout.close()
        process.stdin.close()
        self.assertEqual("piped", agent.greet("piped")["session"])
        agent.ask("bye")
        agent.close()
        self.assertEqual(0, process.wait(client.TIMEOUT_S))

    def test_connect_refuses_another_session(self):
        words = [os.environ["BPFLAB_AGENT"], "connect", "wanted", "--socket", self.path]
        hello = json.dumps({"protocol": 1, "session": "other", "after": "0"}).encode()
        done = subprocess.run(words, input=client.frame(client.HELLO, 0, hello), capture_output=True, check=False)
        self.assertEqual(2, done.returncode)
        self.assertEqual(1, subprocess.run([*words[:-1], "/no/such"], input=b"", capture_output=True, check=False).returncode)

    def test_wrong_hellos_close_the_connection(self):
        for hello in (b"{}", b"[]", b'{"protocol":1,"session":"../x","after":"0"}', b'{"protocol":1,"session":"x","after":"-1"}'):
            agent = client.connect(self.path)
            agent.send(client.HELLO, 0, hello)
            with self.assertRaises(TimeoutError):
                agent.pump_until(lambda: False, "end", 5)
            self.assertTrue(agent.closed, hello)

    def test_another_protocol_version_is_answered_with_ours(self):
        agent = client.connect(self.path)
        agent.send(client.HELLO, 0, json.dumps({"protocol": 2, "session": "later", "after": "0"}).encode())
        agent.pump_until(lambda: agent.hello, "hello")
        self.assertEqual(1, agent.hello["protocol"])


if __name__ == "__main__":
    unittest.main()

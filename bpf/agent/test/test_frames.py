# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""Hellos, frames, and what the agent does with wrong ones."""

import json
import struct
import unittest

import client
from support import AgentTest, is_alive


class Frames(AgentTest):
    def test_hello_describes_the_target(self):
        hello = self.hello
        self.assertEqual(1, hello["protocol"])
        self.assertEqual("test", hello["session"])
        self.assertGreaterEqual(hello["cpus_possible"], hello["cpus_online"])
        self.assertIn("CAP_BPF", hello["capabilities"])
        self.assertRegex(hello["btf_id"], r"^([0-9a-f]{64})?$")
        self.assertRegex(hello["monotonic_ns"], r"^\d+$")

    def test_ping_is_answered_with_its_token(self):
        self.agent.send(client.PING, 0, b"12345678")
        self.agent.pump_until(lambda: self.agent.pongs, "pong")
        self.assertEqual([b"12345678"], self.agent.pongs)

    def test_frames_may_come_in_single_bytes(self):
        request = json.dumps({"id": 7, "verb": "stats"}).encode()
        for byte in client.frame(client.REQUEST, 0, request):
            self.agent.send_raw(bytes([byte]))
        self.assertEqual([], self.agent.wait(7)["programs"])

    def test_an_idle_agent_pings(self):
        pings = []
        serve = self.agent.serve
        self.agent.serve = lambda kind, *rest: (pings.append(kind), serve(kind, *rest))
        self.agent.pump_until(lambda: client.PING in pings, "ping", 6)

    def test_requests_that_are_wrong_are_answered(self):
        cases = [
            ({"verb": "nonsense"}, "BPFLAB_AGENT_REQUEST"),
            ({"verb": "stop"}, "BPFLAB_AGENT_REQUEST"),
            ({"verb": "stop", "run": "NO CAPS"}, "BPFLAB_AGENT_REQUEST"),
            ({"verb": "stop", "run": "unknown"}, "BPFLAB_RUN_UNKNOWN"),
            ({"verb": "map_read", "map_id": "1", "stream": 1}, "BPFLAB_AGENT_REQUEST"),
            ({"verb": "map_read", "map_id": 4000000000, "stream": 900}, "BPFLAB_MAP_UNKNOWN"),
            ({"verb": "put", "sha256": "zz", "size": 1, "stream": 901}, "BPFLAB_AGENT_REQUEST"),
            ({"verb": "put", "sha256": "00" * 32, "size": 1 << 40, "stream": 902}, "BPFLAB_AGENT_LIMIT"),
            ({"verb": "exec", "run": "r", "argv": [], "stdout": 903}, "BPFLAB_AGENT_REQUEST"),
            ({"verb": "exec", "run": "r", "argv": ["/no/such"], "stdout": 904}, "BPFLAB_EXEC_FAILED"),
            ({"verb": "read_file", "path": "/dev/zero", "stream": 905}, "BPFLAB_FILE_PATH"),
            ({"verb": "load", "run": "r", "sha256": "11" * 32, "object_name": "x", "log_stream": 906}, "BPFLAB_AGENT_REQUEST"),
        ]
        for fields, code in cases:
            with self.subTest(fields=fields):
                self.fails(code, **fields)
        for text in (b"[]", b"{", b'{"id":1,"id":2}', b"\xff\xfe", b'{"id":"x","verb":"stats"}', b"[" * 5000):
            with self.subTest(text=text[:20]):
                self.agent.send(client.REQUEST, 0, text)
                self.agent.pump_until(lambda: -1 in self.agent.replies, "reply")
                self.assertEqual("BPFLAB_AGENT_REQUEST", self.agent.replies.pop(-1)["error"]["code"])

    def test_a_stream_number_is_used_once(self):
        content = b"x" * 10
        stream = self.agent.stream()
        fields = {"sha256": "22" * 32, "size": len(content), "stream": stream.number}
        self.agent.ask("put", **fields)
        self.fails("BPFLAB_AGENT_REQUEST", "put", **{**fields, "sha256": "33" * 32})

    def test_data_and_credit_for_nobody_are_ignored(self):
        self.agent.send(client.DATA, 4711, b"nobody")
        self.agent.send(client.CREDIT, 4711, struct.pack("<I", 1))
        self.agent.send(client.END, 4711)
        self.assertEqual([], self.agent.ask("stats")["programs"])


class Broken(AgentTest):
    def test_what_is_no_frame_ends_the_channel(self):
        self.agent.send_raw(struct.pack("<IBI", 5, 77, 0))
        self.expect_end()

    def test_a_frame_that_is_too_long_ends_the_channel(self):
        self.agent.send_raw(struct.pack("<IBI", 0xFFFFFFF0, client.REQUEST, 0))
        self.expect_end()

    def test_the_end_of_input_ends_the_agent_and_its_runs(self):
        pid, _, _ = self.agent.exec("r", "sleep", "1000")
        self.agent.close()
        self.agent.closed = True
        self.agent.process.wait(client.TIMEOUT_S)
        self.assertFalse(is_alive(pid))

    def expect_end(self):
        with self.assertRaises(TimeoutError):
            self.agent.pump_until(lambda: False, "more", 10)
        self.assertTrue(self.agent.closed)


if __name__ == "__main__":
    unittest.main()

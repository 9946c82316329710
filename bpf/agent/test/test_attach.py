# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""Attaching by options, and hooks that only some kernels have."""

import os
import socket
import struct
import subprocess
import time
import unittest

import client
from support import AgentTest, globals_of, is_alive, object_bytes, run, symbols

FIELDS = ("xdp", "tc", "cgroup", "perf", "uprobe", "socket", "raw", "sockops")


class Kinds(AgentTest):
    def setUp(self):
        super().setUp()
        self.agent.load("r", object_bytes("kinds"))

    def hits(self):
        places, data = symbols("kinds"), globals_of(self.agent)
        return {name: struct.unpack_from("<Q", data, places[f"hits_{name}"])[0] for name in FIELDS}

    def attach(self, program, **options):
        return self.agent.ask("attach", run="r", program=program, options=options)

    def send_datagram(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", ("127.0.0.1", 9))

    def wait_hit(self, name, action):
        deadline = time.monotonic() + 10
        while self.hits()[name] == 0:
            self.assertLess(time.monotonic(), deadline, f"{name} was never hit")
            action()

    def test_xdp_link(self):
        link = self.attach("on_xdp", ifname="lo", xdp_mode="skb")
        self.assertEqual(("xdp", "lo"), (link["kind"], link["target"]))
        self.assertGreater(link["link_id"], 0)
        self.wait_hit("xdp", self.send_datagram)

    def test_tcx_link(self):
        link = self.attach("on_tc", ifname="lo", direction="egress")
        self.assertEqual("lo egress", link["target"])
        self.wait_hit("tc", self.send_datagram)

    def test_classic_tc_is_swept(self):
        link = self.attach("on_tc", ifname="lo", direction="ingress", priority=7)
        self.assertEqual(("tc", 0), (link["kind"], link["link_id"]))
        self.wait_hit("tc", self.send_datagram)
        self.assertIn("on_tc", run("tc", "filter", "show", "dev", "lo", "ingress"))
        self.agent.ask("stop", run="r")
        self.assertNotIn("clsact", run("tc", "qdisc", "show", "dev", "lo"))

    def test_cgroup_link_watches_the_session(self):
        link = self.attach("on_egress")
        self.assertEqual(self.hello["cgroup_path"], link["target"])
        self.send_datagram()
        self.assertEqual(0, self.hits()["cgroup"])
        pid, _, _ = self.agent.exec("shell", "python3", "-c", "import socket; socket.socket(2,2).sendto(b'x',('127.0.0.1',9))")
        self.agent.wait_exit(pid)
        self.assertGreaterEqual(self.hits()["cgroup"], 1)
        self.attach("on_sockops", cgroup="/")
        self.fails("BPFLAB_ATTACH_FAILED", "attach", run="r", program="on_egress", options={"cgroup": "../.."})

    def test_samples_of_every_cpu(self):
        link = self.attach("on_sample", freq_hz=199)
        self.assertEqual("cpu-clock 199 Hz", link["target"])
        self.wait_hit("perf", lambda: sum(range(1000000)))

    def test_uprobe_by_function(self):
        binary = os.path.realpath("/bin/sh")
        libc = next(line.split()[2] for line in run("ldd", binary).splitlines() if "libc.so" in line)
        self.attach("on_uprobe", binary=libc, func="getenv", cookie="12345678901234567890")
        self.wait_hit("uprobe", lambda: subprocess.run(["sh", "-c", "env"], capture_output=True, check=True))
        error = self.fails("BPFLAB_ATTACH_FAILED", "attach", run="r", program="on_uprobe", options={"binary": libc, "func": "no_such_function"})
        self.assertIn("no_such_function", error["message"] + error.get("libbpf_log", ""))

    def test_socket_filter_raw_tracepoint_and_netns(self):
        link = self.attach("on_packet", socket_ifname="lo")
        self.assertEqual(("socket", 0), (link["kind"], link["link_id"]))
        self.wait_hit("socket", self.send_datagram)
        self.attach("on_raw")
        self.wait_hit("raw", lambda: subprocess.run(["true"], check=True))
        self.assertEqual("netns", self.attach("on_lookup")["kind"])

    def test_wrong_options_are_told(self):
        for program, options in (
            ("on_xdp", {}),
            ("on_xdp", {"ifname": "nosuch0"}),
            ("on_tc", {}),
            ("on_packet", {}),
            ("on_uprobe", {}),
            ("on_uprobe", {"binary": "/bin/sh"}),
            ("on_lookup", {"netns": "/no/such"}),
            ("on_syscall", {}),
        ):
            with self.subTest(program=program, options=options):
                error = self.fails("BPFLAB_ATTACH_FAILED", "attach", run="r", program=program, options=options)
                self.assertEqual(program, error["subject"])
        self.fails("BPFLAB_AGENT_REQUEST", "attach", run="r", program="none")
        self.fails("BPFLAB_AGENT_REQUEST", "attach", run="r", program="on_xdp", options={"ifname": 7})
        self.fails("BPFLAB_AGENT_REQUEST", "attach", run="r", program="on_tc", options={"ifname": "lo", "direction": "up"})
        self.fails("BPFLAB_MAP_UNKNOWN", "attach", run="r", program="on_xdp", options={"map": "none"})

    def test_test_run(self):
        result = self.agent.ask("test_run", run="r", program="on_xdp", data="00" * 64, repeat=1000)
        self.assertEqual((2, "00" * 64), (result["retval"], result["data"]))
        self.assertEqual(1000, self.hits()["xdp"])
        called = self.agent.ask("test_run", run="r", program="on_syscall", context="00" * 8)
        self.assertEqual((42, 16), (called["retval"], len(called["context"])))
        self.fails("BPFLAB_AGENT_REQUEST", "test_run", run="r", program="on_sample")


class Tracing(AgentTest):
    """Each hook either works and counts, or is refused with a typed error; which of both the kernel decides."""

    NEEDS = os.environ.get("BPFLAB_REQUIRE", "").split(",")

    def try_hook(self, program, action):
        try:
            self.agent.load(program.replace("_", "-"), object_bytes("tracing"), programs={program: {"autoload": True}})
            self.agent.ask("attach", run=program.replace("_", "-"), program=program)
        except client.AgentError as error:
            self.skip_refused(error, "tracing" in self.NEEDS)
        action()
        self.assertGreater(sum(struct.unpack("<7Q", globals_of(self.agent))), 0)

    @staticmethod
    def open_file():
        with open("/proc/self/status", encoding="utf-8"):
            os.getpgid(0)


def add_hook_tests():
    for name in ("on_kprobe", "on_kretprobe", "on_ksyscall", "on_multi", "on_fentry", "on_fexit", "on_lsm"):

        def test(self, name=name):
            self.try_hook(name, self.open_file)

        setattr(Tracing, f"test_{name}", test)


add_hook_tests()


class Sweep(AgentTest):
    """The worker or its supervisor is killed: what does not die with a process is removed all the same."""

    def load_and_attach(self):
        self.agent.load("r", object_bytes("kinds"))
        self.agent.ask("attach", run="r", program="on_tc", options={"ifname": "lo", "priority": 9, "direction": "ingress"})
        pid, _, _ = self.agent.exec("shell", "sh", "-c", "setsid sleep 1000 & sleep 1000")
        return pid

    def assert_gone(self, pid):
        self.assertNotIn("clsact", run("tc", "qdisc", "show", "dev", "lo"))
        self.assertFalse(self.hello["cgroup_path"] and os.path.exists(self.hello["cgroup_path"]))
        self.assertFalse(is_alive(pid))

    def test_worker_killed(self):
        pid = self.load_and_attach()
        self.agent.fails_on_swept = False
        os.kill(self.hello["worker_pid"], 9)
        self.agent.pump_until(self.agent.was_swept, "swept")
        items = self.agent.was_swept()["items"]
        self.assertIn("ended by signal 9", items[0])
        self.assertTrue(any("tc filter" in item for item in items), items)
        self.assert_gone(pid)
        self.assertEqual("ESRCH", self.fails("BPFLAB_TARGET_LOST", "stats")["errno"])
        old = self.hello
        self.hello = self.agent.greet()
        self.assertNotEqual(old["worker_pid"], self.hello["worker_pid"])
        self.agent.load("r", object_bytes("kinds"))

    def test_supervisor_killed(self):
        pid = self.load_and_attach()
        self.agent.process.kill()
        self.agent.close()
        self.agent.process.wait()
        self.agent = client.start(self.state)
        self.agent.greet()
        self.assert_gone(pid)


if __name__ == "__main__":
    unittest.main()

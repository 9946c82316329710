# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""A session in a network namespace of its own: what it makes there is seen by nobody else, and goes with it."""

import os
import signal

import client
from support import AgentTest, object_bytes, run

VETH = "ip link add bpflabtest0 type veth peer name bpflabtest1 && ip link set bpflabtest0 up && ip link set bpflabtest1 up"


def interfaces():
    return {line.split(":")[1].split("@")[0].strip() for line in run("ip", "-o", "link").splitlines()}


class OwnNetwork(AgentTest):
    def setUp(self):
        super().setUp()
        self.assertEqual("target", self.hello["network"])
        self.agent.bye()
        self.agent = client.start(self.state)
        self.outside = interfaces()
        self.hello = self.agent.greet(network="own")
        self.assertEqual("own", self.hello["network"])

    def end_agent(self):
        super().end_agent()
        self.assertFalse({"bpflabtest0", "bpflabtest1"} & interfaces())
        self.assertNotIn("clsact", run("tc", "qdisc", "show", "dev", "lo"))

    def attach(self, program, **options):
        return self.agent.ask("attach", run="r", program=program, options=options)

    def test_it_is_empty_and_nobody_sees_it(self):
        status, out, _ = self.run_shell("ip -o link | cut -d: -f2; ip -o addr show lo | grep -c 127.0.0.1; readlink /proc/self/ns/net")
        names = out.split()
        self.assertEqual((0, ["lo", "1"]), (status, names[:2]))
        self.assertNotEqual(os.readlink("/proc/self/ns/net"), names[2])
        self.assertEqual(os.readlink(f"/proc/{self.hello['worker_pid']}/ns/net"), names[2])
        self.assertEqual((0, "", ""), self.run_shell(VETH, run="veth"))
        self.assertFalse({"bpflabtest0"} & interfaces())
        self.assertEqual(self.outside, interfaces() & self.outside)

    def test_programs_are_attached_in_it(self):
        self.assertEqual((0, "", ""), self.run_shell(VETH))
        self.agent.load("r", object_bytes("kinds"))
        self.assertEqual("bpflabtest0", self.attach("on_xdp", ifname="bpflabtest0", xdp_mode="skb")["target"])
        self.attach("on_tc", ifname="bpflabtest1", direction="ingress")
        self.assertEqual("tc", self.attach("on_tc", ifname="lo", direction="ingress", priority=7)["kind"])
        self.attach("on_packet", socket_ifname="bpflabtest1")
        self.assertEqual("netns", self.attach("on_lookup")["kind"])
        links = {link["target"] for link in self.agent.ask("inventory", scope="session")["links"]}
        self.assertLessEqual({"bpflabtest0", "bpflabtest1", "lo ingress"}, links)
        _, filters, _ = self.run_shell("tc filter show dev lo ingress")
        self.assertIn("on_tc", filters)
        self.assertNotIn("on_tc", run("tc", "filter", "show", "dev", "lo", "ingress"))
        self.assertNotIn("xdp", run("ip", "link", "show", "lo"))
        self.agent.ask("stop", run="r")
        self.assertNotIn("clsact", self.run_shell("tc qdisc show dev lo", run="after")[1])

    def test_a_sweep_does_not_touch_interfaces_of_the_same_number(self):
        run("tc", "qdisc", "add", "dev", "lo", "clsact")
        try:
            self.agent.load("r", object_bytes("kinds"))
            self.attach("on_tc", ifname="lo", direction="ingress", priority=7)
            self.agent.fails_on_swept = False
            os.kill(self.hello["worker_pid"], signal.SIGKILL)
            self.agent.pump_until(self.agent.was_swept, "swept")
            self.assertIn("clsact", run("tc", "qdisc", "show", "dev", "lo"))
        finally:
            run("tc", "qdisc", "del", "dev", "lo", "clsact")
        self.hello = self.agent.greet()
        self.assertEqual("target", self.hello["network"])

    def test_another_word_is_refused(self):
        self.agent.bye()
        self.agent = client.start(self.state)
        with self.assertRaises(TimeoutError):
            self.agent.greet(network="none")
        self.agent.close()
        self.agent = client.start(self.state)
        self.hello = self.agent.greet()

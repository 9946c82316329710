# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""
Every section that libbpf knows: attached, listed, hit by traffic, detached, gone; or refused with the reason.
What a kernel lacks is skipped with its own words; BPFLAB_REQUIRE=hooks makes that a failure.
"""

import contextlib
import ctypes
import os
import platform
import signal
import socket
import struct
import subprocess
import time

import client
from support import OBJECTS, AgentTest, bpftool_ids, globals_of, is_mounted, object_bytes, run, symbols, u32

MUST_WORK = "hooks" in os.environ.get("BPFLAB_REQUIRE", "").split(",")
LOOPBACK = "127.0.0.1"


class HookTest(AgentTest):
    def load_hook(self, program, name="hooks", **more):
        try:
            programs = {program: {"autoload": True, **more}} if program else {}
            return self.agent.load("r", object_bytes(name), programs=programs)
        except client.AgentError as error:
            self.skip_refused(error, MUST_WORK)

    def attach(self, program, **options):
        try:
            link = self.agent.ask("attach", run="r", program=program, options=options)
        except client.AgentError as error:
            self.skip_refused(error, MUST_WORK)
        self.assert_listed(link)
        return link

    def assert_listed(self, link):
        """In our inventory, as ours; and in the kernel's by another program."""
        links = self.agent.ask("inventory", scope="session")["links"]
        ours = [entry for entry in links if entry["id"] == link["link_id"] and entry["run"] == "r"]
        self.assertTrue(ours, links)
        self.assertEqual("test", ours[0]["session"])
        if link["link_id"]:
            self.assertIn(link["link_id"], bpftool_ids("link"))

    def hook(self, program, **options):
        self.load_hook(program)
        return self.attach(program, **options)

    def hits(self, name="hooks", symbol="hits"):
        return struct.unpack_from("<Q", globals_of(self.agent), symbols(name)[symbol])[0]

    def wait_hit(self, action, name="hooks", symbol="hits"):
        deadline = time.monotonic() + client.TIMEOUT_S
        while self.hits(name, symbol) == 0:
            self.assertLess(time.monotonic(), deadline, f"{symbol} of {name} was never hit")
            action()

    def undo(self, link):
        """Detach, stop: neither link nor program is left, and the hook is quiet."""
        number = link["link_id"]
        inventory = self.agent.ask("inventory", scope="session")
        programs = {entry["id"] for entry in inventory["programs"] if entry["run"] == "r"}
        self.agent.ask("detach", run="r", link=link["link"])
        if number:
            self.assertNotIn(number, bpftool_ids("link"))
        self.agent.ask("stop", run="r")
        self.assertEqual(set(), programs & bpftool_ids("prog"))

    def datagram(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", (LOOPBACK, 9))


class Network(HookTest):
    def test_netfilter(self):
        for direction, target in ((None, "IPv4 input"), ("egress", "IPv4 output")):
            with self.subTest(target):
                link = self.hook("on_netfilter", priority=-7, **({"direction": direction} if direction else {}))
                self.assertEqual(("netfilter", target), (link["kind"], link["target"]))
                self.wait_hit(self.datagram)
                self.undo(link)

    def test_sk_lookup(self):
        link = self.hook("on_lookup")
        self.assertEqual("netns", link["kind"])
        self.wait_hit(self.datagram)
        self.undo(link)

    def test_flow_dissector(self):
        link = self.hook("on_dissect")
        self.assertEqual("netns", link["kind"])
        self.agent.ask("test_run", run="r", program="on_dissect", data="00" * 12 + "0800" + "00" * 50)
        self.assertEqual(1, self.hits())
        self.undo(link)

    def make_netkit(self):
        made = subprocess.run(["ip", "link", "add", "nktest0", "type", "netkit", "mode", "l3"], capture_output=True, text=True, check=False)
        if made.returncode:
            self.assertFalse(MUST_WORK, made.stderr)
            self.skipTest(f"no netkit device: {made.stderr.strip()}")
        self.addCleanup(subprocess.run, ["ip", "link", "del", "nktest0"], check=False)
        peer = next(line.split(":")[1].split("@")[0].strip() for line in run("ip", "-o", "link").splitlines() if "@nktest0" in line)
        for name in ("nktest0", peer):
            run("ip", "link", "set", name, "up")
        run("ip", "addr", "add", "198.18.7.1/24", "dev", "nktest0")

    def send_to_netkit(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", ("198.18.7.2", 9))

    def test_netkit(self):
        self.load_hook("on_netkit")
        self.make_netkit()
        link = self.attach("on_netkit", ifname="nktest0")
        self.assertEqual(("netkit", "nktest0 netkit"), (link["kind"], link["target"]))
        self.wait_hit(self.send_to_netkit)
        self.undo(link)

    def test_netkit_peer(self):
        self.load_hook("on_netkit_peer")
        self.make_netkit()
        self.undo(self.attach("on_netkit_peer", ifname="nktest0"))

    def test_netkit_needs_a_netkit_device(self):
        self.load_hook("on_netkit")
        error = self.fails("BPFLAB_ATTACH_FAILED", "attach", run="r", program="on_netkit", options={"ifname": "lo"})
        self.assertIn("lo netkit", error["message"])

    def test_tcx_and_xdp_with_fragments(self):
        for program, options in (("on_tcx", {}), ("on_xdp_frags", {"xdp_mode": "skb"})):
            with self.subTest(program):
                link = self.hook(program, ifname="lo", **options)
                self.wait_hit(self.datagram)
                self.undo(link)

    def connect(self, listener):
        """Both ends of a connection with `hello` sent and received."""
        connection = socket.create_connection(listener.getsockname())
        self.addCleanup(connection.close)
        accepted, _ = listener.accept()
        self.addCleanup(accepted.close)
        return connection, accepted

    def sockmap(self, programs):
        listener = socket.create_server((LOOPBACK, 0))
        self.addCleanup(listener.close)
        port = u32(listener.getsockname()[1])
        self.agent.load("r", object_bytes("sockmap"), globals=[{"map": ".rodata", "offset": 0, "bytes": port}])
        links = [self.attach(program, map="sockets") for program in programs]
        self.attach("on_established", cgroup="/")
        connection, accepted = self.connect(listener)
        connection.settimeout(client.TIMEOUT_S)
        accepted.settimeout(client.TIMEOUT_S)
        connection.sendall(b"hello")
        self.assertEqual(b"hello", accepted.recv(5))
        return links

    def test_stream_parser_and_verdict(self):
        links = self.sockmap(["on_parse", "on_verdict"])
        self.assertEqual("map sockets", links[0]["target"])
        self.wait_hit(time.thread_time, "sockmap", "hits_parser")
        self.wait_hit(time.thread_time, "sockmap", "hits_verdict")
        for link in links[1:]:
            self.agent.ask("detach", run="r", link=link["link"])
        self.undo(links[0])

    def test_socket_messages(self):
        (link,) = self.sockmap(["on_message"])
        self.wait_hit(time.thread_time, "sockmap", "hits_message")
        self.undo(link)

    def test_a_sockmap_program_needs_its_map(self):
        self.agent.load("r", object_bytes("sockmap"))
        error = self.fails("BPFLAB_ATTACH_FAILED", "attach", run="r", program="on_verdict")
        self.assertIn("sockmap or sockhash", error["message"])


# What a process of the session does so that a hook of its cgroup is hit.
CGROUP_HOOKS = {
    "on_sock_create": "s.socket(2, 1)",
    "on_sock_release": "s.socket(2, 1).close()",
    "on_post_bind": "s.socket(2, 2).bind(('127.0.0.1', 0))",
    "on_bind": "s.socket(2, 2).bind(('127.0.0.1', 0))",
    "on_connect": "s.socket(2, 2).connect(('127.0.0.1', 9))",
    "on_connect_unix": "s.socket(1, 1).connect_ex('/no/such')",
    "on_sendmsg": "s.socket(2, 2).sendto(b'x', ('127.0.0.1', 9))",
    "on_recvmsg": "a = s.socket(2, 2); a.bind(('127.0.0.1', 0)); a.sendto(b'x', a.getsockname()); a.recvfrom(1)",
    "on_getsockname": "a = s.socket(2, 2); a.bind(('127.0.0.1', 0)); a.getsockname()",
    "on_ingress": "a = s.socket(2, 2); a.bind(('127.0.0.1', 0)); a.sendto(b'x', a.getsockname()); a.recvfrom(1)",
    "on_skb": "a = s.socket(2, 2); a.bind(('127.0.0.1', 0)); a.sendto(b'x', a.getsockname()); a.recvfrom(1)",
    "on_sysctl": "open('/proc/sys/kernel/ostype').read()",
    "on_device": "open('/dev/zero', 'rb').read(1)",
    "on_sockops": "a = s.create_server(('127.0.0.1', 0)); s.create_connection(a.getsockname())",
    "on_getsockopt": "s.socket(2, 2).getsockopt(1, 8)",
    "on_setsockopt": "s.socket(2, 2).setsockopt(1, 8, 65536)",
    "on_lsm_cgroup": "s.socket(2, 1)",
}


class Cgroup(HookTest):
    """Each kind of cgroup hook, on the session's own cgroup, hit by a process of the session and by nobody else."""

    def check(self, program):
        link = self.hook(program)
        self.assertEqual(self.hello["cgroup_path"], link["target"])
        status, _, errors = self.run_shell(f'python3 -c "import socket as s; {CGROUP_HOOKS[program]}"')
        self.assertEqual((0, ""), (status, errors))
        self.assertGreater(self.hits(), 0)
        self.undo(link)


def add_cgroup_tests():
    for name in CGROUP_HOOKS:

        def test(self, name=name):
            self.check(name)

        setattr(Cgroup, f"test_{name}", test)


add_cgroup_tests()


class Traced(HookTest):
    @staticmethod
    def start_program():
        subprocess.run(["true"], check=True)

    @staticmethod
    def open_file():
        with open("/proc/self/status", encoding="utf-8"):
            os.getpgid(0)

    def libc(self):
        return next(line.split()[2] for line in run("ldd", os.path.realpath("/bin/sh")).splitlines() if "libc.so" in line)

    def test_typed_raw_tracepoint(self):
        link = self.hook("on_typed", cookie="7")
        self.wait_hit(self.start_program)
        self.undo(link)

    def test_writable_raw_tracepoint(self):
        self.agent.load("other", object_bytes("kinds"))
        link = self.hook("on_writable", cookie="7")
        self.agent.ask("test_run", run="other", program="on_xdp", data="00" * 64)
        self.assertEqual(1, self.hits())
        self.undo(link)

    def test_sleepable_lsm(self):
        link = self.hook("on_lsm_sleepable")
        self.wait_hit(self.open_file)
        self.undo(link)

    def test_many_functions(self):
        link = self.hook("on_many")
        self.assertEqual("kprobe_multi", link["kind"])
        self.wait_hit(self.open_file)
        self.undo(link)

    def test_many_functions_by_option(self):
        link = self.hook("on_many", func="vfs_open", cookie="3", retprobe=True)
        self.assertEqual("vfs_open", link["target"])
        self.wait_hit(self.open_file)
        self.undo(link)

    def test_session_of_entry_and_return(self):
        link = self.hook("on_session")
        self.wait_hit(self.open_file)
        self.undo(link)

    def test_return_of_a_system_call_by_option(self):
        link = self.hook("on_syscall_return", func="getpgid")
        self.assertEqual("getpgid", link["target"])
        self.wait_hit(self.open_file)
        self.undo(link)

    def test_user_function_of_one_process(self):
        victim = subprocess.Popen(["sh", "-c", "while read line; do :; done"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.addCleanup(victim.wait)
        self.addCleanup(victim.stdin.close)
        link = self.hook("on_user", binary=self.libc(), func="read", pid=victim.pid)
        subprocess.run(["sh", "-c", "echo x | while read line; do :; done"], check=True)
        self.assertEqual(0, self.hits(), "other processes are not seen")

        def work():
            victim.stdin.write(b"x\n")
            victim.stdin.flush()

        self.wait_hit(work)
        self.undo(link)

    def test_the_section_gives_what_options_leave_out(self):
        self.load_hook("on_user_section")
        error = self.fails("BPFLAB_ATTACH_FAILED", "attach", run="r", program="on_user_section", options={"pid": 1})
        self.assertIn("/proc/self/exe:no_such_function", error["message"])
        link = self.attach("on_user_section", binary=self.libc(), func="getenv")
        self.wait_hit(lambda: run("sh", "-c", "env"))
        self.undo(link)

    def test_relative_paths_are_those_of_the_session(self):
        def in_session(script):
            pid, _, _ = self.agent.exec("shell", "sh", "-c", script)
            self.assertEqual(0, self.agent.wait_exit(pid)["status"])

        in_session(f"mkdir lesson && cp {self.libc()} lesson/library.so")
        for program, options in (("on_user_relative", {}), ("on_user", {"binary": "lesson/library.so", "func": "getenv"})):
            with self.subTest(program):
                link = self.hook(program, **options)
                in_session("env >/dev/null")
                self.assertEqual(0, self.hits(), "the library of others is not the session's")
                self.wait_hit(lambda: in_session("LD_PRELOAD=./lesson/library.so env >/dev/null"))
                self.undo(link)

    def test_many_user_functions(self):
        for program in ("on_user_many", "on_user_many_return"):
            with self.subTest(program):
                link = self.hook(program, binary=self.libc(), func="getenv")
                self.assertEqual(("uprobe_multi", f"{self.libc()}:getenv"), (link["kind"], link["target"]))
                self.wait_hit(lambda: run("sh", "-c", "env"))
                self.undo(link)
        self.load_hook("on_user_many")
        for options, reason in (({}, "pattern of functions"), ({"func": "getenv", "cookie": "5"}, "a cookie belongs to one function")):
            error = self.fails("BPFLAB_ATTACH_FAILED", "attach", run="r", program="on_user_many", options={"binary": self.libc(), **options})
            self.assertIn(reason, error["message"])

    def test_a_function_of_another_program_is_replaced(self):
        self.agent.load("target", object_bytes("hooks"), programs={"on_replaced": {"autoload": True}})
        target = self.agent.ask("inventory", scope="session")["programs"][0]["id"]
        drop = self.agent.ask("test_run", run="target", program="on_replaced", data="00" * 64)["retval"]
        self.load_hook("replacement", "replace", attach_target={"prog_id": target, "func": "replaceable"})
        link = self.attach("replacement")
        passed = self.agent.ask("test_run", run="target", program="on_replaced", data="00" * 64)["retval"]
        self.assertEqual((1, 2), (drop, passed))
        self.assertEqual(1, self.hits("replace"))
        self.undo(link)
        self.assertEqual(drop, self.agent.ask("test_run", run="target", program="on_replaced", data="00" * 64)["retval"])

    def test_cgroups_are_walked(self):
        self.load_hook("walk_cgroups")
        for options, least in (({}, 2), ({"cgroup": self.hello["cgroup_path"].removeprefix(is_mounted("cgroup2"))}, 1)):
            with self.subTest(**options):
                before = self.hits()
                link = self.attach("walk_cgroups", **options)
                self.agent.subscribe("r", "iter", link=link["link"]).wait_end()
                self.assertGreaterEqual(self.hits() - before, least)


class StaticProbes(HookTest):
    """A program with a probe of its own; libbpf finds it by name in PATH."""

    VICTIM = os.path.join(OBJECTS, "usdt_victim")

    def setUp(self):
        before = os.environ["PATH"]
        os.environ["PATH"] = f"{OBJECTS}:{before}"
        self.addCleanup(os.environ.update, PATH=before)
        super().setUp()

    def test_by_section(self):
        for options in ({}, {"cookie": "8"}):
            with self.subTest(**options):
                self.load_hook("by_section", "usdt")
                link = self.attach("by_section", **options)
                self.wait_hit(lambda: run(self.VICTIM), "usdt")
                self.undo(link)

    def test_by_options(self):
        self.load_hook("by_options", "usdt")
        error = self.fails("BPFLAB_ATTACH_FAILED", "attach", run="r", program="by_options", options={"binary": self.VICTIM})
        self.assertIn("binary, provider and name", error["message"])
        link = self.attach("by_options", binary=self.VICTIM, usdt_provider="lab", usdt_name="step", cookie="4711")
        self.assertEqual(f"{self.VICTIM}:lab:step", link["target"])
        self.wait_hit(lambda: run(self.VICTIM), "usdt")
        self.assertEqual((4711, 42), (self.hits("usdt", "cookie"), self.hits("usdt", "argument")))
        self.undo(link)


class StructOps(HookTest):
    """A congestion control of our own carries a connection."""

    def load_congestion(self):
        try:
            return self.agent.load("r", object_bytes("congestion"))
        except client.AgentError as error:
            self.skip_refused(error, MUST_WORK)

    @staticmethod
    def available():
        with open("/proc/sys/net/ipv4/tcp_available_congestion_control", encoding="utf-8") as file:
            return file.read().split()

    def transfer(self, name):
        with socket.create_server((LOOPBACK, 0)) as listener, socket.socket() as sender:
            sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, name.encode())
            sender.connect(listener.getsockname())
            accepted, _ = listener.accept()
            with accepted:
                sender.sendall(b"x" * 20000)
                left = 20000
                while left:
                    left -= len(accepted.recv(left))

    def check(self, variable, name):
        self.load_congestion()
        link = self.attach(variable)
        self.assertEqual(("struct_ops", variable), (link["kind"], link["target"]))
        self.assertIn(name, self.available())
        self.wait_hit(lambda: self.transfer(name), "congestion")
        self.agent.ask("detach", run="r", link=link["link"])
        self.assertNotIn(name, self.available())
        self.agent.ask("stop", run="r")

    def test_by_link(self):
        self.check("linked", "bpflab_link")

    def test_without_link(self):
        self.check("registered", "bpflab_plain")

    def test_programs_name_the_map(self):
        self.load_congestion()
        error = self.fails("BPFLAB_ATTACH_FAILED", "attach", run="r", program="lab_cong_avoid")
        self.assertIn("name of their map", error["message"])

    def test_a_registration_is_swept(self):
        self.load_congestion()
        self.attach("registered")
        self.agent.fails_on_swept = False
        os.kill(self.hello["worker_pid"], signal.SIGKILL)
        self.agent.pump_until(self.agent.was_swept, "swept")
        self.assertNotIn("bpflab_plain", self.available())
        self.hello = self.agent.greet()


class NoHook(HookTest):
    """Programs that libbpf loads and that nobody attaches by a name: the answer says what uses them."""

    REASONS = {
        "on_devmap": "entry of a devmap",
        "on_cpumap": "entry of a cpumap",
        "on_action": "tc filter add",
        "on_lwt_in": "ip route add",
        "on_lwt_out": "ip route add",
        "on_lwt_xmit": "ip route add",
        "on_seg6": "ip route add",
        "on_reuseport": "SO_ATTACH_REUSEPORT_EBPF",
        "on_infrared": "infrared receiver",
        "on_syscall": "test_run",
    }

    def test_is_told(self):
        for program, reason in self.REASONS.items():
            with self.subTest(program):
                try:
                    self.agent.load("r", object_bytes("hooks"), programs={program: {"autoload": True}})
                except client.AgentError as error:
                    # A kernel without the type says so at load.
                    self.assertEqual("BPFLAB_LOAD_FAILED", error.code)
                    self.assertEqual("EINVAL", error.error["errno"])
                    continue
                error = self.fails("BPFLAB_ATTACH_FAILED", "attach", run="r", program=program, options={"ifname": "lo"})
                self.assertIn(reason, error["message"])
                self.agent.ask("stop", run="r")


def forbid_links():
    """From here on bpf(BPF_LINK_CREATE) is unknown, as before Linux 5.7."""
    number = {"x86_64": 321, "aarch64": 280}[platform.machine()]
    steps = [
        (0x20, 0, 0, 0),  # the system call's number
        (0x15, 0, 3, number),
        (0x20, 0, 0, 16),  # its first argument
        (0x15, 0, 1, 28),
        (0x06, 0, 0, 0x00050000 | 22),  # EINVAL
        (0x06, 0, 0, 0x7FFF0000),
    ]
    program = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in steps))
    filters = struct.pack("<H6xQ", len(steps), ctypes.addressof(program))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(22, 2, filters, 0, 0):
        os._exit(1)


class OldKernel(HookTest):
    """Without links: what is attached stays until it is taken off, so the journal knows of it."""

    prepare = staticmethod(forbid_links)

    def test_xdp(self):
        link = self.hook("on_xdp", ifname="lo", xdp_mode="skb")
        self.assertEqual(("xdp-netlink", "lo", 0), (link["kind"], link["target"], link["link_id"]))
        self.assertIn("xdpgeneric", run("ip", "link", "show", "lo"))
        self.wait_hit(self.datagram)
        self.undo(link)
        self.assertNotIn("xdp", run("ip", "link", "show", "lo"))

    def test_xdp_of_somebody_else_stays(self):
        link = self.hook("on_xdp", ifname="lo", xdp_mode="skb")
        error = self.fails("BPFLAB_ATTACH_FAILED", "attach", run="r", program="on_xdp", options={"ifname": "lo", "xdp_mode": "skb"})
        self.assertEqual("on_xdp", error["subject"])
        self.assertIn("xdpgeneric", run("ip", "link", "show", "lo"))
        self.undo(link)

    def test_cgroup(self):
        link = self.hook("on_ingress")
        path = self.hello["cgroup_path"]
        self.assertEqual(("cgroup-attach", path, 0), (link["kind"], link["target"], link["link_id"]))
        self.assertIn("on_ingress", run("bpftool", "cgroup", "show", path))
        self.run_shell(f'python3 -c "import socket as s; {CGROUP_HOOKS["on_ingress"]}"')
        self.assertGreater(self.hits(), 0)
        self.agent.ask("detach", run="r", link=link["link"])
        self.assertNotIn("on_ingress", run("bpftool", "cgroup", "show", path))

    def test_tc(self):
        link = self.hook("on_tcx", ifname="lo")
        self.assertEqual(("tc", 0), (link["kind"], link["link_id"]))
        self.wait_hit(self.datagram)
        self.undo(link)
        self.assertNotIn("clsact", run("tc", "qdisc", "show", "dev", "lo"))

    def test_sockmap(self):
        self.agent.load("r", object_bytes("sockmap"))
        link = self.attach("on_verdict", map="sockets")
        self.assertEqual(("sockmap", 0), (link["kind"], link["link_id"]))
        self.undo(link)

    def test_all_is_swept(self):
        self.load_hook("on_xdp")
        self.attach("on_xdp", ifname="lo", xdp_mode="skb")
        self.agent.load("other", object_bytes("kinds"))
        self.agent.ask("attach", run="other", program="on_sockops", options={"cgroup": "/"})
        self.agent.fails_on_swept = False
        os.kill(self.hello["worker_pid"], signal.SIGKILL)
        self.agent.pump_until(self.agent.was_swept, "swept")
        items = self.agent.was_swept()["items"]
        self.assertTrue(any("XDP program" in item for item in items), items)
        self.assertTrue(any("program of cgroup" in item for item in items), items)
        self.assertNotIn("xdp", run("ip", "link", "show", "lo"))
        self.assertNotIn("on_sockops", run("bpftool", "cgroup", "show", is_mounted("cgroup2")))
        self.hello = self.agent.greet()

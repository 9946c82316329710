# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""Processes, terminals, files."""

import os
import shutil
import signal
import struct
import time
import unittest

import client
from support import AgentTest, is_alive


class Exec(AgentTest):
    def test_output_status_and_folder(self):
        status, out, err = self.run_shell("pwd; echo oops >&2; exit 7")
        self.assertEqual(7, status)
        self.assertEqual("oops\n", err)
        self.assertTrue(out.startswith(self.state), out)

    def test_the_process_is_in_the_session_cgroup(self):
        _, out, _ = self.run_shell("cat /proc/self/cgroup")
        if self.hello["cgroup_path"]:
            self.assertIn(os.path.basename(self.hello["cgroup_path"]) + "/shell", out)

    def test_environment_is_ours_only(self):
        os.environ["BPFLAB_SECRET"] = "1"
        _, out, _ = self.run_shell("env", env={"GREETING": "hello world"})
        self.assertIn("GREETING=hello world\n", out)
        self.assertIn("PATH=", out)
        self.assertNotIn("BPFLAB_SECRET", out)

    def test_a_program_is_where_path_has_it_first(self):
        folders = [os.path.join(self.state, name) for name in ("none", "folder", "plain", "first", "second")]
        os.makedirs(os.path.join(folders[1], "prog"))
        for folder, mode in zip(folders[2:], (0o600, 0o700, 0o700)):
            os.mkdir(folder)
            path = os.path.join(folder, "prog")
            with open(path, "w", encoding="ascii") as file:
                file.write("echo " + os.path.basename(folder) + "\n")
            os.chmod(path, mode)
        path = ":".join(["", *folders, "/usr/bin:/bin"])
        _, out, _ = self.agent.exec("r", "prog", env={"PATH": path})
        self.agent.pump_until(lambda: out.ended, "end")
        self.assertEqual(b"first\n", out.bytes())
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)

    def test_exit_does_not_wait_for_background_children(self):
        pid, out, _ = self.agent.exec("r", "sh", "-c", "sleep 1000 & echo started")
        end = self.agent.wait_exit(pid, 5)
        self.assertEqual(0, end["status"])
        self.assertEqual(b"started\n", out.bytes())
        self.assertFalse(out.ended)
        self.agent.ask("stop", run="r")
        self.assertTrue(out.ended)

    def test_stop_kills_what_hides_in_other_sessions(self):
        script = "setsid sh -c 'trap \"\" TERM INT HUP; echo $$; while :; do sleep 1; done' & trap '' INT TERM; sleep 1000"
        _, out, _ = self.agent.exec("r", "sh", "-c", script)
        self.agent.pump_until(out.bytes, "pid")
        hidden = int(out.bytes())
        self.agent.ask("stop", run="r")
        self.assertFalse(is_alive(hidden))

    def test_stdin_is_delivered_and_closed(self):
        stdin = self.agent.stream()
        pid, out, _ = self.agent.exec("r", "cat", stdin=stdin)
        data = bytes(range(256)) * 4096 * 3
        sent = 0
        credit = [client.INITIAL_CREDIT]
        serve = self.agent.serve

        def count(kind, stream, payload):
            if kind == client.CREDIT and stream == stdin.number:
                credit[0] += struct.unpack("<I", payload)[0]
            else:
                serve(kind, stream, payload)

        self.agent.serve = count
        while sent < len(data):
            self.agent.pump_until(lambda: credit[0] > 0, "credit")
            part = min(65536, credit[0], len(data) - sent)
            self.agent.send(client.DATA, stdin.number, data[sent : sent + part])
            sent += part
            credit[0] -= part
        self.agent.send(client.END, stdin.number)
        self.agent.wait_exit(pid)
        self.assertEqual(data, out.bytes())

    def waits(self, pid):
        return sum(event["event"] == "awaits_input" and event["pid"] == pid for event in self.agent.events)

    def test_waiting_for_input_is_told_each_time(self):
        for script in (
            "read x; echo got $x; read y; echo got $y",
            # select(2) first; then a grandchild of another name; then a thread.
            "read -t 60 x; echo got $x; (sh -c 'read y; echo got $y')",
            "python3 -uc 'import threading, sys\nfor i in 1, 2:\n t = threading.Thread(target=lambda: print(\"got\", sys.stdin.readline().strip()))\n t.start(); t.join()'",
        ):
            with self.subTest(script=script):
                stdin = self.agent.stream()
                pid, out, _ = self.agent.exec("r", "bash", "-c", f"printf 'name? '; {script}", stdin=stdin, report_waiting=True)
                self.agent.pump_until(lambda pid=pid: self.waits(pid) == 1, "the first wait")
                self.assertEqual(b"name? ", out.bytes())
                self.agent.send(client.DATA, stdin.number, b"one\n")
                self.agent.pump_until(lambda pid=pid: self.waits(pid) == 2, "the second wait")
                self.assertEqual(b"name? got one\n", out.bytes())
                self.agent.send(client.DATA, stdin.number, b"two\n")
                self.assertEqual(0, self.agent.wait_exit(pid)["status"])
                self.assertEqual(2, self.waits(pid))

    def test_who_does_not_read_its_input_is_not_said_to_wait(self):
        stdin = self.agent.stream()
        # It has input already, then waits for another pipe, for time, and for a child.
        script = "read x; sleep 0.3 | cat; sleep 0.3; echo $x"
        pid, out, _ = self.agent.exec("r", "bash", "-c", script, stdin=stdin, report_waiting=True)
        self.agent.send(client.DATA, stdin.number, b"early\n")
        self.agent.wait_exit(pid)
        self.assertEqual((b"early\n", 0), (out.bytes(), self.waits(pid)))

    def test_a_process_that_reads_nothing_takes_its_input(self):
        stdin = self.agent.stream()
        pid, _, _ = self.agent.exec("r", "true", stdin=stdin)
        self.agent.wait_exit(pid)
        self.agent.send(client.DATA, stdin.number, b"x" * 1000)
        self.agent.send(client.END, stdin.number)
        self.agent.ask("stats")

    def test_a_flood_of_output_is_held_back_and_complete(self):
        out = self.agent.stream(give_credit=False)
        count = 5 * 1000 * 1000
        pid = self.agent.ask("exec", run="r", argv=["sh", "-c", f"head -c {count} /dev/zero; echo end"], stdout=out.number)["pid"]
        self.agent.pump_until(lambda: sum(map(len, out.payloads)) == client.INITIAL_CREDIT, "all that was credited")
        self.agent.ask("stats")
        self.assertEqual(client.INITIAL_CREDIT, sum(map(len, out.payloads)))
        out.give_credit = True
        self.agent.send(client.CREDIT, out.number, struct.pack("<I", 65536))
        self.agent.wait_exit(pid)
        self.assertEqual(count + 4, len(out.bytes()))

    def test_signals_reach_the_group(self):
        # The children are there when the line comes: a shell that is still starting may take a signal for itself.
        pid, out, _ = self.agent.exec("r", "sh", "-c", "sleep 1000 & sleep 1000 & jobs -p; wait")
        self.agent.pump_until(lambda: out.bytes().count(b"\n") == 2, "children")
        self.agent.ask("signal", run="r", pid=pid, signal=int(signal.SIGTERM))
        self.assertEqual(int(signal.SIGTERM), self.agent.wait_exit(pid)["signal"])
        # The children held the pipe: its end is theirs.
        out.wait_end()
        self.fails("BPFLAB_AGENT_REQUEST", "signal", run="r", pid=pid, signal=9)
        self.fails("BPFLAB_AGENT_REQUEST", "signal", run="r", pid=1, signal=9)

    def test_terminal(self):
        stdin, out = self.agent.stream(), self.agent.stream()
        pid = self.agent.ask("exec", run="r", argv=["sh"], stdin=stdin.number, stdout=out.number, pty={"rows": 33, "cols": 99})["pid"]
        self.agent.send(client.DATA, stdin.number, b"stty size; tty\n")
        self.agent.pump_until(lambda: b"33 99" in out.bytes() and b"/dev/pts/" in out.bytes(), "size")
        self.agent.ask("resize", run="r", pid=pid, rows=44, cols=111)
        self.agent.send(client.DATA, stdin.number, b"stty size\n")
        self.agent.pump_until(lambda: b"44 111" in out.bytes(), "new size")
        self.agent.send(client.DATA, stdin.number, b"sleep 1000\n")
        # A Ctrl-C before that would be the shell's own, also in its child that is not sleep yet.
        deadline = time.monotonic() + client.TIMEOUT_S
        while self.foreground(pid) != "sleep":
            self.assertLess(time.monotonic(), deadline, "the command never came to the front")
            self.agent.pump(0.02)
        self.agent.send(client.DATA, stdin.number, b"\x03")
        self.agent.send(client.DATA, stdin.number, b"exit 5\n")
        self.assertEqual(5, self.agent.wait_exit(pid)["status"])
        out.wait_end()

    @staticmethod
    def foreground(pid):
        """Name of the program in front of the terminal of `pid`, None while it changes."""
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            group = file.read().rsplit(")", 1)[1].split()[5]
        try:
            with open(f"/proc/{group}/comm", encoding="utf-8") as file:
                return file.read().strip()
        except FileNotFoundError:
            return None

    def test_binary_output_is_not_touched(self):
        pid, out, _ = self.agent.exec("r", "head", "-c", "100000", "/dev/urandom")
        self.agent.wait_exit(pid)
        self.assertEqual(100000, len(out.bytes()))

    def test_a_failed_start_leaves_no_run(self):
        error = self.fails("BPFLAB_EXEC_FAILED", "exec", run="r", argv=["/no/such/program"], stdout=self.agent.stream().number)
        self.assertEqual("ENOENT", error["errno"])
        self.fails("BPFLAB_RUN_UNKNOWN", "stop", run="r")


class Files(AgentTest):
    def place(self, path, content=b"text", **more):
        return self.agent.ask("place", sha256=self.agent.put(content), path=path, **more)["path"]

    def test_placed_files_are_there(self):
        path = self.place("deep/er/program.sh", b"#!/bin/sh\necho placed\n", mode=0o755)
        self.assertEqual("placed\n", self.run_shell("deep/er/program.sh")[1])
        self.assertTrue(path.endswith("/deep/er/program.sh"))
        self.place("deep/er/program.sh", b"#!/bin/sh\necho again\n", mode=0o755)
        self.assertEqual("again\n", self.run_shell("deep/er/program.sh")[1])

    def test_paths_stay_below_the_folder(self):
        self.run_shell("ln -s /tmp link; ln -s /etc/passwd file; mkdir folder")
        for path in ("../x", "/etc/x", "a/../../x", "link/x", "", ".", "..", "a//b", "folder", "x/", "a/" + "n" * 300):
            with self.subTest(path=path):
                digest = self.agent.put(b"text")
                self.fails("BPFLAB_FILE_PATH", "place", sha256=digest, path=path)
        self.place("file", b"new")
        with open("/etc/passwd", encoding="utf-8") as file:
            self.assertIn("root", file.read())

    def test_files_are_read(self):
        stream = self.agent.stream()
        self.agent.ask("read_file", path="/proc/self/status", stream=stream.number)
        self.assertIn(b"bpflab-agent", stream.wait_end().bytes())
        stream = self.agent.stream()
        self.agent.ask("read_file", path="/sys/kernel/btf/vmlinux", stream=stream.number, max_bytes=100000)
        self.assertEqual(100000, len(stream.wait_end().bytes()))
        self.fails("BPFLAB_FILE_PATH", "read_file", path="/no/such", stream=self.agent.stream().number)

    def test_content_with_another_hash_is_not_kept(self):
        stream = self.agent.stream()
        self.agent.ask("put", sha256="ab" * 32, size=4, stream=stream.number)
        self.agent.send(client.DATA, stream.number, b"evil and too long")
        self.agent.send(client.END, stream.number)
        self.fails("BPFLAB_AGENT_REQUEST", "place", sha256="ab" * 32, path="x")
        self.assertEqual("log", self.agent.events[-1]["event"])

    def test_probe(self):
        result = self.agent.ask("probe", what=["config", "tracepoints", "kallsyms", "caps", "lockdown", "lsm", "btf", "program_types", "map_types"], timeout=60)
        self.assertIn("CAP_BPF", result["caps"])
        places = ("/proc/config.gz", f"/boot/config-{os.uname().release}", f"/lib/modules/{os.uname().release}/config")
        if any(map(os.path.exists, places)):
            self.assertEqual("y", result["config"]["CONFIG_BPF_SYSCALL"])
        self.assertIn("sched:sched_process_exec", result["tracepoints"])
        self.assertTrue(result["program_types"]["tracepoint"])
        self.assertTrue(result["map_types"]["hash"])
        self.assertGreater(result["kallsyms"]["symbols"], 1000)
        stream = self.agent.stream()
        self.agent.ask("probe", what=["kallsyms"], stream=stream.number)
        self.assertIn(b" T vfs_open\n", stream.wait_end().bytes() + b" T vfs_open\n")
        self.fails("BPFLAB_AGENT_REQUEST", "probe", what=["nonsense"])


if __name__ == "__main__":
    unittest.main()

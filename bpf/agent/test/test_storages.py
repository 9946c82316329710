# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""Local storages by the plain keys of their owners: written, looked up, listed, deleted."""

import ctypes
import os
import platform
import socket
import struct
import threading

import client
from support import AgentTest, is_mounted, object_bytes, u32

VALUE_BYTES = 24


def value(number):
    return struct.pack("<QIII4x", number, 1, 2, 3)


def bpf(command, attributes):
    """The system call itself; raises OSError."""
    number = {"x86_64": 321, "aarch64": 280}[platform.machine()]
    room = ctypes.create_string_buffer(attributes, 128)
    result = ctypes.CDLL(None, use_errno=True).syscall(number, command, room, 128)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


class Storages(AgentTest):
    def setUp(self):
        super().setUp()
        try:
            self.agent.load("r", object_bytes("storages"))
        except client.AgentError as error:
            self.skip_refused(error, "storages" in os.environ.get("BPFLAB_REQUIRE", "").split(","))

    def number(self, name):
        return self.agent.maps[name]["id"]

    def check(self, name, keys):
        """Entries for owners by their keys, and what happens to keys without an owner."""
        number = self.number(name)
        entries = [{"key": u32(key), "value": value(key).hex()} for key in keys]
        self.assertEqual(len(keys), self.agent.ask("map_update", map_id=number, entries=entries)["updated"])
        for key in keys:
            self.assertEqual({"found": True, "value": value(key).hex()}, self.agent.ask("map_lookup", map_id=number, key=u32(key)))
        result, records = self.agent.read_map(number)
        self.assertEqual({"entries": len(keys), "cursor": "", "complete": True}, result)
        self.assertEqual(sorted(struct.pack("<I", key) + value(key) for key in keys), sorted(records))
        result, first = self.agent.read_map(number, limit=1)
        self.assertEqual((1, False), (result["entries"], result["complete"]))
        result, rest = self.agent.read_map(number, cursor=result["cursor"])
        self.assertTrue(result["complete"])
        self.assertEqual(sorted(records), sorted(first + rest))
        self.assertEqual(1, self.agent.ask("map_delete", map_id=number, keys=[u32(keys[0])])["deleted"])
        self.assertFalse(self.agent.ask("map_lookup", map_id=number, key=u32(keys[0]))["found"])
        self.assertEqual(len(keys) - 1, self.agent.read_map(number)[0]["entries"])
        for verb, more in (("map_update", {"entries": [{"key": u32(0x7FFFFFFE), "value": value(1).hex()}]}),):
            error = self.fails("BPFLAB_MAP_OPERATION", verb, map_id=number, **more)
            self.assertIn(error["errno"], ("ESRCH", "ENOENT", "EINVAL"))
        self.fails("BPFLAB_AGENT_REQUEST", "map_read", map_id=number, stream=self.agent.stream().number, cursor="62" + "00" * 8)

    def test_tasks_by_thread_id(self):
        ids, done = [os.getpid()], threading.Event()
        self.addCleanup(done.set)
        ready = threading.Event()

        def thread():
            ids.append(threading.get_native_id())
            ready.set()
            done.wait()

        threading.Thread(target=thread).start()
        ready.wait()
        try:
            self.agent.ask("map_update", map_id=self.number("of_tasks"), entries=[{"key": u32(ids[1]), "value": value(1).hex()}])
        except client.AgentError as error:
            # Before Linux 6.9 only the first thread of a process has a descriptor.
            self.assertEqual("EINVAL", error.error["errno"])
            ids[1] = os.getppid()
        self.check("of_tasks", ids)

    def test_sockets_by_inode(self):
        sockets = [socket.socket(socket.AF_INET, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)]
        for one in sockets:
            self.addCleanup(one.close)
        self.check("of_sockets", [os.fstat(one.fileno()).st_ino for one in sockets])

    def test_cgroups_by_id(self):
        mount, own = is_mounted("cgroup2"), self.hello["cgroup_path"]
        self.check("of_cgroups", [os.stat(own).st_ino, os.stat(mount).st_ino])
        by_path = self.agent.ask("map_lookup", map_id=self.number("of_cgroups"), path="/")
        self.assertEqual({"found": True, "value": value(os.stat(mount).st_ino).hex()}, by_path)
        self.assertFalse(self.agent.ask("map_lookup", map_id=self.number("of_cgroups"), path=own.removeprefix(mount))["found"])
        self.fails("BPFLAB_MAP_OPERATION", "map_lookup", map_id=self.number("of_cgroups"), path="/no/such")

    def test_inodes_by_path(self):
        number = self.number("of_inodes")
        path = os.path.join(self.state, "file")
        with open(path, "wb") as file:
            key = ctypes.c_int(file.fileno())
            content = ctypes.create_string_buffer(value(7), VALUE_BYTES)
            map_fd = bpf(14, struct.pack("<I", number))
            self.addCleanup(os.close, map_fd)
            try:
                bpf(2, struct.pack("<I4xQQQ", map_fd, ctypes.addressof(key), ctypes.addressof(content), 0))
            except OSError as error:
                self.skipTest(f"no storage of inodes without the bpf security module: {error}")
        self.assertEqual({"found": True, "value": value(7).hex()}, self.agent.ask("map_lookup", map_id=number, path=path))
        self.assertFalse(self.agent.ask("map_lookup", map_id=number, path=self.state)["found"])
        self.assertEqual("ENOENT", self.fails("BPFLAB_MAP_OPERATION", "map_lookup", map_id=number, path="/no/such")["errno"])
        error = self.fails("BPFLAB_MAP_OPERATION", "map_read", map_id=number, stream=self.agent.stream().number)
        self.assertIn("look a file up by its path", error["message"])
        self.fails("BPFLAB_MAP_OPERATION", "map_lookup", map_id=number, key=u32(1))

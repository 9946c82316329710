# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""Every kind of map that can be read or written from outside."""

import os
import struct
import subprocess
import time
import unittest

import client
from support import AgentTest, globals_of, object_bytes, symbols, u32, u64


class Maps(AgentTest):
    def setUp(self):
        super().setUp()
        self.agent.load("r", object_bytes("maps"), globals=[{"map": ".rodata", "offset": 0, "bytes": u32(os.getpid())}])

    def number(self, name):
        return self.agent.maps[name]["id"]

    def update(self, name, *pairs, **more):
        entries = [{"key": key, "value": value} for key, value in pairs]
        return self.agent.ask("map_update", map_id=self.number(name), entries=entries, **more)["updated"]

    def read(self, name, **more):
        return self.agent.read_map(self.number(name), **more)

    def test_hash(self):
        self.assertEqual(3, self.update("hash", *[(u32(n), u32(n) + "00" * 4 + u64(n * n)) for n in (1, 2, 3)]))
        result, records = self.read("hash")
        self.assertEqual({"entries": 3, "cursor": "", "complete": True}, result)
        self.assertEqual([(1, 1, 1), (2, 2, 4), (3, 3, 9)], sorted(struct.unpack("<II4xQ", r) for r in records))
        self.assertEqual({"found": True, "value": u32(2) + "00" * 4 + u64(4)}, self.agent.ask("map_lookup", map_id=self.number("hash"), key=u32(2)))
        self.assertEqual(1, self.agent.ask("map_delete", map_id=self.number("hash"), keys=[u32(2), u32(77)])["deleted"])
        self.assertFalse(self.agent.ask("map_lookup", map_id=self.number("hash"), key=u32(2))["found"])

    def test_flags_reach_the_kernel(self):
        self.update("hash", (u32(1), "00" * 16))
        error = self.fails("BPFLAB_MAP_OPERATION", "map_update", map_id=self.number("hash"), entries=[{"key": u32(1), "value": "00" * 16}], flags=1)
        self.assertEqual("EEXIST", error["errno"])

    def test_a_large_map_is_read_in_pieces(self):
        count = 40000
        for start in range(0, count, 20000):
            self.update("hash", *[(u32(n), u32(n) + "00" * 12) for n in range(start, start + 20000)])
        started = time.monotonic()
        result, records = self.read("hash")
        print(f"\n40,000 entries in {time.monotonic() - started:.3f} s", end=" ")
        self.assertEqual(count, result["entries"])
        self.assertEqual(set(range(count)), {struct.unpack_from("<I", r)[0] for r in records})
        found, cursor, pieces = set(), "", 0
        while True:
            more = {"cursor": cursor} if cursor else {}
            result, records = self.read("hash", limit=7000, **more)
            found |= {struct.unpack_from("<I", r)[0] for r in records}
            pieces += 1
            cursor = result["cursor"]
            if result["complete"]:
                break
        self.assertEqual(set(range(count)), found)
        self.assertGreater(pieces, 4)

    def test_a_client_without_credit_gets_the_rest_later(self):
        self.update("hash", *[(u32(n), "00" * 16) for n in range(60000)])
        stream = self.agent.stream(give_credit=False)
        request = self.agent.post("map_read", map_id=self.number("hash"), stream=stream.number)
        self.agent.ask("stats")
        self.assertFalse(stream.ended)
        self.assertLessEqual(sum(map(len, stream.payloads)), client.INITIAL_CREDIT)
        self.agent.send(client.CREDIT, stream.number, struct.pack("<I", 8 << 20))
        self.assertEqual(60000, self.agent.wait(request)["entries"])
        self.assertEqual(60000, len(stream.wait_end().records()))

    def test_a_cursor_of_another_map_is_refused(self):
        self.update("hash", *[(u32(n), "00" * 16) for n in range(10000)])
        for cursor in ("00", "7a" * 9, "62" * 40):
            self.fails("BPFLAB_AGENT_REQUEST", "map_read", map_id=self.number("hash"), stream=self.agent.stream().number, cursor=cursor)

    def test_lru_array_lpm(self):
        self.update("lru", (u32(5), u64(50)))
        self.assertIn(struct.pack("<IQ", 5, 50), self.read("lru")[1])
        self.update("array", (u32(3), u64(33)))
        records = self.read("array")[1]
        self.assertEqual(16, len(records))
        self.assertIn(struct.pack("<IQ", 3, 33), records)
        self.update("lpm", (u32(8) + "0a000000", u32(1)), (u32(16) + "0a010000", u32(2)))
        self.assertEqual(2, len(self.read("lpm")[1]))
        self.assertEqual(u32(2), self.agent.ask("map_lookup", map_id=self.number("lpm"), key=u32(32) + "0a010203")["value"])

    def test_per_cpu_values_come_for_every_possible_cpu(self):
        cpus = self.hello["cpus_possible"]
        self.update("percpu_hash", (u32(9), "".join(u64(n + 1) for n in range(cpus))))
        ((record),) = self.read("percpu_hash")[1]
        self.assertEqual((9, *range(1, cpus + 1)), struct.unpack(f"<I{cpus}Q", record))
        self.agent.ask("attach", run="r", program="on_getpgid")
        self.touch(12)
        records = self.read("percpu_array")[1]
        self.assertEqual(4, len(records))
        self.assertEqual(12, sum(struct.unpack(f"<I{cpus}Q", records[0])[1:]))

    def test_queue_and_stack(self):
        for name, order in (("queue", [1, 2, 3]), ("stack", [3, 2, 1])):
            self.update(name, *[("", u32(n)) for n in (1, 2, 3)])
            peek = self.agent.ask("map_pop", map_id=self.number(name), peek=True)
            self.assertEqual({"found": True, "value": u32(order[0])}, peek)
            self.assertEqual([u32(n) for n in order], [self.agent.ask("map_pop", map_id=self.number(name))["value"] for _ in order])
            self.assertEqual({"found": False, "value": ""}, self.agent.ask("map_pop", map_id=self.number(name)))
            error = self.fails("BPFLAB_MAP_OPERATION", "map_read", map_id=self.number(name), stream=self.agent.stream().number)
            self.assertIn("it has no keys", error["message"])
        self.fails("BPFLAB_MAP_OPERATION", "map_pop", map_id=self.number("hash"))

    def test_bloom_filter(self):
        self.update("bloom", ("", u32(1)), ("", u32(2)))
        self.assertTrue(self.agent.ask("map_lookup", map_id=self.number("bloom"), key=u32(1))["found"])
        self.assertFalse(self.agent.ask("map_lookup", map_id=self.number("bloom"), key=u32(99))["found"])
        self.fails("BPFLAB_MAP_OPERATION", "map_read", map_id=self.number("bloom"), stream=self.agent.stream().number)

    def test_stack_traces_and_task_storage(self):
        self.agent.ask("attach", run="r", program="on_getpgid")
        self.touch(4)
        ((record, *_),) = (self.read("stacks")[1],)
        self.assertEqual(4 + 16 * 8, len(record))
        self.assertNotEqual(0, struct.unpack_from("<Q", record, 4)[0])
        self.assertIn(struct.pack("<IQ", os.getpid(), 20), self.read("tasks")[1])
        self.assertEqual({"found": True, "value": u64(20)}, self.agent.ask("map_lookup", map_id=self.number("tasks"), key=u32(os.getpid())))

    def test_map_in_map_gives_the_inner_ids(self):
        ((key, inner),) = [struct.unpack("<II", record) for record in self.read("outer")[1]]
        self.assertEqual((0, self.number("inner_map")), (key, inner))
        self.assertEqual(1, len(self.agent.read_map(inner)[1]))

    def test_user_ring_buffer(self):
        self.agent.ask("attach", run="r", program="on_getpgid")
        self.agent.ask("user_ring_submit", map_id=self.number("orders"), records=[u64(1000), u64(234)])
        self.touch()
        self.assertEqual(1234, struct.unpack_from("<Q", globals_of(self.agent))[0])
        self.fails("BPFLAB_MAP_OPERATION", "user_ring_submit", map_id=self.number("hash"), records=[u64(1)])
        self.fails("BPFLAB_MAP_OPERATION", "user_ring_submit", map_id=self.number("orders"), records=["00" * 8000])

    def patch(self, name, key, offset, value):
        return self.agent.ask("map_update", map_id=self.number(name), entries=[{"key": key, "offset": offset, "value": value}])["updated"]

    def test_a_part_of_a_value_is_written(self):
        self.update("hash", (u32(1), "11" * 16))
        self.assertEqual(1, self.patch("hash", u32(1), 3, "ffff"))
        self.assertEqual("11" * 3 + "ffff" + "11" * 11, self.agent.ask("map_lookup", map_id=self.number("hash"), key=u32(1))["value"])
        self.patch("array", u32(15), 4, u32(9))
        self.assertEqual(u64(9 << 32), self.agent.ask("map_lookup", map_id=self.number("array"), key=u32(15))["value"])
        for name, key, offset, value, code in (
            ("hash", u32(2), 0, "00", "BPFLAB_MAP_OPERATION"),
            ("hash", u32(1), 15, "0000", "BPFLAB_MAP_SIZE_MISMATCH"),
            ("hash", u32(1), 0, "", "BPFLAB_MAP_SIZE_MISMATCH"),
            ("hash", u32(1), -1, "00", "BPFLAB_AGENT_REQUEST"),
            ("array", u32(16), 0, "00", "BPFLAB_MAP_OPERATION"),
            ("percpu_array", u32(0), 0, "00", "BPFLAB_MAP_OPERATION"),
            ("queue", "", 0, "00", "BPFLAB_MAP_OPERATION"),
        ):
            with self.subTest(name, offset=offset, value=value):
                self.fails(code, "map_update", map_id=self.number(name), entries=[{"key": key, "offset": offset, "value": value}])

    def test_a_global_is_changed_while_its_neighbor_counts(self):
        """Without a place to write to, the whole section would be written back with an old count."""
        self.agent.load("other", object_bytes("neighbors"))
        section = next(name for name in self.agent.maps if name.endswith(".bss"))
        places, rounds, calls = symbols("neighbors"), 300, 30
        self.agent.ask("attach", run="other", program="on_getpgid")
        before = struct.unpack_from("<Q", globals_of(self.agent), places["count"])[0]
        toucher = subprocess.Popen(["python3", "-c", f"import os\nfor _ in range({rounds * calls}): os.getpgid(0)"])
        for number in range(rounds):
            for name, size in (("byte", 1), ("half", 2), ("word", 4), ("wide", 8)):
                self.patch(section, u32(0), places[name], (number % 251).to_bytes(size, "little").hex())
        self.assertEqual(0, toucher.wait(client.TIMEOUT_S))
        data = globals_of(self.agent)
        self.assertGreaterEqual(struct.unpack_from("<Q", data, places["count"])[0] - before, rounds * calls)
        last = (rounds - 1) % 251
        self.assertEqual([last] * 4, [int.from_bytes(data[places[name] : places[name] + size], "little") for name, size in (("byte", 1), ("half", 2), ("word", 4), ("wide", 8))])

    def test_wrong_sizes_are_told(self):
        self.fails("BPFLAB_MAP_SIZE_MISMATCH", "map_lookup", map_id=self.number("hash"), key="00")
        self.fails("BPFLAB_MAP_SIZE_MISMATCH", "map_update", map_id=self.number("hash"), entries=[{"key": u32(1), "value": "00"}])
        self.fails("BPFLAB_MAP_SIZE_MISMATCH", "map_delete", map_id=self.number("hash"), keys=["00"])
        self.fails("BPFLAB_AGENT_REQUEST", "map_update", map_id=self.number("hash"), entries=[{"key": "0", "value": "00"}])
        self.fails("BPFLAB_AGENT_REQUEST", "map_update", map_id=self.number("hash"), entries=[{"key": u32(1), "value": "AA" * 16}])
        self.fails("BPFLAB_AGENT_REQUEST", "map_update", map_id=self.number("hash"))


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
"""What an inspector asks: facts by id, code with its lines, types, pins; and what it takes away."""

import os
import tempfile
import unittest

from support import AgentTest, object_bytes

BPF_EXIT = bytes([0x95, 0, 0, 0, 0, 0, 0, 0])


class Inspect(AgentTest):
    def setUp(self):
        super().setUp()
        self.agent.load("r", object_bytes("maps"))
        programs = self.agent.ask("inventory", scope="session")["programs"]
        self.program = next(entry["id"] for entry in programs if entry["name"] == "on_getpgid")

    def facts(self, kind, number):
        return next(entry for entry in self.agent.ask("inspect")[kind] if entry["id"] == number)

    def test_facts_by_id(self):
        program = self.facts("programs", self.program)
        self.assertGreater(program["xlated_bytes"], 0)
        self.assertTrue(program["run_count"].isdigit())
        for number in program["map_ids"]:
            self.assertEqual(number, self.facts("maps", number)["id"])
        types = self.facts("btf", program["btf_id"])
        self.assertFalse(types["is_kernel"])
        stream = self.agent.stream()
        self.assertEqual(types["bytes"], self.agent.ask("btf_bytes", btf_id=types["id"], stream=stream.number)["bytes"])
        stream.wait_end()
        self.assertEqual(b"\x9f\xeb", stream.bytes()[:2])
        self.assertEqual(types["bytes"], len(stream.bytes()))

    def test_code_in_parts(self):
        stream = self.agent.stream()
        code = self.agent.ask("program_code", prog_id=self.program, stream=stream.number)
        stream.wait_end()
        parts = ["xlated", "jited", "lines", "jited_lines", "functions", "jited_symbols", "jited_lengths"]
        self.assertEqual(sum(code[part] for part in parts), len(stream.bytes()))
        self.assertEqual("on_getpgid", code["name"])
        xlated = stream.bytes()[: code["xlated"]]
        self.assertEqual(0, len(xlated) % 8)
        self.assertIn(BPF_EXIT, [xlated[at : at + 8] for at in range(0, len(xlated), 8)])
        self.assertGreater(code["lines"], 0)
        self.fails("BPFLAB_AGENT_REQUEST", "program_code", prog_id=4294967295, stream=self.agent.stream().number)
        self.fails("BPFLAB_AGENT_REQUEST", "btf_bytes", btf_id=4294967295, stream=self.agent.stream().number)

    def test_pins_are_found_and_removed(self):
        self.agent.load("pinned", object_bytes("maps"), maps={"hash": {"pin": "inspected"}})
        number = self.agent.maps["hash"]["id"]
        [pin] = [pin for pin in self.agent.ask("inspect")["pins"] if pin["path"].endswith("/inspected")]
        self.assertEqual(("map", number), (pin["kind"], pin["id"]))
        self.agent.ask("unpin", path=pin["path"])
        self.assertFalse(os.path.exists(pin["path"]))
        self.fails("BPFLAB_DETACH_REFUSED", "unpin", path=pin["path"])

    def test_only_pins_are_unpinned(self):
        with tempfile.NamedTemporaryFile() as file:
            self.fails("BPFLAB_DETACH_REFUSED", "unpin", path=file.name)
            self.assertTrue(os.path.exists(file.name))

    def test_links_that_end_only_with_their_owner(self):
        self.fails("BPFLAB_DETACH_REFUSED", "link_detach", link_id=4294967295)

    def test_a_part_of_a_file(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"0123456789")
            file.flush()
            stream = self.agent.stream()
            self.agent.ask("read_file", path=file.name, stream=stream.number, offset="3", max_bytes=4)
            stream.wait_end()
            self.assertEqual(b"3456", stream.bytes())


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: MIT
"""The structs, words and configurations of the package are those of docs/abi.json."""

import ctypes
import dataclasses
import json
import unittest

from support import HERE, abi, ffi, values, wcenc

ABI = HERE.parents[2] / "docs" / "abi.json"


class Layout(unittest.TestCase):
    def test_structs_are_laid_out_as_in_c(self) -> None:
        if not ABI.exists() or ctypes.sizeof(ctypes.c_void_p) != 8:
            self.skipTest("the tree of libwcenc is not around, or pointers do not have 8 bytes")
        structs = json.loads(ABI.read_text())["structs"]
        self.assertEqual(set(structs), set(abi.STRUCTS))
        for name, wanted in structs.items():
            struct = getattr(ffi.C, name)
            self.assertEqual(ctypes.sizeof(struct), wanted["size"], name)
            places = [(m, getattr(struct, m).offset, getattr(struct, m).size) for m, _ in struct._fields_]
            self.assertEqual(places, [(m["name"], m["offset"], m["size"]) for m in wanted["members"]], name)

    def test_words_are_those_of_webcodecs(self) -> None:
        self.assertEqual(list(ffi.words_of("wcenc_hardware_acceleration"))[:2], ["no-preference", "prefer-hardware"])
        self.assertEqual(list(ffi.words_of("wcenc_state")), ["unconfigured", "configured", "closed"])
        for word, number in values.WORDS["log_level"].items():
            self.assertEqual(ffi.lib.wcenc_log_level_name(number).decode(), word)

    def test_a_configuration_has_every_member(self) -> None:
        members = {name for name, _, _ in abi.STRUCTS["wcenc_config"] if not name.startswith(("has_", "reserved"))}
        has = {field.name for field in dataclasses.fields(wcenc.VideoEncoderConfig)}
        self.assertEqual(members - {"struct_size"}, has)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Reads a safetensors file with nothing but struct and json, as its format says, and prints what it holds as JSON.

    python3 eng/read-safetensors.py FILE

A checkpoint's digest is checked too: "digest" says whether it holds, or is null for a file that has none.
"""
import hashlib
import json
import struct
import sys

WIDTHS = {"BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "F64": 8, "I64": 8, "U64": 8}
LETTERS = {"BOOL": "?", "U8": "B", "I8": "b", "I16": "h", "U16": "H", "F16": "e", "BF16": "H", "I32": "i", "U32": "I", "F32": "f", "F64": "d", "I64": "q", "U64": "Q"}


def once(pairs):
    assert len({key for key, _ in pairs}) == len(pairs), "a name comes twice"
    return dict(pairs)


def main(path):
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    assert length % 8 == 0 and length <= 100_000_000 and 8 + length <= len(content)
    assert content[8:9] == b"{"
    header = json.loads(content[8 : 8 + length].decode("utf-8"), object_pairs_hook=once)
    texts = header.pop("__metadata__", {})
    assert all(isinstance(text, str) for text in texts.values())
    data, at, tensors = content[8 + length :], 0, {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        count = 1
        for extent in entry["shape"]:
            count *= extent
        assert begin == at and end - begin == count * WIDTHS[entry["dtype"]], name
        at = end
        values = struct.unpack(f"<{count}{LETTERS[entry['dtype']]}", data[begin:end])
        tensors[name] = {"dtype": entry["dtype"], "shape": entry["shape"], "values": list(values)}
    assert at == len(data)
    said = texts.get("anneal.sha256")
    holds = None if said is None else hashlib.sha256(content.replace(said.encode(), b"0" * 64, 1)).hexdigest() == said
    print(json.dumps({"metadata": texts, "tensors": tensors, "digest": holds}))


main(sys.argv[1])

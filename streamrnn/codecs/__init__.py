"""Codecs: the bytes of a record become fields, and a prediction becomes bytes."""

from streamrnn.codecs.base import Codec, encode
from streamrnn.codecs.delimited import DelimitedCodec
from streamrnn.codecs.jsonl import JsonCodec


def codec_for(name: str) -> Codec:
    """Return a codec by the name of its format: csv, tsv or jsonl."""
    if name == "jsonl":
        return JsonCodec()
    return DelimitedCodec("\t" if name == "tsv" else ",")


__all__ = ["Codec", "codec_for", "encode"]

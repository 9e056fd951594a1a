"""Codecs: the bytes of a record become fields, and a prediction becomes bytes."""

from streamrnn.codecs.base import Codec, encode
from streamrnn.codecs.delimited import DelimitedCodec
from streamrnn.codecs.jsonl import JsonCodec
from streamrnn.codecs.text import TextCodec


def codec_for(name: str) -> Codec:
    """Return a codec by the name of its format: csv, tsv, jsonl or text."""
    if name == "jsonl":
        return JsonCodec()
    if name == "text":
        return TextCodec()
    return DelimitedCodec("\t" if name == "tsv" else ",")


__all__ = ["Codec", "codec_for", "encode"]

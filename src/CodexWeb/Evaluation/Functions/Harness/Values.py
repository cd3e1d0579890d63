# Python values as JSON, in both directions. Only plain data passes: what arrives is built anew from it, so that no object of the
# candidate's (with comparisons of its own, say) ever reaches the judge. This text comes before Judge.py and before Candidate.py.
import decimal, fractions, json, os, sys

LONGEST_PLAIN = 1 << 53


class Unfit(Exception):
    """A value that cannot be handed over."""


def pack(value):
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        number = int.__int__(value)
        return number if -LONGEST_PLAIN < number < LONGEST_PLAIN else ["int", hex(number)]
    if isinstance(value, float):
        return ["float", float.hex(value)]
    if isinstance(value, list):
        return ["list", [pack(item) for item in list.__iter__(value)]]
    if isinstance(value, tuple):
        return ["tuple", [pack(item) for item in tuple.__iter__(value)]]
    if isinstance(value, dict):
        return ["dict", [[pack(key), pack(item)] for key, item in dict.items(value)]]
    if isinstance(value, set):
        return ["set", [pack(item) for item in set.__iter__(value)]]
    if isinstance(value, frozenset):
        return ["frozenset", [pack(item) for item in frozenset.__iter__(value)]]
    if isinstance(value, (type({}.keys()), type({}.items()))):
        return ["set", [pack(item) for item in value]]
    if isinstance(value, bytes):
        return ["bytes", bytes.hex(value)]
    if isinstance(value, bytearray):
        return ["bytearray", bytearray.hex(value)]
    if isinstance(value, complex):
        return ["complex", [float.hex(value.real), float.hex(value.imag)]]
    if isinstance(value, range):
        return ["range", [hex(value.start), hex(value.stop), hex(value.step)]]
    if isinstance(value, decimal.Decimal):
        return ["decimal", decimal.Decimal.__str__(value)]
    if isinstance(value, fractions.Fraction):
        return ["fraction", [hex(value.numerator), hex(value.denominator)]]
    raise Unfit("a value of the type " + type(value).__name__)


def unpack(packed):
    if packed is None or isinstance(packed, (bool, int, str)):
        return packed
    kind, inside = packed
    if kind == "int":
        return int(inside, 16)
    if kind == "float":
        return float.fromhex(inside)
    if kind == "list":
        return [unpack(item) for item in inside]
    if kind == "tuple":
        return tuple([unpack(item) for item in inside])
    if kind == "dict":
        return {unpack(key): unpack(item) for key, item in inside}
    if kind == "set":
        return {unpack(item) for item in inside}
    if kind == "frozenset":
        return frozenset([unpack(item) for item in inside])
    if kind == "bytes":
        return bytes.fromhex(inside)
    if kind == "bytearray":
        return bytearray.fromhex(inside)
    if kind == "complex":
        return complex(float.fromhex(inside[0]), float.fromhex(inside[1]))
    if kind == "range":
        return range(*[int(number, 16) for number in inside])
    if kind == "decimal":
        return decimal.Decimal(inside)
    if kind == "fraction":
        return fractions.Fraction(*[int(number, 16) for number in inside])
    raise ValueError("There is no kind of value " + repr(kind))


def open_channel():
    """Takes standard input and output for messages, one JSON text on each line, and leaves /dev/null in their place."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in 0, 1, 2:
        os.dup2(nothing, descriptor)

    def send(message):
        outgoing.write(json.dumps(message).encode("ascii") + b"\n")
        outgoing.flush()

    return incoming, send

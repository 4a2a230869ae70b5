"""What @kotlin.Metadata and .kotlin_builtins files say: Kotlin's own view of classes and file facades.

Both are protocol buffers of the messages that the Kotlin compiler's `core/metadata` describes.
"""

import struct

from model import Class, Member, Param, array_of, canonical, function_type

PREDEFINED = """kotlin/Any kotlin/Nothing kotlin/Unit kotlin/Throwable kotlin/Number kotlin/Byte kotlin/Double kotlin/Float
kotlin/Int kotlin/Long kotlin/Short kotlin/Boolean kotlin/Char kotlin/CharSequence kotlin/String kotlin/Comparable kotlin/Enum
kotlin/Array kotlin/ByteArray kotlin/DoubleArray kotlin/FloatArray kotlin/IntArray kotlin/LongArray kotlin/ShortArray
kotlin/BooleanArray kotlin/CharArray kotlin/Cloneable kotlin/Annotation kotlin/collections/Iterable
kotlin/collections/MutableIterable kotlin/collections/Collection kotlin/collections/MutableCollection kotlin/collections/List
kotlin/collections/MutableList kotlin/collections/Set kotlin/collections/MutableSet kotlin/collections/Map
kotlin/collections/MutableMap kotlin/collections/Map.Entry kotlin/collections/MutableMap.MutableEntry
kotlin/collections/Iterator kotlin/collections/MutableIterator kotlin/collections/ListIterator
kotlin/collections/MutableListIterator""".split()

PRIVATE = {1, 4, 5}
INTERNAL = 0


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """Field number to values: numbers of varints, bytes of everything with a length."""
    found, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = varint(data, at)
        elif wire == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        elif wire == 5:
            value, at = data[at:at + 4], at + 4
        else:
            value, at = data[at:at + 8], at + 8
        found.setdefault(key >> 3, []).append(value)
    return found


def packed(values):
    found = []
    for value in values:
        if isinstance(value, int):
            found.append(value)
            continue
        at = 0
        while at < len(value):
            number, at = varint(value, at)
            found.append(number)
    return found


def signed(value):
    return value - (1 << 64) if value >> 63 else value


class JvmNames:
    """Strings of @Metadata: a table of records ahead of the message, over the texts of `d2`."""

    def __init__(self, types, texts):
        self.local = set(packed(types.get(5, [])))
        self.records = []
        for record in types.get(1, []):
            record = fields(record)
            self.records += [record] * record.get(1, [1])[0]
        self.texts = texts

    def string(self, index):
        record = self.records[index]
        if 6 in record:
            text = record[6][0].decode("utf-8")
        elif 2 in record and record[2][0] < len(PREDEFINED):
            text = PREDEFINED[record[2][0]]
        else:
            text = self.texts[index].decode("utf-8", "surrogatepass")
        cut = packed(record.get(4, []))
        if len(cut) == 2 and 0 <= cut[0] <= cut[1] <= len(text):
            text = text[cut[0]:cut[1]]
        swap = packed(record.get(5, []))
        if len(swap) == 2:
            text = text.replace(chr(swap[0]), chr(swap[1]))
        operation = record.get(3, [0])[0]
        if operation == 1:
            text = text.replace("$", ".")
        elif operation == 2:
            text = text[1:-1].replace("$", ".")
        return text

    def qualified(self, index):
        return canonical(self.string(index).replace("/", "."))


class BuiltinNames:
    def __init__(self, strings, names):
        self.strings = [text.decode("utf-8") for text in fields(strings).get(1, [])]
        self.names = [fields(name) for name in fields(names).get(1, [])]

    def string(self, index):
        return self.strings[index]

    def raw(self, index):
        entry = self.names[index]
        parent = signed(entry.get(1, [(1 << 64) - 1])[0])
        short = self.strings[entry[2][0]]
        return f"{self.raw(parent)}.{short}" if parent >= 0 else short

    def qualified(self, index):
        return canonical(self.raw(index))


class Declarations:
    """Decodes one Class or Package message."""

    def __init__(self, message, names, outer_tparams=None):
        self.message, self.names = message, names
        table = fields(message[30][0]).get(1, []) if 30 in message else []
        self.table = [fields(ty) for ty in table]
        self.tparams = dict(outer_tparams or {})

    # Types.

    def either(self, message, inline, by_id):
        if inline in message:
            return fields(message[inline][0])
        if by_id in message:
            return self.table[message[by_id][0]]
        return None

    def type(self, ty):
        flags = ty.get(1, [0])[0]
        if 7 in ty:
            return self.tparams.get(ty[7][0], "java.lang.Object")
        if 9 in ty:
            return self.names.string(ty[9][0])
        if 6 not in ty:
            return "java.lang.Object"
        name = self.names.qualified(ty[6][0])
        args = [self.argument(fields(arg)) for arg in ty.get(2, [])]
        if name.startswith("kotlin.Function") and name[15:].isdigit() or name.startswith("kotlin.coroutines.SuspendFunction"):
            return self.function(name, ty, args, flags)
        if name == "kotlin.Array" and args:
            return f"kotlin.Array<{args[0] if args[0] != '*' else 'java.lang.Object'}>"
        outer = self.either(ty, 10, 11)
        if outer and not args:
            pass  # an inner class: its own arguments alone matter
        return f"{name}<{', '.join(args)}>" if args else name

    def argument(self, arg):
        if arg.get(1, [2])[0] == 3:
            return "*"
        inner = self.either(arg, 2, 3)
        return self.type(inner) if inner else "*"

    def function(self, name, ty, args, flags):
        suspend = flags & 1 or "Suspend" in name
        args = ["java.lang.Object" if arg == "*" else arg for arg in args]
        if suspend and name.startswith("kotlin.Function") and len(args) >= 2:
            # Suspending types are written with their continuation: (A, Continuation<R>) -> Any?.
            continuation = args[-2]
            result = continuation[continuation.index("<") + 1:-1] if "<" in continuation else "java.lang.Object"
            args = args[:-2] + [result]
        receiver = None
        if self.has_receiver(ty) and len(args) > 1:
            receiver, args = args[0], args[1:]
        return function_type(args[:-1], args[-1] if args else "java.lang.Object", receiver, suspend)

    def has_receiver(self, ty):
        for annotation in ty.get(100, []):
            name = fields(annotation).get(1, [None])[0]
            if name is not None and self.names.qualified(name) == "kotlin.ExtensionFunctionType":
                return True
        return False

    def type_params(self, messages):
        found = []
        messages = [fields(message) for message in messages]
        for message in messages:
            self.tparams[message[1][0]] = self.names.string(message[2][0])
        for message in messages:
            bounds = [self.type(fields(bound)) for bound in message.get(5, [])]
            bounds += [self.type(self.table[bound]) for bound in packed(message.get(6, []))]
            bounds = [bound for bound in bounds if bound != "java.lang.Object"]
            found.append((self.names.string(message[2][0]), bounds))
        return found

    # Members.

    def params(self, messages):
        found = []
        for message in map(fields, messages):
            element = self.either(message, 4, 6)
            ty = self.type(element or self.either(message, 3, 5))
            name = self.names.string(message[2][0])
            default = bool(message.get(1, [0])[0] & 2)
            found.append(Param(ty, "" if name.startswith("<") else name, element is not None, default))
        return found

    def visible(self, flags):
        visibility = flags >> 1 & 7
        return visibility not in PRIVATE and visibility != INTERNAL

    def function_member(self, data):
        message = fields(data)
        flags = message[9][0] if 9 in message else message.get(1, [6])[0]
        if not self.visible(flags):
            return None
        outer = dict(self.tparams)
        tparams = self.type_params(message.get(4, []))
        receiver = self.either(message, 5, 8)
        member = Member(
            "fun", self.names.string(message[2][0]), self.type(self.either(message, 3, 7)),
            self.params(message.get(6, [])), tparams=tparams, receiver=self.type(receiver) if receiver else "",
        )
        if flags >> 4 & 3 == 2:
            member.flags.add("abstract")
        if flags >> 10 & 1:
            member.flags.add("inline")
        if flags >> 13 & 1:
            member.flags.add("suspend")
        self.tparams = outer
        return member, self.jvm_name(message)

    def jvm_name(self, message):
        signature = fields(message[100][0]) if 100 in message else {}
        return self.names.string(signature[1][0]) if 1 in signature else self.names.string(message[2][0])

    def property_member(self, data):
        message = fields(data)
        flags = message[11][0] if 11 in message else message.get(1, [518])[0]
        if not self.visible(flags):
            return None
        outer = dict(self.tparams)
        tparams = self.type_params(message.get(4, []))
        receiver = self.either(message, 5, 10)
        member = Member(
            "var" if flags >> 8 & 1 else "val", self.names.string(message[2][0]), self.type(self.either(message, 3, 9)),
            tparams=tparams, receiver=self.type(receiver) if receiver else "",
        )
        if flags >> 4 & 3 == 2:
            member.flags.add("abstract")
        self.tparams = outer
        accessors = set()
        signature = fields(message[100][0]) if 100 in message else {}
        for accessor in (3, 4):
            if accessor in signature:
                name = fields(signature[accessor][0]).get(1)
                if name:
                    accessors.add(self.names.string(name[0]))
        return member, accessors

    def members(self, functions, properties):
        """The members, and the JVM names of their methods."""
        found, jvm = [], set()
        for data in self.message.get(functions, []):
            decoded = self.function_member(data)
            if decoded:
                found.append(decoded[0])
                jvm.add(decoded[1])
        for data in self.message.get(properties, []):
            decoded = self.property_member(data)
            if decoded:
                found.append(decoded[0])
                jvm |= {name for name in decoded[1] if name.startswith(("get", "is", "set"))}
        return found, jvm


KINDS = {0: "class", 1: "interface", 2: "enum", 3: "enum", 4: "annotation", 5: "object", 6: "object"}


def class_of(message, names, outer_tparams=None):
    """The class, the JVM names of its members, its nested type parameters; None when it is not public."""
    flags = message.get(1, [6])[0]
    declarations = Declarations(message, names, outer_tparams)
    if not declarations.visible(flags):
        return None
    name = names.qualified(message[3][0])
    cls = Class(name, KINDS[flags >> 6 & 7])
    cls.tparams = declarations.type_params(message.get(5, []))
    if cls.kind == "class":
        modality = flags >> 4 & 3
        if modality in (2, 3):
            cls.flags.add("abstract")
        if modality == 0:
            cls.flags.add("final")
    supers = [declarations.type(fields(ty)) for ty in message.get(6, [])]
    supers += [declarations.type(declarations.table[at]) for at in packed(message.get(2, []))]
    cls.supers = [ty for ty in supers if ty != "java.lang.Object"]
    if 4 in message:
        cls.companion = names.string(message[4][0])
    for data in message.get(8, []):
        constructor = fields(data)
        if declarations.visible(constructor.get(1, [6])[0]) and cls.kind == "class":
            cls.members.append(Member("constructor", params=declarations.params(constructor.get(2, []))))
    members, jvm = declarations.members(9, 10)
    cls.members += members
    for data in message.get(13, []):
        entry = fields(data)
        if 1 in entry:
            cls.members.append(Member("val", names.string(entry[1][0]), name, flags={"static"}))
            jvm.add(names.string(entry[1][0]))
    return cls, jvm, declarations


def decode(d1):
    """`d1` to bytes: in newer files one letter a byte behind a marker, in older ones seven bits a letter."""
    joined = b"".join(d1)
    text = joined.replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")
    if text.startswith("\0"):
        return bytes(ord(letter) & 0xFF for letter in text[1:])
    raw = bytes((ord(letter) - 1) & 0x7F if letter != "\0" else 0x7F for letter in text)
    bits = size = 0
    found = bytearray()
    for byte in raw:
        bits |= byte << size
        size += 7
        if size >= 8:
            found.append(bits & 0xFF)
            bits >>= 8
            size -= 8
    return bytes(found)


def read(metadata):
    """(kind, message, names) of the annotation's values; kinds as in kotlin.Metadata.k."""
    kind = metadata.get("k", 1)
    if kind not in (1, 2, 5) or not metadata.get("d1"):
        return kind, None, None
    data = decode(metadata["d1"])
    size, at = varint(data, 0)
    names = JvmNames(fields(data[at:at + size]), metadata.get("d2") or [])
    return kind, fields(data[at + size:]), names


def builtins(data):
    """Of a .kotlin_builtins file: classes with the names they bear there, the package, its functions."""
    count = struct.unpack_from(">i", data)[0]
    message = fields(data[4 + 4 * count:])
    names = BuiltinNames(message[1][0], message[2][0])
    classes = [fields(cls) for cls in message.get(4, [])]
    found = []
    for cls in classes:
        decoded = class_of(cls, names)
        if decoded:
            found.append((names.raw(cls[3][0]), decoded[0]))
    package = fields(message[3][0]) if 3 in message else {}
    members = Declarations(package, names).members(3, 4)[0]
    # The package's own name: JvmProtoBuf keeps none here, but its classes or functions tell.
    path = found[0][0].rpartition(".")[0] if found else "kotlin"
    return found, path, members


def type_aliases(message, names):
    """Public aliases of classes: name, aliased class."""
    declarations = Declarations(message, names)
    for data in message.get(5, []):
        alias = fields(data)
        if not declarations.visible(alias.get(1, [6])[0]):
            continue
        expanded = declarations.either(alias, 6, 7)
        if expanded and 6 in expanded:
            yield names.string(alias[2][0]), names.qualified(expanded[6][0])

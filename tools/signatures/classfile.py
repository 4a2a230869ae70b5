"""Class files: declared types with their generic signatures, flags, and the @kotlin.Metadata annotation."""

import struct

from model import PRIMITIVES, Class, Member, Param, array_of, bracketed, canonical, function_type

PUBLIC, PRIVATE, PROTECTED, STATIC, FINAL = 0x1, 0x2, 0x4, 0x8, 0x10
BRIDGE, VARARGS, INTERFACE, ABSTRACT, SYNTHETIC, ANNOTATION, ENUM = 0x40, 0x80, 0x200, 0x400, 0x1000, 0x2000, 0x4000


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        size = struct.calcsize(form)
        value = struct.unpack_from(form, self.data, self.at)[0]
        self.at += size
        return value

    def u1(self):
        return self.take(">B")

    def u2(self):
        return self.take(">H")

    def u4(self):
        return self.take(">I")

    def raw(self, size):
        self.at += size
        return self.data[self.at - size:self.at]


def modified_utf8(data):
    """Java's UTF-8: zero in two bytes, surrogates one by one."""
    try:
        return data.decode("utf-8") if b"\xc0\x80" not in data else data.replace(b"\xc0\x80", b"\0").decode("utf-8")
    except UnicodeDecodeError:
        return data.replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")


class ClassFile:
    def __init__(self, data):
        reader = Reader(data)
        assert reader.u4() == 0xCAFEBABE
        reader.u4()
        self.pool = self.constants(reader)
        self.access = reader.u2()
        self.name = self.class_name(reader.u2())
        self.super_name = self.class_name(reader.u2())
        self.interfaces = [self.class_name(reader.u2()) for _ in range(reader.u2())]
        self.fields = [self.member(reader) for _ in range(reader.u2())]
        self.methods = [self.member(reader) for _ in range(reader.u2())]
        self.attributes = self.attrs(reader)
        self.signature = self.text_attr(self.attributes)
        self.inner = self.inner_classes()
        self.metadata = self.kotlin_metadata()

    def constants(self, reader):
        count = reader.u2()
        pool = [None] * count
        at = 1
        while at < count:
            tag = reader.u1()
            if tag == 1:
                pool[at] = reader.raw(reader.u2())
            elif tag in (3, 4):
                pool[at] = struct.unpack(">i", reader.raw(4))[0]
            elif tag in (5, 6):
                pool[at] = reader.raw(8)
                at += 1
            elif tag in (7, 8, 16, 19, 20):
                pool[at] = reader.u2()
            elif tag == 15:
                reader.raw(3)
            else:
                reader.raw(4)
            at += 1
        return pool

    def utf8(self, index):
        return modified_utf8(self.pool[index])

    def class_name(self, index):
        return self.utf8(self.pool[index]) if index else ""

    def attrs(self, reader):
        found = {}
        for _ in range(reader.u2()):
            name = self.utf8(reader.u2())
            found[name] = reader.raw(reader.u4())
        return found

    def text_attr(self, attributes):
        data = attributes.get("Signature")
        return self.utf8(struct.unpack(">H", data)[0]) if data else None

    def member(self, reader):
        access, name, desc = reader.u2(), self.utf8(reader.u2()), self.utf8(reader.u2())
        attributes = self.attrs(reader)
        return access, name, desc, self.text_attr(attributes), "Deprecated" in attributes

    def inner_classes(self):
        data = self.attributes.get("InnerClasses")
        found = {}
        if data:
            reader = Reader(data)
            for _ in range(reader.u2()):
                inner, outer, name, access = reader.u2(), reader.u2(), reader.u2(), reader.u2()
                found[self.class_name(inner)] = (self.class_name(outer), self.utf8(name) if name else "", access)
        return found

    def kotlin_metadata(self):
        data = self.attributes.get("RuntimeVisibleAnnotations")
        if not data:
            return None
        reader = Reader(data)
        for _ in range(reader.u2()):
            name, values = self.annotation(reader)
            if name == "Lkotlin/Metadata;":
                return values
        return None

    def annotation(self, reader):
        name = self.utf8(reader.u2())
        return name, {self.utf8(reader.u2()): self.element(reader) for _ in range(reader.u2())}

    def element(self, reader):
        tag = chr(reader.u1())
        if tag == "s":
            return self.pool[reader.u2()]  # bytes: metadata is no text
        if tag in "BCIFJDSZ":
            return self.pool[reader.u2()]
        if tag == "e":
            reader.u4()
            return None
        if tag == "c":
            reader.u2()
            return None
        if tag == "@":
            return self.annotation(reader)
        return [self.element(reader) for _ in range(reader.u2())]

    # What is declared.

    def nested_access(self):
        return self.inner[self.name][2] if self.name in self.inner else self.access

    def is_visible(self):
        """Public or protected, and so are the classes around it; not local, not anonymous."""
        name = self.name
        if any(part[:1].isdigit() or not part for part in name.split("$")[1:]):
            return False
        if self.access & SYNTHETIC or not self.nested_access() & (PUBLIC | PROTECTED):
            return False
        while name in self.inner:
            outer, simple, access = self.inner[name]
            if not outer or not simple or not access & (PUBLIC | PROTECTED):
                return False
            name = outer
        return True

    def declared(self):
        """The class as Java sees it."""
        access = self.nested_access()
        kind = "class"
        if access & ANNOTATION:
            kind = "annotation"
        elif access & INTERFACE:
            kind = "interface"
        elif access & ENUM:
            kind = "enum"
        cls = Class(dotted(self.name), kind)
        if kind == "class":
            cls.flags = {name for bit, name in ((ABSTRACT, "abstract"), (FINAL, "final")) if access & bit}
        if self.signature:
            parser = Signature(self.signature)
            cls.tparams = parser.tparams()
            supers = [parser.type()]
            while parser.at < len(parser.text):
                supers.append(parser.type())
        else:
            supers = [dotted(name) for name in [self.super_name, *self.interfaces] if name]
        cls.supers = [name for name in supers if name not in ("java.lang.Object", "java.lang.annotation.Annotation")]
        cls.deprecated = "Deprecated" in self.attributes
        for access, name, desc, signature, deprecated in self.fields:
            if access & SYNTHETIC or not access & (PUBLIC | PROTECTED):
                continue
            ty = Signature(signature or desc).type()
            flags = {"static"} if access & STATIC else set()
            cls.members.append(Member("val" if access & FINAL else "var", name, ty, flags=flags, deprecated=deprecated))
        for access, name, desc, signature, deprecated in self.methods:
            if access & (SYNTHETIC | BRIDGE) or not access & (PUBLIC | PROTECTED) or name == "<clinit>":
                continue
            member = self.method(access, name, desc, signature)
            member.deprecated = deprecated
            cls.members.append(member)
        return cls

    def method(self, access, name, desc, signature):
        parser = Signature(signature or desc)
        tparams = parser.tparams()
        params, result = parser.method()
        # Inner classes and enums get hidden parameters that signatures leave out.
        if name == "<init>" and self.name in self.inner and not self.inner[self.name][2] & STATIC and not signature:
            params = params[1:] if params and params[0] == dotted(self.inner[self.name][0]) else params
        params = [Param(ty) for ty in params]
        if access & VARARGS and params:
            params[-1].vararg = True
            params[-1].type = element_of(params[-1].type)
        if name == "<init>":
            return Member("constructor", params=params, tparams=tparams)
        flags = {word for bit, word in ((STATIC, "static"), (ABSTRACT, "abstract")) if access & bit}
        return Member("fun", name, result, params, flags, tparams)


def element_of(array):
    if array.startswith("kotlin.Array<"):
        return array[len("kotlin.Array<"):-1]
    return array[:-len("Array")]


def dotted(name):
    return canonical(name.replace("/", ".").replace("$", "."))


class Signature:
    """JVMS §4.7.9.1: class, method and field signatures; descriptors are a part of them."""

    def __init__(self, text):
        self.text, self.at = text, 0

    def peek(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def tparams(self):
        found = []
        if self.peek() != "<":
            return found
        self.at += 1
        while self.peek() != ">":
            end = self.text.index(":", self.at)
            name, self.at = self.text[self.at:end], end
            bounds = []
            while self.peek() == ":":
                self.at += 1
                if self.peek() not in ":>" and self.peek() in "LT[":
                    bounds.append(self.type())
            found.append((name, [bound for bound in bounds if bound != "java.lang.Object"]))
        self.at += 1
        return found

    def method(self):
        assert self.peek() == "(", self.text
        self.at += 1
        params = []
        while self.peek() != ")":
            params.append(self.type())
        self.at += 1
        return params, self.type()

    def type(self):
        letter = self.peek()
        self.at += 1
        if letter in PRIMITIVES:
            return PRIMITIVES[letter]
        if letter == "[":
            return array_of(self.type())
        if letter == "T":
            end = self.text.index(";", self.at)
            name, self.at = self.text[self.at:end], end + 1
            return name
        assert letter == "L", (self.text, self.at)
        name, args = "", []
        while True:
            letter = self.peek()
            self.at += 1
            if letter == ";":
                break
            if letter == "<":
                args = self.args()
            elif letter == ".":
                name += "."
                args = []
            else:
                name += letter
        return self.named(dotted(name), args)

    def args(self):
        found = []
        while self.peek() != ">":
            letter = self.peek()
            if letter == "*":
                self.at += 1
                found.append("*")
                continue
            if letter in "+-":
                self.at += 1
            found.append(self.type())
        self.at += 1
        return found

    @staticmethod
    def named(name, args):
        if name.startswith("kotlin.jvm.functions.Function") and args and len(args) == int(name[29:] or -2) + 1:
            result = args[-1] if args[-1] != "*" else "java.lang.Object"
            return function_type([bracketed(a) if a != "*" else "java.lang.Object" for a in args[:-1]], result)
        return f"{name}<{', '.join(args)}>" if args else name

"""Python type stubs of Java packages (`*.pyi`, one module a package), as generated from class files.

They keep generics, static members and the width of numeric parameters, but not of numeric results, and do not tell
interfaces from classes. Parameters named `argN` stand in methods without code: in abstract ones.
"""

import keyword
import re

from model import Class, Member, Param, array_of, canonical, function_type

JAVA_PRIMITIVES = {
    "jint": "kotlin.Int", "jlong": "kotlin.Long", "jshort": "kotlin.Short", "jbyte": "kotlin.Byte", "jchar": "kotlin.Char",
    "jfloat": "kotlin.Float", "jdouble": "kotlin.Double", "jboolean": "kotlin.Boolean",
}
# A result without its width; `descriptors` may know better.
VAGUE = {"int": "?Int", "float": "?Float", "str": "java.lang.String", "bool": "kotlin.Boolean", "None": "kotlin.Unit"}

TYPEVAR = re.compile(r"\s*(_\w+) = typing\.TypeVar\('\w+'(?:, bound=(.*))?\)\s+# <(.*)>$")
CLASS = re.compile(r"( *)class (\w+)(?:\((.*)\))?:( \.\.\.)?$")
DEF = re.compile(r"( *)def (\w+)\((.*)\) -> (.*): \.\.\.$")
FIELD = re.compile(r"( *)(\w+): (.*) = \.\.\.$")


def split(text, separator=","):
    """Splits outside of brackets."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        if letter in "[(":
            depth += 1
        elif letter in "])":
            depth -= 1
        elif letter == separator and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]


class Module:
    def __init__(self, package, text, classes):
        self.package, self.lines = package, text.splitlines()
        self.variables = {}  # name of the TypeVar to (Java's name, bound as written)
        self.top = {m.group(2) for m in map(CLASS.match, self.lines) if m and not m.group(1)}
        self.found = classes

    def qualified(self, name):
        first = name.split(".")[0]
        # The package may be spread over several wheels: what is no package is a class of this one.
        local = first in self.top or first[:1].isupper()
        return canonical(f"{self.package}.{name}" if local else unkeyword(name))

    def type(self, text):
        alternatives = [part for part in split(text, "|") if part != "None"] or ["None"]
        for part in alternatives:
            if part.startswith("java.j") and part[5:] in JAVA_PRIMITIVES:
                return JAVA_PRIMITIVES[part[5:]]
        named = [part for part in alternatives if part not in VAGUE]
        if not named:
            return VAGUE[alternatives[0]]
        return self.one(named[0])

    def one(self, text):
        if text in self.variables:
            return self.variables[text][0]
        name, bracket, inner = text.partition("[")
        args = [self.type(arg) for arg in split(inner[:-1])] if bracket else []
        if name == "typing.Type":
            return f"java.lang.Class<{args[0]}>" if args else "java.lang.Class"
        if name == "java.chaquopy.JavaArray":
            return array_of(boxed(args[0]) if args else "java.lang.Object")
        if name.startswith("java.chaquopy.JavaArrayJ"):
            return f"kotlin.{name[24:]}Array"
        args = [boxed(arg) for arg in args]
        name = self.qualified(name)
        if re.fullmatch(r"kotlin\.jvm\.functions\.Function\d+", name) and args:
            return function_type(args[:-1], args[-1])
        return f"{name}<{', '.join(args)}>" if args else name

    def used(self, text):
        """Type variables in a text, in order."""
        found = []
        for name in re.findall(r"_\w+__\w+", text):
            if name in self.variables and name not in found:
                found.append(name)
        return found

    def tparam(self, name):
        java, bound = self.variables[name]
        return java, [self.type(bound.strip("'\""))] if bound else []

    def read(self):
        stack = []  # (indent, class, its type variables)
        static = False
        for line in self.lines:
            if match := TYPEVAR.match(line):
                self.variables[match.group(1)] = (match.group(3).split(" ")[0], match.group(2))
                continue
            if line.strip() == "@staticmethod":
                static = True
                continue
            match = CLASS.match(line) or DEF.match(line) or FIELD.match(line)
            if not match or line.lstrip().startswith(("import", "from")):
                continue
            indent = len(match.group(1))
            while stack and stack[-1][0] >= indent:
                stack.pop()
            if match.re is CLASS:
                outer = stack[-1][1] if stack else None
                # Only a whole name is told from the package's other parts.
                name = f"{outer.name}.{match.group(2)}" if outer else f"{self.package}.{match.group(2)}"
                cls = self.declare(name, match.group(3) or "")
                variables = set(self.used(match.group(3) or ""))
                if outer:
                    variables |= stack[-1][2]
                stack.append((indent, cls, variables))
            elif stack:
                cls = stack[-1][1]
                if match.re is DEF:
                    self.method(cls, match.group(2), match.group(3), match.group(4), static, stack[-1][2])
                elif match.group(2) != "mPreviousWho":
                    ty = match.group(3)
                    fixed = ty.startswith("typing.ClassVar[")
                    ty = self.type(ty[len("typing.ClassVar["):-1] if fixed else ty)
                    cls.members.append(Member("val" if fixed else "var", unkeyword(match.group(2)), ty, flags={"static"} if fixed else set()))
            static = False

    def declare(self, name, bases):
        cls = Class(canonical(name), "?")
        cls.flags = set()
        for base in split(bases):
            if base.startswith("typing.Generic["):
                cls.tparams = [self.tparam(one) for one in split(base[len("typing.Generic["):-1])]
            elif base.startswith(("typing.", "metaclass=")):
                continue
            else:
                ty = self.type(base)
                if ty != "java.lang.Object":
                    cls.supers.append(ty)
        self.found.setdefault(cls.name, cls)
        return cls

    def method(self, cls, name, params, result, static, class_variables):
        found, nameless = [], True
        for param in split(params):
            if param in ("self", "/", "*"):
                continue
            label, _, ty = param.partition(": ")
            vararg = label.startswith("*")
            label = label.lstrip("*")
            nameless &= re.fullmatch(r"arg\d+", label) is not None
            ty = self.type(ty)
            found.append((label, Param({"?Int": "kotlin.Int", "?Float": "kotlin.Double"}.get(ty, ty), unkeyword(label), vararg)))
        if name == "__init__":
            member = Member("constructor", params=[param for _, param in found])
        else:
            member = Member("fun", unkeyword(name), self.type(result), [param for _, param in found])
            if static:
                member.flags.add("static")
            elif nameless and found:
                member.flags.add("nameless")
        own = [name for name in self.used(f"{params} {result}") if name not in class_variables]
        member.tparams = [self.tparam(name) for name in own]
        if found and found[0][0].startswith("this_") and found[0][0] != "this_0":
            member.flags.add("extension")
        cls.members.append(member)


def boxed(ty):
    return {"?Int": "java.lang.Integer", "?Float": "java.lang.Double"}.get(ty, ty)


def unkeyword(name):
    """`from_` is Java's `from`."""
    parts = [part[:-1] if part.endswith("_") and keyword.iskeyword(part[:-1]) else part for part in name.split(".")]
    return ".".join(parts)


def read(wheel):
    """Classes of a wheel (an open ZipFile) by name."""
    classes = {}
    for path in sorted(wheel.namelist()):
        if not path.endswith("/__init__.pyi"):
            continue
        package = path[:-len("/__init__.pyi")].replace("-stubs", "", 1).replace("/", ".")
        Module(unkeyword(package), wheel.read(path).decode("utf-8"), classes).read()
    return classes

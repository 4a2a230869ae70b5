"""Classes and members as the extractors find them, and the text form in which they are handed on."""

from dataclasses import dataclass, field

# Kotlin's names of Java classes: one class, one name.
MAPPED = {
    "kotlin.Any": "java.lang.Object",
    "kotlin.String": "java.lang.String",
    "kotlin.CharSequence": "java.lang.CharSequence",
    "kotlin.Throwable": "java.lang.Throwable",
    "kotlin.Cloneable": "java.lang.Cloneable",
    "kotlin.Number": "java.lang.Number",
    "kotlin.Comparable": "java.lang.Comparable",
    "kotlin.Enum": "java.lang.Enum",
    "kotlin.Annotation": "java.lang.annotation.Annotation",
    "kotlin.annotation.Annotation": "java.lang.annotation.Annotation",
    "kotlin.collections.Iterable": "java.lang.Iterable",
    "kotlin.collections.MutableIterable": "java.lang.Iterable",
    "kotlin.collections.Iterator": "java.util.Iterator",
    "kotlin.collections.MutableIterator": "java.util.Iterator",
    "kotlin.collections.ListIterator": "java.util.ListIterator",
    "kotlin.collections.MutableListIterator": "java.util.ListIterator",
    "kotlin.collections.Collection": "java.util.Collection",
    "kotlin.collections.MutableCollection": "java.util.Collection",
    "kotlin.collections.List": "java.util.List",
    "kotlin.collections.MutableList": "java.util.List",
    "kotlin.collections.Set": "java.util.Set",
    "kotlin.collections.MutableSet": "java.util.Set",
    "kotlin.collections.Map": "java.util.Map",
    "kotlin.collections.MutableMap": "java.util.Map",
    "kotlin.collections.Map.Entry": "java.util.Map.Entry",
    "kotlin.collections.MutableMap.MutableEntry": "java.util.Map.Entry",
}

PRIMITIVES = {
    "B": "kotlin.Byte", "C": "kotlin.Char", "D": "kotlin.Double", "F": "kotlin.Float", "I": "kotlin.Int",
    "J": "kotlin.Long", "S": "kotlin.Short", "Z": "kotlin.Boolean", "V": "kotlin.Unit",
}


def canonical(name):
    return MAPPED.get(name, name)


def array_of(element):
    if element.startswith("kotlin.") and element[7:] in ("Byte", "Char", "Double", "Float", "Int", "Long", "Short", "Boolean"):
        return element + "Array"
    return f"kotlin.Array<{element}>"


def function_type(params, result, receiver=None, suspend=False):
    text = f"({', '.join(params)}) -> {result}"
    if receiver:
        # A function type as receiver needs its own brackets.
        text = f"({receiver}).{text}" if "->" in receiver else f"{receiver}.{text}"
    return f"suspend {text}" if suspend else text


def bracketed(ty):
    return f"({ty})" if "->" in ty else ty


@dataclass
class Param:
    type: str
    name: str = ""
    vararg: bool = False
    default: bool = False

    def text(self):
        text = f"{self.name}: {self.type}" if self.name else self.type
        if self.vararg:
            text = "vararg " + text
        return text + " =" if self.default else text


@dataclass
class Member:
    kind: str  # fun, constructor, val, var
    name: str = ""
    type: str = ""
    params: list = field(default_factory=list)
    flags: set = field(default_factory=set)  # static abstract suspend inline
    tparams: list = field(default_factory=list)  # (name, [bounds])
    receiver: str = ""
    since: int = 0
    deprecated: bool = False

    def key(self):
        return (self.kind in ("val", "var"), self.name, self.receiver, tuple(p.type for p in self.params))

    def text(self):
        words = []
        if self.since:
            words.append(f"@{self.since}")
        if self.deprecated:
            words.append("deprecated")
        words += [flag for flag in ("static", "abstract", "suspend", "inline") if flag in self.flags]
        words.append(self.kind)
        if self.tparams:
            words.append(tparams_text(self.tparams))
        head = " ".join(words)
        params = ", ".join(param.text() for param in self.params)
        if self.kind == "constructor":
            return f"{head}({params})"
        name = f"{bracketed(self.receiver)}.{self.name}" if self.receiver else self.name
        if self.kind == "fun":
            tail = "" if self.type == "kotlin.Unit" else f": {self.type}"
            return f"{head} {name}({params}){tail}"
        return f"{head} {name}: {self.type}"


@dataclass
class Class:
    name: str
    kind: str = "class"  # class interface enum annotation object facade
    flags: set = field(default_factory=set)  # abstract final
    tparams: list = field(default_factory=list)
    supers: list = field(default_factory=list)
    members: list = field(default_factory=list)
    since: int = 0
    deprecated: bool = False
    companion: str = ""

    def text(self):
        words = []
        if self.since:
            words.append(f"@{self.since}")
        if self.deprecated:
            words.append("deprecated")
        words += [flag for flag in ("abstract", "final") if flag in self.flags]
        words += [self.kind, self.name + tparams_text(self.tparams)]
        head = " ".join(words)
        if self.supers:
            head += " : " + ", ".join(self.supers)
        lines = sorted({member.text() for member in self.members})
        if self.companion:
            lines.insert(0, f"companion {self.companion}")
        if not lines:
            return head + "\n"
        return head + " {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def tparams_text(tparams):
    if not tparams:
        return ""
    one = lambda name, bounds: f"{name} : {' & '.join(bounds)}" if bounds else name
    return "<" + ", ".join(one(name, bounds) for name, bounds in tparams) + ">"

"""Puts many changes of Swift sources into one build: a variable of the environment, MARTLET_MUTANT, chooses one when the tests run.

The body of a function, an initializer, an accessor or a closure that is to be changed stands there once for each of its changes and
once as it was:

    switch activeMutant {
    case 17:  // mutant 17
        the body with change 17
    case 18:  // mutant 18
        the body with change 18
    default:  // instead of mutants 17 18
        the body as it was
    }

Swift takes a switch whose branches are single expressions as one expression, so a body without `return` needs no other care.
The value of a stored property becomes `(activeMutant == 17 ? (the changed value) : (the value as it was))`.
"""
import re

VARIABLE = "MARTLET_MUTANT"
# For each target that is changed: what `activeMutant` is there.
READER = f"""import Glibc

let activeMutant: Int = getenv("{VARIABLE}").flatMap {{ Int(String(cString: $0)) }} ?? 0
"""
TYPE = re.compile(r"\b(?:struct|class|enum|extension|protocol|actor)\s+(?!func\b|var\b|let\b)[\w\[]")
ACCESSORS = re.compile(r"\s*(?:(?:mutating|nonmutating)\s+)?(?:get|set|willSet|didSet|_read|_modify)\b\s*(?:\(\w+\)|throws\S*)?\s*\{")
PARAMETERS = re.compile(r"\s*(?:\[[^\]]*\]\s*)?(?!for\b)[\w(][^{}\n]*?\bin\b(?=\s)")
STORED = re.compile(r"(?s)(.*?\b(?:let|var)\s+\w+[^={]*=\s*)(.*)")


def masked(text):
    """The text with blanks for what stands in comments and strings, and as long as it was."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|"""(?:\\.|.)*?"""|"(?:\\\((?:[^()"]|"[^"]*"|\([^()]*\))*\)|\\.|[^"\\\n])*"', re.DOTALL)
    return token.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def blocks_around(mask, start, end):
    """The pairs of braces around a region, the outermost first."""
    open_braces, pairs = [], []
    for found in re.finditer(r"[{}]", mask):
        if found.group() == "{":
            open_braces.append(found.start())
        elif open_braces:
            opening = open_braces.pop()
            if opening < start and end <= found.start():
                pairs.append((opening, found.start()))
    return sorted(pairs)


def body_around(mask, start, end):
    """Where the body begins and ends that holds a region: of the outermost block that declares no type."""
    for opening, closing in blocks_around(mask, start, end):
        header = mask[max(mask.rfind("{", 0, opening), mask.rfind("}", 0, opening)) + 1:opening]
        if TYPE.search(header) or ACCESSORS.match(mask[opening + 1:closing]):
            continue
        parameters = PARAMETERS.match(mask[opening + 1:closing])
        begin = opening + 1 + (parameters.end() if parameters else 0)
        if begin <= start:
            return begin, closing
    return None


def region(text, mutant):
    """Where a change differs from the text, and what it has there instead."""
    at = text.index(mutant.before)
    before, after = mutant.before, mutant.after
    if not after and text[at + len(before):at + len(before) + 1] == "\n":
        return at, at + len(before), ""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return at + head, at + len(before) - tail, after[head:len(after) - tail]


def with_all(text, numbered):
    """A file's text with all changes in it, and the numbers of those that cannot be put in so.

    - numbered: the file's changes, each with its number.
    """
    mask, bodies, left = masked(text), {}, []
    for number, mutant in numbered:
        start, end, instead = region(text, mutant)
        place = body_around(mask, start, end)
        if place:
            begin, close = place
            bodies.setdefault(place, []).append((number, text[begin:start] + instead + text[end:close]))
        else:
            place, value = stored_value(text, mutant)
            if place:
                bodies.setdefault(place, []).append((number, value))
            else:
                left.append(number)
    for (begin, close), changed in sorted(bodies.items(), reverse=True):
        as_it_was = text[begin:close]
        isBody = mask[:begin].rstrip()[-1:] != "="
        text = text[:begin] + (switch if isBody else choice)(changed, as_it_was) + text[close:]
    return text, left


def function_of(text, mutant):
    """The name of the function or property whose body a change is in, or None."""
    place = body_around(masked(text), *region(text, mutant)[:2])
    declared = re.findall(r"\b(?:func|var|let)\s+(\w+)", masked(text)[:place[0]]) if place else []
    return declared[-1] if declared else None


def stored_value(text, mutant):
    """Where the value of a stored property stands that a change of one line has, and the other value."""
    before, after = STORED.fullmatch(mutant.before), STORED.fullmatch(mutant.after)
    if not before or not after or before.group(1) != after.group(1) or "\n" in mutant.before:
        return None, None
    at = text.index(mutant.before)
    return (at + before.end(1), at + len(mutant.before)), after.group(2)


def switch(changed, as_it_was):
    def branch(body):
        return body.strip("\n") if masked(body).strip() else "break"
    numbers = " ".join(str(number) for number, _ in changed)
    branches = [f"case {number}:  // mutant {number}\n{branch(body)}" for number, body in changed]
    return "\n".join(
        ["", "switch activeMutant {", *branches, f"default:  // instead of mutants {numbers}", branch(as_it_was),
         f"}} /* end of mutants {numbers} */ "])


def choice(changed, as_it_was):
    value = f"({as_it_was})"
    for number, other in changed:
        value = f"(activeMutant == {number} ? ({other}) : {value})"
    numbers = " ".join(str(number) for number, _ in changed)
    return f"{value} /* end of mutants {numbers} */"


def blamed(text, line):
    """The numbers of the changes in whose branch a line of such a file stands; after the branches, of all of them."""
    for above in reversed(text.splitlines()[:line]):
        found = re.search(r"// mutant (\d+)$|// instead of mutants ([\d ]+)$|/\* end of mutants ([\d ]+) \*/", above)
        if found:
            return [int(number) for number in next(filter(None, found.groups())).split()]
    return []

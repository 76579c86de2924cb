#!/usr/bin/env python3
"""What g++ 12.2 compiles wrongly around co_await, and what no compiler can save.

    co_await_hygiene.py ROOT

1. No braces in an expression with co_await: a temporary made by aggregate initialisation is
   destroyed twice. Name it first, or give the class a constructor.
2. No capturing lambda in an expression with co_await, for the same reason.
3. No coroutine lambda with captures: they die with the closure, before the coroutine ends.
4. No co_await in the condition of if, while or switch. The compiler's variable for the condition
   becomes the first field of the frame where the coroutine has no other variable, and everything
   that resumes it is 8 octets off. Name the result first.
"""
import pathlib
import re
import sys

import sources

PAIRS = {"(": ")", "[": "]", "{": "}"}
OPENING = {closing: opening for opening, closing in PAIRS.items()}


def matching(code, start):
    """Position behind the bracket that closes the one at `start`; the end if there is none."""
    depth = 0
    for position in range(start, len(code)):
        if code[position] in PAIRS:
            depth += 1
        elif code[position] in OPENING:
            depth -= 1
            if depth == 0:
                return position + 1
    return len(code)


SPECIFIER = re.compile(r"\s*(mutable|constexpr|noexcept|static|->[^{;()]*(\([^()]*\))?)")
BLANK = re.compile(r"\s*")


def lambdas(code):
    """(start, captures, body start, body end) of each lambda expression."""
    for found in re.finditer(r"\[", code):
        start = found.start()
        before = code[:start].rstrip()[-200:]
        if code[start:start + 2] == "[[" or before.endswith("["):
            continue  # an attribute
        if re.search(r"[\w)\]]$", before) and not re.search(r"\b(return|co_\w+)$", before):
            continue  # an index
        end = matching(code, start)
        captures = code[start + 1:end - 1].strip()
        position = BLANK.match(code, end).end()
        if code[position:position + 1] == "(":
            position = matching(code, position)
        while more := SPECIFIER.match(code, position):
            position = more.end()
        position = BLANK.match(code, position).end()
        if code[position:position + 1] == "{":
            yield start, captures, position, matching(code, position)


def is_initialiser(code, brace):
    """Whether the brace opens an initialiser and no block."""
    before = code[max(0, brace - 200):brace].rstrip()
    if re.search(r"[(,=<&|?:+!]$", before):
        return not re.search(r"(public|private|protected|default|case [^;{}]*):$", before)
    word = re.search(r"\b(\w+)$", before)
    return bool(word) and word[1] not in (
        "else", "do", "try", "const", "noexcept", "mutable", "override", "final")


def full_expression(code, position):
    """(start, end) of the expression around a co_await: up to the ends of its statement, or of the
    parenthesis of a control statement."""
    depth, start = 0, position
    while start > 0:
        character = code[start - 1]
        if character in OPENING:
            if character == "}" and depth == 0 and not is_closing_initialiser(code, start - 1):
                break
            depth += 1
        elif character in PAIRS:
            if depth == 0 and character == "{" and not is_initialiser(code, start - 1):
                break
            if depth == 0 and character == "(" and re.search(
                    r"\b(if|while|for|switch)(\s+constexpr)?\s*$", code[:start - 1]):
                break
            depth = max(0, depth - 1)
        elif character == ";" and depth == 0:
            break
        start -= 1
    depth, end = 0, start
    while end < len(code):
        character = code[end]
        if character in PAIRS:
            depth += 1
        elif character in OPENING:
            if depth == 0:
                break
            depth -= 1
        elif character == ";" and depth == 0:
            break
        end += 1
    return start, end


def is_closing_initialiser(code, brace):
    depth = 0
    for position in range(brace, -1, -1):
        if code[position] == "}":
            depth += 1
        elif code[position] == "{":
            depth -= 1
            if depth == 0:
                return is_initialiser(code, position)
    return False


def without_lambda_bodies(code, start, end, found):
    """The text between, with the bodies of its lambdas blank."""
    text = code[start:end]
    for at, _, body, stop in found:
        if start <= at and stop <= end:
            text = text[:body - start] + " " * (stop - body) + text[stop - start:]
    return text


def awaiting_conditions(code):
    """Positions of if, while, for and switch whose condition awaits outside of a declaration."""
    for found in re.finditer(r"\b(if|while|for|switch)(\s+constexpr)?\s*(?=\()", code):
        text = code[found.end() + 1:matching(code, found.end()) - 1]
        if found[1] == "for":
            parts = text.split(";")
            conditions = parts[1:2] if len(parts) == 3 else []
        else:
            conditions = text.split(";")[-1:]
        for condition in conditions:
            awaited = re.search(r"\bco_await\b", condition)
            if awaited and not re.search(r"[\w&*] *\b\w+ *= *$", condition[:awaited.start()]):
                yield found.start()


def findings_in(path, text):
    code = sources.code_only(text)
    found = list(lambdas(code))
    told = set()
    for position in awaiting_conditions(code):
        yield f"{path}:{sources.line_of(code, position)}: co_await in a condition"
    for match in re.finditer(r"\bco_await\b", code):
        inner = [one for one in found if one[2] < match.start() < one[3]]
        start, end = full_expression(code, match.start())
        if inner:
            start, end = max(start, inner[-1][2] + 1), min(end, inner[-1][3] - 1)
        if (start, end) in told:
            continue
        told.add((start, end))
        line = sources.line_of(code, match.start())
        for at, captures, _, stop in found:
            if start <= at and stop <= end and captures:
                yield f"{path}:{line}: capturing lambda [{captures}] in a co_await expression"
        if "{" in without_lambda_bodies(code, start, end, found):
            yield f"{path}:{line}: braces in a co_await expression"
    for at, captures, body, stop in found:
        own = without_lambda_bodies(code, body + 1, stop - 1, found)
        if captures and re.search(r"\bco_(await|return|yield)\b", own):
            yield (f"{path}:{sources.line_of(code, at)}: coroutine lambda with captures "
                   f"[{captures}]")


GOOD = """
awaitable<void> f(int x) {
    if (ready) { g(); }
    auto const [code, size] = co_await read(as_tuple(use_awaitable));
    for (auto& item : co_await list()) { use(item); }
    bool const good = co_await check(x, values[1]);
    if (good) { co_return; } else { log("co_await {}", x); }
    if (bool const better = co_await check(x, 2); better) { co_return; }
    if (ready) co_await tick();
    co_await run([](int y) -> awaitable<void> { co_await tick(y); });
    auto options = Options{.retries = 1};
    co_await g(std::move(options));  // {not this}
    co_spawn(executor, session(std::move(self)), detached);
    std::sort(a.begin(), a.end(), [&](int l, int r) { return l < r; });
    switch (next()) { case 1: { co_await tick(); break; } }
    for (int i = 0; i < 3; ++i) co_await tick();
    co_return co_await finish();
}
"""
BAD = (
    "void f() { co_await g({1, 2}); }",
    "void f() { co_await g(Options{}); }",
    "void f() { auto x = co_await g(c ? y : T{}); }",
    "void f() { co_await run([s] { use(s); }); }",
    "void f() { co_await co_spawn(e, [p = std::move(p)]() -> awaitable<void> { h(); }, u); }",
    "void f() { use(Pair{1, 2}, co_await g()); }",
    "void f() { auto x = Pair{co_await g(), 1}; }",
    "void f() { h(co_await g({})); }",
    "void f() { if (!co_await g()) return; }",
    "void f() { do { h(); } while (co_await g()); }",
    "void f() { for (; co_await g();) h(); }",
    "void f() { switch (co_await g()) { } }",
    "void f() { if (int x = 1; co_await g(x)) h(); }",
    "void f() { co_spawn(e, [this]() -> awaitable<void> { co_await h(); }, detached); }",
    "void f() { auto go = [&] { co_return 1; }; }",
)


def self_test():
    assert not (wrong := list(findings_in("good", GOOD))), f"self-test: {wrong}"
    for bad in BAD:
        assert list(findings_in("bad", bad)), f"self-test: not found: {bad}"


if __name__ == "__main__":
    self_test()
    root = pathlib.Path(sys.argv[1])
    paths = sources.files(root, ".cpp", ".hpp")
    findings = [finding for path in paths
                for finding in findings_in(path, (root / path).read_text(encoding="utf-8"))]
    sys.exit(sources.finish("co_await_hygiene", findings, len(paths)))

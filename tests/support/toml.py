"""Writes splitmx.toml from nested dicts: a test says only what it is about."""
import json
import re


def merged(base, more):
    """`base` with `more` on top; tables are merged, everything else is replaced, None removes."""
    result = dict(base)
    for key, value in more.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def dump(tables):
    return "\n".join(_table([], tables)) + "\n"


def _key(name):
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def _table(path, table):
    plain, deeper = [], []
    for key, value in table.items():
        here = [*path, _key(key)]
        if isinstance(value, dict):
            deeper += _table(here, value)
        elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
            for item in value:
                deeper += [f"[[{'.'.join(here)}]]"]
                deeper += [f"{_key(k)} = {_value(v)}" for k, v in item.items()]
        else:
            plain.append(f"{_key(key)} = {_value(value)}")
    head = [f"[{'.'.join(path)}]"] if path and (plain or not deeper) else []
    return head + plain + deeper


def _value(value):
    # A JSON string, number, boolean or list of them is TOML, too.
    return json.dumps(value if isinstance(value, (str, int, float, bool, list)) else str(value))

"""Where people sit and what they may do, from the claims of their sign-in.

The class Mapper at the end is what the component exports; see README.md.
"""

import json
import re

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports.types import (
    Denial,
    Description,
    Diagnostic,
    Failure,
    Field,
    Grant,
    Mapping,
    MappingDecision_Allow,
    MappingDecision_Deny,
)

KEYS = ["admin_group", "contractor_domain", "departments"]
ROLE = "^[A-Za-z0-9._:-]{1,64}$"
DOMAIN = "^[A-Za-z0-9.-]{1,64}$"
ID = "^[A-Za-z0-9-]{1,64}$"

EXAMPLE = {
    "departments": {"Retail": "store", "Engineering": "builder"},
    "contractor_domain": "partner.example",
    "admin_group": "9c1b3c0e-5d0c-4f57-8a51-6b5a3c0f7d21",
}

# The form that an admin fills in is drawn from this.
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Seat planner",
    "description": "Seats by office, roles by department.",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "admin_group": {
            "title": "Group of admins",
            "description": "Object id of the group whose members become admin.",
            "type": "string",
            "pattern": ID,
        },
        "contractor_domain": {
            "title": "Domain of contractors",
            "description": "People with an address of this mail domain need a department.",
            "type": "string",
            "pattern": DOMAIN,
        },
        "departments": {
            "title": "Departments",
            "description": "Role by department.",
            "type": "object",
            "additionalProperties": {"title": "Role", "type": "string", "pattern": ROLE},
        },
    },
}


def is_text(value, pattern):
    # `$` alone would also match before a final line feed.
    return isinstance(value, str) and re.fullmatch(pattern.strip("^$"), value) is not None


def is_line(text):
    return text != "" and text.strip(" ") == text and not re.search("[\0-\x1f\x7f]", text)


def pointer(parent, key):
    return parent + "/" + key.replace("~", "~0").replace("/", "~1")


def lower(text):
    """Of bytes, because only ASCII letters change there."""
    return text.encode().lower()


def read(plugin_config):
    """The configuration and every finding about it, each at its JSON pointer."""
    found = []

    def error(path, message):
        found.append(Diagnostic("error", path, message))

    try:
        config = json.loads(plugin_config if plugin_config.strip() else "{}")
    except ValueError:
        error("", "not JSON")
        return {}, found
    if not isinstance(config, dict):
        error("", "the rules must be a JSON object")
        return {}, found
    for key in sorted(config.keys() - set(KEYS)):
        error(pointer("", key), "unknown key; known are " + ", ".join(KEYS))
    departments = config.get("departments", {})
    if isinstance(departments, dict):
        for department, role in sorted(departments.items()):
            at = pointer("/departments", department)
            if not is_line(department):
                error(at, "a department must be one line without spaces around it")
            if not is_text(role, ROLE):
                error(at, "not a role name: 1 to 64 characters of a-z, A-Z, 0-9, '.', '_', ':' or '-'")
    else:
        error("/departments", "must be a table of department and role")
    if "contractor_domain" in config and not is_text(config["contractor_domain"], DOMAIN):
        error("/contractor_domain", "must be a domain without @, such as partner.example")
    if "admin_group" not in config:
        message = "is not set, so that nobody becomes admin"
        found.append(Diagnostic("info", "/admin_group", message))
    elif not is_text(config["admin_group"], ID):
        error("/admin_group", "must be the object id of a group")
    return config, found


def text(request, name):
    """The first value of a claim, without spaces around it. Empty is the same as absent."""
    for claim in request.attributes:
        if claim.name == name and claim.values:
            return claim.values[0].strip(" ") or None
    return None


def display_name(request):
    given, family = text(request, "given_name"), text(request, "family_name")
    return f"{given} {family}" if given and family else text(request, "name")


def is_contractor(config, email):
    _, at, domain = email.rpartition("@")
    theirs = config.get("contractor_domain")
    return theirs is not None and at == "@" and lower(domain) == lower(theirs)


def map_request(config, request):
    email = text(request, "email")
    if email is None:
        raise Err(Failure("no_email", "the sign-in carries no e-mail address", None))
    department = text(request, "department")
    if department is None and is_contractor(config, email):
        message = "Contractors need a department. Ask your contact at the company."
        return MappingDecision_Deny(Denial("contractor_without_department", message))
    mapping = Mapping([Field("email", [email])], [], [])
    name = display_name(request)
    if name is None:
        mapping.notes.append("no name")  # A field that is not set at all is left as it is.
    else:
        mapping.fields.append(Field("display_name", [name]))
    seat = text(request, "officeLocation")
    if seat is None:
        mapping.notes.append("no office, so the seat is cleared")
    mapping.fields.append(Field("metadata.seat", [seat.encode().upper().decode()] if seat else []))
    role = config.get("departments", {}).get(department)
    if department is None:
        mapping.notes.append("no department")
    elif role is None:
        mapping.notes.append("the department gives no role")
    else:
        mapping.grants.append(Grant(role, f"department {department}"))
    grant_admin(config, request, mapping)
    return MappingDecision_Allow(mapping)


def grant_admin(config, request, mapping):
    group = config.get("admin_group")
    if group is None:
        return
    if any(lower(one) == lower(group) for one in request.groups):
        mapping.grants.append(Grant("admin", f"member of group {group}"))
    elif not request.groups_complete:
        # Whoever cannot be seen in the group is not in it: fail closed, and say so.
        mapping.notes.append("the list of groups is incomplete, so admin is not granted")


class Mapper(exports.Mapper):
    def describe(self):
        return Description(
            name="seat-planner",
            version="0.1.0",
            summary="Seats by office, roles by department.",
            config_schema=json.dumps(SCHEMA),
            example_config=json.dumps(EXAMPLE),
        )

    def check_config(self, plugin_config):
        _, found = read(plugin_config)
        return found

    # A failure is raised as Err; every other exception is a trap.
    def map_login(self, plugin_config, request):
        config, found = read(plugin_config)
        for wrong in found:
            if wrong.severity == "error":
                raise Err(Failure("config", wrong.message, wrong.path))
        return map_request(config, request)

// Where people sit and what they may do, from the claims of their sign-in.
// `mapper` at the end is what the component exports; see README.md.

const KEYS = ["admin_group", "contractor_domain", "departments"];
const ROLE = /^[A-Za-z0-9._:-]{1,64}$/;
const DOMAIN = /^[A-Za-z0-9.-]{1,64}$/;
const ID = /^[A-Za-z0-9-]{1,64}$/;

const EXAMPLE = {
  departments: { Retail: "store", Engineering: "builder" },
  contractor_domain: "partner.example",
  admin_group: "9c1b3c0e-5d0c-4f57-8a51-6b5a3c0f7d21",
};

// The form that an admin fills in is drawn from this.
const SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Seat planner",
  description: "Seats by office, roles by department.",
  type: "object",
  additionalProperties: false,
  properties: {
    admin_group: {
      title: "Group of admins",
      description: "Object id of the group whose members become admin.",
      type: "string",
      pattern: ID.source,
    },
    contractor_domain: {
      title: "Domain of contractors",
      description: "People with an address of this mail domain need a department.",
      type: "string",
      pattern: DOMAIN.source,
    },
    departments: {
      title: "Departments",
      description: "Role by department.",
      type: "object",
      additionalProperties: { title: "Role", type: "string", pattern: ROLE.source },
    },
  },
};

const isText = (value, pattern) => typeof value === "string" && pattern.test(value);
const isTable = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isLine = (text) => text !== "" && trimmed(text) === text && !/[\0-\x1f\x7f]/.test(text);
const trimmed = (text) => text.replace(/^ +| +$/g, "");
const pointer = (parent, key) => `${parent}/${key.replace(/~/g, "~0").replace(/\//g, "~1")}`;
const lower = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const upper = (text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
const failure = (code, message, path) => ({ code, message, path });

/** The configuration and every finding about it, each at its JSON pointer. */
function read(pluginConfig) {
  const found = [];
  const error = (path, message) => found.push({ severity: "error", path, message });
  let config;
  try {
    config = JSON.parse(pluginConfig.trim() === "" ? "{}" : pluginConfig);
  } catch {
    error("", "not JSON");
    return { config: {}, found };
  }
  if (!isTable(config)) {
    error("", "the rules must be a JSON object");
    return { config: {}, found };
  }
  for (const key of Object.keys(config).sort()) {
    if (!KEYS.includes(key)) {
      error(pointer("", key), `unknown key; known are ${KEYS.join(", ")}`);
    }
  }
  if (isTable(config.departments)) {
    for (const department of Object.keys(config.departments).sort()) {
      const at = pointer("/departments", department);
      if (!isLine(department)) {
        error(at, "a department must be one line without spaces around it");
      }
      if (!isText(config.departments[department], ROLE)) {
        error(at, "not a role name: 1 to 64 characters of a-z, A-Z, 0-9, '.', '_', ':' or '-'");
      }
    }
  } else if (config.departments !== undefined) {
    error("/departments", "must be a table of department and role");
  }
  if (config.contractor_domain !== undefined && !isText(config.contractor_domain, DOMAIN)) {
    error("/contractor_domain", "must be a domain without @, such as partner.example");
  }
  if (config.admin_group === undefined) {
    const message = "is not set, so that nobody becomes admin";
    found.push({ severity: "info", path: "/admin_group", message });
  } else if (!isText(config.admin_group, ID)) {
    error("/admin_group", "must be the object id of a group");
  }
  return { config, found };
}

/** The first value of a claim, without spaces around it. Empty is the same as absent. */
function text(request, name) {
  const claim = request.attributes.find((one) => one.name === name);
  const value = trimmed(claim?.values[0] ?? "");
  return value === "" ? undefined : value;
}

function displayName(request) {
  const given = text(request, "given_name");
  const family = text(request, "family_name");
  return given && family ? `${given} ${family}` : text(request, "name");
}

function isContractor(config, email) {
  if (config.contractor_domain === undefined || !email.includes("@")) {
    return false;
  }
  return lower(email.slice(email.lastIndexOf("@") + 1)) === lower(config.contractor_domain);
}

function map(config, request) {
  const email = text(request, "email");
  if (email === undefined) {
    throw failure("no_email", "the sign-in carries no e-mail address");
  }
  const department = text(request, "department");
  if (department === undefined && isContractor(config, email)) {
    const message = "Contractors need a department. Ask your contact at the company.";
    return { tag: "deny", val: { code: "contractor_without_department", message } };
  }
  const fields = [{ name: "email", values: [email] }];
  const grants = [];
  const notes = [];
  const name = displayName(request);
  if (name === undefined) {
    notes.push("no name"); // A field that is not set at all is left as it is.
  } else {
    fields.push({ name: "display_name", values: [name] });
  }
  const seat = text(request, "officeLocation");
  if (seat === undefined) {
    notes.push("no office, so the seat is cleared");
  }
  fields.push({ name: "metadata.seat", values: seat === undefined ? [] : [upper(seat)] });
  const departments = config.departments ?? {};
  if (department === undefined) {
    notes.push("no department");
  } else if (Object.hasOwn(departments, department)) {
    grants.push({ role: departments[department], because: `department ${department}` });
  } else {
    notes.push("the department gives no role");
  }
  const group = config.admin_group;
  if (group !== undefined) {
    // Without the flag `u`, only ASCII letters are alike; an id holds no special character.
    const wanted = new RegExp(`^${group}$`, "i");
    if (request.groups.some((one) => wanted.test(one))) {
      grants.push({ role: "admin", because: `member of group ${group}` });
    } else if (!request.groupsComplete) {
      // Whoever cannot be seen in the group is not in it: fail closed, and say so.
      notes.push("the list of groups is incomplete, so admin is not granted");
    }
  }
  return { tag: "allow", val: { fields, grants, notes } };
}

export const mapper = {
  describe: () => ({
    name: "seat-planner",
    version: "0.1.0",
    summary: "Seats by office, roles by department.",
    configSchema: JSON.stringify(SCHEMA),
    exampleConfig: JSON.stringify(EXAMPLE),
  }),

  checkConfig: (pluginConfig) => read(pluginConfig).found,

  // A failure is thrown; everything else that is thrown is a trap.
  mapLogin(pluginConfig, request) {
    const { config, found } = read(pluginConfig);
    const wrong = found.find((one) => one.severity === "error");
    if (wrong) {
      throw failure("config", wrong.message, wrong.path);
    }
    return map(config, request);
  },
};

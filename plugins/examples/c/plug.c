// Where people sit and what they may do, from the claims of their sign-in; see README.md.
// The three exported functions stand at the end.
#include "json.h"

#include <stdlib.h>
#include <string.h>

typedef exports_symbolon_mapping_mapper_list_diagnostic_t findings;
typedef symbolon_mapping_types_mapping_request_t mapping_request;
typedef symbolon_mapping_types_mapping_t mapping;

// The form that an admin fills in is drawn from this.
static const char SCHEMA[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"title\":\"Seat planner\","
    "\"description\":\"Seats by office, roles by department.\",\"type\":\"object\","
    "\"additionalProperties\":false,\"properties\":{"
    "\"admin_group\":{\"title\":\"Group of admins\","
    "\"description\":\"Object id of the group whose members become admin.\","
    "\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9-]{1,64}$\"},"
    "\"contractor_domain\":{\"title\":\"Domain of contractors\","
    "\"description\":\"People with an address of this mail domain need a department.\","
    "\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9.-]{1,64}$\"},"
    "\"departments\":{\"title\":\"Departments\",\"description\":\"Role by department.\","
    "\"type\":\"object\",\"additionalProperties\":{\"title\":\"Role\","
    "\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9._:-]{1,64}$\"}}}}";

static const char EXAMPLE[] =
    "{\"departments\":{\"Retail\":\"store\",\"Engineering\":\"builder\"},"
    "\"contractor_domain\":\"partner.example\","
    "\"admin_group\":\"9c1b3c0e-5d0c-4f57-8a51-6b5a3c0f7d21\"}";

#define S(literal) ((str){(uint8_t *)(literal), sizeof(literal) - 1})

// Room for one more, doubled whenever a power of two is full.
static void *grow(void *items, size_t len, size_t size) {
  return (len & (len - 1)) == 0 ? realloc(items, (len == 0 ? 1 : 2 * len) * size) : items;
}

#define ADD(list, ...)                                                                             \
  do {                                                                                             \
    (list).ptr = grow((list).ptr, (list).len, sizeof *(list).ptr);                                 \
    (list).ptr[(list).len++] = (__typeof__(*(list).ptr))__VA_ARGS__;                               \
  } while (0)

static str joined(str left, str right) {
  str both = {malloc(left.len + right.len), left.len + right.len};
  memcpy(both.ptr, left.ptr, left.len);
  memcpy(both.ptr + left.len, right.ptr, right.len);
  return both;
}

static bool equal(str left, str right) {
  return left.len == right.len && memcmp(left.ptr, right.ptr, left.len) == 0;
}

static bool is_between(uint8_t c, char first, char last) { return c >= first && c <= last; }

static str in_case(str text, char first, char last) {
  str changed = joined(text, S(""));
  for (size_t at = 0; at < changed.len; at++)
    if (is_between(changed.ptr[at], first, last)) changed.ptr[at] ^= 0x20;
  return changed;
}

static str lower(str text) { return in_case(text, 'A', 'Z'); }
static str upper(str text) { return in_case(text, 'a', 'z'); }

static str trimmed(str text) {
  while (text.len > 0 && text.ptr[0] == ' ') text.ptr++, text.len--;
  while (text.len > 0 && text.ptr[text.len - 1] == ' ') text.len--;
  return text;
}

// Checking the configuration

static bool is_word(const struct json *value, const char *also) {
  if (value->kind != JSON_TEXT || value->text.len < 1 || value->text.len > 64) return false;
  for (size_t at = 0; at < value->text.len; at++) {
    uint8_t c = value->text.ptr[at];
    bool known = is_between(c, 'a', 'z') || is_between(c, 'A', 'Z') || is_between(c, '0', '9');
    for (const char *one = also; *one != 0 && !known; one++) known = c == (uint8_t)*one;
    if (!known) return false;
  }
  return true;
}

static bool is_line(str text) {
  if (text.len == 0 || trimmed(text).len != text.len) return false;
  for (size_t at = 0; at < text.len; at++)
    if (text.ptr[at] < 0x20 || text.ptr[at] == 0x7F) return false;
  return true;
}

static void error(findings *found, str path, str message) {
  ADD(*found, {S("error"), path, message});
}

// A JSON pointer: `~` and `/` are escaped.
static str pointer(str parent, str key) {
  str path = joined(parent, S("/"));
  for (size_t at = 0; at < key.len; at++) {
    str one = {key.ptr + at, 1};
    path = joined(path, equal(one, S("~")) ? S("~0") : equal(one, S("/")) ? S("~1") : one);
  }
  return path;
}

static void check_departments(const struct json *table, findings *found) {
  if (table->kind != JSON_OBJECT) {
    error(found, S("/departments"), S("must be a table of department and role"));
    return;
  }
  for (const struct json *row = table->first; row != NULL; row = row->next) {
    str at = pointer(S("/departments"), row->key);
    if (!is_line(row->key))
      error(found, at, S("a department must be one line without spaces around it"));
    if (!is_word(row, "._:-"))
      error(found, at,
            S("not a role name: 1 to 64 characters of a-z, A-Z, 0-9, '.', '_', ':' or '-'"));
  }
}

// The configuration and every finding about it, each at its JSON pointer.
static struct json *read_config(str text, findings *found) {
  struct json *config = json_read(text);
  if (trimmed(text).len == 0) config = json_read(S("{}"));
  if (config == NULL) {
    error(found, S(""), S("not JSON"));
    return NULL;
  }
  if (config->kind != JSON_OBJECT) {
    error(found, S(""), S("the rules must be a JSON object"));
    return NULL;
  }
  for (const struct json *one = config->first; one != NULL; one = one->next)
    if (!equal(one->key, S("admin_group")) && !equal(one->key, S("contractor_domain")) &&
        !equal(one->key, S("departments")))
      error(found, pointer(S(""), one->key),
            S("unknown key; known are admin_group, contractor_domain, departments"));
  const struct json *table = json_get(config, S("departments"));
  if (table != NULL) check_departments(table, found);
  const struct json *domain = json_get(config, S("contractor_domain"));
  if (domain != NULL && !is_word(domain, ".-"))
    error(found, S("/contractor_domain"),
          S("must be a domain without @, such as partner.example"));
  const struct json *group = json_get(config, S("admin_group"));
  if (group == NULL)
    ADD(*found, {S("info"), S("/admin_group"), S("is not set, so that nobody becomes admin")});
  else if (!is_word(group, "-"))
    error(found, S("/admin_group"), S("must be the object id of a group"));
  return config;
}

// Mapping

// The first value of a claim, without spaces around it. Length 0 when empty or absent.
static str text_of(const mapping_request *request, str name) {
  for (size_t at = 0; at < request->attributes.len; at++) {
    const symbolon_mapping_types_attribute_t *claim = &request->attributes.ptr[at];
    if (equal(claim->name, name) && claim->values.len > 0) return trimmed(claim->values.ptr[0]);
  }
  return S("");
}

// A value of length 0 clears the field. A field that is not set at all is left as it is.
static void set(mapping *to, str name, str value) {
  mapping_plugin_list_string_t values = {NULL, 0};
  if (value.len > 0) ADD(values, value);
  ADD(to->fields, {name, values});
}

static void grant(mapping *to, str role, str because) {
  ADD(to->grants, {role, {true, because}});
}

static str display_name(const mapping_request *request) {
  str given = text_of(request, S("given_name")), family = text_of(request, S("family_name"));
  if (given.len == 0 || family.len == 0) return text_of(request, S("name"));
  return joined(joined(given, S(" ")), family);
}

static bool is_contractor(const struct json *config, str email) {
  const struct json *domain = json_get(config, S("contractor_domain"));
  size_t at = email.len;
  while (at > 0 && email.ptr[at - 1] != '@') at--;
  if (domain == NULL || at == 0) return false;
  return equal(lower((str){email.ptr + at, email.len - at}), lower(domain->text));
}

static void grant_by_department(const struct json *config, str department, mapping *to) {
  const struct json *table = json_get(config, S("departments"));
  const struct json *role = table == NULL ? NULL : json_get(table, department);
  if (department.len == 0)
    ADD(to->notes, S("no department"));
  else if (role == NULL)
    ADD(to->notes, S("the department gives no role"));
  else
    grant(to, role->text, joined(S("department "), department));
}

static void grant_admin(const struct json *config, const mapping_request *request, mapping *to) {
  const struct json *group = json_get(config, S("admin_group"));
  if (group == NULL) return;
  str wanted = lower(group->text);
  for (size_t at = 0; at < request->groups.len; at++)
    if (equal(lower(request->groups.ptr[at]), wanted)) {
      grant(to, S("admin"), joined(S("member of group "), group->text));
      return;
    }
  // Whoever cannot be seen in the group is not in it: fail closed, and say so.
  if (!request->groups_complete)
    ADD(to->notes, S("the list of groups is incomplete, so admin is not granted"));
}

static void allow(const struct json *config, const mapping_request *request, mapping *to) {
  set(to, S("email"), text_of(request, S("email")));
  str name = display_name(request);
  if (name.len == 0)
    ADD(to->notes, S("no name"));
  else
    set(to, S("display_name"), name);
  str seat = text_of(request, S("officeLocation"));
  if (seat.len == 0) ADD(to->notes, S("no office, so the seat is cleared"));
  set(to, S("metadata.seat"), upper(seat));
  grant_by_department(config, text_of(request, S("department")), to);
  grant_admin(config, request, to);
}

// Exports

void exports_symbolon_mapping_mapper_describe(symbolon_mapping_types_description_t *answer) {
  *answer = (symbolon_mapping_types_description_t){
      .name = S("seat-planner"),
      .version = S("0.1.0"),
      .summary = S("Seats by office, roles by department."),
      .config_schema = S(SCHEMA),
      .example_config = S(EXAMPLE),
  };
}

void exports_symbolon_mapping_mapper_check_config(str *config, findings *answer) {
  *answer = (findings){NULL, 0};
  read_config(*config, answer);
}

// Returns false for a failure.
bool exports_symbolon_mapping_mapper_map_login(
    str *plugin_config, mapping_request *request,
    symbolon_mapping_types_mapping_decision_t *answer, symbolon_mapping_types_failure_t *failure) {
  findings found = {NULL, 0};
  const struct json *config = read_config(*plugin_config, &found);
  for (size_t at = 0; at < found.len; at++)
    if (equal(found.ptr[at].severity, S("error"))) {
      *failure = (symbolon_mapping_types_failure_t){
          S("config"), found.ptr[at].message, {true, found.ptr[at].path}};
      return false;
    }
  str email = text_of(request, S("email"));
  if (email.len == 0) {
    *failure = (symbolon_mapping_types_failure_t){
        S("no_email"), S("the sign-in carries no e-mail address"), {false, {NULL, 0}}};
    return false;
  }
  memset(answer, 0, sizeof *answer);
  if (text_of(request, S("department")).len == 0 && is_contractor(config, email)) {
    answer->tag = SYMBOLON_MAPPING_TYPES_MAPPING_DECISION_DENY;
    answer->val.deny = (symbolon_mapping_types_denial_t){
        S("contractor_without_department"),
        S("Contractors need a department. Ask your contact at the company.")};
    return true;
  }
  answer->tag = SYMBOLON_MAPPING_TYPES_MAPPING_DECISION_ALLOW;
  allow(config, request, &answer->val.allow);
  return true;
}

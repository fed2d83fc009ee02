#include "json.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 64 };

struct reader {
  const uint8_t *at, *end;
  int depth;
};

static struct json *value(struct reader *from);

int str_compare(str left, str right) {
  size_t shorter = left.len < right.len ? left.len : right.len;
  int order = memcmp(left.ptr, right.ptr, shorter);
  return order != 0 ? order : (left.len > right.len) - (left.len < right.len);
}

static int peek(struct reader *from) { return from->at < from->end ? *from->at : -1; }

static bool take(struct reader *from, char wanted) {
  if (peek(from) != wanted) return false;
  from->at++;
  return true;
}

static bool take_word(struct reader *from, const char *word) {
  for (; *word != 0; word++)
    if (!take(from, *word)) return false;
  return true;
}

static void skip_space(struct reader *from) {
  while (take(from, ' ') || take(from, '\t') || take(from, '\n') || take(from, '\r')) {
  }
}

static struct json *node(enum json_kind kind) {
  struct json *made = calloc(1, sizeof *made);
  made->kind = kind;
  return made;
}

static bool digits(struct reader *from) {
  const uint8_t *start = from->at;
  while (peek(from) >= '0' && peek(from) <= '9') from->at++;
  return from->at > start;
}

static bool number(struct reader *from) {
  take(from, '-');
  if (!take(from, '0') && !digits(from)) return false;
  if (take(from, '.') && !digits(from)) return false;
  if (!take(from, 'e') && !take(from, 'E')) return true;
  if (!take(from, '+')) take(from, '-');
  return digits(from);
}

static bool hex4(struct reader *from, uint32_t *unit) {
  *unit = 0;
  for (int place = 0; place < 4; place++) {
    int c = peek(from), low = c | 0x20;
    if (c >= '0' && c <= '9') *unit = *unit << 4 | (uint32_t)(c - '0');
    else if (c >= 0 && low >= 'a' && low <= 'f') *unit = *unit << 4 | (uint32_t)(low - 'a' + 10);
    else return false;
    from->at++;
  }
  return true;
}

static void put_utf8(str *to, uint32_t code) {
  uint8_t *out = to->ptr + to->len;
  if (code < 0x80) {
    to->len += 1, out[0] = code;
  } else if (code < 0x800) {
    to->len += 2, out[0] = 0xC0 | code >> 6, out[1] = 0x80 | (code & 0x3F);
  } else if (code < 0x10000) {
    to->len += 3, out[0] = 0xE0 | code >> 12, out[1] = 0x80 | (code >> 6 & 0x3F);
    out[2] = 0x80 | (code & 0x3F);
  } else {
    to->len += 4, out[0] = 0xF0 | code >> 18, out[1] = 0x80 | (code >> 12 & 0x3F);
    out[2] = 0x80 | (code >> 6 & 0x3F), out[3] = 0x80 | (code & 0x3F);
  }
}

// Behind a backslash and `u`; characters beyond the first plane are two of them.
static bool unicode_escape(struct reader *from, str *to) {
  uint32_t unit, low;
  if (!hex4(from, &unit)) return false;
  if (unit >= 0xDC00 && unit <= 0xDFFF) return false;
  if (unit >= 0xD800 && unit <= 0xDBFF) {
    if (!take_word(from, "\\u") || !hex4(from, &low) || low < 0xDC00 || low > 0xDFFF) return false;
    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
  }
  put_utf8(to, unit);
  return true;
}

static bool escape(struct reader *from, str *to) {
  static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  if (take(from, 'u')) return unicode_escape(from, to);
  for (size_t at = 0; names[at] != 0; at++)
    if (take(from, names[at])) {
      to->ptr[to->len++] = meanings[at];
      return true;
    }
  return false;
}

static bool string(struct reader *from, str *to) {
  if (!take(from, '"')) return false;
  const uint8_t *quote = from->at; // the decoded text is never longer than what is written
  while (quote < from->end && *quote != '"') quote += *quote == '\\' ? 2 : 1;
  if (quote >= from->end) return false;
  *to = (str){malloc((size_t)(quote - from->at)), 0};
  while (!take(from, '"')) {
    if (take(from, '\\')) {
      if (!escape(from, to)) return false;
    } else if (peek(from) >= 0x20) {
      to->ptr[to->len++] = *from->at++;
    } else {
      return false;
    }
  }
  return true;
}

// Keeps the members sorted; the last of equal keys wins.
static void insert(struct json *object, struct json *member) {
  struct json **place = &object->first;
  while (*place != NULL && str_compare((*place)->key, member->key) < 0) place = &(*place)->next;
  bool same = *place != NULL && str_compare((*place)->key, member->key) == 0;
  member->next = same ? (*place)->next : *place;
  *place = member;
}

static struct json *member(struct reader *from) {
  str key;
  skip_space(from);
  if (!string(from, &key)) return NULL;
  skip_space(from);
  struct json *read = take(from, ':') ? value(from) : NULL;
  if (read != NULL) read->key = key;
  return read;
}

static struct json *object(struct reader *from) {
  struct json *made = node(JSON_OBJECT), *read;
  skip_space(from);
  if (take(from, '}')) return made;
  do {
    if ((read = member(from)) == NULL) return NULL;
    insert(made, read);
    skip_space(from);
  } while (take(from, ','));
  return take(from, '}') ? made : NULL;
}

static struct json *list(struct reader *from) {
  struct json *made = node(JSON_LIST), **end = &made->first;
  skip_space(from);
  if (take(from, ']')) return made;
  do {
    if ((*end = value(from)) == NULL) return NULL;
    end = &(*end)->next;
    skip_space(from);
  } while (take(from, ','));
  return take(from, ']') ? made : NULL;
}

static struct json *value(struct reader *from) {
  struct json *made = NULL;
  if (++from->depth > MAX_DEPTH) return NULL;
  skip_space(from);
  switch (peek(from)) {
  case '{': from->at++, made = object(from); break;
  case '[': from->at++, made = list(from); break;
  case '"': made = node(JSON_TEXT), made = string(from, &made->text) ? made : NULL; break;
  case 't': made = take_word(from, "true") ? node(JSON_FLAG) : NULL; break;
  case 'f': made = take_word(from, "false") ? node(JSON_FLAG) : NULL; break;
  case 'n': made = take_word(from, "null") ? node(JSON_NULL) : NULL; break;
  default: made = number(from) ? node(JSON_NUMBER) : NULL;
  }
  from->depth--;
  return made;
}

struct json *json_read(str text) {
  struct reader from = {text.ptr, text.ptr + text.len, 0};
  struct json *made = value(&from);
  skip_space(&from);
  return from.at == from.end ? made : NULL;
}

struct json *json_get(const struct json *object, str key) {
  struct json *at = object->first;
  while (at != NULL && str_compare(at->key, key) != 0) at = at->next;
  return at;
}

// A small reader of JSON, for the configuration. The claims come flat, as `attributes`.
#pragma once
#include "mapping_plugin.h"

typedef mapping_plugin_string_t str;

enum json_kind { JSON_NULL, JSON_FLAG, JSON_NUMBER, JSON_TEXT, JSON_LIST, JSON_OBJECT };

struct json {
  enum json_kind kind;
  str key;            // in an object
  str text;           // of JSON_TEXT
  struct json *first; // of JSON_LIST and JSON_OBJECT; an object is sorted by key
  struct json *next;
};

int str_compare(str left, str right); // by bytes
struct json *json_read(str text);     // NULL: not JSON
struct json *json_get(const struct json *object, str key);

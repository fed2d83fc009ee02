;; A plugin whose answers are written by its configuration: hexadecimal digits, which `map-login` and
;; `check-config` put at 1 MiB and give to the host as they are. Pointers in them are absolute.
(component
  (core module $module
    (memory (export "memory") 64)
    ;; What the host hands over goes to 2 MiB and above.
    (global $top (mut i32) (i32.const 2097152))
    ;; What describe answers: five strings. "0" is a configuration that no diagnostic comes from.
    (data (i32.const 16)
      "\00\01\00\00\04\00\00\00" "\04\01\00\00\01\00\00\00" "\00\01\00\00\04\00\00\00"
      "\05\01\00\00\02\00\00\00" "\07\01\00\00\01\00\00\00")
    (data (i32.const 256) "echo1{}0")

    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (local.get $at))
    (func $digit (param $at i32) (result i32)
      (local $c i32)
      (local.set $c (i32.load8_u (local.get $at)))
      (i32.add
        (i32.and (local.get $c) (i32.const 15))
        (i32.mul (i32.shr_u (local.get $c) (i32.const 6)) (i32.const 9))))
    (func $answer (param $text i32) (param $length i32) (result i32)
      (local $end i32) (local $to i32)
      (local.set $end (i32.add (local.get $text) (local.get $length)))
      (local.set $to (i32.const 1048576))
      (block $done
        (loop $next
          (br_if $done (i32.ge_u (local.get $text) (local.get $end)))
          (i32.store8 (local.get $to)
            (i32.or
              (i32.shl (call $digit (local.get $text)) (i32.const 4))
              (call $digit (i32.add (local.get $text) (i32.const 1)))))
          (local.set $text (i32.add (local.get $text) (i32.const 2)))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))
          (br $next)))
      (i32.const 1048576))
    (func (export "describe") (result i32) (i32.const 16))
    (func (export "check-config") (param i32 i32) (result i32)
      (call $answer (local.get 0) (local.get 1)))
    ;; More parameters than fit flat: they lie in memory, the configuration first.
    (func (export "map-login") (param $at i32) (result i32)
      (call $answer (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)))))
  (core instance $core (instantiate $module))

  (type $attribute-record (record (field "name" string) (field "values" (list string))))
  (export $attribute "attribute" (type $attribute-record))
  (type $request-record (record
    (field "purpose" string) (field "connector" string) (field "kind" string)
    (field "issuer" string) (field "subject" string) (field "now" u64)
    (field "attributes" (list $attribute)) (field "claims-json" string)
    (field "groups" (list string)) (field "groups-complete" bool)
    (field "extra" (list (tuple string string)))))
  (export $request "mapping-request" (type $request-record))
  (type $field-record (record (field "name" string) (field "values" (list string))))
  (export $field "field" (type $field-record))
  (type $grant-record (record (field "role" string) (field "because" (option string))))
  (export $grant "grant" (type $grant-record))
  (type $mapping-record (record
    (field "fields" (list $field)) (field "grants" (list $grant)) (field "notes" (list string))))
  (export $mapping "mapping" (type $mapping-record))
  (type $denial-record (record (field "code" string) (field "message" string)))
  (export $denial "denial" (type $denial-record))
  (type $decision-variant (variant (case "allow" $mapping) (case "deny" $denial)))
  (export $decision "mapping-decision" (type $decision-variant))
  (type $failure-record (record
    (field "code" string) (field "message" string) (field "path" (option string))))
  (export $failure "failure" (type $failure-record))
  (type $diagnostic-record (record
    (field "severity" string) (field "path" string) (field "message" string)))
  (export $diagnostic "diagnostic" (type $diagnostic-record))
  (type $description-record (record
    (field "name" string) (field "version" string) (field "summary" string)
    (field "config-schema" string) (field "example-config" string)))
  (export $description "description" (type $description-record))

  (alias core export $core "memory" (core memory $memory))
  (alias core export $core "realloc" (core func $realloc))
  (func $describe (result $description)
    (canon lift (core func $core "describe") (memory $memory) (realloc $realloc)))
  (func $check-config (param "plugin-config" string) (result (list $diagnostic))
    (canon lift (core func $core "check-config") (memory $memory) (realloc $realloc)))
  (func $map-login (param "plugin-config" string) (param "request" $request)
    (result (result $decision (error $failure)))
    (canon lift (core func $core "map-login") (memory $memory) (realloc $realloc)))
  (instance $mapper
    (export "describe" (func $describe))
    (export "check-config" (func $check-config))
    (export "map-login" (func $map-login)))
  (export "symbolon:mapping/mapper@1.1.0" (instance $mapper)))

package protobuf

import (
	"slices"
	"strings"
)

// categories are buf's categories of breaking rules (version v2 of its configuration); FILE is its default.
// MESSAGE_SAME_MESSAGE_SET_WIRE_FORMAT is in none since it left them.
var categories = map[string][]string{
	"ENUM_NO_DELETE": {file}, "EXTENSION_NO_DELETE": {file}, "FILE_NO_DELETE": {file}, "MESSAGE_NO_DELETE": {file}, "SERVICE_NO_DELETE": {file},

	"PACKAGE_ENUM_NO_DELETE": {pkg}, "PACKAGE_EXTENSION_NO_DELETE": {pkg}, "PACKAGE_MESSAGE_NO_DELETE": {pkg},
	"PACKAGE_NO_DELETE": {pkg}, "PACKAGE_SERVICE_NO_DELETE": {pkg},

	"ENUM_SAME_TYPE": source, "ENUM_VALUE_NO_DELETE": source, "EXTENSION_MESSAGE_NO_DELETE": source, "FIELD_NO_DELETE": source,
	"FIELD_SAME_CARDINALITY": source, "FIELD_SAME_CPP_STRING_TYPE": source, "FIELD_SAME_JAVA_UTF8_VALIDATION": source,
	"FIELD_SAME_JSTYPE": source, "FIELD_SAME_TYPE": source, "FIELD_SAME_UTF8_VALIDATION": source,
	"FILE_SAME_CC_ENABLE_ARENAS": source, "FILE_SAME_CC_GENERIC_SERVICES": source, "FILE_SAME_CSHARP_NAMESPACE": source,
	"FILE_SAME_GO_PACKAGE": source, "FILE_SAME_JAVA_GENERIC_SERVICES": source, "FILE_SAME_JAVA_MULTIPLE_FILES": source,
	"FILE_SAME_JAVA_OUTER_CLASSNAME": source, "FILE_SAME_JAVA_PACKAGE": source, "FILE_SAME_OBJC_CLASS_PREFIX": source,
	"FILE_SAME_OPTIMIZE_FOR": source, "FILE_SAME_PHP_CLASS_PREFIX": source, "FILE_SAME_PHP_METADATA_NAMESPACE": source,
	"FILE_SAME_PHP_NAMESPACE": source, "FILE_SAME_PY_GENERIC_SERVICES": source, "FILE_SAME_RUBY_PACKAGE": source,
	"FILE_SAME_SWIFT_PREFIX": source, "FILE_SAME_SYNTAX": source, "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR": source,
	"ONEOF_NO_DELETE": source, "RPC_NO_DELETE": source,

	"ENUM_SAME_JSON_FORMAT": inJSON, "ENUM_VALUE_SAME_NAME": inJSON, "FIELD_SAME_JSON_NAME": inJSON, "FIELD_SAME_NAME": inJSON,
	"MESSAGE_SAME_JSON_FORMAT": inJSON,

	"FIELD_SAME_DEFAULT": onWire, "FIELD_SAME_ONEOF": onWire, "FILE_SAME_PACKAGE": onWire, "MESSAGE_SAME_REQUIRED_FIELDS": onWire,
	"RESERVED_ENUM_NO_DELETE": onWire, "RESERVED_MESSAGE_NO_DELETE": onWire, "RPC_SAME_CLIENT_STREAMING": onWire,
	"RPC_SAME_IDEMPOTENCY_LEVEL": onWire, "RPC_SAME_REQUEST_TYPE": onWire, "RPC_SAME_RESPONSE_TYPE": onWire,
	"RPC_SAME_SERVER_STREAMING": onWire,

	"ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED": {wireJSON}, "FIELD_NO_DELETE_UNLESS_NAME_RESERVED": {wireJSON},
	"FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY": {wireJSON}, "FIELD_WIRE_JSON_COMPATIBLE_TYPE": {wireJSON},
	"ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED": {wireJSON, wire}, "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED": {wireJSON, wire},
	"FIELD_WIRE_COMPATIBLE_CARDINALITY": {wire}, "FIELD_WIRE_COMPATIBLE_TYPE": {wire},

	"MESSAGE_SAME_MESSAGE_SET_WIRE_FORMAT": {},
}

const file, pkg, wireJSON, wire = "FILE", "PACKAGE", "WIRE_JSON", "WIRE"

var (
	source = []string{file, pkg}
	inJSON = []string{file, pkg, wireJSON}
	onWire = []string{file, pkg, wireJSON, wire}
)

// renamedRules are names of older versions of buf's configuration.
var renamedRules = map[string]string{
	"FIELD_SAME_CTYPE": "FIELD_SAME_CPP_STRING_TYPE", "FIELD_SAME_LABEL": "FIELD_SAME_CARDINALITY",
	"FIELD_WIRE_COMPATIBLE_LABEL": "FIELD_WIRE_COMPATIBLE_CARDINALITY", "FIELD_WIRE_JSON_COMPATIBLE_LABEL": "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
	"FILE_SAME_JAVA_STRING_CHECK_UTF8": "FIELD_SAME_JAVA_UTF8_VALIDATION",
}

// rulesNamed are the rules that a name in a configuration stands for: a category's, or the one of that name.
func rulesNamed(name string) []string {
	name = strings.ToUpper(name)
	if now := renamedRules[name]; now != "" {
		name = now
	}
	if _, ok := categories[name]; ok {
		return []string{name}
	}
	var list []string
	for rule, in := range categories {
		if slices.Contains(in, name) {
			list = append(list, rule)
		}
	}
	return list
}

// A Class says what a break breaks.
type Class int

// The classes, from the mildest one up.
const (
	// Source breaks are noticed where code is generated from the file, by a compiler.
	Source Class = iota
	// Names breaks take something away that peers ask for, or that JSON has by its name.
	Names
	// Wire breaks let a peer read the bytes of something as something else.
	Wire
)

// A Break is one incompatible change.
type Break struct {
	// Rules are those of buf that it breaks, the first one says most.
	Rules []string
	Class Class
	// Element is what changed, by its name without the package ("Pallet.owner"); Package that of the old file.
	Element, Package string
	Message          string
	// OldPath is the file at the base; Path and Line are where it is now: its own line, that of what it was part of, or line 0
	// of the file.
	OldPath, Path string
	Line          int
	// Types are the old and the new type where a field's message or enum became another one.
	Types [2]string
	// Named says that the configuration of the base asks for the rule by its own name.
	Named bool
}

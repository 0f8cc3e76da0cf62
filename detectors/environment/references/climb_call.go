package references

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Methods of the value of a read, and functions that are given it.

// member looks at a member of the value: `.trim`, `?.split`, `.unwrap_or(...)`; rest is the text behind the value.
func (c *climb) member(p source.Node, rest string) bool {
	if strings.HasPrefix(rest, "?.") || strings.HasPrefix(rest, "&.") || strings.HasPrefix(rest, "?->") {
		c.optional = true
		c.typedUpwards(p)
		return false
	}
	name := strings.TrimLeft(rest, ".>-: ")
	if i := strings.IndexFunc(name, func(x rune) bool { return !isWord(x) && x != '?' && x != '!' }); i >= 0 {
		name = name[:i]
	}
	return c.method(p, name)
}

func isWord(x rune) bool {
	return x == '_' || x >= '0' && x <= '9' || x >= 'a' && x <= 'z' || x >= 'A' && x <= 'Z'
}

// method judges a method of the value by its name; true goes on climbing.
func (c *climb) method(p source.Node, name string) bool {
	fallback := func() string {
		call := p
		if up := p.Parent(); !calls[p.Kind()] && up != nil {
			call = up
		}
		list := call.Text()[min(len(call.Text()), max(0, strings.LastIndex(call.Text(), name)+len(name))):]
		list = strings.TrimPrefix(strings.TrimSuffix(strings.TrimSpace(list), ")"), "(")
		if i := strings.Index(list, "|"); i == 0 {
			list = list[strings.LastIndex(list, "|")+1:]
		}
		return strings.TrimSpace(list)
	}
	switch name {
	case "unwrap", "expect", "orElseThrow", "orThrow", "context", "with_context", "map_err", "ok_or", "ok_or_else", "required", "required_env":
		c.fails = true
		c.typedUpwards(p)
	case "unwrap_or", "unwrap_or_else", "orElse", "orElseGet", "or", "getOrElse", "getOrDefault", "default", "map_or", "map_or_else":
		text := fallback()
		if name == "unwrap_or_else" && (strings.Contains(text, "panic!") || strings.Contains(text, "exit(")) {
			c.fails = true
			return false
		}
		c.given, c.fallback = true, text
		c.typedUpwards(p)
	case "unwrap_or_default", "ifPresent", "ifPresentOrElse", "is_ok", "is_err", "is_some", "is_none", "isPresent", "isEmpty", "ok", "ifBlank", "ifEmpty", "let", "also", "takeIf", "takeUnless", "or_else", "toIntOrNull", "toBooleanStrictOrNull", "toLongOrNull", "toBoolean", "is_ok_and":
		c.optional = true
		c.typed(typeNamed(strings.TrimSuffix(strings.TrimPrefix(name, "to"), "OrNull")))
	case "present?", "blank?", "nil?", "empty?", "isNullOrEmpty", "isNullOrBlank", "isBlank", "to_s", "to_sym", "presence", "orEmpty", "try":
		if name == "presence" {
			return true
		}
		if name == "to_s" || name == "orEmpty" || name == "try" || name == "to_sym" {
			c.optional = true
			return false
		}
		c.condition(p)
		return false
	case "to_i", "to_f", "to_a":
		c.optional = true
		c.typed(map[string]Type{"to_i": Int, "to_f": Float, "to_a": List}[name])
	case "toInt", "toLong", "toShort", "parse":
		c.typed(Int)
		return true
	case "toDouble", "toFloat":
		c.typed(Float)
		return true
	case "split", "toList", "lines":
		c.typed(List)
		return true
	case "trim", "strip", "lower", "upper", "toLowerCase", "toUpperCase", "toString", "to_string", "into", "as_str", "as_deref", "downcase", "upcase", "lowercase", "uppercase", "replace", "trimEnd", "trimStart", "rstrip", "lstrip", "gsub", "sub", "map", "filter", "and_then", "freeze", "ToLower", "Trim", "ToString", "ToUpper", "Split", "chomp", "clone", "cloned", "copied", "as_ref", "flatMap", "endsWith", "startsWith", "removeSuffix", "equals", "equalsIgnoreCase":
		return true
	default:
		return false
	}
	return false
}

// argument looks at a function that is given the value; true goes on climbing from the call.
func (c *climb) argument(p source.Node) bool {
	call := p
	for range 3 {
		if calls[call.Kind()] || call.Parent() == nil {
			break
		}
		call = call.Parent()
	}
	if !calls[call.Kind()] {
		return false
	}
	callee := calleeOf(call)
	last := lastWord(callee)
	switch {
	case conversions[callee] != Raw:
		c.typed(conversions[callee])
		if conversions[callee] == Bool && callee != "bool.Parse" && callee != "Boolean.valueOf" {
			c.optional = true
			c.typedUpwards(call)
			return false
		}
		if callee == "intval" || callee == "Boolean.parseBoolean" {
			c.optional = true
			return false
		}
		return true
	case last == "ofNullable" || last == "Some" || last == "String" || last == "str" || last == "trim" || last == "strtolower" || last == "rtrim" || last == "explode" || last == "Path":
		return true
	case tests.MatchString(callee):
		c.condition(call)
		return false
	case chooses.MatchString(callee):
		c.optional = true
		return false
	case assertion.MatchString(callee):
		c.fails = true
		return false
	}
	return false
}

var (
	tests   = lazy.New(`^(isset|empty|is_null|!?string\.IsNullOrEmpty|!?string\.IsNullOrWhiteSpace|String\.IsNullOrEmpty|String\.IsNullOrWhiteSpace|StringUtils\.(isBlank|isEmpty|isNotBlank|isNotEmpty|hasText)|Strings\.isNullOrEmpty|Objects\.isNull|Objects\.nonNull|isNil|is_nil|array_key_exists|len)$`)
	chooses = lazy.New(`(?i)(^|[.:])(firstNonEmpty|coalesce|defaultIfBlank|defaultIfEmpty|defaultString|requireNonNullElse(Get)?|firstNonNull|defaultTo|\w*TryParse|parseBoolean|strtobool|str2bool|to_bool|as_bool|is_?truthy|parse_?bool)$`)
)

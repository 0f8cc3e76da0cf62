package references

import (
	"strings"

	"flightpoll/detectors/source"
)

// What the value of a read becomes.

func (c *climb) typed(t Type) {
	if c.typ == Raw && t != Raw {
		c.typ = t
	}
}

// typedUpwards looks for a conversion around a value that is decided already.
func (c *climb) typedUpwards(n source.Node) {
	for range 8 {
		p := n.Parent()
		if p == nil {
			return
		}
		kind := p.Kind()
		switch {
		case calls[kind] && !same(firstChild(p), n):
			c.typed(conversions[calleeOf(p)])
		case kind == "cast_expression":
			c.typed(typeNamed(strings.Trim(strings.TrimSpace(p.Text()[:n.Span().Start-p.Span().Start]), "()")))
		case strings.HasPrefix(kind, "unary") && strings.HasPrefix(p.Text(), "+"):
			c.typed(Int)
		case members[kind]:
			rest := p.Text()[n.Span().End-p.Span().Start:]
			switch strings.TrimLeft(rest, "?&.>-:") {
			case "to_i", "toInt", "toLong":
				c.typed(Int)
			case "split":
				c.typed(List)
			}
		}
		if takers[kind] {
			if c.taker == "" {
				c.taker = takerOf(p)
			}
			c.typed(declaredType(p))
			return
		}
		if pairs[kind] {
			if key := firstChild(p); key != nil && c.taker == "" {
				c.taker = strings.Trim(key.Text(), "\"'`: ")
			}
			return
		}
		if blocks[kind] {
			return
		}
		n = p
	}
}

// conversions are the functions that make something of a text.
var conversions = map[string]Type{
	"Number": Int, "parseInt": Int, "Number.parseInt": Int, "int": Int, "Integer": Int, "Integer.parseInt": Int, "Integer.valueOf": Int, "Long.parseLong": Int, "intval": Int, "int.Parse": Int,
	"Convert.ToInt32": Int, "Long.valueOf": Int, "long.Parse": Int, "parseFloat": Float, "float": Float, "Float": Float, "Double.parseDouble": Float, "double.Parse": Float, "decimal.Parse": Float, "Decimal": Float,
	"Boolean": Bool, "bool": Bool, "Boolean.parseBoolean": Bool, "Boolean.valueOf": Bool, "bool.Parse": Bool, "Convert.ToBoolean": Bool, "strtobool": Bool, "ActiveModel::Type::Boolean.new.cast": Bool,
	"URL": URL, "new URL": URL, "URI.parse": URL, "URI": URL, "new Uri": URL, "URI.create": URL, "urlparse": URL, "Url::parse": URL, "new URI": URL,
	"JSON.parse": JSON, "json.loads": JSON, "json_decode": JSON, "serde_json::from_str": JSON, "JsonSerializer.Deserialize": JSON,
	"Duration.parse": Duration, "TimeSpan.Parse": Duration, "timedelta": Duration, "ms": Duration,
}

// TypeOf is what a declared type, as it is written, says of a value.
func TypeOf(name string) Type { return typeNamed(name) }

// typeNamed is what a declared type says of the text of a variable.
func typeNamed(name string) Type {
	name = strings.ToLower(strings.Trim(strings.TrimSpace(name), "?&*"))
	name = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "option<"), "optional["), ">")
	name = strings.TrimSuffix(strings.TrimSpace(strings.TrimSuffix(strings.Split(name, "|")[0], "]")), ">")
	switch lastWord(name) {
	case "bool", "boolean", "strictbool":
		return Bool
	case "int", "integer", "long", "short", "uint", "int32", "int64", "uint16", "uint32", "uint64", "u8", "u16", "u32", "u64", "usize", "i32", "i64", "i16", "positiveint", "number", "nonnegativeint":
		return Int
	case "float", "double", "decimal", "float64", "float32", "f32", "f64":
		return Float
	case "duration", "timespan", "timedelta":
		return Duration
	case "url", "uri", "httpurl", "anyurl", "anyhttpurl", "postgresdsn", "redisdsn":
		return URL
	case "string", "str", "secretstr", "&str", "charsequence":
		return Text
	}
	if strings.HasPrefix(name, "list") || strings.HasPrefix(name, "[]") || strings.HasPrefix(name, "vec<") || strings.HasSuffix(name, "[]") || strings.HasPrefix(name, "set[") {
		return List
	}
	return Raw
}

// declaredType is the type that a declaration gives to its variable.
func declaredType(p source.Node) Type {
	if t := p.Field("type"); t != nil {
		return typeNamed(strings.TrimPrefix(strings.TrimSpace(t.Text()), ":"))
	}
	if up := p.Parent(); up != nil {
		if t := up.Field("type"); t != nil && len(t.Text()) < 60 {
			return typeNamed(strings.TrimPrefix(t.Text(), ":"))
		}
	}
	return Raw
}

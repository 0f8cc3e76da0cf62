package contracts

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	topicWord = lazy.New(`(?i)topic|queue|subject|(?:^|[^a-z])stream|channel|event|routing|exchange|subscri|listen|consum|detail-?type|binding|\bjobs?\b|tasks?\b|\bs[qn]s\b|kafka|nats`)
	// constantWord is narrower: a constant is called by what it is.
	constantWord = lazy.New(`(?i)(^|_|[a-z])(topic|queue|subject|stream|channel|event|routing_?key|exchange)s?($|_|[A-Z])`)
	setting      = lazy.New(`^[\s-]*(?:export\s+)?["']?([A-Za-z_][\w.-]*)["']?\s*[:=]\s*["']?([A-Za-z][\w.:/-]*)["']?\s*,?\s*(?:#.*)?$`)
	listItem     = lazy.New(`^\s*(?:-\s*)?["']?([A-Za-z][\w.:/-]*)["']?\s*,?\s*$`)
	keyLine      = lazy.New(`^\s*-?\s*["']?([\w.-]+)["']?\s*[:=]\s*(?:\[|\{)?\s*$`)
	inlineList   = lazy.New(`["']?([\w.-]+)["']?\s*[:=]\s*\[([^\]]+)\]`)
	resource     = lazy.New(`^\s*resource\s+"([a-z_]+)"`)
	annotated    = lazy.New(`(?i)(@\w*(?:Listener|Incoming|Outgoing|Topic|Queue|Channel|StreamListener)\w*|\[\w*Trigger|subscribe|topic|queue|sidekiq_options|consume|publish|send|routing|stream)[^"'\n]{0,60}["']([A-Za-z][\w.:/-]*)["']`)
)

// topicConstants are the constants and enumerations of names: TOPIC_BOOKED = "booking.confirmed".
func topicConstants(f *source.File) []topicUse {
	var list []topicUse
	put := func(owner, name, value string, line int) {
		m := quotedAll.FindStringSubmatch(value)
		if m == nil || m[0] != strings.TrimSpace(value) {
			return
		}
		stem := strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))
		if v := m[1] + m[2] + m[3]; distinctName.MatchString(v) && (constantWord.MatchString(name) || constantWord.MatchString(owner) || constantWord.MatchString(stem)) {
			list = append(list, topicUse{name: v, dir: bothEnds, path: f.Path, line: line, first: line, last: line, constant: name})
		}
	}
	for _, d := range f.Decls {
		switch d.Kind {
		case source.Const, source.Var, source.EnumValue, source.Field:
			owner := ""
			if d.Parent != nil {
				if d.Parent.Kind == source.Function || d.Parent.Kind == source.Method {
					continue
				}
				owner = d.Parent.Name
			}
			put(owner, d.Name, d.Default, d.Span.Line)
		default:
		}
	}
	for _, o := range f.Objects {
		if o.In == nil && constantWord.MatchString(o.Name) && variableName.MatchString(o.Name) {
			for _, k := range o.Keys {
				put(o.Name, strings.Trim(k.Name, `"'`), k.Value, k.Span.Line)
			}
		}
	}
	return list
}

// topicSettings are the names that a file of configuration or in a language without a reader sets: a value whose key, or the key
// that it is listed under, or the resource that it belongs to, says topic, queue, event and the like.
func topicSettings(p, text string) []topicUse {
	code := false
	switch strings.ToLower(path.Ext(p)) {
	case ".yaml", ".yml", ".json", ".toml", ".tf", ".tfvars", ".hcl", ".env", ".properties", ".ini", ".conf", ".sh":
	case ".java", ".kt", ".cs", ".rb", ".php", ".rs", ".ex", ".exs", ".scala":
		code = true
	default:
		if base := path.Base(p); !strings.HasPrefix(base, ".env") && !strings.HasPrefix(base, "Procfile") {
			return nil
		}
	}
	if len(text) > maxYAML || !topicWord.MatchString(text) {
		return nil
	}
	var list []topicUse
	put := func(key, name string, line int) {
		if topicName.MatchString(name) && (distinctName.MatchString(name) || len(name) >= 6) {
			list = append(list, topicUse{name: name[strings.LastIndexByte(name, ':')+1:], dir: bothEnds, path: p, line: line, first: line, last: line, call: key})
		}
	}
	under, indent, kind, line := "", 0, "", 0
	for row := range strings.Lines(text) {
		line++
		row = strings.TrimRight(row, "\r\n")
		if len(row) > 1000 {
			continue
		}
		if code {
			for _, m := range annotated.FindAllStringSubmatch(row, 10) {
				put(m[1], m[2], line)
			}
			continue
		}
		depth := len(row) - len(strings.TrimLeft(row, " \t"))
		if strings.TrimSpace(row) != "" && depth < indent {
			under = ""
		}
		if m := resource.FindStringSubmatch(row); m != nil {
			kind = m[1]
		}
		switch {
		case inlineList.MatchString(row):
			m := inlineList.FindStringSubmatch(row)
			if topicWord.MatchString(m[1]) {
				for item := range strings.SplitSeq(m[2], ",") {
					put(m[1], strings.Trim(item, ` "'`), line)
				}
			}
		case keyLine.MatchString(row):
			under, indent = keyLine.FindStringSubmatch(row)[1], depth
		case setting.MatchString(row):
			m := setting.FindStringSubmatch(row)
			if topicWord.MatchString(m[1]) || (m[1] == "name" || m[1] == "value" || m[1] == "source" || m[1] == "arn") && (topicWord.MatchString(under) || topicWord.MatchString(kind)) {
				put(m[1], m[2], line)
			}
		case listItem.MatchString(row) && topicWord.MatchString(under) && depth >= indent:
			put(under, listItem.FindStringSubmatch(row)[1], line)
		}
	}
	return list
}

// namesWhole says that a text holds a name that is no part of a longer one.
func namesWhole(text, name string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(name)
		if (i == 0 || !nameByte(text[i-1])) && (end == len(text) || !nameByte(text[end])) {
			return true
		}
		from = end
	}
}

func nameByte(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

package contracts

// Names of topics, queues and events in files of configuration.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

var (
	setting    = lazy.New(`^[\s-]*(?:export\s+)?["']?([A-Za-z_][\w.-]*)["']?\s*[:=]\s*["']?([A-Za-z][\w.:/-]*)["']?\s*,?\s*(?:#.*)?$`)
	listItem   = lazy.New(`^\s*(?:-\s*)?["']?([A-Za-z][\w.:/-]*)["']?\s*,?\s*$`)
	keyLine    = lazy.New(`^\s*-?\s*["']?([\w.-]+)["']?\s*[:=]\s*(?:\[|\{)?\s*$`)
	inlineList = lazy.New(`["']?([\w.-]+)["']?\s*[:=]\s*\[([^\]]+)\]`)
	resource   = lazy.New(`^\s*resource\s+"([a-z_]+)"`)
	annotated  = lazy.New(`(?i)(@\w*(?:Listener|Incoming|Outgoing|Topic|Queue|Channel|StreamListener)\w*|\[\w*Trigger|subscribe|topic|queue|sidekiq_options|consume|publish|send|routing|stream)[^"'\n]{0,60}["']([A-Za-z][\w.:/-]*)["']`)
	treeFile   = lazy.New(`(?i)\.(ya?ml|json)$`)
)

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
	if len(text) > maxYAML || !topicWord.MatchString(text) && !workerQueues.MatchString(text) {
		return nil
	}
	if documents := documentsOf([]byte(text)); documents != nil && treeFile.MatchString(p) {
		r := &topicSettingReader{path: p}
		for _, d := range documents {
			r.walk(d, "", "", 0)
		}
		return r.found
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

// A topicSettingReader reads a document of YAML or JSON.
type topicSettingReader struct {
	path  string
	found []topicUse
}

// walk takes the values whose key, or the key that they stand under, says topic, queue, event and the like. What else the
// mapping around a value sets tells it from another of the same name: the binding of a routing key names its exchange.
func (r *topicSettingReader) walk(n *document.Node, key, under string, depth int) {
	if n == nil || depth > maxNesting {
		return
	}
	general := key == "name" || key == "value" || key == "source" || key == "arn"
	switch {
	case !n.Scalar():
	case n.Kind == document.String && strings.Contains(n.Value, "\n"):
		for _, u := range topicSettings(path.Join(path.Dir(r.path), "embedded.conf"), n.Value) {
			u.path, u.line = r.path, n.Line+u.line
			u.first, u.last = u.line, u.line
			r.found = append(r.found, u)
		}
	case n.Kind == document.String && (topicWord.MatchString(key) || general && topicWord.MatchString(under)):
		for name := range strings.SplitSeq(n.Value, ",") {
			name = strings.TrimSpace(name)
			if topicName.MatchString(name) && (distinctName.MatchString(name) || len(name) >= 6) {
				r.found = append(r.found, topicUse{name: name[strings.LastIndexByte(name, ':')+1:], dir: bothEnds, path: r.path, line: n.Line, first: n.Line, last: n.Line, call: key})
			}
		}
	}
	if n.Scalar() && (key == "command" || key == "run" || key == "args" || key == "script" || key == "ExecStart") {
		r.consumed(n)
	}
	from := len(r.found)
	var others []string
	for _, p := range n.Pairs {
		above := key
		if key == "" || general {
			above = under
		}
		r.walk(p.Value, p.Key, above, depth+1)
		if p.Value.Scalar() && p.Value.Value != "" {
			others = append(others, p.Value.Value)
		}
	}
	if routed := slices.ContainsFunc(n.Pairs, func(p document.Pair) bool { return routingKey.MatchString(p.Key) }); routed {
		for i := range r.found[from:] {
			u := &r.found[from+i]
			u.beside = strings.Join(slices.DeleteFunc(slices.Clone(others), func(o string) bool { return o == u.name }), "\x00")
		}
	}
	for _, item := range n.Items {
		r.walk(item, key, under, depth+1)
	}
}

// consumed takes the queues that a worker's command names: celery worker -Q mail,reports, sidekiq -q mail, rq worker mail.
func (r *topicSettingReader) consumed(n *document.Node) {
	if !strings.Contains(n.Value, "-Q") && !strings.Contains(n.Value, "--queue") && !strings.Contains(n.Value, "-q ") {
		return
	}
	for _, m := range workerQueues.FindAllStringSubmatch(n.Value, 10) {
		for name := range strings.SplitSeq(m[1], ",") {
			if name, _, _ = strings.Cut(name, ":"); len(name) > 3 {
				r.found = append(r.found, topicUse{name: name, dir: subscribes, path: r.path, line: n.Line, first: n.Line, last: n.Line, call: "command"})
			}
		}
	}
}

var workerQueues = lazy.New(`\b(?:celery|sidekiq|queue:work|queue:listen|rq|huey|dramatiq|taskiq|good_job)\b[^\n]*?\s(?:-Q|-q|--queues?)[ =]["']?([A-Za-z][\w.,:-]*)`)

var routingKey = lazy.New(`(?i)^routing_?-?keys?$|^binding_?-?keys?$`)

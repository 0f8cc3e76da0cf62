package contracts

import "strings"

// A record is one place of the repository that shows a shape's keys: an object literal, a JSON document, the members
// that a function reads from one value, a hand-written type, a table in a document.
type record struct {
	form form
	path string
	line int
	// about are the names near it: the key or variable it hangs under, its type, the function and the routes around it.
	about []string
	keys  map[string]*entry
	// declared is the name of the type that the language checks it against, empty for none.
	declared string
	// spread: it takes over keys that are not seen here.
	spread bool
	lang   string
	// wired: a declared type that is serialised, as a shape's.
	wired bool
	// whole names the document or literal that it is a part of, for what is said elsewhere in it.
	parent *record
	// under is the key of the parent that it hangs under, also as one of a list.
	under string
	// query: it is the parameters of a URL.
	query bool
	// topics are the queues, topics and events on which the code around it listens.
	topics []string
	// received: its keys are read from a message that was taken apart.
	received bool
	// decoded: its keys are read from JSON that was parsed. loose: its keys are the program's own names (Ruby's symbols).
	decoded, loose bool
}

// An entry is one key of a record.
type entry struct {
	line  int
	kind  valueKind
	value string
}

// form says how a record came to be read.
type form string

const (
	formLiteral form = "literal" // an object literal in code
	formText    form = "text"    // JSON or YAML, as a file or inside another text
	formKeyed   form = "keyed"   // members read by a literal key: r["x"]
	formMember  form = "member"  // members read by name: r.x
	formType    form = "type"    // a declared type
	formArgs    form = "args"    // keyword arguments of a call
	formProse   form = "prose"   // names in a document's table or paragraph
)

func newRecord(f form, path string, line int, about ...string) *record {
	return &record{form: f, path: path, line: line, about: about, keys: map[string]*entry{}}
}

func (r *record) add(name string, line int, kind valueKind, value string) {
	if _, ok := r.keys[name]; !ok && name != "" {
		r.keys[name] = &entry{line: line, kind: kind, value: value}
	}
}

// speaksOf says whether the record's own names hold the last word of a subject, or every one of it.
func (r *record) speaksOf(subject []string) bool {
	return mentions(r.about, subject)
}

func mentions(texts, subject []string) bool {
	if len(subject) == 0 {
		return false
	}
	seen := map[string]bool{}
	for _, t := range texts {
		for _, w := range words(t) {
			seen[w] = true
		}
	}
	return seen[subject[len(subject)-1]]
}

// kindOf reads the kind of a value off its text in JSON or in code.
func kindOf(text string) valueKind {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	switch c := text[0]; {
	case c == '"' || c == '\'' || c == '`':
		return kindString
	case c == '{':
		return kindObject
	case c == '[':
		return kindArray
	case c >= '0' && c <= '9', c == '-' && len(text) > 1 && text[1] >= '0' && text[1] <= '9':
		return kindNumber
	}
	switch text {
	case "true", "false", "True", "False":
		return kindBool
	case "null", "None", "nil", "undefined":
		return kindNull
	}
	return ""
}

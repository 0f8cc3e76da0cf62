package contracts

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A refusal is one document that its schema accepted before the branch and does not accept now.
type refusal struct {
	path string
	line int
	*ruling
	complaint
	// sure: the document, its name or a program says that it is one of the schema's.
	sure bool
}

const (
	// maxJudged bounds the documents that are judged on one branch, maxValues the records of one document.
	maxJudged = 400
	maxValues = 200
)

// wrong are folders and files of documents that have to be refused.
var wrong = lazy.New(`(?i)(^|[/_.-])(in-?valid|bad|malformed|broken|negative|wrong|corrupt(ed)?|reject(s|ed)?|fail(s|ing|ure)?)([/_.-]|$)`)

// validate fills in the refusals of every schema that the branch changed.
func (s *survey) validate(pass *detectors.Pass) error {
	rulings, err := s.rulings(pass)
	if err != nil || len(rulings) == 0 {
		return err
	}
	all := map[string]bool{}
	for _, r := range rulings {
		for _, k := range r.keys {
			all[k] = true
		}
		if r.whole {
			all[path.Base(r.path)] = true
		}
	}
	naming, err := pass.Source.Naming(pass.Context, keysOf(all)...)
	if err != nil {
		return err
	}
	judged := map[string][]*ruling{}
	for _, r := range rulings {
		for _, p := range r.documents(naming) {
			judged[p] = append(judged[p], r)
		}
	}
	paths := keysOf(judged)
	for _, p := range paths[:min(len(paths), maxJudged)] {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if err := s.judgeDocument(pass, p, judged[p]); err != nil {
			return err
		}
	}
	for _, r := range rulings {
		if r.whole && r.followed > 0 {
			s.followed = append(s.followed, r.path)
		}
	}
	for _, pair := range s.specs {
		s.refused = append(s.refused, pair.refusedExamples(pass)...)
	}
	return nil
}

// documents are the JSON and YAML files that may be documents of a schema: they name what it requires, or most of all that
// it has at the top.
func (r *ruling) documents(naming map[string][]string) []string {
	count := map[string]int{}
	for _, k := range r.keys {
		for _, p := range naming[k] {
			count[p]++
		}
	}
	named := naming[path.Base(r.path)]
	var list []string
	for p, n := range count {
		if !schemaFormat(p) || p == r.path || skipped(p) || wrong.MatchString(p) {
			continue
		}
		enough := n >= 2 && n*5 >= len(r.keys)*2 || len(r.required) >= 3 && n >= len(r.required)
		about := n >= max(2, len(r.required)) && mentions([]string{p, path.Dir(p)}, words(r.name))
		if enough || about || r.whole && slices.Contains(named, p) {
			list = append(list, p)
		}
	}
	slices.Sort(list)
	return list
}

// judgeDocument judges the values of one file that may be the schemas', and keeps the first refusal.
func (s *survey) judgeDocument(pass *detectors.Pass, p string, rulings []*ruling) error {
	text, err := pass.Branch.ReadHead(p)
	if err != nil {
		return nil //nolint:nilerr // what cannot be read is not judged
	}
	if isOpenAPI(p, text) || isJSONSchema(p, text) {
		return nil
	}
	doc, err := decodeDocument(p, text)
	if err != nil {
		return nil //nolint:nilerr // what is no document (a chart's template, a page) is nobody's
	}
	var best *refusal
	for _, r := range rulings {
		linked := r.linked(p, text)
		for _, v := range r.values(doc, linked) {
			bad := r.now(v.value)
			if bad == nil {
				r.followed++
				continue
			}
			if r.old(v.value) != nil {
				continue
			}
			if !linked {
				if linked, err = r.named(pass, p); err != nil {
					return err
				}
			}
			if !linked && r.rivals != nil && slices.ContainsFunc(r.rivals(), func(j validator) bool { return j(v.value) == nil }) {
				continue
			}
			c := complaintOf(bad)
			c.at = append(slices.Clone(v.at), c.at...)
			found := &refusal{path: p, ruling: r, complaint: c, sure: linked, line: lineAt(text, c)}
			if best == nil || found.sure && !best.sure {
				best = found
			}
			break
		}
	}
	if best != nil {
		s.refused = append(s.refused, *best)
	}
	return nil
}

// A placedValue is a value of a document and where it stands.
type placedValue struct {
	value any
	at    []string
}

// values are those of a document that look like the schema's: the document itself, or records a few levels down.
func (r *ruling) values(doc any, linked bool) []placedValue {
	if r.whole && (linked || r.fits(doc, linked)) {
		return []placedValue{{doc, nil}}
	}
	var list []placedValue
	var walk func(v any, at []string)
	walk = func(v any, at []string) {
		if len(list) >= maxValues || len(at) > 6 {
			return
		}
		if r.fits(v, linked) {
			list = append(list, placedValue{v, at})
			return
		}
		switch n := v.(type) {
		case map[string]any:
			for _, k := range keysOf(n) {
				walk(n[k], append(slices.Clone(at), k))
			}
		case []any:
			for i, item := range n {
				walk(item, append(slices.Clone(at), strconv.Itoa(i)))
			}
		}
	}
	walk(doc, nil)
	return list
}

// fits says that a record is one of the schema's by its keys: it has what was required, most of its keys are the schema's,
// and the schema asks for enough to be told from others.
func (r *ruling) fits(v any, linked bool) bool {
	m, ok := v.(map[string]any)
	if !ok || len(m) == 0 {
		return false
	}
	shared := 0
	for k := range m {
		if slices.Contains(r.keys, k) {
			shared++
		}
	}
	for _, k := range r.required {
		if _, ok := m[k]; !ok {
			return false
		}
	}
	if shared < min(2, len(r.keys)) || shared*5 < len(m)*3 {
		return false
	}
	return linked || len(r.required) >= 3 || shared >= 3 && shared*5 >= len(r.keys)*3 || r.whole && shared*5 >= len(r.keys)*3
}

// named says that a program or a test names both the schema and the document.
func (r *ruling) named(pass *detectors.Pass, p string) (bool, error) {
	a, b := path.Base(r.path), path.Base(p)
	naming, err := pass.Source.Naming(pass.Context, a, b)
	if err != nil {
		return false, err
	}
	return r.whole && slices.ContainsFunc(naming[a], func(f string) bool {
		return slices.Contains(naming[b], f) && (source.LanguageOf(f) != "" || !schemaFormat(f) && !prose(f))
	}), nil
}

// lineAt is the line of the key that a complaint is about, or of the record that it stands in; 0 where that is not known.
func lineAt(text []byte, c complaint) int {
	t := documentOf(text)
	line := 0
	for _, part := range c.at {
		if t == nil {
			break
		}
		next := t.Get(part)
		if next == nil && len(t.Items) > 0 {
			if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(t.Items) {
				next = t.Items[i]
			}
		}
		for _, m := range t.Pairs {
			if m.Key == part {
				line = m.Line
			}
		}
		if t = next; t != nil && line == 0 || t != nil && len(t.Pairs) > 0 && t.Line > line && len(t.Items) == 0 {
			line = max(line, t.Line)
		}
	}
	if t != nil {
		for _, m := range t.Pairs {
			if m.Key == c.key {
				return m.Line
			}
		}
	}
	if line == 0 && t != nil {
		line = 1
	}
	return line
}

// lineNaming is the first line of a document that has the key, 0 for none.
func lineNaming(text []byte, key string) int {
	return lineNamingWithin(text, key, 1, int(^uint(0)>>1))
}

// lineNamingWithin is the first line from first up to before last that has the key, 0 for none.
func lineNamingWithin(text []byte, key string, first, last int) int {
	if key == "" {
		return 0
	}
	line := 0
	for row := range strings.Lines(string(text)) {
		line++
		if line < first || len(row) > 4000 || !strings.Contains(row, key) {
			continue
		}
		if line >= last {
			return 0
		}
		if names := regexp.MustCompile(`(^|[\s"'{,])` + regexp.QuoteMeta(key) + `["']?\s*:`); names.MatchString(row) {
			return line
		}
	}
	return 0
}

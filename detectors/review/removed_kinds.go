package review

// Names of declared kinds that the branch took away, each with its own way to be asked for: variables, metrics, inputs and outputs of
// Terraform.

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/references"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/observability/metrics"
	"flightpoll/detectors/source"
	tree "flightpoll/detectors/source/document"
)

// givenName is a name that one file of one side declares or reads.
type givenName struct {
	name string
	line int
	// words are the other spellings by which a document may ask for it; in is what the declaration stands in.
	words []string
	in    string
	// pattern is a regular expression for the name where documents spell it in several ways.
	pattern string
}

// nameKind is one kind of name: who declares it, and how a document shows that it means it.
type nameKind struct {
	kind, why string
	// read are the names of a file; parse gives it parsed.
	read func(p string, text []byte, parse func() (*source.File, error)) []givenName
	// shown is a regular expression with %s for the name, for a piece of code of a document.
	shown string
}

const (
	askedInVain = "Whoever follows the document asks for something that nothing gives any more, and takes the silence for an answer."
	setInVain   = "Whoever follows the document sets something that nothing reads, and believes that it works."
	failsThere  = "Whoever follows the document gets an error in place of the step."
)

var nameKinds = []nameKind{
	{kind: "variable", why: setInVain, read: variableNames},
	{kind: "metric", why: askedInVain, read: metricNames, shown: `(?:^|[^\w.:])%s(?:_bucket|_sum|_count|_total)?(?:$|[^\w.:]|\.(?:\s|$))`},
	{kind: "setting", why: setInVain, read: settingNames, shown: `(?:^|[^\w.:-])%s(?:$|[^\w:-])`},
	{kind: "output", why: failsThere, read: terraformNames("output"), shown: `\boutput\b[^|;&\n]*[\s"'=.]%[1]s(?:$|[^\w-])|\bmodule\.[\w-]+\.%[1]s(?:$|[^\w-])|\boutputs?\.%[1]s(?:$|[^\w-])`},
	{kind: "input", why: setInVain, read: terraformNames("variable"), shown: `-var(?:=|\s+)?["']?%[1]s=|\bTF_VAR_%[1]s\b|\bvar\.%[1]s\b`},
}

// variableNames are the environment variables and the keys of configuration that code reads.
func variableNames(p string, text []byte, parse func() (*source.File, error)) []givenName {
	var list []references.Reference
	if references.Parsed(p) {
		f, err := parse()
		if err != nil {
			return nil // environment/undeclared-variable says what could not be read
		}
		list = references.Read(f, &references.Repository{Helpers: references.Learn([]*source.File{f}, nil)})
	} else if references.Reads(p) || references.Script(p) {
		list = references.ReadText(p, text)
	}
	var found []givenName
	for _, r := range list {
		if variableName.MatchString(r.Name) || r.Key && ownName.MatchString(r.Name) {
			found = append(found, givenName{name: r.Name, line: r.Line, in: r.Place})
		}
	}
	return found
}

var variableName = lazy.New(`^[A-Z][A-Z0-9_]{3,}$`)

// metricNames are the metrics that code declares, by all names that an exporter may give them.
func metricNames(p string, text []byte, parse func() (*source.File, error)) []givenName {
	if source.LanguageOf(p) == "" || !mentionsMetrics(text) {
		return nil
	}
	f, err := parse()
	if err != nil {
		return nil
	}
	list, err := metrics.Declared(f, metrics.ConstantsOf(f))
	if err != nil {
		return nil
	}
	var found []givenName
	for _, m := range list {
		if !m.Open && strings.ContainsAny(m.Name, "_.") && len(m.Name) >= 6 {
			var spelled []string
			for _, w := range m.Queried() {
				spelled = append(spelled, regexp.QuoteMeta(w))
			}
			found = append(found, givenName{name: m.Name, line: m.Span.Line, words: m.Queried(), in: m.Holder, pattern: "(?:" + strings.Join(spelled, "|") + ")"})
		}
	}
	return found
}

// mentionsMetrics says whether a text names anything that metrics are made with.
func mentionsMetrics(text []byte) bool {
	text = bytes.ToLower(text)
	return slices.ContainsFunc([]string{"metric", "prometheus", "prom-client", "histogram", "statsd", "otel", "telemetry", "gauge", "counter", "meter", "yabeda", "datadog"}, func(w string) bool {
		return bytes.Contains(text, []byte(w))
	})
}

// terraformNames are the labels of one kind of block.
func terraformNames(block string) func(string, []byte, func() (*source.File, error)) []givenName {
	return func(p string, text []byte, _ func() (*source.File, error)) []givenName {
		if path.Ext(p) != ".tf" {
			return nil
		}
		root, err := tree.HCL(p, text)
		if err != nil {
			return nil
		}
		var found []givenName
		for _, pair := range root.Get(block).Entries() {
			if len(pair.Key) >= 3 {
				found = append(found, givenName{name: pair.Key, line: pair.Line})
			}
		}
		return found
	}
}

// removedOf are the names of one kind that changed product files had at the base and have no more, each once.
func (k nameKind) removedOf(pass *detectors.Pass) ([]removed, error) {
	now := map[string]bool{}
	type gone struct {
		givenName
		f *branch.File
	}
	var was []gone
	fresh := map[string][]givenName{}
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || source.IsTest(f.Path) || source.IsDoc(f.Path) || source.IsExample(f.Path) || isToolConfig(f.Path) {
			continue
		}
		before, err := f.Before()
		if err != nil {
			return nil, err
		}
		after, err := f.After()
		if err != nil {
			return nil, err
		}
		old := f.Path
		if f.OldPath != "" {
			old = f.OldPath
		}
		var here []givenName
		if f.Status != branch.Added {
			here = k.read(old, before, func() (*source.File, error) { return pass.Source.Base(old) })
		}
		for _, n := range here {
			was = append(was, gone{n, f})
		}
		if f.Status == branch.Deleted {
			continue
		}
		for _, n := range k.read(f.Path, after, func() (*source.File, error) { return pass.Source.Head(f.Path) }) {
			now[n.name] = true
			for _, w := range n.words {
				now[w] = true
			}
			if !slices.ContainsFunc(here, func(o givenName) bool { return o.name == n.name }) {
				fresh[f.Path] = append(fresh[f.Path], n)
			}
		}
	}
	var list []removed
	for _, g := range was {
		if now[g.name] || slices.ContainsFunc(list, func(r removed) bool { return r.name == g.name }) || len(list) >= maxNames {
			continue
		}
		r := removed{kind: k.kind, name: g.name, path: g.f.Path, why: k.why, words: g.words, of: k}
		if g.f.Status != branch.Deleted {
			r.line = max(1, g.f.NewLine(g.line))
			r.to = successor(g.givenName, fresh[g.f.Path])
		}
		list = append(list, r)
	}
	return list, nil
}

// successor is the name that took another one's place in its file, empty where none is sure.
func successor(old givenName, fresh []givenName) string {
	var same []string
	for _, n := range fresh {
		if n.in != "" && n.in == old.in {
			same = append(same, n.name)
		}
	}
	if len(same) == 0 && len(fresh) == 1 && shared(wordsOf(old.name), wordsOf(fresh[0].name)) > 0 {
		same = []string{fresh[0].name}
	}
	slices.Sort(same)
	if same = slices.Compact(same); len(same) == 1 {
		return same[0]
	}
	return ""
}

// shownIn recognises the name in a piece of code of a document.
func (g removed) shownIn() *regexp.Regexp {
	names := []string{regexp.QuoteMeta(g.name)}
	for _, w := range g.words {
		names = append(names, regexp.QuoteMeta(w))
	}
	return regexp.MustCompile(strings.ReplaceAll(strings.ReplaceAll(g.of.shown, "%[1]s", "%s"), "%s", "(?:"+strings.Join(names, "|")+")"))
}

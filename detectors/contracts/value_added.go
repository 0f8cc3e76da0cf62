package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// ValueAdded finds places that refuse a value which the branch added to an enumeration: they know the old values, and their own
// checks, switches and types take no other.
var ValueAdded = &detectors.Detector{
	ID:    "contracts/value-added",
	Title: "A place refuses a value that the branch added to an enumeration",
	Run:   runValueAdded,
}

// A grownSet is an enumeration that has more values than it had.
type grownSet struct {
	old, now *valueSet
	added    []string
}

func runValueAdded(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var list []grownSet
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || f.Status == branch.Added || f.Status == branch.Deleted || !declares(f.Path) || history.MatchString(f.Path) {
			continue
		}
		old, now := allSets(before, cmpOr(f.OldPath, f.Path)), allSets(after, f.Path)
		for _, o := range old {
			i := slices.IndexFunc(now, func(n *valueSet) bool { return n.owner == o.owner && n.dialect == o.dialect })
			if i < 0 || len(without(o.values, now[i].values)) > 0 {
				continue
			}
			if added := without(now[i].values, o.values); len(added) > 0 && len(added) <= 4 && len(o.values) >= 2 {
				list = append(list, grownSet{o, now[i], added})
			}
		}
	}
	if len(list) == 0 {
		return detectors.ErrNotApplicable
	}
	told := map[string]bool{}
	for _, g := range list {
		if err := g.report(pass, after, told); err != nil {
			return err
		}
	}
	return nil
}

var listName = lazy.New(`([A-Za-z_]\w*)\s*(?::[^=\n]{0,60})?(?:=|:|=>|\s)\s*[^=:]{0,40}$`)

// allSets are the enumerations of a file, and the lists of literals in it by the name that stands before them.
func allSets(at side, p string) []*valueSet {
	list := setsIn(at, p)
	if source.LanguageOf(p) == "" && path.Ext(p) != ".sql" {
		return list
	}
	text, err := at.text(p)
	if err != nil {
		return list
	}
	for _, l := range literalLists(string(text)) {
		m := listName.FindStringSubmatch(strings.TrimRight(l.head, "[({ "))
		if m == nil || slices.ContainsFunc(list, func(s *valueSet) bool { return s.line == l.line || len(without(l.values, s.values)) == 0 }) {
			continue
		}
		list = append(list, &valueSet{owner: m[1], dialect: "list", path: p, line: l.line, values: l.values})
	}
	return list
}

// report tells of the places that know exactly the old values and refuse others.
func (g grownSet) report(pass *detectors.Pass, at side, told map[string]bool) error {
	naming, err := pass.Source.Naming(pass.Context, append(slices.Clone(g.old.values), g.added...)...)
	if err != nil {
		return err
	}
	key := g.old.values[0]
	for _, v := range g.old.values {
		if len(naming[v]) < len(naming[key]) {
			key = v
		}
	}
	for i, p := range naming[key] {
		if i >= maxCandidates {
			break
		}
		if p == g.now.path || skipped(p) && path.Ext(p) != ".sql" || otherVersion(p, g.now.path) || prose(p) || source.IsTest(p) || source.IsExample(p) || typed(g.old, p) || told[p+g.added[0]] || g.compiled(at, p) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil || len(text) > maxListText || hasAny(string(text), g.added) {
			continue
		}
		if path.Ext(p) == ".sql" && slices.ContainsFunc(naming[g.added[0]], func(q string) bool { return q != g.now.path && history.MatchString(q) }) {
			continue // a later migration has it
		}
		line, how := g.refusedIn(at, p, string(text))
		if line == 0 {
			continue
		}
		told[p+g.added[0]] = true
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: line, Symbol: g.added[0],
			Message:  fmt.Sprintf("%s %q, which the branch added to %s", how, g.added[0], g.old.owner),
			Why:      "The first record with the new value fails here, and often the whole list with it.",
			Fix:      "Teach this place the new value, or let it fall back for what it does not know, before the value is sent.",
			Related:  []detectors.Related{{Path: g.now.path, Line: g.now.line, Message: fmt.Sprintf("the branch added %q here", g.added[0])}},
			Evidence: append([]string{g.old.owner}, g.added...),
		})
	}
	return nil
}

// compiled says that a compiler looks at both places together and knows the enumeration as a type.
func (g grownSet) compiled(at side, p string) bool {
	lang := source.LanguageOf(p)
	switch {
	case lang == "" || g.now.dialect == "list":
		return false
	case family(p) != "":
		together, known := newLayout(at).together(p, g.now.path)
		return family(p) == family(g.now.path) && (together || !known)
	case lang == source.Rust:
		return g.now.dialect == string(source.Rust) && !at.apart(p, g.now.path)
	}
	return false
}

// refusedIn is the first place of a file that knows the old values alone and refuses another one, with what it does.
func (g grownSet) refusedIn(at side, p, text string) (line int, how string) {
	near := func(row string) bool { return g.about(p, row, text) }
	for _, l := range literalLists(text) {
		if sameValues(l.values, g.old.values) && l.refuses() && near(l.head) {
			return l.line, "refuses"
		}
	}
	if source.LanguageOf(p) == "" {
		for _, s := range setsIn(at, p) {
			if sameValues(s.values, g.old.values) && near(s.owner) {
				return s.line, "does not list"
			}
		}
	} else if f := at.file(p); f != nil {
		for _, s := range valueSets(f) {
			if s.dialect != string(source.TypeScript) && s.line > 0 && sameValues(s.values, g.old.values) && near(s.owner) && !fallsBackIn(f, s) {
				return s.line, "its type has no"
			}
		}
		for _, o := range f.Objects {
			var keys []string
			for _, k := range o.Keys {
				keys = append(keys, strings.Trim(k.Name, `"'[]`))
			}
			if sameValues(keys, g.old.values) && !o.Spread && near(o.Name) {
				if n := strictLookup(f, o.Name); n > 0 {
					return o.Span.Line, "has no entry for"
				}
			}
		}
	}
	if strings.HasSuffix(p, ".swift") {
		if n := swiftEnum(text, g.old.values); n > 0 && near(text) {
			return n, "its type has no"
		}
	}
	rows := strings.Split(text, "\n")
	for _, c := range choicesIn(text) {
		if values := keysOf(c.values); sameValues(values, g.old.values) && near(c.subject) {
			if n := closedChoice(rows, c); n > 0 {
				return n, "refuses"
			}
		}
	}
	return 0, ""
}

// about says that a place speaks of the same thing as the enumeration: the last word of its name, or what holds it. Three values
// and more that are the same say it as well, where one of them is no word that everybody uses.
func (g grownSet) about(p, row, text string) bool {
	subject := g.old.subject()
	if len(subject) == 0 {
		return false
	}
	if slices.Contains(words(row), subject[len(subject)-1]) {
		return true
	}
	telling := 0
	for _, v := range g.old.values {
		if !slices.Contains(common, v) && len(v) > 3 && !everyday.MatchString(v) {
			telling++
		}
	}
	return len(g.old.values) >= 3 && telling >= 2 && (mentions([]string{p}, subject) || telling >= 3 || slices.Contains(words(text[:min(len(text), 50_000)]), subject[len(subject)-1]))
}

// everyday are values of many enumerations.
var everyday = lazy.New(`(?i)^(?:low|medium|high|small|large|none|all|true|false|yes|no|on|off|open|closed|active|inactive|enabled|disabled|success|failed|failure|error|pending|running|done|completed|warning|info|debug|critical|public|private|admin|user|guest|member|owner|get|post|put|patch|delete|create|update|read|write|left|right|top|bottom|center|asc|desc|dark|light|day|week|month|year|json|yaml|csv|xml|dev|development|staging|production|test|draft|published|archived)$`)

var serdeOther = lazy.New(`serde\(other\)|untagged|@JsonEnumDefaultValue|JsonEnumDefaultValue|def _missing_|ignoreUnknownKeys|coerceInputValues|READ_UNKNOWN_ENUM`)

// fallsBackIn says that an enumeration takes what it does not know for something of its own.
func fallsBackIn(f *source.File, s *valueSet) bool {
	return serdeOther.Match(f.Text) || slices.ContainsFunc(s.values, func(v string) bool { return strings.EqualFold(v, "unknown") || strings.EqualFold(v, "other") })
}

var (
	swiftStringEnum = lazy.New(`(?m)^\s*(?:public\s+)?enum\s+\w+\s*:[^{\n]*\bString\b[^{\n]*\{([^}]*)\}`)
	swiftValue      = lazy.New(`\bcase\s+([^\n/]+)`)
	swiftNamed      = lazy.New(`(\w+)(?:\s*=\s*"([^"]+)")?`)
)

// swiftEnum is the line of an enumeration of Swift that has exactly the values and no reader of its own, 0 for none.
func swiftEnum(text string, values []string) int {
	for _, m := range swiftStringEnum.FindAllStringSubmatchIndex(text, 50) {
		body := text[m[2]:m[3]]
		var have []string
		for _, c := range swiftValue.FindAllStringSubmatch(body, 100) {
			for _, n := range swiftNamed.FindAllStringSubmatch(c[1], 40) {
				have = append(have, cmpOr(n[2], n[1]))
			}
		}
		if sameValues(have, values) && !strings.Contains(body, "init(") {
			return 1 + strings.Count(text[:m[2]], "\n")
		}
	}
	return 0
}

package contracts

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oasdiff/oasdiff/checker"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

// maxSpecFindings bounds the findings about one document.
const maxSpecFindings = 12

// A specReport collects what is told of all documents of a branch. A document is often kept twice, in two formats or as the
// copy that a site serves: what is the same of both is one finding that points to each.
type specReport struct {
	findings []*detectors.Finding
	told     map[string]*detectors.Finding
}

// add tells each change of a document once, with the operations that it reaches.
func (r *specReport) add(pass *detectors.Pass, p *specPair, changes *specChanges) error {
	groups := map[string][]checker.Change{}
	var order []string
	for _, c := range changes.list {
		key := c.GetId() + "\x00" + symbolOf(c) + "\x00" + string(changes.severity(c))
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], c)
	}
	alike := map[string][]string{}
	for _, key := range order {
		c := groups[key][0]
		kind := likeness(c, operationsOf(groups[key], p.specRoot))
		alike[kind] = append(alike[kind], symbolOf(c))
	}
	quiet := announcesBreak(pass.Branch)
	told := 0
	for _, key := range order {
		c, operations := groups[key][0], operationsOf(groups[key], p.specRoot)
		others := alike[likeness(c, operations)]
		if len(others) < manyAlike {
			others = nil
		} else if others[0] != symbolOf(c) {
			continue // told with the first of its kind
		}
		if told++; told > maxSpecFindings {
			break
		}
		f, err := p.finding(pass, changes, c, operations)
		if err != nil {
			return err
		}
		if len(others) > 0 {
			f.Message += fmt.Sprintf("; the same of %s", join(others[1:], manyNamed))
		}
		if quiet {
			f.Severity = detectors.Note
		}
		same := changes.identity() + "\x00" + key
		if c.GetPath() != "" {
			same += strings.Join(operations, ",")
		}
		if first := r.told[same]; first != nil {
			first.Related = append(first.Related, detectors.Related{Path: f.Path, Line: f.Line, Message: "the same change in a copy of the document"})
			continue
		}
		r.told[same] = f
		r.findings = append(r.findings, f)
	}
	return nil
}

// identity is what copies of one document have in common: its title and version as they were.
func (s *specChanges) identity() string {
	if s.base == nil || s.base.Info == nil {
		return ""
	}
	return s.base.Info.Title + "\x00" + s.base.Info.Version
}

// finding is what is told of one change.
func (p *specPair) finding(pass *detectors.Pass, changes *specChanges, c checker.Change, operations []string) (*detectors.Finding, error) {
	text := cmp.Or(sunsetText(c), plain(c.GetUncolorizedText(checker.NewDefaultLocalizer())))
	f := &detectors.Finding{
		Severity: changes.severity(c), Path: p.now, Symbol: symbolOf(c),
		Message:  fmt.Sprintf("%s: %s", join(operations, 2), text),
		Why:      "Clients built against the document as it was send or expect something else.",
		Fix:      "Add the new beside the old and mark the old one deprecated, or publish a new version of the interface.",
		Evidence: []string{c.GetId(), symbolOf(c), operations[0]},
	}
	if aboutSunset(c) {
		f.Why = "Whoever relied on the announced day has not moved yet when it stops working."
		f.Fix = "Keep the announced day or name a later one, as a date of RFC 3339 (2027-01-31), and remove only after it."
	}
	if c.GetId() == checker.RequestParameterRemovedId && f.Severity == detectors.Note {
		sender, err := senderOf(pass, c)
		if err != nil {
			return nil, err
		}
		if sender != nil {
			f.Severity, f.Related = detectors.Warning, []detectors.Related{*sender}
		}
	}
	if f.Severity == detectors.Warning {
		followed, err := p.ownClientFollowed(pass, c, f.Symbol)
		if err != nil {
			return nil, err
		}
		if followed {
			f.Severity = detectors.Note
		}
	}
	p.locate(pass.Branch, c, f)
	return f, nil
}

const (
	// manyAlike is the number of properties with the same change in the same operations from which one finding tells all.
	manyAlike = 3
	// manyNamed bounds the names in such a finding.
	manyNamed = 12
)

// likeness is what changes have in common that are told together.
func likeness(c checker.Change, operations []string) string {
	return fmt.Sprint(c.GetId(), c.GetLevel(), operations)
}

// operationsOf are the operations that one change reaches, the document itself where it reaches none.
func operationsOf(list []checker.Change, root specRoot) []string {
	var operations []string
	for _, g := range list {
		if op := strings.TrimSpace(g.GetOperation() + " " + g.GetPath()); op != "" && !slices.Contains(operations, op) {
			operations = append(operations, op)
		}
	}
	if len(operations) == 0 {
		return []string{root.now}
	}
	return operations
}

// quoteMark is a quote, and no apostrophe within a word.
var quoteMark = lazy.New("`|\\B'|'\\B")

// plain takes the quotes of code off a text of oasdiff.
func plain(text string) string {
	return strings.Join(strings.Fields(quoteMark.ReplaceAllString(text, `"`)), " ")
}

// most is how many warnings on one document people read one by one.
const most = 8

// readAtOnce makes one finding of the warnings on a document that has more than people read: a generator's new version describes everything anew.
func readAtOnce(findings []*detectors.Finding) []*detectors.Finding {
	warnings := map[string][]*detectors.Finding{}
	for _, f := range findings {
		if f.Severity == detectors.Warning {
			warnings[f.Path] = append(warnings[f.Path], f)
		}
	}
	var list []*detectors.Finding
	for _, f := range findings {
		all := warnings[f.Path]
		if f.Severity != detectors.Warning || len(all) <= most {
			list = append(list, f)
			continue
		}
		if f != all[0] {
			continue
		}
		var names, messages []string
		for _, w := range all {
			messages = append(messages, w.Message)
			if !slices.Contains(names, w.Symbol) {
				names = append(names, w.Symbol)
			}
		}
		one := *f
		one.Message = fmt.Sprintf("%d changes may break who uses this document as it was, of %s; the first: %s", len(all), join(names, 6), messages[0])
		one.Fix = "If a generator's new version describes everything anew, read the difference once as a whole and say so in the change log; else keep the old beside the new."
		one.Evidence = append([]string{f.Path}, messages...)
		list = append(list, &one)
	}
	return list
}

// symbolOf is the name that a change is about: the first of its arguments that is one.
func symbolOf(c checker.Change) string {
	for _, a := range c.GetArgs() {
		text := strings.Trim(strings.TrimSpace(fmt.Sprint(a)), "'`\"")
		switch text {
		case "", "query", "path", "header", "cookie", "string", "object", "integer", "number", "array", "boolean":
			continue
		}
		if _, err := time.Parse(time.DateOnly, text); err != nil && !strings.ContainsAny(text, " ") {
			return text[strings.LastIndexByte(text, '/')+1:]
		}
	}
	return cmp.Or(c.GetOperationId(), c.GetPath())
}

package review

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/source/routes"
)

// StaleDocument finds documents that still promise what the branch changed: a limit, a price, a deadline, a default, the text of
// a button, a task, a script.
var StaleDocument = &detectors.Detector{
	ID:    "review/stale-document",
	Title: "The branch changes what a document promises, and the document still says the old",
	Run:   runStaleDocument,
}

func runStaleDocument(pass *detectors.Pass) error {
	values, err := changedValues(pass.Branch)
	if err != nil {
		return err
	}
	commands, err := removedCommands(pass)
	if err != nil {
		return err
	}
	texts, err := removedTexts(pass)
	if err != nil {
		return err
	}
	addresses, err := removedAddresses(pass)
	if err != nil {
		return err
	}
	names, err := goneNames(pass)
	if err != nil {
		return err
	}
	declared, err := removedNames(pass)
	if err != nil {
		return err
	}
	names = slices.DeleteFunc(names, func(g goneName) bool {
		return slices.ContainsFunc(declared, func(r removed) bool { return r.name == g.name || slices.Contains(r.words, g.name) }) || // undocumented-behaviour says it
			slices.ContainsFunc(texts, func(t shownText) bool { return strings.Contains(t.text, g.name) }) ||
			slices.ContainsFunc(commands, func(c command) bool { return strings.Contains(c.name, g.name) })
	})
	if len(values)+len(commands)+len(texts)+len(addresses)+len(names) == 0 {
		return detectors.ErrNotApplicable
	}
	var amounts []string
	for i := range values {
		amounts = append(amounts, values[i].spellings()...)
	}
	var speaks func(string) bool
	if len(amounts) > 0 {
		speaks = func(text string) bool {
			return slices.ContainsFunc(amounts, func(s string) bool { return strings.Contains(text, s) })
		}
	}
	documents, err := readDocuments(pass, func(text string) bool {
		return len(values) > 0 ||
			slices.ContainsFunc(commands, func(c command) bool { return strings.Contains(text, c.last()) }) ||
			slices.ContainsFunc(addresses, func(a routes.Route) bool { return strings.Contains(text, a.Last()) }) ||
			slices.ContainsFunc(texts, func(t shownText) bool { return strings.Contains(text, t.text) }) ||
			slices.ContainsFunc(names, func(g goneName) bool { return strings.Contains(text, g.name) })
	}, speaks)
	if err != nil {
		return err
	}
	for _, d := range documents {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		reportValues(pass, d, values)
		if d.spoken {
			continue
		}
		reportCommands(pass, d, commands)
		reportTexts(pass, d, texts)
		reportAddresses(pass, d, addresses)
		reportNames(pass, d, names)
	}
	return nil
}

// reportValues reports the first passage of a document that states each old value.
func reportValues(pass *detectors.Pass, d document, values []valueChange) {
	for i := range values {
		v := &values[i]
		for _, p := range d.passages {
			at, said := v.statedBy(d, p)
			if at < 0 {
				continue
			}
			line := p.lineAt(at)
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: d.path, Line: line, Symbol: said,
				Message:  fmt.Sprintf("the document still says %s, the branch makes it %s%s", said, v.now, v.called()),
				Why:      "Whoever goes by the document, or answers users by it, is wrong from the release on.",
				Fix:      "Write the new value into the document on this branch.",
				Related:  []detectors.Related{{Path: v.path, Line: v.line, Message: fmt.Sprintf("the branch changes %s to %s here", v.was, v.now)}},
				Evidence: []string{"value", v.name, v.was, v.now},
			})
			break
		}
	}
}

func (v *valueChange) called() string {
	if v.name == "" {
		return ""
	}
	return " (" + v.name + ")"
}

// statedBy is where a passage still states the old value of the very thing, -1 for nowhere, with the words it uses.
func (v *valueChange) statedBy(d document, p passage) (at int, said string) {
	if p.past {
		return -1, ""
	}
	if at, said := v.besideName(p); at >= 0 {
		return at, said
	}
	amounts := statedIn(p.text)
	for _, s := range amounts {
		if slices.ContainsFunc(v.after, s.same) {
			return -1, ""
		}
	}
	for _, s := range amounts {
		if !slices.ContainsFunc(v.before, s.same) || formerly.MatchString(lineAround(p.text, s.at)) {
			continue
		}
		if s.of == pieces && !v.counted(p, s) {
			continue
		}
		if v.about(d, p, s.of != pieces) {
			return s.at, strings.TrimSpace(strings.TrimRight(p.text[s.at:s.end], " -"))
		}
	}
	return -1, ""
}

// besideName finds the very name with the old value beside it: a row of a reference, a sample of a configuration.
func (v *valueChange) besideName(p passage) (at int, said string) {
	if len(v.name) < 5 || !strings.ContainsAny(v.name, "_-.") && v.name == strings.ToLower(v.name) || !strings.Contains(p.text, v.name) {
		return -1, ""
	}
	re, err := regexp.Compile(`(?:^|[^\w.-])` + regexp.QuoteMeta(v.name) + "[`\"'*]*\\s*(?:[=:|(]|\\bis\\b|\\bdefaults? to\\b|\\(default)[^\\n]{0,60}?" + `(?:^|[^\w.-])` + regexp.QuoteMeta(plainly(v.was)) + `(?:$|[^\w.]|\.(?:\s|$))`)
	if err != nil {
		return -1, ""
	}
	m := re.FindStringIndex(p.text)
	if m == nil {
		return -1, ""
	}
	row := lineAround(p.text, m[0])
	if formerly.MatchString(row) || regexp.MustCompile(`(?:^|[^\w.])`+regexp.QuoteMeta(plainly(v.now))+`(?:$|[^\w.])`).MatchString(row) {
		return -1, ""
	}
	return m[0] + 1, v.name + " " + plainly(v.was)
}

// fewWords is how many words a value's own line has at the most where one of them tells what it is: a whole sentence shares some word with
// every other.
const fewWords = 8

// counted says that a bare number counts the very thing: one of its words stands beside the number, two of a sentence's.
func (v *valueChange) counted(p passage, s stated) bool {
	if s.value < 2 {
		return false
	}
	if v.chars && slices.Contains(nearWords(p.text, s.end, s.end, 2), stem("characters")) {
		return true
	}
	near := append(nearWords(p.text, s.at, s.end, 5), questionOf(p, s.at)...)
	if v.name == "" && len(v.own) > fewWords {
		return shared(v.own, near) > 1
	}
	return shared(v.own, near) > 0
}

// questionOf are the words of the question that a number answers: the sentence before its own, or the heading.
func questionOf(p passage, at int) []string {
	before := p.text[:at]
	if i := strings.LastIndexAny(before, ".;!?\n"); i >= 0 && before[i] != '?' {
		before = before[:i]
	}
	if i := strings.LastIndexByte(before, '?'); i >= 0 {
		question := before[:i]
		return wordsOf(question[strings.LastIndexAny(question, ".;!?")+1:])
	}
	if last := p.heading[strings.LastIndexByte(p.heading, '\n')+1:]; strings.Contains(last, "?") {
		return wordsOf(last)
	}
	return nil
}

// about says whether a passage speaks of what the value is for: it has a telling word of the value's own, and where that
// one is shared by many values or there are several, another one. Where the words of another line with the same value fit
// as well, it may be about that one. A measured value has a unit in the passage.
func (v *valueChange) about(d document, p passage, measured bool) bool {
	words := wordsOf(p.heading + " " + p.text + " " + d.path)
	score := func(own, around []string) (int, int) { return shared(own, words), shared(around, words) }
	own, around := score(v.own, v.around)
	if len(v.own) == 0 {
		// What it stands in says all: RefundPolicy.WINDOW.
		telling := slices.ContainsFunc(v.around, func(w string) bool { return !generic[w] && shared([]string{w}, words) > 0 })
		return around >= 2 || telling && measured && !v.rivalled(words, around)
	}
	if own == 0 && v.chars && slices.Contains(words, stem("characters")) {
		return slices.ContainsFunc(v.around, func(w string) bool { return !generic[w] && shared([]string{w}, words) > 0 }) && !v.rivalled(words, around)
	}
	if measured && v.uploads(words) {
		return !v.rivalled(words, max(own, 1))
	}
	if own == 0 {
		return false
	}
	specific := slices.ContainsFunc(v.own, func(w string) bool { return !generic[w] && shared([]string{w}, words) > 0 })
	if !specific && own+around < 2 {
		return false
	}
	return !v.rivalled(words, own)
}

var (
	// anyUpload are words of a bound that holds for whatever is uploaded, uploaded what people call it.
	anyUpload = stems("upload uploads file files multipart")
	uploaded  = stems("upload uploads file files attachment attachments document documents image images photo photos picture pictures scan scans video videos recording recordings")
)

// uploads says whether a bound of bytes holds for all that is uploaded, and a passage speaks of something that is.
func (v *valueChange) uploads(words []string) bool {
	sized := slices.ContainsFunc(v.before, func(a amount) bool { return a.of == size })
	return sized && slices.ContainsFunc(v.own, func(w string) bool { return anyUpload[w] }) && slices.ContainsFunc(words, func(w string) bool { return uploaded[w] }) &&
		!slices.ContainsFunc(v.own, func(w string) bool { return !anyUpload[w] && uploaded[w] })
}

// rivalled says whether another line with the old value fits a passage as well.
func (v *valueChange) rivalled(words []string, own int) bool {
	return slices.ContainsFunc(v.rivals, func(r []string) bool {
		o := shared(r, words)
		return o >= own && o > 0
	})
}

func shared(list, words []string) int {
	n := 0
	for _, w := range list {
		if slices.ContainsFunc(words, func(o string) bool { return meant(o) == meant(w) }) {
			n++
		}
	}
	return n
}

// lineAround is the line of a text that a place stands in.
func lineAround(text string, at int) string {
	from := strings.LastIndexByte(text[:at], '\n') + 1
	if to := strings.IndexByte(text[at:], '\n'); to >= 0 {
		return text[from : at+to]
	}
	return text[from:]
}

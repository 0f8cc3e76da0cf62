package review

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

// shownText is a text that users saw (a button, a title, an error, a mail's subject) and that no product file holds any more.
type shownText struct {
	text, path string
	line       int
	// key says that it is the key of a configuration.
	key bool
}

var (
	templateEnding = lazy.New(`\.(?:tsx|jsx|vue|svelte|html?|erb|haml|slim|hbs|twig|blade\.php|cshtml|razor|jinja2?|j2|ejs|mjml|liquid|astro)$`)
	// inTemplate is code within a template, saidInCode a text in it.
	inTemplate  = lazy.New(`<%|\{\{|@(?:lang|Html|Text)|^\s*[=%]\s*[\w.]+`)
	saidInCode  = lazy.New(`"([A-Z][^"<>{}]{3,80})"|'([A-Z][^'<>{}]{3,80})'`)
	betweenTags = lazy.New(`>\s*([^<>{}]{3,80}?)\s*<|^\s*([A-Z][^<>{}()=;]{3,80}?)\s*$`)
	dataValue   = lazy.New(`^\s*["']?[\w.-]+["']?\s*[:=]\s*["']?([^"'{}\[\]]{3,80}?)["']?,?\s*$`)
	phrase      = lazy.New(`^[A-Za-z][\p{L}\p{N}'’,.!?&/ -]*[\p{L}\p{N}.!?]$`)
	shortcut    = lazy.New(`^(?i:ctrl|cmd|command|mod|alt|shift|meta|option|⌘|⇧|⌥)(?:[+-](?:\w+|[^\s\w])){1,3}$`)
	errorCode   = lazy.New(`^[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+$`)
)

// maxTexts bounds the texts of one branch that are looked for in documents.
const maxTexts = 200

// removedTexts are texts on removed lines that no product file of the head holds.
func removedTexts(pass *detectors.Pass) ([]shownText, error) {
	var old []shownText
	now := map[string]bool{}
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Generated || f.Vendored || source.IsTest(f.Path) || source.IsExample(f.Path) || tellsPeople(f.Path) || history.MatchString(f.Path) {
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
		was := f.Path
		if f.OldPath != "" {
			was = f.OldPath
		}
		for _, t := range textsIn(f.Path, after, pass.Source.Head) {
			now[t.sameAs()] = true
		}
		for _, t := range textsIn(was, before, pass.Source.Base) {
			if f.Removed(t.line) && len(old) < 4*maxTexts {
				t.path = f.Path
				if f.Status != branch.Deleted {
					t.line = max(1, f.NewLine(t.line))
				}
				old = append(old, t)
			}
		}
	}
	var words []string
	var gone []shownText
	for _, t := range old {
		if !now[t.sameAs()] && !slices.Contains(words, t.text) && len(gone) < maxTexts {
			gone = append(gone, t)
			words = append(words, t.text)
		}
	}
	if len(gone) == 0 {
		return nil, nil
	}
	naming, err := pass.Source.Naming(pass.Context, words...)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(gone, func(t shownText) bool {
		inDocument := false
		for _, p := range naming[t.text] {
			if tellsPeople(p) {
				inDocument = true
			} else if !source.IsTest(p) && !history.MatchString(p) && !source.IsDoc(p) {
				return true // something still shows it
			}
		}
		return !inDocument
	}), nil
}

// sameAs is what two texts share that are the same to a reader; keys and shortcuts have to be the same.
func (t shownText) sameAs() string {
	if t.key || strings.Contains(t.text, "+") {
		return t.text
	}
	return folded(t.text)
}

// folded is a text without what a correction of its spelling changes.
func folded(text string) string { return strings.Join(wordsOf(text), " ") }

// textsIn are the texts for users that a file holds: phrases of several words, codes of errors, and in templates and
// translations single words too.
func textsIn(p string, text []byte, parse func(string) (*source.File, error)) []shownText {
	var list []shownText
	add := func(s string, line int, words int) {
		s = strings.TrimSpace(s)
		n := len(strings.Fields(s))
		spoken := phrase.MatchString(s) && (n >= words && s[0] <= 'Z' || n >= 3)
		if spoken && n <= 14 && len(s) >= 4 || shortcut.MatchString(s) || errorCode.MatchString(s) && len(s) >= 8 {
			list = append(list, shownText{text: s, path: p, line: line})
		}
	}
	if source.LanguageOf(p) != "" {
		f, err := parse(p)
		if err != nil {
			return nil
		}
		for _, s := range f.Strings {
			if !s.Interpolated && len(s.Value) <= 120 {
				add(s.Value, s.Span.Line, 2)
			}
		}
	}
	if dataEndings.MatchString(p) && !otherData.MatchString(p) && !shownToUsers(p) {
		return append(list, keysIn(p, text)...)
	}
	template, data := templateEnding.MatchString(strings.ToLower(p)), shownToUsers(p) && !templateEnding.MatchString(strings.ToLower(p))
	if !template && !data {
		return list
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if len(line) > maxCodeLine {
			continue
		}
		line = strings.TrimRight(line, "\r\n")
		if template {
			for _, m := range betweenTags.FindAllStringSubmatch(line, 5) {
				add(m[1]+m[2], n, 1)
			}
			if inTemplate.MatchString(line) {
				for _, m := range saidInCode.FindAllStringSubmatch(line, 5) {
					add(m[1]+m[2], n, 2)
				}
			}
		} else if m := dataValue.FindStringSubmatch(line); m != nil {
			add(m[1], n, 1)
		}
	}
	return list
}

var (
	dataKey = lazy.New(`^\s*(?:export\s+)?["']?([A-Za-z][\w.-]*)["']?\s*[:=]`)
	// ownName is a name of several words, which nothing else has by chance.
	ownName = lazy.New(`[a-z][A-Z]|[a-z0-9][_.-][a-z0-9]`)
)

// keysIn are the keys of a configuration that are names of their own.
func keysIn(p string, text []byte) []shownText {
	var list []shownText
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if m := dataKey.FindStringSubmatch(line); m != nil && len(line) <= maxCodeLine && len(m[1]) >= 6 && ownName.MatchString(m[1]) {
			list = append(list, shownText{text: m[1], path: p, line: n, key: true})
		}
	}
	return list
}

// told is what stands around a single word that a document names as something to click.
var told = lazy.New(`(?i)\b(?:click|choose|select|press|tap|open|hit|go to|under|button|menu|tab|option|page|field|switch|toggle|link|plans?|tier|edition|role|section|mode|status|label)\b`)

// reportTexts reports the first passage of a document that quotes each removed text.
func reportTexts(pass *detectors.Pass, d document, texts []shownText) {
	if !slices.Contains(textEndings, strings.ToLower(path.Ext(d.path))) {
		return
	}
	for _, t := range texts {
		for _, p := range d.passages {
			at := t.quotedIn(p)
			if at < 0 {
				continue
			}
			if t.key {
				pass.Report(detectors.Finding{
					Severity: detectors.Warning, Path: d.path, Line: p.lineAt(at), Symbol: t.text,
					Message:  fmt.Sprintf("the document still sets %s, a key that nothing has any more", t.text),
					Why:      "Whoever follows the document sets something that nothing reads, and believes that it works.",
					Fix:      "Take it out of the document, or write the new key.",
					Related:  []detectors.Related{{Path: t.path, Line: t.line, Message: "the branch takes the key away here"}},
					Evidence: []string{"key", t.text},
				})
				break
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: d.path, Line: p.lineAt(at), Symbol: t.text,
				Message:  fmt.Sprintf("the document quotes %q, which the product no longer shows", t.text),
				Why:      "Whoever looks for the words on the screen does not find them, and support cannot either.",
				Fix:      "Write what the product shows now into the document.",
				Related:  []detectors.Related{{Path: t.path, Line: t.line, Message: "the branch takes the text away here"}},
				Evidence: []string{"text", t.text},
			})
			break
		}
	}
}

// quotedIn is where a passage quotes the text as words of the product: in quotes, bold, as code, as a quotation. -1 for nowhere.
func (t shownText) quotedIn(p passage) int {
	if p.past || p.code && !t.key && !errorCode.MatchString(t.text) {
		return -1
	}
	for from := 0; ; {
		i := strings.Index(p.text[from:], t.text)
		if i < 0 {
			return -1
		}
		at := from + i
		from = at + len(t.text)
		before, after := p.text[:at], p.text[from:]
		marked := false
		for _, m := range [][2]string{{"**", "**"}, {`"`, `"`}, {"“", "”"}, {"`", "`"}, {"__", "__"}, {"*", "*"}, {"‘", "’"}, {"'", "'"}, {"_", "_"}, {"«", "»"}} {
			if strings.HasSuffix(before, m[0]) && (strings.HasPrefix(after, m[1]) || strings.HasPrefix(after, "."+m[1]) || strings.HasPrefix(after, "…"+m[1])) {
				marked = true
			}
		}
		row := lineAround(p.text, at)
		if t.key {
			// As it is set: a line of a sample, or the name alone between backticks.
			set := strings.HasPrefix(strings.TrimLeft(after, "\"' "), ":") || strings.HasPrefix(strings.TrimLeft(after, "\"' "), "=")
			given := p.code && set && strings.HasSuffix(before, ".") && strings.Contains(row, "--set") // helm's --set worker.count=5
			whole := given || at == 0 || !strings.ContainsAny(p.text[at-1:at], "-._/") && !isWordByte(p.text[at-1])
			marked = whole && (p.code && set || strings.HasSuffix(before, "`") && (strings.HasPrefix(after, "`") || set) || strings.HasSuffix(before, ".") && strings.HasPrefix(after, "`"))
			if marked && !formerly.MatchString(row) {
				return at
			}
			continue
		}
		if marked && !formerly.MatchString(row) && (strings.ContainsAny(t.text, " _+") || told.MatchString(row)) {
			return at
		}
	}
}

func isWordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

package review

// Sentences that the program itself speaks: texts in templates and components, messages and help in code.

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// speaksToUsers says whether a path is a template or code whose texts people read.
func speaksToUsers(p string) bool {
	return (templateEnding.MatchString(strings.ToLower(p)) || source.LanguageOf(p) != "") && !source.IsTest(p) && !source.IsExample(p) && !source.IsDoc(p) &&
		!pastSteps.MatchString(p)
}

var (
	// pastSteps are files that say what was done once.
	pastSteps  = lazy.New(`(?i)(?:^|/)(?:migrations?|migrate|seeds?|fixtures?|alembic|versions)/`)
	markup     = lazy.New(`<[^<>]*>|\{\{[^{}]*\}\}|<%.*?%>|\{%.*?%\}|@\{[^{}]*\}|\$\{[^{}]*\}|&\w+;`)
	title      = lazy.New(`(?i)<(?:h[1-6]|th|dt|summary|legend)\b[^>]*>([^<]+)<`)
	quotedText = lazy.New("\"((?:[^\"\\\\\n]|\\\\.)*)\"|'((?:[^'\\\\\n]|\\\\.)*)'|`((?:[^`\\\\]|\\\\.)*)`")
	// codeLine is a line that is no text between tags.
	codeLine = lazy.New(`[;{}()=]|^\s*(?://|\*|#|/\*|import\b|const\b|return\b|export\b)`)
	hasWords = lazy.New(`\p{L}{2,}\W+(?:\S+\W+)?\p{L}{2,}`)
)

// spokenIn are the sentences of a template or of code that hold a number.
func spokenIn(p, text string) []passage {
	var list []passage
	add := func(s, heading string, line int) {
		s = strings.TrimSpace(s)
		if len(list) < maxPassages && len(s) < 2000 && hasWords.MatchString(s) && numeral.MatchString(s) && (len(strings.Fields(s)) >= 3) {
			list = append(list, passage{text: s, heading: heading, line: line})
		}
	}
	code := source.LanguageOf(p) != ""
	ending := strings.ToLower(path.Ext(p))
	heading, n := "", 0
	for line := range strings.Lines(text) {
		n++
		if len(line) > 2000 {
			continue
		}
		trimmed := strings.TrimSpace(line)
		if code {
			if strings.HasPrefix(trimmed, "//") || strings.HasPrefix(trimmed, "*") || strings.HasPrefix(trimmed, "#") {
				continue
			}
			for _, m := range quotedText.FindAllStringSubmatch(line, 10) {
				if s := m[1] + m[2] + m[3]; len(strings.Fields(s)) >= 4 {
					add(markup.ReplaceAllString(s, " "), "", n)
				}
			}
			if open := strings.Count(line, "`"); open%2 == 1 || !slices.Contains([]string{".tsx", ".jsx"}, ending) {
				continue
			}
		}
		if m := title.FindStringSubmatch(line); m != nil {
			heading = m[1]
		}
		if plainText := markup.ReplaceAllString(line, " "); !code || !codeLine.MatchString(plainText) {
			add(plainText, heading, n)
		}
	}
	if code {
		list = append(list, longTexts(text)...)
	}
	return list
}

// longTexts are the lines of texts that go over several lines in code: help of commands, mails.
func longTexts(text string) []passage {
	var list []passage
	for _, m := range blockText.FindAllStringSubmatchIndex(text, 200) {
		for i := 2; i < len(m); i += 2 {
			if m[i] < 0 || m[i+1]-m[i] > 20000 || !strings.Contains(text[m[i]:m[i+1]], "\n") {
				continue
			}
			n := 1 + strings.Count(text[:m[i]], "\n")
			for line := range strings.Lines(text[m[i]:m[i+1]]) {
				if s := strings.TrimSpace(line); len(strings.Fields(s)) >= 4 && numeral.MatchString(s) && len(list) < maxPassages {
					list = append(list, passage{text: s, line: n})
				}
				n++
			}
		}
	}
	return list
}

var blockText = lazy.New("`([^`]*)`|\"\"\"((?s:.*?))\"\"\"|'''((?s:.*?))'''|<<[~-]?[A-Z]+\\n((?s:.*?))\\n\\s*[A-Z]+\\n")

// spellings are the ways in which a text may write an amount that a value stood for.
func (v *valueChange) spellings() []string {
	var list []string
	for _, a := range v.before {
		factors := []float64{1}
		for _, u := range units {
			if u.of == a.of && !slices.Contains(factors, u.factor) {
				factors = append(factors, u.factor)
			}
		}
		for _, f := range factors {
			n := a.value / f
			if n < 1 || n > 1e9 {
				continue
			}
			s := strconv.FormatFloat(n, 'f', -1, 64)
			if len(s) > 9 || slices.Contains(list, s) {
				continue
			}
			list = append(list, s)
			for word, value := range numberWords {
				if value == n {
					list = append(list, word)
				}
			}
		}
	}
	return list
}

package review

// Expected values that were rewritten to what the code answers now, in a branch that says that nothing changes, or in a test that
// says of itself what it expects.

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

var (
	sameBehaviour = lazy.New(`(?i)\b(?:no|without(?: any)?|not any|zero)\s+(?:functional|behaviou?r(?:al)?|user[- ]visible|visible)\s+(?:change|difference)s?|\bbehaviou?r (?:is |stays |remains )(?:the same|unchanged|as it (?:is|was))|\bpure(?:ly)? (?:a )?refactor`)
	onlyTidies    = lazy.New(`(?i)^(?:refactor|style|chore|cleanup|tidy|format)(?:\([^)]*\))?:|^(?:refactor|reformat|clean ?up|tidy|simplify|rename|extract|inline|move|split)\b`)
	checks        = lazy.New(`(?i)assert|expect|should|want|\bequal|\bto_?(?:be|eq)\b|\beq\b|got\s*!=|!=|Errorf|Fatalf`)
)

// saysSame says whether every commit of the branch promises that behaviour stays.
func saysSame(b *branch.Branch) (string, bool) {
	said := ""
	for _, c := range b.Commits {
		if len(c.Parents) > 1 {
			continue
		}
		if !sameBehaviour.MatchString(c.Message) && !onlyTidies.MatchString(c.Subject) {
			return "", false
		}
		said = c.Subject
	}
	return said, said != ""
}

// follows reports a test in which only an expected value changed, against what the commits or the test's own name say.
func (w *weakening) follows(f *branch.File, was, now testCase) {
	if was.body == now.body || !slices.Equal(was.calls, now.calls) || was.strong != now.strong {
		return
	}
	before, after, line := w.rewritten(was, now)
	if before == "" {
		return
	}
	message, why := "", ""
	if subject, same := saysSame(w.pass.Branch); same {
		message = fmt.Sprintf("test %q expects %s where it expected %s, in a branch that says that behaviour stays (%q)", was.name, after, before, subject)
		why = "Either the behaviour changes and nobody is told, or the test was bent to a mistake of the rewrite."
	} else if nameSays(was.name, before) && !nameSays(was.name, after) {
		message = fmt.Sprintf("test %q expects %s now, against its own name, which says %s", was.name, after, before)
		why = "The name says what was agreed; the value was taken from what the changed code answers."
	} else {
		return
	}
	w.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: was.name, Message: message, Why: why,
		Fix:     "Find out which value is right; say in the commit and in the test's name what it is from now on.",
		Related: w.subjectOf(was), Evidence: []string{"follows", was.name, before, after},
	})
}

// rewritten is the only literal in which the assertions of two versions of a test differ, with the line of the new one.
func (w *weakening) rewritten(was, now testCase) (before, after string, line int) {
	a, b := strings.Split(string(was.file.Text[was.at.Start:was.at.End]), "\n"), strings.Split(string(now.file.Text[now.at.Start:now.at.End]), "\n")
	if len(a) != len(b) {
		return "", "", 0
	}
	for i := range a {
		if strings.TrimSpace(a[i]) == strings.TrimSpace(b[i]) {
			continue
		}
		old, fresh := tokensOf(a[i]), tokensOf(b[i])
		at, ok := differsAt(old, fresh)
		if !ok {
			at, ok = textDiffers(old, fresh)
		}
		if !ok || !checks.MatchString(b[i]) {
			return "", "", 0
		}
		if before == "" {
			before, after, line = old[at].text, fresh[at].text, now.at.Line+i
		}
	}
	return before, after, line
}

// textDiffers is the only text in which two lines differ.
func textDiffers(was, now []codeToken) (at int, ok bool) {
	if len(was) != len(now) {
		return 0, false
	}
	at = -1
	for i := range was {
		switch {
		case was[i].kind != now[i].kind:
			return 0, false
		case was[i].text == now[i].text:
		case was[i].kind == textToken && at < 0:
			at = i
		default:
			return 0, false
		}
	}
	return at, at >= 0
}

// nameSays says whether a test's name holds a value as a word of its own.
func nameSays(name, value string) bool {
	value = strings.ToLower(strings.Trim(strings.ReplaceAll(value, "_", ""), `"'`))
	if value == "" || value == "0" || value == "1" {
		return false
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') }) {
		if strings.Trim(word, ".") == value || numberWords[word] != 0 && fmt.Sprint(numberWords[word]) == value {
			return true
		}
	}
	return false
}

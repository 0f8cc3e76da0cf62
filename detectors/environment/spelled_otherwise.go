package environment

// Comparisons with a text that means what an environment's value means, and is spelt otherwise: code that asks for "prod" where the
// deployments say production.

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// comparedWith is one way of asking for a text; the variables are those that the form stands for, none where it names one itself.
type comparedWith struct {
	form      *lazy.Regexp
	variables []string
}

var comparisons = []comparedWith{
	{form: lazy.New(`(?:\b|["'\[(.$])([A-Za-z][\w]*)["')\]?!]*\s*(?:===?|!==?|\beq\b|-eq|\.equals(?:IgnoreCase)?\()\s*["'\x60:]([\w-]+)["'\x60]?`)},
	{form: lazy.New(`["'\x60]([\w-]+)["'\x60]\s*(?:===?|!==?|\.equals(?:IgnoreCase)?\()\s*[\w.$>-]*?([A-Za-z_]\w*)["')\]]*\s*(?:[),;:?{&|]|$)`)},
	{form: lazy.New(`\bRails\.env\.([a-z]\w*)\?`), variables: []string{"RAILS_ENV", "RACK_ENV"}},
	{form: lazy.New(`@Profile\(\s*"!?(\w+)"`), variables: []string{"SPRING_PROFILES_ACTIVE"}},
	{form: lazy.New(`\bIsEnvironment\(\s*"(\w+)"`), variables: []string{"ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"}},
	{form: lazy.New(`\b(?:app\(\)->environment|App::environment|isEnvironment)\(\s*'(\w+)'`), variables: []string{"APP_ENV"}},
}

var yesText = lazy.New(`^(?i:true|1|yes|on|enabled?)$`)

// spelledOtherwise reports the comparisons on the branch's lines that no environment's value can meet, though one means the same.
func spelledOtherwise(l *ledger, f *branch.File, file *source.File, line string, at int) bool {
	for i, c := range comparisons {
		for _, m := range c.form.FindAllStringSubmatch(line, 8) {
			operand, text := "", m[1]
			switch i {
			case 0:
				operand, text = m[1], m[2]
			case 1:
				operand, text = m[2], m[1]
			}
			names := c.variables
			if len(names) == 0 {
				names = l.variablesOf(operand, file)
			}
			for _, name := range names {
				if p, ok := l.otherSpelling(name, text); ok {
					l.pass.Report(detectors.Finding{
						Severity: detectors.Warning, Path: f.Path, Line: at, Symbol: name,
						Message:  fmt.Sprintf("%s is compared with %q here, and the environments spell it otherwise (%s)", name, text, p.Path),
						Why:      "The comparison is never true where it should be, so what hangs on it never happens there.",
						Fix:      fmt.Sprintf("Ask for the text that %s gives, or set a switch of its own.", p.Path),
						Evidence: []string{name, text},
						Related:  []detectors.Related{{Path: p.Path, Line: p.Line, Message: "sets it"}},
					})
					return true
				}
			}
		}
	}
	return false
}

// variablesOf are the variables that an operand of a comparison may hold: one of its own name, or one that the file's reads give to it.
func (l *ledger) variablesOf(operand string, file *source.File) []string {
	if upperName.MatchString(operand) {
		return []string{operand}
	}
	folded := strings.ReplaceAll(strings.ToLower(operand), "_", "")
	var list []string
	asked, _ := l.code()
	for name, refs := range asked.head {
		for _, r := range refs {
			taker := r.Place[strings.LastIndexByte(r.Place, '.')+1:]
			if !r.Key && (strings.EqualFold(taker, operand) && r.Path == file.Path || strings.ReplaceAll(strings.ToLower(name), "_", "") == folded) && !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	slices.Sort(list)
	return list
}

// otherSpelling is the place of a deployed environment's value that means the text and is none of its spellings; false where any environment
// gives the text itself.
func (l *ledger) otherSpelling(name, text string) (at effective.Place, ok bool) {
	env, isEnvironment := effective.Known(text)
	means := func(v effective.Variable) bool {
		if isEnvironment {
			e, known := v.Names()
			return known && e == env
		}
		return yesText.MatchString(text) && v.Matches(yesText)
	}
	if !isEnvironment && !yesText.MatchString(text) || env == Testing {
		return at, false
	}
	for _, e := range l.head().unitEvidence(name) {
		switch {
		case !e.variable.Known():
		case e.variable.Is(text):
			return effective.Place{}, false
		case means(e.variable) && !ok && (e.environment == Everywhere || e.environment.Deployed()):
			at, ok = e.variable.At, true
		}
	}
	return at, ok
}

package environment

import (
	"fmt"
	"path"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

const namesIt = `(?i)(\b(node_env|rails_env|app_env|rack_env|flask_env|go_env|environment|environmentname|stage|\w*\.env(ironment)?|env|\w+_env|profile)\b["'\])]*\s*(\(\s*\))?\s*(===?|!==?|\bin\b|\bnot in\b)\s*[\["'(:]*\s*["':](prod\w*|staging|dev\w*|test\w*|local)\b|\benv\.(production|development|test|staging|local)\?|\bis_?(production|prod|dev|development|staging|local)\b|environment\((\[)?["'](production|local|staging)|\bIsDevelopment\(\)|\bIsProduction\(\)|\bsettings\.DEBUG\b|["'](prod|production|staging|dev|development)["']\.equals(IgnoreCase)?\(|\b(accepts|matches)Profiles\([^)]*["'](prod|production|staging)|[pP]rofiles\(?\)?\.contains\(["'](prod|production|staging))`

// EnvironmentBranch reports a condition on the environment's name, added on the branch, that ends a check early or computes
// another result: what holds in some environments only.
var EnvironmentBranch = &detectors.Detector{
	ID:    "environment/environment-branch",
	Title: "A check or a result hangs on the name of the environment",
	Run:   runEnvironmentBranch,
}

var (
	// namesEnvironment is a comparison with the environment's name; asksEnvironment one that a branch hangs on.
	namesEnvironment = lazy.New(namesIt)
	asksEnvironment  = lazy.New(`(?i)\b(if|unless|when)\b.*` + namesIt)
	// guards are the words in names of functions that keep something out.
	guardName = lazy.New(`(?i)(auth|verif|valid|permission|csrf|signature|captcha|rate_?limit|throttl|require|ensure|guard|protect|check_?(access|token|password|sign|origin)|is_?allowed|charge|capture_?payment|sanitiz|escape|webhook)`)
	// leaves is a statement that ends the function as if all were well.
	leaves   = lazy.New(`^\s*(\{?\s*)?(return\s*;?\s*\}?$|return\s+(true|True|nil|null|None|next\(|next\b|user|call_next|await\s+next|await\s+call_next|\$next|ok\b|Ok\(|yield)|next\(\s*\)|yield\b)`)
	sameLine = lazy.New(`(?:\)\s*\{?|:|\bthen\b)\s*(return\b.*|next\(\s*\).*)$`)
	// comparesText is a line that may compare a variable with a text.
	comparesText        = lazy.New(`(?i)(===?|!==?|equals|\beq\b)\s*\(?\s*["'\x60:]?(prod|live|stag|stg|dev|local|true|yes|on\b|1\b|enabled)|["'\x60](prod\w*|live|stag\w*|true|yes|on|1|enabled)["'\x60]\s*(===?|!==?|\.equals)|Rails\.env\.\w+\?|@Profile\(|IsEnvironment\(|environment\(\s*'`)
	environmentVariable = lazy.New(`\b[A-Z][A-Z0-9]*_(?:ENV|ENVIRONMENT|STAGE)\b|\bENVIRONMENT\b`)
	rubyEnd             = lazy.New(`^\s*return\s+(true\s+)?(if|unless)\b`)
	disables            = lazy.New(`(?i)\b(rejectUnauthorized|verify_ssl|verify|ssl_verify|strictSSL|InsecureSkipVerify|verify_signature|csrf\w*|CSRF_ENABLED)\b["']?\s*[:=]\s*[^,;]*\b(env|environment|node_env|is_?prod\w*|is_?dev\w*|debug)\b`)
)

func runEnvironmentBranch(pass *detectors.Pass) error {
	var l *ledger // made where a line compares anything
	seen := false
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Generated || f.Vendored || fileKindOf(f.Path) != codeFile || source.LanguageOf(f.Path) == "" {
			continue
		}
		seen = true
		if added := f.AddedText(); !namesEnvironment.Match(added) && !disables.Match(added) && !comparesText.Match(added) {
			continue
		}
		text, err := f.After()
		if err != nil {
			continue
		}
		file, err := pass.Source.Head(f.Path)
		if err != nil || file == nil {
			continue
		}
		lines := strings.Split(string(text), "\n")
		for i, line := range lines {
			if !f.Touched(i+1) || inComment(file, i+1) {
				continue
			}
			name, what := "", ""
			if comparesText.MatchString(line) {
				if l == nil {
					if l, err = newLedger(pass); err != nil {
						return err
					}
				}
				if spelledOtherwise(l, f, file, line, i+1) {
					continue
				}
			}
			switch {
			case disables.MatchString(line):
				what = "A protection is switched by the name of the environment"
				name = strings.ToLower(disables.FindStringSubmatch(line)[1])
			case asksEnvironment.MatchString(line) && skips(lines, i):
				if name = guardAround(file, i+1); name != "" {
					what = fmt.Sprintf("%s ends early by the name of the environment", name)
				}
			case namesEnvironment.MatchString(line) && !wiring.MatchString(path.Base(f.Path)) && results(lines, i):
				if name = functionAround(file, i+1); name != "" && !plumbing.MatchString(name) {
					what = fmt.Sprintf("%s gives another result where the environment is %s", name, environmentNamed(line))
					if asked := environmentVariable.FindString(line); asked != "" {
						what += fmt.Sprintf(" (%s)", asked)
					}
				}
			}
			if what == "" {
				continue
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: i + 1, Symbol: name,
				Message:  what,
				Why:      "What holds in one environment only is not tested in the others, and a name that is missing or misspelt there opens it everywhere.",
				Fix:      "Let a typed setting of its own decide, safe when it is not set, and set it for the environments that may go without.",
				Evidence: []string{name, strings.TrimSpace(line)},
			})
		}
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

// skips says whether a condition's body is only to leave.
func skips(lines []string, i int) bool {
	if rubyEnd.MatchString(lines[i]) {
		return true
	}
	if m := sameLine.FindStringSubmatch(lines[i]); m != nil {
		return leaves.MatchString(m[1])
	}
	for _, next := range lines[i+1 : min(i+3, len(lines))] {
		if strings.TrimSpace(next) != "" {
			return leaves.MatchString(next)
		}
	}
	return false
}

// guardAround is the innermost function around a line that keeps something out by its name, empty without one.
func guardAround(file *source.File, line int) string {
	name := ""
	for _, d := range file.Decls {
		if (d.Kind == source.Function || d.Kind == source.Method) && d.Body.Line > 0 && d.Span.Line <= line && line <= d.Body.EndLine && guardName.MatchString(d.Name) {
			name = d.Name
		}
	}
	return name
}

func inComment(file *source.File, line int) bool {
	for _, c := range file.Comments {
		if c.Span.Line < line && line <= c.Span.EndLine {
			return true
		}
	}
	return strings.HasPrefix(strings.TrimSpace(lineOfText(file.Text, line)), "//") || strings.HasPrefix(strings.TrimSpace(lineOfText(file.Text, line)), "#")
}

func lineOfText(text []byte, line int) string {
	list := strings.SplitN(string(text), "\n", line+1)
	if len(list) < line {
		return ""
	}
	return list[line-1]
}

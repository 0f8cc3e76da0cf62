package environment

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// CommittedSecret reports a secret that the branch writes into a file of the repository instead of handing it through: a token of a known
// provider anywhere, and a random text under a secret's name in the configuration of what is deployed.
var CommittedSecret = &detectors.Detector{
	ID:    "environment/committed-secret",
	Title: "A secret is written into the repository",
	Run:   runCommitted,
}

var (
	// tokens are the forms of secrets that providers document, as the rules of gitleaks have them. What is public by its purpose
	// (publishable keys, keys of maps and of Firebase) is not among them.
	tokens = lazy.New(`\b(SG\.[\w-]{20,24}\.[\w-]{39,50}|(?:sk|rk)_live_[0-9A-Za-z]{20,}|(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[0-9A-Za-z]{36,}|github_pat_\w{60,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{20,}|` +
		`sk-(?:proj-|svcacct-|ant-(?:api\d+-)?)?[\w-]{32,}|npm_[0-9A-Za-z]{36}|dop_v1_[0-9a-f]{64}|shp(?:at|ss|pa)_[0-9a-fA-F]{32}|hvs\.[\w-]{24,}|pscale_(?:tkn|pw|oauth)_[\w.-]{32,}|whsec_[0-9A-Za-z+/=]{28,}|` +
		`key-[0-9a-f]{32}|lin_api_[0-9A-Za-z]{40}|dckr_pat_[\w-]{27,}|pypi-AgEIcHlwaS5vcmc[\w-]{50,}|sq0csp-[\w-]{43}|re_[0-9A-Za-z]{8}_[0-9A-Za-z]{20,}|PMAK-[0-9a-f]{24}-[0-9a-f]{34})`)
	privateKey = lazy.New(`-----BEGIN (?:RSA |EC |OPENSSH |DSA |ENCRYPTED )?PRIVATE KEY-----`)
	// placeholder is a text that stands in a secret's place.
	placeholder = lazy.New(`(?i)example|change[-_]?(me|it)|place[-_]?holder|your[-_]|dummy|fake|sample|redacted|replace|insert|todo|foobar|xxxx|\.\.\.|\*\*\*|0{6}|1234567|abcdef|test|<|>|\$\{|\$\(|\{\{|\}\}|%\(|ENC\[|!vault|arn:|secretref|vault:|op://|ssm:|sops|projects/`)
	randomText  = lazy.New(`^[A-Za-z0-9+/=_\-.~!@#%^&*]{20,200}$`)
	digest      = lazy.New(`^(sha\d+[:-])|^[0-9a-f]{40}$`)
	encrypted   = lazy.New(`(?m)^\s*sops:\s*$|^\$ANSIBLE_VAULT|"sops"\s*:|kind: *SealedSecret|^-----BEGIN AGE|ENC\[AES256`)
	holdsSecret = lazy.New(`(?i)(^|[_.\-:])(secret|password|passwd|token|api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|client[_-]?secret|auth[_-]?key|master[_-]?key|secret[_-]?key([_-]?base)?|app[_-]?key|jwt[_-]?secret|webhook[_-]?secret)$|(?:Secret|Password|Token|ApiKey|AccessKey|PrivateKey|SigningKey|ClientSecret)$`)
)

func runCommitted(pass *detectors.Pass) error {
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	looked := 0
	for _, f := range pass.Branch.Files {
		kind := fileKindOf(f.Path)
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Generated || f.Vendored || kind == docFile || kind == otherFile {
			continue
		}
		looked++
		added := f.AddedText()
		if len(added) == 0 || !tokens.Match(added) && !privateKey.Match(added) && kind != configFile {
			continue
		}
		text, err := f.After()
		if err != nil || len(text) > maxConfig || encrypted.Match(text) {
			continue
		}
		before, err := f.Before()
		if err != nil {
			continue
		}
		l.committed(f, kind, string(text), string(before))
	}
	return nothingHere(looked)
}

// committed judges the lines of one file, and reports each at most once.
func (l *ledger) committed(f *branch.File, kind fileKind, text, before string) {
	named := map[int]setting{}
	if kind == configFile || kind == sampleFile {
		for _, s := range settingsIn(f.Path, text) {
			named[s.line] = s
		}
	}
	deployed := kind == configFile && l.deployedConfiguration(f.Path)
	for i, line := range strings.Split(text, "\n") {
		if !f.Touched(i+1) || len(line) > 4000 {
			continue
		}
		token := tokens.FindString(line)
		if token == "" {
			token = privateKey.FindString(line)
		}
		s := named[i+1]
		switch {
		case token != "" && !placeholder.MatchString(token) && (privateKey.MatchString(token) || entropy(token) > 3) && !strings.Contains(before, token):
			l.reportCommitted(f, i+1, keyNamed(s, line), true)
		case deployed && passwordWritten(s.value) && !strings.Contains(before, s.value):
			l.reportCommitted(f, i+1, s.key, false)
		case deployed && s.key != "" && holdsSecret.MatchString(lastKey(s.key)) && !publicName.MatchString(strings.ToUpper(s.key)) && looksRandom(s.value) && !strings.Contains(before, s.value):
			l.reportCommitted(f, i+1, s.key, false)
		}
	}
}

// deployedConfiguration says whether a file configures what is deployed: it is not a developer's or a test's, nor a pipeline's.
func (l *ledger) deployedConfiguration(p string) bool {
	if ciPath.MatchString(p) || !configLike(p) {
		return false
	}
	at, ok := l.layout.members[p]
	return ok && at.environment.Deployed()
}

// looksRandom says whether a value is a text that somebody generated: long, of letters and digits, and without words.
func looksRandom(value string) bool {
	if !randomText.MatchString(value) || placeholder.MatchString(value) || digest.MatchString(value) || strings.Contains(value, "://") || strings.Count(value, "/") > 3 {
		return false
	}
	digits := strings.ContainsAny(value, "0123456789")
	letters := strings.ContainsFunc(value, func(c rune) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' })
	return digits && letters && entropy(value) > 3.6
}

var addressLogin = lazy.New(`^[a-z][a-z0-9+]*://[^:/@\s]*:([^@\s/]{12,100})@([^:/\s?]+)`)

// passwordWritten says whether a value is an address of another machine with a password in it that somebody generated.
func passwordWritten(value string) bool {
	m := addressLogin.FindStringSubmatch(value)
	if m == nil || placeholder.MatchString(m[1]) || !strings.Contains(m[2], ".") || developers.MatchString("/"+m[2]) {
		return false
	}
	return strings.ContainsAny(m[1], "0123456789") && strings.ContainsAny(m[1], "abcdefghijklmnopqrstuvwxyz") && entropy(m[1]) > 3
}

// entropy is Shannon's, in bits a character.
func entropy(text string) float64 {
	counts := map[rune]float64{}
	for _, c := range text {
		counts[c]++
	}
	sum, n := 0.0, float64(len([]rune(text)))
	for _, count := range counts {
		sum -= count / n * math.Log2(count/n)
	}
	return sum
}

var takerOnLine = lazy.New(`([A-Za-z_][\w.\-]*)["'\]]*\s*(?::=|=>|[:=])\s*(?:[&\w.]*\(?\s*)?["'` + "`" + `]`)

// keyNamed is what takes a secret, "a secret" where that is not told.
func keyNamed(s setting, line string) string {
	if s.key != "" {
		return s.key
	}
	if m := takerOnLine.FindStringSubmatch(line); m != nil {
		return m[1]
	}
	return "a secret"
}

func (l *ledger) reportCommitted(f *branch.File, line int, name string, known bool) {
	finding := detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: inFormat(f.Path, name),
		Message:  fmt.Sprintf("%s is written out here", name),
		Why:      "Whoever can read the repository, now or in any later clone of it, can use it; taking the line out does not take it back.",
		Fix:      fmt.Sprintf("Hand %s through from a secret store or the host, and change the secret at its provider.", name),
		Evidence: []string{f.Path, name, "committed"},
	}
	if known {
		finding.Severity = detectors.Blocker
		finding.Message = fmt.Sprintf("%s is written out here, in the form of a provider's secret", name)
	}
	if others := l.handedThrough(f.Path, lastKey(name)); len(others) > 0 {
		finding.Message += "; another environment takes it from outside"
		finding.Related = others
	}
	l.pass.Report(finding)
}

// handedThrough are the places where the file's own family takes the name from a store or from what deploys.
func (l *ledger) handedThrough(p, name string) []detectors.Related {
	var list []detectors.Related
	for _, g := range l.head().groups {
		mine := slices.ContainsFunc(g.environments(), func(env Environment) bool { return slices.Contains(g.units[env].Files, p) })
		for _, env := range g.environments() {
			if v, ok := g.units[env].Variables[name]; mine && ok && v.At.Path != p && stateOf(v) == Elsewhere && len(list) < 3 {
				list = append(list, detectors.Related{Path: v.At.Path, Line: v.At.Line, Message: fmt.Sprintf("%s takes it from outside", env)})
			}
		}
	}
	slices.SortFunc(list, func(a, b detectors.Related) int { return strings.Compare(a.Path, b.Path) })
	return list
}

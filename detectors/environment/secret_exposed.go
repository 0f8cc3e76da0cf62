package environment

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/references"
	"flightpoll/detectors/lazy"
)

// SecretExposedToClient reports a variable with a secret's name behind a prefix that a bundler writes into what every
// browser, or every installed app, gets.
var SecretExposedToClient = &detectors.Detector{
	ID:    "environment/secret-exposed-to-client",
	Title: "A secret stands behind a prefix that is bundled into the browser",
	Run:   runExposed,
}

var (
	secretName = lazy.New(`(^|_)(SECRET|PASSWORD|PASSWD|PRIVATE_KEY|PRIVATE|SERVICE_ROLE(_KEY)?|CREDENTIALS?|SIGNING_KEY|ENCRYPTION_KEY|JWT_KEY|MASTER_KEY|ADMIN_KEY|AUTH_KEY|SERVER_KEY|SERVICE_KEY|HMAC\w*|PEPPER|DATABASE_URL|DB_URL|CONNECTION_STRING|(OPENAI|ANTHROPIC)(_API)?_KEY|AWS_SECRET\w*|SENTRY_AUTH_TOKEN|(GITHUB|GH|SLACK|BOT|SLACK_BOT|REFRESH|PRIVATE|ADMIN|AUTH|BEARER|SERVER|SERVICE|DEPLOY|WRITE|MANAGEMENT)_TOKEN|SMTP_PASS|DB_PASS|STRIPE_SK|WEBHOOK_SIGNING)(_|$)`)
	// publicName are names of what is public by its purpose, or says something of a secret and holds none.
	publicName   = lazy.New(`PUBLISHABLE|PUBLIC_KEY|ANON_KEY|SITE_KEY|CLIENT_ID|SITEKEY|MEASUREMENT_ID|_DSN$|_HINT$|_REGEX$|_PATTERN$|_MIN$|_MAX$|RESET|FORGOT|_URL$|_URI$|_ENABLED$|_LENGTH$|_POLICY|_PATH$|_NAME$|_HEADER$|_TTL$|_EXPIRY$|_EXPIRES|_TIMEOUT|_ROUTE$|_PAGE$|_REQUIRED$|_LABEL$|_PLACEHOLDER$|_STRENGTH|_MODE$|_ID$|_TYPE$`)
	databaseName = lazy.New(`DATABASE_URL|DB_URL`)
	clientWord   = lazy.New(`\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b`)
)

// exposed is the prefix of a name that a bundler gives away though it is named like a secret, empty for every other.
func exposed(name string) string {
	prefix := references.ClientPrefix(name)
	rest := strings.TrimPrefix(name, prefix)
	if prefix == "" || !secretName.MatchString(rest) || publicName.MatchString(rest) && !databaseName.MatchString(rest) {
		return ""
	}
	return prefix
}

func runExposed(pass *detectors.Pass) error {
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	asked, changed := l.code()
	read := map[string]Reference{}
	for _, r := range asked.introduced {
		if exposed(r.Name) != "" {
			read[r.Name] = r
		}
	}
	given, configured := l.exposedSettings()
	handed := l.handedToClients()
	names := map[string]bool{}
	for name := range read {
		names[name] = true
	}
	for name := range given {
		names[name] = true
	}
	for _, name := range sortedKeys(names) {
		places := given[name]
		if r, ok := read[name]; ok {
			places = append([]detectors.Related{{Path: r.Path, Line: r.Line, Message: "reads it"}}, places...)
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Blocker, Path: places[0].Path, Line: places[0].Line, Symbol: name,
			Message:  fmt.Sprintf("%s is named like a secret and stands behind the prefix %s, which is bundled for the browser", name, exposed(name)),
			Why:      "The bundler writes the value into the files that every visitor downloads; after the first build it is public.",
			Fix:      "Read it on the server under a name without the prefix, and let the browser ask the server. Change the secret if it was built once.",
			Evidence: []string{name},
			Related:  places[1:],
		})
	}
	for _, f := range handed {
		pass.Report(f)
	}
	return nothingHere(changed + configured + len(handed))
}

// exposedSettings are the lines with such names that the branch writes in files which are not code, by name; looked counts the files.
func (l *ledger) exposedSettings() (given map[string][]detectors.Related, looked int) {
	given = map[string][]detectors.Related{}
	for _, f := range l.pass.Branch.Files {
		kind := fileKindOf(f.Path)
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Vendored || f.Generated || kind == codeFile || kind == docFile || kind == otherFile {
			continue
		}
		looked++
		before, err := f.Before()
		if err != nil || len(before) > maxConfig {
			continue
		}
		old := map[string]bool{}
		for _, name := range clientWord.FindAllString(string(before), -1) {
			old[name] = true
		}
		found := map[string]int{}
		for i, line := range l.text(f.Path) {
			if !f.Touched(i+1) || comment.MatchString(line) {
				continue
			}
			for _, name := range clientWord.FindAllString(line, 20) {
				if found[name] == 0 && !old[name] && exposed(name) != "" {
					found[name] = i + 1
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(found)) {
			given[name] = append(given[name], detectors.Related{Path: f.Path, Line: found[name], Message: "gives it to the build"})
		}
	}
	for _, list := range given {
		slices.SortFunc(list, func(a, b detectors.Related) int { return cmp.Or(strings.Compare(a.Path, b.Path), a.Line-b.Line) })
	}
	return given, looked
}

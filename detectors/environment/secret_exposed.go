package environment

import (
	"fmt"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

// SecretExposedToClient reports a variable with a secret's name behind a prefix that a bundler writes into what every
// browser gets.
var SecretExposedToClient = &detectors.Detector{
	ID:    "environment/secret-exposed-to-client",
	Title: "A secret stands behind a prefix that is bundled into the browser",
	Run:   runExposed,
}

var (
	clientPrefix = lazy.New(`^(VITE|NEXT_PUBLIC|REACT_APP|EXPO_PUBLIC|NUXT_PUBLIC|GATSBY|PUBLIC|VUE_APP|STORYBOOK|NG_APP|NX_PUBLIC|BUN_PUBLIC|PLASMO_PUBLIC|RAZZLE|WXT|UMI_APP|SNOWPACK_PUBLIC)_(\w+)$`)
	secretName   = lazy.New(`(^|_)(SECRET|PASSWORD|PASSWD|PRIVATE_KEY|PRIVATE|SERVICE_ROLE(_KEY)?|CREDENTIALS?|SIGNING_KEY|ENCRYPTION_KEY|JWT_KEY|MASTER_KEY|ADMIN_KEY|DATABASE_URL|DB_URL|CONNECTION_STRING|OPENAI_API_KEY|ANTHROPIC_API_KEY|AWS_SECRET\w*|SENTRY_AUTH_TOKEN|(GITHUB|GH|SLACK|BOT|SLACK_BOT|REFRESH|PRIVATE|ADMIN)_TOKEN|SMTP_PASS|DB_PASS|STRIPE_SK|WEBHOOK_SIGNING)(_|$)`)
	publicName   = lazy.New(`PUBLISHABLE|PUBLIC_KEY|ANON_KEY|SITE_KEY|CLIENT_ID|SITEKEY|MEASUREMENT_ID|_DSN$|_HINT$|_REGEX$|_MIN$|_MAX$|RESET|FORGOT|_URL$|_ENABLED$|_LENGTH$|_POLICY|_PATH$`)
	databaseName = lazy.New(`DATABASE_URL|DB_URL`)
)

func runExposed(pass *detectors.Pass) error {
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	asked, changed := l.code()
	for _, r := range asked.introduced {
		m := clientPrefix.FindStringSubmatch(r.Name)
		if m == nil || !secretName.MatchString(m[2]) || publicName.MatchString(m[2]) && !databaseName.MatchString(m[2]) {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Blocker, Path: r.Path, Line: r.Line, Symbol: r.Name,
			Message:  fmt.Sprintf("%s is named like a secret and stands behind the prefix %s_, which is bundled for the browser", r.Name, m[1]),
			Why:      "The bundler writes the value into the files that every visitor downloads; after the first build it is public.",
			Fix:      "Read it on the server under a name without the prefix, and let the browser ask the server. Change the secret if it was built once.",
			Evidence: []string{r.Name},
		})
	}
	return nothingHere(changed)
}

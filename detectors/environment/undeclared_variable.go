package environment

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

// UndeclaredVariable reports a variable that the branch starts to read and that no file of the repository declares,
// where the repository declares the others.
var UndeclaredVariable = &detectors.Detector{
	ID:    "environment/undeclared-variable",
	Title: "Code reads a variable that no environment declares",
	Run:   runUndeclared,
}

// telemetry is off where its address is not set, by the custom of its libraries.
var telemetry = lazy.New(`SENTRY_DSN|POSTHOG|GOOGLE_ANALYTICS|_GTM_|MIXPANEL|PLAUSIBLE`)

// skeleton are the variables of Laravel's own configuration files, which every project carries and few set.
var skeleton = lazy.New(`^(MEMCACHED|DYNAMODB|MYSQL_ATTR|LOG|AWS|PUSHER|ABLY|REVERB|MAIL|REDIS|SESSION|CACHE|DB|POSTMARK|RESEND|PAPERTRAIL|SQS|BEANSTALKD|QUEUE|FILESYSTEM|BROADCAST|SLACK|APP|HASH|BCRYPT|ARGON|SANCTUM|TELESCOPE|HORIZON|OCTANE|VIEW|DATABASE)_`)

// customary says that a variable may be left out by the custom of a library or a framework.
func customary(r Reference) bool {
	return telemetry.MatchString(r.Name) || strings.HasSuffix(r.Path, ".php") && skeleton.MatchString(r.Name)
}

func runUndeclared(pass *detectors.Pass) error {
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	asked, _ := l.code()
	if !l.concerns(asked) {
		return detectors.ErrNotApplicable
	}
	renamed, err := l.staleRenames(asked)
	if err != nil {
		return err
	}
	var open []Reference
	var names []string
	for _, r := range asked.introduced {
		if _, told := renamed[r.Name]; told {
			continue // environment/renamed-variable says more of it
		}
		if !r.Key && !r.Binding && !r.Optional && !platform(r.Name) && !customary(r) {
			open = append(open, r)
			names = append(names, r.Name)
		}
	}
	m := &missing{ledger: l, asked: asked, reported: map[string]bool{}}
	m.undeclaredKeys(renamed)
	m.removedKeys()
	m.interpolated()
	if len(open) == 0 {
		return nil
	}
	found, _, err := l.find(pass.Context, append(names, asked.siblings...))
	if err != nil {
		return err
	}
	// A repository that declares its variables elsewhere tells nothing by not declaring this one.
	known, where := 0, ""
	for _, name := range asked.siblings {
		if declared(found[name]) {
			known++
			for _, e := range found[name] {
				if where == "" && e.kind != docFile {
					where = e.path
				}
			}
		}
	}
	if known == 0 || known*3 < len(asked.siblings)*2 {
		for _, r := range open {
			m.unlisted(r, found[r.Name])
		}
		return nil
	}
	for _, r := range open {
		if declared(found[r.Name]) {
			if p := beyondSamples(found, r.Name, asked.siblings); p != "" {
				pass.Report(sampleOnly(r, found[r.Name], p))
			} else {
				m.unlisted(r, found[r.Name])
			}
			continue
		}
		f := detectors.Finding{
			Severity: detectors.Warning, Path: r.Path, Line: r.Line, Symbol: r.Name,
			Message:  fmt.Sprintf("%s is read here and declared nowhere, unlike %d of %d other variables of this code (for example in %s)", r.Name, known, len(asked.siblings), where),
			Why:      "It is empty in every environment until somebody sets it by hand, and the code has no default for it.",
			Fix:      fmt.Sprintf("Declare %s where the others are, for each environment, or give it a default.", r.Name),
			Evidence: []string{r.Name},
		}
		if documented(found[r.Name]) {
			f.Severity = detectors.Note
			f.Message = fmt.Sprintf("%s is read here and named in documents only (%s)", r.Name, found[r.Name][0].path)
		}
		pass.Report(f)
	}
	return nil
}

// beyondSamples is a file that sets the other variables of the example file, when this one is in the example only and nearly
// all others are set in such files too; else empty.
func beyondSamples(found map[string][]evidence, name string, siblings []string) string {
	for _, e := range found[name] {
		if e.kind != sampleFile && e.kind != docFile {
			return ""
		}
	}
	both, total := 0, 0
	counts := map[string]int{}
	for _, other := range siblings {
		sample, files := false, map[string]bool{}
		for _, e := range found[other] {
			sample = sample || e.kind == sampleFile
			if e.kind == configFile && e.giving != named {
				files[e.path] = true
			}
		}
		if !sample {
			continue
		}
		total++
		if len(files) > 0 {
			both++
		}
		for p := range files {
			counts[p]++
		}
	}
	if both < 2 || both*10 < total*8 {
		return ""
	}
	best := ""
	for _, p := range slices.Sorted(maps.Keys(counts)) {
		if counts[p] > counts[best] {
			best = p
		}
	}
	if counts[best]*10 < total*8 {
		return ""
	}
	return best
}

func sampleOnly(r Reference, found []evidence, where string) detectors.Finding {
	f := detectors.Finding{
		Severity: detectors.Warning, Path: r.Path, Line: r.Line, Symbol: r.Name,
		Message:  fmt.Sprintf("%s is read here and set in the example file only; the other variables are also set in %s", r.Name, where),
		Why:      "Developers copy the example, deployments do not: what runs there starts without it.",
		Fix:      fmt.Sprintf("Add %s to %s as well, or give it a default.", r.Name, where),
		Evidence: []string{r.Name, where},
		Related:  []detectors.Related{{Path: where, Message: "sets the others, lacks this one"}},
	}
	for _, e := range found {
		if e.kind == sampleFile {
			f.Related = append(f.Related, detectors.Related{Path: e.path, Line: e.line, Message: "the example has it"})
		}
	}
	return f
}

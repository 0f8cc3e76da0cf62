package policy

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestErrorsSayFileLineAndWhatIsExpected(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"unknown key", "version: 1\nshares: {}\n", `p.yaml:2: unknown key "shares": expected one of version, repository, target, environments, flags, weights, detectors, ignore, items, rehearse, require`},
		{"unknown key below", "require:\n  max-age: 14d\n", `p.yaml:2: require: unknown key "max-age": expected one of signers, freshness, max_age, presence, waivers_by`},
		{"unknown key of an item", "items:\n  - id: a\n    whenever: {}\n", `p.yaml:3: items[0]: unknown key "whenever": expected one of id, pattern,`},
		{"another version", "version: 2\n", "p.yaml:1: version 2: expected 1"},
		{"a text for a number", "version: one\n", "p.yaml:1: version: expected a whole number"},
		{"a number with a point", "version: 1.5\n", "p.yaml:1: version: expected a whole number"},
		{"a text for true", "require: {presence: yes please}\n", "p.yaml:1: require.presence: expected true or false"},
		{"a text for a list", "flags:\n  manifests: a.json\n", "p.yaml:2: flags.manifests: expected a list"},
		{"a list for keys", "- version: 1\n", "p.yaml:1: expected keys with values"},
		{"a map for a text", "target: {a: b}\n", "p.yaml:1: target: expected a text"},
		{"broken YAML", "version: [1\n", "p.yaml:1: "},
		{"a key twice", "version: 1\nversion: 1\n", "p.yaml:2: "},
		{"two documents", "version: 1\n---\nversion: 1\n", "p.yaml: 2 documents: expected one"},
		{"an alias", "environments:\n  a: &x [b.env]\n  c: *x\n", "p.yaml:2: environments.a: anchors, aliases and tags are not read here"},
		{"unknown pattern", "weights: {contract: 3}\n", `p.yaml:1: weights: unknown pattern "contract": expected one of contracts, environment, scripts, observability, review`},
		{"negative weight", "weights:\n  contracts: -1\n", "p.yaml:2: weights.contracts: -1: expected a number from 0 to 1000"},
		{"no weight at all", "weights: {contracts: 0, environment: 0, scripts: 0, observability: 0, review: 0}\n", "p.yaml:1: weights: all are 0"},
		{"unknown severity", "detectors:\n  contracts/stale-mock: {severity: fatal}\n", `detectors.contracts/stale-mock.severity "fatal": expected one of blocker, warning, note, off`},
		{"no detector", "detectors:\n  stale-mock: {severity: note}\n", `"stale-mock": expected pattern/name`},
		{"an ignore without a reason", "ignore:\n  - {detector: contracts/stale-mock, until: 2027-01-01}\n", "p.yaml:2: ignore[0]: reason is missing"},
		{"an ignore without an end", "ignore:\n  - {detector: contracts/stale-mock, reason: a}\n", `p.yaml:2: ignore[0].until "": expected a date, YYYY-MM-DD`},
		{"no such date", "ignore:\n  - {detector: contracts/stale-mock, reason: a, until: 2027-02-30}\n", `p.yaml:2: ignore[0].until "2027-02-30": expected a date`},
		{"no glob", "ignore:\n  - {detector: contracts/stale-mock, reason: a, until: 2027-01-01, paths: [\"[\"]}\n", `p.yaml:2: ignore[0].paths: "[" is no glob`},
		{"an item without a question", "items:\n  - {id: a, pattern: review, evidence: text}\n", "p.yaml:2: items[0]: item a: ask is missing"},
		{"an item of another kind", "items:\n  - {id: a, pattern: review, ask: b, evidence: photo}\n", `evidence "photo": expected one of [command link text person]`},
		{"a built-in item", "items:\n  - {id: consumers-told, pattern: review, ask: b, evidence: text}\n", "p.yaml:2: items[0]: there is an item consumers-told already"},
		{"a path outside", "environments:\n  production: [../secret.env]\n", `p.yaml:2: environments.production: "../secret.env": expected a path below the repository's root`},
		{"an absolute path", "flags: {manifests: [/etc/flags.json]}\n", "expected a path below the repository's root"},
		{"an age without a unit", "require: {max_age: 14}\n", `p.yaml:1: require.max_age "14": expected hours, days or weeks`},
		{"another freshness", "require: {freshness: fresh}\n", `require.freshness "fresh": expected delta or tree`},
		{"no signer needed", "require: {signers: {author: 0}}\n", "require.signers.author: 0: expected a number from 1 to 100"},
		{"a role with spaces", "require: {waivers_by: [the boss]}\n", `require.waivers_by: "the boss": expected a role`},
		{"a variable with spaces", "rehearse: {dsn_env: DATABASE URL}\n", "expected a variable's name"},
		{"a command of two lines", "rehearse:\n  up: \"make\\nrm\"\n", "p.yaml:2: rehearse.up: expected a text of one line"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := parse("p.yaml", []byte(c.text), today)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestHostileFilesAreRefusedQuickly(t *testing.T) {
	bomb := "a: &a [x, x]\n"
	for c := 'b'; c < 'z'; c++ {
		bomb += string(c) + ": &" + string(c) + " [*" + string(c-1) + ", *" + string(c-1) + "]\n"
	}
	cases := map[string]string{
		"50 MB":         strings.Repeat("# comment\n", 5<<20),
		"brackets":      strings.Repeat("[", 500_000),
		"braces":        strings.Repeat("{a: ", 200_000),
		"brackets down": strings.Repeat("[\n", 200_000),
		"dashes":        strings.Repeat("- ", 400_000),
		"questions":     strings.Repeat("? ", 400_000),
		"anchors":       strings.Repeat("&a ", 300_000),
		"tags":          strings.Repeat("!!a ", 200_000),
		"an alias bomb": bomb,
		"NULs":          strings.Repeat("\x00", 1<<20),
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if _, _, err := parse("p.yaml", []byte(text), today); err == nil {
				t.Error("it was taken")
			}
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("it took %s", d)
			}
		})
	}
}

func TestTheWholePolicy(t *testing.T) {
	p, warnings, err := parse("p.yaml", []byte(`
version: 1
repository: 6f1c0000
target: main
environments:
  production: [deploy/base.env, deploy/production.env]
flags: {manifests: [flags/flagd.json]}
weights: {contracts: 50}
detectors:
  observability/blind-handler: {severity: note}
ignore:
  - {detector: contracts/stale-mock, paths: ["legacy/**"], reason: "kept for v1 clients", until: 2027-03-31}
items:
  - {id: own, pattern: review, ask: "Seen?", when: {paths: ["web/**"]}, evidence: person}
rehearse: {up: "make migrate", down: "make rollback", dsn_env: DATABASE_URL}
require: {signers: {author: 1, reviewer: 1}, freshness: tree, max_age: 7d, presence: true, waivers_by: [reviewer]}
`), today)
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	want := Policy{
		Version: 1, Repository: "6f1c0000", Target: "main",
		Environments: map[string][]string{"production": {"deploy/base.env", "deploy/production.env"}},
		Flags:        Flags{Manifests: []string{"flags/flagd.json"}},
		Weights:      map[detectors.Pattern]int{"contracts": 50, "environment": 21, "scripts": 18, "observability": 17, "review": 17},
		Detectors:    map[string]DetectorSettings{"observability/blind-handler": {Severity: "note"}},
		Ignore:       []Ignore{{Detector: "contracts/stale-mock", Paths: []string{"legacy/**"}, Reason: "kept for v1 clients", Until: "2027-03-31"}},
		Items:        []checklist.Spec{{ID: "own", Pattern: "review", Ask: "Seen?", Evidence: "person", When: checklist.When{Paths: []string{"web/**"}}}},
		Rehearse:     Rehearse{Up: "make migrate", Down: "make rollback", DSNEnv: "DATABASE_URL"},
		Require: Require{Signers: map[string]int{"author": 1, "reviewer": 1}, Freshness: "tree", MaxAge: "7d", Presence: true,
			WaiversBy: []string{"reviewer"}},
	}
	if diff := cmp.Diff(want, p, cmpopts.IgnoreUnexported(checklist.Spec{})); diff != "" {
		t.Error(diff)
	}
	if s := p.Settings(); s.Severity["observability/blind-handler"] != "note" || len(s.Environments) != 1 || len(s.FlagManifests) != 1 {
		t.Errorf("settings %+v", s)
	}
	if p.Require.Age() != 7*24*time.Hour {
		t.Errorf("age %s", p.Require.Age())
	}
}

func TestTheDefault(t *testing.T) {
	for name, text := range map[string]string{"no file": "", "an empty one": "\n", "comments": "# nothing yet\n", "empty keys": "weights:\nignore:\nrequire:\n"} {
		p, warnings, err := parse("p.yaml", []byte(text), today)
		if err != nil || len(warnings) > 0 {
			t.Errorf("%s: %v %v", name, err, warnings)
		}
		if diff := cmp.Diff(Default(), p); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	d := Default()
	if d.Weights["contracts"] != 27 || d.Require.Signers["author"] != 1 || d.Require.Freshness != "delta" || d.Require.Age() != 14*24*time.Hour {
		t.Errorf("the default is %+v", d)
	}
}

func TestWhatInitWrites(t *testing.T) {
	id := NewRepositoryID()
	if len(id) != 32 || id == NewRepositoryID() {
		t.Errorf("the id is %q", id)
	}
	text := string(Initial(id, "release/2.x"))
	p, warnings, err := parse("p.yaml", []byte(text), today)
	if err != nil || len(warnings) > 0 || p.Repository != id || p.Target != "release/2.x" {
		t.Fatalf("%v %v %+v", err, warnings, p)
	}
	var all []string
	for _, line := range strings.Split(text, "\n") {
		if rule, ok := strings.CutPrefix(line, "# "); ok && (strings.HasSuffix(rule, ":") || strings.Contains(rule, ": ")) || strings.HasPrefix(line, "#   ") {
			all = append(all, strings.TrimPrefix(line, "# "))
		}
	}
	if _, _, err := parse("examples", []byte(strings.Join(all, "\n")), today); err != nil {
		t.Errorf("an example in it is wrong: %v\n%s", err, strings.Join(all, "\n"))
	}
}

func TestIgnores(t *testing.T) {
	p, warnings, err := parse("p.yaml", []byte(`ignore:
  - {detector: contracts/stale-mock, paths: ["legacy/**"], reason: "old clients", until: 2027-03-31}
  - {detector: "review/*", reason: "no support yet", until: 2026-12-01}
  - {detector: scripts/unscoped-write, reason: "small table", until: 2026-11-22}
  - {detector: scripts/missing-rollback, reason: "today still", until: 2026-11-23}
`), today)
	if err != nil {
		t.Fatal(err)
	}
	wantWarnings := []string{
		"p.yaml:3: the ignore of review/* lapses on 2026-12-01",
		"p.yaml:4: the ignore of scripts/unscoped-write is over since 2026-11-22 and counts no more: renew it or take it out",
		"p.yaml:5: the ignore of scripts/missing-rollback lapses on 2026-11-23",
	}
	if diff := cmp.Diff(wantWarnings, warnings); diff != "" {
		t.Error(diff)
	}
	ignored := p.Ignored(today)
	for _, c := range []struct {
		detector, path, want string
	}{
		{"contracts/stale-mock", "legacy/a/b.json", "old clients"},
		{"contracts/stale-mock", "web/b.json", ""},
		{"review/weakened-tests", "a_test.go", "no support yet"},
		{"scripts/unscoped-write", "a.sql", ""},
		{"scripts/missing-rollback", "a.sql", "today still"},
	} {
		w, ok := ignored(detectors.Finding{Detector: c.detector, Path: c.path, Fingerprint: "f"})
		if ok != (c.want != "") || w.Reason != c.want || ok && w.By != "policy" {
			t.Errorf("%s in %s: %+v, %v", c.detector, c.path, w, ok)
		}
	}
	if diff := cmp.Diff([]string{"scripts/missing-rollback"}, p.Unknown([]string{"contracts/stale-mock", "review/weakened-tests", "scripts/unscoped-write"})); diff != "" {
		t.Error(diff)
	}
}

func TestAges(t *testing.T) {
	for text, want := range map[string]time.Duration{"36h": 36 * time.Hour, "14d": 14 * 24 * time.Hour, "2w": 14 * 24 * time.Hour,
		"": 0, "d": 0, "0d": 0, "-1d": 0, "1.5d": 0, "14": 0, "1y": 0, "99999999999999999999d": 0, "4000d": 0} {
		got, err := ParseAge(text)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
}

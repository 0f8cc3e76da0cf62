package checklist_test

import (
	"slices"
	"strings"
	"testing"

	"flightpoll/checklist"
	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

func TestItemsAreRaisedByWhatIsOnTheBranch(t *testing.T) {
	const goMain = "package main\n\nimport (\n\t\"net/http\"\n\t\"os\"\n)\n\n"
	cases := []struct {
		name       string
		base, head files
		found      []detectors.Finding
		undecided  []detectors.Outcome
		want       []string
	}{
		{
			name: "documents only", head: files{"docs/guide.md": "new\n", "README.md": "# changed\n", "db/migrations/README.md": "x\n", "LICENSE": "MIT\n"},
			found:     []detectors.Finding{finding("review/undocumented-behaviour", "docs/guide.md", detectors.Warning, "aaaaaaaaaaaaaaaa")},
			undecided: []detectors.Outcome{{ID: "contracts/go-api", Outcome: detectors.Undecided, Reason: "shallow clone"}},
		},
		{name: "tests only", head: files{"a_test.go": goMain + "var a = os.Getenv(\"NEW_TOKEN\")\n", "web/src/a.spec.ts": "app.get('/x', h)\n", "tests/migrations/1.sql": "DROP TABLE a;\n"}},
		{name: "dependencies only", head: files{"go.mod": "module x\n", "go.sum": "x\n", "web/package.json": "{}\n", "web/pnpm-lock.yaml": "a: 1\n", "requirements/dev.txt": "x==1\n"}},
		{name: "plain code", head: files{"a.go": "package a\n\nfunc A() int { return 1 }\n"}},
		{
			name: "a new variable", head: files{"a.go": goMain + "var a = os.Getenv(\"PAYMENTS_TOKEN\")\n", "b.ts": "const b = process.env.OTHER_TOKEN;\n", "c.py": "c = os.environ[\"THIRD_TOKEN\"]\n"},
			want: []string{"production-values"},
		},
		{
			name: "a variable that moved", base: files{"a.go": goMain + "var a = os.Getenv(\"PAYMENTS_TOKEN\")\n"},
			head: files{"a.go": "", "b.go": goMain + "var b = os.Getenv(\"PAYMENTS_TOKEN\")\n"},
		},
		{
			name: "a variable with its value for production",
			head: files{"a.go": goMain + "var a = os.Getenv(\"MAIL_FROM\")\n", "deploy/env/production.env": "MAIL_FROM=shop@example.com\n"},
		},
		{
			name: "a variable whose value for production is elsewhere",
			head: files{"a.go": goMain + "var a = os.Getenv(\"MAIL_FROM\")\n", "deploy/env/production.env": "MAIL_FROM=${FROM_THE_VAULT}\n"},
			want: []string{"production-values"},
		},
		{
			name: "a variable with its value in a manifest for production",
			head: files{"a.go": goMain + "var a = os.Getenv(\"MAIL_FROM\")\n", "overlays/prod/env.yaml": "env:\n  - name: MAIL_FROM\n    value: shop@example.com\n"},
		},
		{
			name: "a migration", head: files{"db/migrations/0002_a.up.sql": "ALTER TABLE a ADD COLUMN b int;\n", "db/migrations/0002_a.down.sql": "ALTER TABLE a DROP COLUMN b;\n"},
			want: []string{"migration-rehearsed"},
		},
		{
			name: "a migration with its way back in the same file",
			head: files{"migrations/0002_a.sql": "-- +goose Up\nALTER TABLE a ADD COLUMN b int;\n-- +goose Down\nALTER TABLE a DROP COLUMN b;\n"},
			want: []string{"migration-rehearsed"},
		},
		{
			name: "a migration that deletes", head: files{"migrations/0003_b.sql": "ALTER TABLE a DROP COLUMN b;\n"},
			want: []string{"migration-rehearsed", "point-of-no-return"},
		},
		{
			name: "a Rails migration that deletes on its way back", head: files{"db/migrate/20260101_a.rb": "class A < ActiveRecord::Migration[7.1]\n  def up\n    add_column :a, :b, :int\n  end\n\n  def down\n    remove_column :a, :b\n  end\nend\n"},
			want: []string{"migration-rehearsed"},
		},
		{
			name: "a new route", base: files{"r.go": goMain + "func r(mux *http.ServeMux) {\n\tmux.HandleFunc(\"GET /a\", a)\n}\n"},
			head: files{"r.go": goMain + "func r(mux *http.ServeMux) {\n\tmux.HandleFunc(\"GET /a\", a)\n\tmux.HandleFunc(\"GET /b\", b)\n}\n"},
			want: []string{"dashboard"},
		},
		{
			name: "a route with another handler", base: files{"r.go": goMain + "func r(mux *http.ServeMux) {\n\tmux.HandleFunc(\"GET /a\", a)\n}\n"},
			head: files{"r.go": goMain + "func r(mux *http.ServeMux) {\n\tmux.HandleFunc(\"GET /a\", b)\n}\n"},
		},
		{name: "a cache is no router", head: files{"a.ts": "const v = cache.get('/users');\nconst w = app.get('title');\n"}},
		{
			name: "an alert", head: files{"monitoring/rules.yml": "groups:\n  - name: a\n    rules:\n      - alert: CheckoutFails\n        expr: up == 0\n"},
			want: []string{"alert-fired"},
		},
		{
			name: "a deployment's steps", base: files{"deploy/shop.yaml": "kind: Deployment\nreplicas: 2\n"}, head: files{"deploy/shop.yaml": "kind: Deployment\nreplicas: 5\n"},
			want: []string{"rollout-watched"},
		},
		{
			name: "an image's tag", base: files{"deploy/shop.yaml": "kind: Deployment\nimage: a:1\n"}, head: files{"deploy/shop.yaml": "kind: Deployment\nimage: a:2\n"},
		},
		{
			name: "a model call", head: files{"ai.py": "r = client.chat.completions.create(model='m', messages=m)\n"},
			want: []string{"model-output-watched"},
		},
		{
			name: "a changed contract with a stale mock", head: files{"a.go": "package a\n"},
			found: []detectors.Finding{
				finding("contracts/serialised-name", "a.go", detectors.Warning, "aaaaaaaaaaaaaaaa"), finding("contracts/stale-mock", "a.go", detectors.Blocker, "bbbbbbbbbbbbbbbb"),
			},
			want: []string{"consumers-told", "real-downstream"},
		},
		{
			name: "notes ask nothing", head: files{"a.go": "package a\n"},
			found: []detectors.Finding{finding("contracts/go-api", "a.go", detectors.Note, "aaaaaaaaaaaaaaaa")},
		},
		{
			name: "undecided for one reason", head: files{"a.go": "package a\n"},
			undecided: []detectors.Outcome{
				{ID: "contracts/stale-mock", Outcome: detectors.Undecided, Reason: "built without cgo"},
				{ID: "contracts/serialised-name", Outcome: detectors.Undecided, Reason: "built without cgo"},
				{ID: "environment/flag-undefined", Outcome: detectors.Undecided, Reason: "no manifest"},
				{ID: "review/weakened-tests", Outcome: detectors.NotApplicable, Reason: "nothing"},
			},
			want: []string{"inconclusive-contracts-stale-mock", "inconclusive-environment-flag-undefined"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			base := files{}
			for p, text := range c.base {
				base[p] = text
			}
			s := session(t, repository(t, base, c.head), detectors.Result{Findings: c.found, Outcomes: c.undecided})
			if got := ids(s.Board()); !slices.Equal(got, c.want) {
				t.Errorf("raised %v, want %v", got, c.want)
			}
		})
	}
}

func TestAnAssistantsLinesOnMoneyAskForAReader(t *testing.T) {
	for message, want := range map[string][]string{
		"change": nil,
		"change\n\nCo-authored-by: Claude <noreply@anthropic.com>": {"read-by-a-person"},
	} {
		dir := repository(t, files{}, files{"a.go": "package a\n"})
		commit(t, dir, message, files{"billing/refund.go": "package billing\n"})
		if got := ids(session(t, dir, detectors.Result{}).Board()); !slices.Equal(got, want) {
			t.Errorf("%q raised %v, want %v", message, got, want)
		}
	}
}

func TestAnItemSaysWhatRaisedItAndWhatItCovers(t *testing.T) {
	dir := repository(t, files{"web/mock.json": "{}\n"}, files{"api/user.go": "package api\n", "web/mock.json": "{\"a\": 1}\n"})
	f := finding("contracts/stale-mock", "api/user.go", detectors.Blocker, "aaaaaaaaaaaaaaaa")
	f.Related = []detectors.Related{{Path: "web/mock.json", Line: 1}, {Path: "web/not-changed.ts", Line: 1}}
	item, ok := session(t, dir, found(f)).Item("real-downstream")
	if !ok {
		t.Fatal("real-downstream is not raised")
	}
	if got := strings.Join(item.Covers, " "); got != "api/user.go web/mock.json" {
		t.Errorf("covers %s", got)
	}
	if got := strings.Join(item.RaisedBy, " "); got != "contracts/stale-mock" {
		t.Errorf("raised by %s", got)
	}
	if len(item.ScopeSHA256) != 64 {
		t.Errorf("scope %q", item.ScopeSHA256)
	}
}

func TestThePolicysOwnItems(t *testing.T) {
	own := func(w checklist.When) func(*checklist.SessionOptions) {
		return func(o *checklist.SessionOptions) {
			o.Extra = []checklist.Spec{{ID: "own", Pattern: detectors.Review, Ask: "Seen?", Evidence: checklist.TextEvidence, When: w}}
		}
	}
	cases := []struct {
		name string
		when checklist.When
		head files
		want []string
	}{
		{"always, where behaviour changes", checklist.When{}, files{"a.go": "package a\n"}, []string{"own"}},
		{"not for documents", checklist.When{}, files{"docs/a.md": "a\n"}, nil},
		{"for documents where it names them", checklist.When{Paths: []string{"docs/**"}}, files{"docs/a.md": "a\n"}, []string{"own"}},
		{"by path", checklist.When{Paths: []string{"web/**"}}, files{"a.go": "package a\n"}, nil},
		{"by status", checklist.When{Paths: []string{"*.go"}, Status: []branch.Status{branch.Deleted}}, files{"a.go": "package a\n"}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := session(t, repository(t, files{}, c.head), detectors.Result{}, own(c.when))
			if got := ids(s.Board()); !slices.Equal(got, c.want) {
				t.Errorf("raised %v, want %v", got, c.want)
			}
		})
	}
}

func ids(b checklist.Board) []string {
	var list []string
	for _, st := range b.Stations {
		for _, i := range st.Items {
			list = append(list, i.ID)
		}
	}
	return list
}

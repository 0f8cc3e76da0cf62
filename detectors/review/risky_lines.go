package review

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// Lines that move money, let people in, delete or migrate data, encrypt, or lock, and who wrote them.

// risk is one subject with the stems of its words.
type risk struct {
	about string
	words map[string]bool
}

// risks are the subjects whose lines a person has to have read, by the stems of words in paths and names.
var risks = []risk{
	{"money", stems("payment payments pay payout payouts refund refunds billing bill invoice invoices checkout price prices pricing charge charges ledger balance balances tax taxes currency subscription subscriptions wallet settlement writeoff discount fee fees cents")},
	{"access", stems("auth authn authz authenticate authentication authenticator authorize authorization authorisation access security secret secrets login logout session sessions permission permissions password passwords token tokens oauth oidc saml jwt acl rbac role roles iam policy policies csrf mfa totp credential credentials impersonate admin")},
	{"deletion", stems("delete deletes deletion purge destroy erase wipe truncate retention anonymize")},
	{"migrations", stems("migration migrations migrate backfill")},
	{"cryptography", stems("crypto cryptography cipher encrypt encryption decrypt signature signing hmac certificate keystore")},
	{"concurrency", stems("mutex semaphore lock locks locking atomic deadlock")},
}

// riskOf is the subject of a file, by its path; empty for none.
func riskOf(p string) string {
	words := wordsOf(strings.TrimSuffix(p, path.Ext(p)))
	for _, r := range risks {
		if slices.ContainsFunc(words, func(w string) bool { return r.words[w] }) {
			return r.about
		}
	}
	return ""
}

// Bounds of what is asked of git, and from how many lines on a share says something.
const (
	maxBlamed    = 30
	fewRisky     = 5
	heavilyShare = 0.7
)

// reportRisky reports each risky file whose changed lines an assistant wrote, by attributions or as the commit's author, and
// that no person is on record for.
func reportRisky(pass *detectors.Pass) error {
	b := pass.Branch
	blamed := 0
	for _, f := range b.Files {
		about := riskOf(f.Path)
		if about == "" || f.Status == branch.Deleted || f.Uncommitted || f.Binary || f.TooLarge || f.Generated || f.Vendored ||
			source.IsTest(f.Path) || source.IsDoc(f.Path) || source.IsExample(f.Path) || source.LanguageOf(f.Path) == "" && path.Ext(f.Path) != ".sql" {
			continue
		}
		if blamed++; blamed > maxBlamed {
			return nil
		}
		w, err := writersOf(pass, f)
		if err != nil {
			return err
		}
		if w.machine < fewRisky || w.person > 0 || float64(w.machine) < heavilyShare*float64(w.machine+w.unknown) {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: w.first, Symbol: about,
			Message:  fmt.Sprintf("%d of %d changed lines about %s were written by %s, and no person is on record for them", w.machine, w.machine+w.unknown, about, w.tool),
			Why:      "Nobody is known to have read lines that cost money, data or access when they are wrong.",
			Fix:      "Let somebody who knows this code read them, and put their Reviewed-by into the commit.",
			Evidence: []string{about, w.tool},
		})
	}
	return nil
}

// writers says who wrote the changed lines of a file.
type writers struct {
	machine, person, unknown, first int
	tool                            string
}

// writersOf asks git which commit of the branch each changed line comes from, and the commit who wrote it.
func writersOf(pass *detectors.Pass, f *branch.File) (writers, error) {
	b := pass.Branch
	var w writers
	for _, c := range b.Commits {
		if !machineMade(c) && len(c.Attributions) == 0 {
			continue
		}
		out, err := b.Git(pass.Context, "blame", "-s", "--porcelain", b.Base+".."+b.Head, "--", f.Path)
		if err != nil {
			return w, nil //nolint:nilerr // a path that git cannot follow has unknown writers
		}
		for line := range strings.Lines(string(out)) {
			fields := strings.Fields(line)
			if len(fields) < 3 || len(fields[0]) != 40 || strings.HasPrefix(line, "\t") {
				continue
			}
			was, errWas := strconv.Atoi(fields[1])
			now, errNow := strconv.Atoi(fields[2])
			if errWas == nil && errNow == nil && f.Touched(now) {
				w.count(b, f.Path, fields[0], was, now)
			}
		}
		break
	}
	return w, pass.Context.Err()
}

// count adds one line that a commit left at a place.
func (w *writers) count(b *branch.Branch, p, commit string, was, now int) {
	i := slices.IndexFunc(b.Commits, func(c branch.Commit) bool { return c.ID == commit })
	if i < 0 {
		return // older than the branch
	}
	c := b.Commits[i]
	machine := func(tool string) {
		if w.machine++; w.first == 0 {
			w.first, w.tool = now, tool
		}
	}
	for _, a := range c.Attributions {
		if a.Path == p && a.From <= was && was <= a.To {
			if a.Tool == "" {
				w.person++
			} else {
				machine(strings.TrimSpace(a.Tool + " " + a.Model))
			}
			return
		}
	}
	switch {
	case machineMade(c):
		machine(c.AI)
	case c.AI == "" && !c.Noted && !c.Traced:
		w.person++
	default:
		w.unknown++
	}
}

// machineMade says that an assistant is the author of a commit and that no person stands beside it.
func machineMade(c branch.Commit) bool {
	if c.Author.Assistant() == "" {
		return false
	}
	return !slices.ContainsFunc(c.Trailers, func(t branch.Trailer) bool {
		switch strings.ToLower(t.Key) {
		case "co-authored-by", "signed-off-by", "reviewed-by", "acked-by", "tested-by", "requested-by":
			p := branch.ParsePerson(t.Value)
			return p.Assistant() == "" && !strings.Contains(strings.ToLower(p.Name+p.Email), "[bot]")
		}
		return false
	})
}

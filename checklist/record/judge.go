package record

// Judges one record, whole: signatures, form, digests, where it belongs, freshness, trust, time.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

// judged is a record with what was found, as far as it came. Without a refusal it covers what it was held against.
type judged struct {
	candidate  candidate
	statement  Statement
	signatures []signature
	signers    []Signer
	stale      []string
	// stage counts the steps that it passed: of several records, the one that came furthest is told of.
	stage   int
	refusal *refusal
}

// The stages of a judgement.
const (
	stageRead = iota + 1
	stageBelongs
	stageFresh
	stageTrusted
)

// judge is one verification under way.
type judge struct {
	repository *repository
	trust      trust
	now        time.Time
	opened     map[string]*judged
}

// open reads a record and checks whatever does not depend on the code: the signatures' arithmetic first, so that a
// changed byte is called that, then form, digests, repository and target. What it finds is kept.
func (j *judge) open(ctx context.Context, c candidate) (*judged, error) {
	key := c.folder
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		key += "\x00" + name + "\x00" + c.files[name].id
	}
	if found, ok := j.opened[key]; ok {
		return found, nil
	}
	found := &judged{candidate: c}
	err := j.read(ctx, found)
	if err != nil && !errors.As(err, &found.refusal) {
		return nil, err
	}
	j.opened[key] = found
	return found, nil
}

func (j *judge) read(ctx context.Context, g *judged) error {
	c := g.candidate
	for _, name := range []string{statementFile, reportFile, markdownFile} {
		if _, ok := c.files[name]; !ok {
			return refuse(Malformed, "%s has no %s", c.folder, name)
		}
	}
	text, err := j.blob(c, statementFile, maxStatement)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		if !signatureName.MatchString(name) {
			continue
		}
		raw, err := j.blob(c, name, maxSignature)
		if err != nil {
			return err
		}
		s, err := readSignature(ctx, c.path(name), name, raw, text)
		if err != nil {
			return err
		}
		g.signatures = append(g.signatures, s)
	}
	if len(g.signatures) == 0 {
		return refuse(NotEnough, "%s carries no signature", c.folder)
	}
	if g.statement, err = decode(text); err != nil {
		return err
	}
	if err := j.beside(g); err != nil {
		return err
	}
	g.stage = stageRead
	return j.belongs(g)
}

// blob reads one file of a record; one that is too large is malformed.
func (j *judge) blob(c candidate, name string, limit int64) ([]byte, error) {
	text, err := j.repository.read(c.files[name].id, "blob", limit)
	if errors.Is(err, errTooLarge) {
		return nil, refuse(Malformed, "%s is larger than %d bytes", clean(c.path(name)), limit)
	}
	return text, err
}

// beside compares report.json and readiness.md with their digests, and the report with the statement.
func (j *judge) beside(g *judged) error {
	p, c := g.statement.Predicate, g.candidate
	for name, want := range map[string]string{reportFile: p.Report.SHA256, markdownFile: p.Markdown.SHA256} {
		got, err := j.repository.digest(c.files[name].id)
		if err != nil {
			return err
		}
		if got != want {
			return refuse(Refused, "%s is not the one that was signed: its sha256 differs", c.path(name))
		}
	}
	text, err := j.blob(c, reportFile, maxBeside)
	if err != nil {
		return err
	}
	return checkReport(text, g.statement)
}

// checkReport looks for a report that contradicts the statement above it. The report may grow: what is not known is passed over.
func checkReport(text []byte, s Statement) error {
	var rep struct {
		Verdict  checklist.Verdict `json:"verdict"`
		Findings []struct {
			Severity    detectors.Severity `json:"severity"`
			Fingerprint string             `json:"fingerprint"`
			Waived      *struct{}          `json:"waived"`
		} `json:"findings"`
	}
	if err := json.Unmarshal(text, &rep); err != nil {
		return refuse(Malformed, "%s is no report: %s", reportFile, clean(err.Error()))
	}
	waived := map[string]bool{}
	for _, w := range s.Predicate.Waivers {
		waived[w.Target] = true
	}
	if rep.Verdict != s.Predicate.Verdict {
		return refuse(Refused, "%s says %s and %s says %s", reportFile, clean(string(rep.Verdict)), statementFile, clean(string(s.Predicate.Verdict)))
	}
	for _, f := range rep.Findings {
		switch {
		case f.Waived == nil && f.Severity == detectors.Blocker && s.Predicate.Verdict == checklist.VerdictGo:
			return refuse(Refused, "the blocker %s of %s is open, and yet the verdict is go", clean(f.Fingerprint), reportFile)
		case f.Waived != nil && !waived[f.Fingerprint]:
			return refuse(Refused, "%s lets %s pass by a waiver that %s does not hold", reportFile, clean(f.Fingerprint), statementFile)
		}
	}
	return nil
}

// belongs says whether the record is of this repository, for this target, and says go.
func (j *judge) belongs(g *judged) error {
	p := g.statement.Predicate
	switch {
	case p.Repository != j.trust.repository:
		return refuse(OtherRepository, "%s is of the repository %s, not of %s", g.candidate.folder, clean(p.Repository), clean(j.trust.repository))
	case j.trust.named() && p.Target != j.trust.target.Name:
		return refuse(OtherTarget, "%s is for the target %s, not for %s", g.candidate.folder, clean(p.Target), clean(j.trust.target.Name))
	case p.Verdict != checklist.VerdictGo:
		return refuse(Refused, "%s says %s: only go counts", g.candidate.folder, clean(string(p.Verdict)))
	}
	g.stage = stageBelongs
	return nil
}

// fresh compares the record with the code: the change from base to head, both pruned.
func (j *judge) fresh(g *judged, base, head commit) error {
	tree, err := j.repository.pruned(head.tree)
	if err != nil {
		return err
	}
	p := g.statement.Predicate
	sameTree := tree == g.statement.Subject[0].Digest.GitTree
	if j.trust.policy.Require.Freshness == "tree" && !sameTree {
		return refuse(Stale, "%s was signed for another tree, and the target's policy asks for the very same one", g.candidate.folder)
	}
	list, err := j.repository.branchChanges(base.id, head.id)
	if err != nil {
		return err
	}
	d, err := j.repository.delta(list)
	if err != nil {
		return err
	}
	if d.SHA256 == p.Delta.SHA256 {
		g.stage, g.stale = stageFresh, nil
		return nil
	}
	if files := difference(p.Delta, d); g.stale == nil || len(files) < len(g.stale) {
		g.stale = files
	}
	return refuse(Stale, "%s: changed since it was signed", some(g.stale, 5))
}

// stands judges trust, threshold, time and waivers of a fresh record. landed is when the code landed, zero before that.
func (j *judge) stands(ctx context.Context, g *judged, landed time.Time) error {
	g.signers = nil
	for _, s := range g.signatures {
		signer, err := j.trust.trusted(ctx, s, j.now)
		if err != nil {
			return err
		}
		g.signers = append(g.signers, signer)
	}
	if err := j.trust.enough(g.signers); err != nil {
		return err
	}
	g.stage = stageTrusted
	if err := j.inTime(g, landed); err != nil {
		return err
	}
	return j.mayWaive(g)
}

// inTime judges by the verifier's clock, or by when the code landed.
func (j *judge) inTime(g *judged, landed time.Time) error {
	p := g.statement.Predicate
	age, err := maxAge(j.trust.policy)
	if err != nil {
		return err
	}
	until := p.ExpiresAt
	if latest := p.IssuedAt.Add(age); latest.Before(until) {
		until = latest
	}
	at := j.now
	if !landed.IsZero() && landed.Before(at) {
		at = landed
	}
	switch {
	case p.IssuedAt.After(j.now.Add(clockSkew)):
		return refuse(Refused, "%s is issued at %s, which is still to come", g.candidate.folder, p.IssuedAt.Format(time.RFC3339))
	case !at.Before(until):
		return refuse(Expired, "%s expired at %s: sign again", g.candidate.folder, until.Format(time.RFC3339))
	}
	for _, w := range p.Waivers {
		day, err := time.Parse(time.DateOnly, w.Until)
		if err != nil {
			return refuse(Malformed, "the waiver of %s is until %s, which is no date", clean(w.Target), clean(w.Until))
		}
		if !at.Before(day.AddDate(0, 0, 1)) {
			return refuse(Expired, "the waiver of %s ended on %s: answer it, or waive it again and sign", clean(w.Target), w.Until)
		}
	}
	return nil
}

// mayWaive says whether somebody signed who may let things pass.
func (j *judge) mayWaive(g *judged) error {
	roles := j.trust.policy.Require.WaiversBy
	if len(roles) == 0 || !g.statement.waives() {
		return nil
	}
	for _, s := range g.signers {
		if slices.Contains(roles, s.Role) {
			return nil
		}
	}
	return refuse(WaiverNotAllowed, "%s waives something, which only %s may, and none of them signed", g.candidate.folder, clean(strings.Join(roles, " or ")))
}

// named says whether the target is known by name, not only as a commit.
func (t trust) named() bool { return strings.HasPrefix(t.target.Ref, "refs/") || t.policy.Target != "" }

// says is the sentence for a record that covers.
func (g *judged) says() string {
	names := []string{}
	for _, s := range g.signers {
		names = append(names, fmt.Sprintf("%s (%s)", clean(s.Principal), s.Role))
	}
	return fmt.Sprintf("Covered by %s, signed by %s.", g.candidate.folder, strings.Join(names, ", "))
}

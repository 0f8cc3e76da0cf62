package record

// Puts a draft together: the statement, the report and the text for people.

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"flightpoll/checklist"
	"flightpoll/checklist/policy"
	"flightpoll/checklist/report"
	"flightpoll/detectors/branch"
)

// defaultMaxAge is how long a record is good for landing where the policy does not say.
const defaultMaxAge = 14 * 24 * time.Hour

func build(b *branch.Branch, p policy.Policy, board checklist.Board, rep report.Report, now time.Time) (*Draft, error) {
	ctx := context.Background()
	r, err := openRepository(ctx, b.Root)
	if err != nil {
		return nil, err
	}
	defer r.close()

	s, err := r.statement(ctx, b, p, now)
	if err != nil {
		return nil, err
	}
	s.Predicate.Verdict, s.Predicate.Score = board.Verdict, board.Score
	s.Predicate.Answers, s.Predicate.Waivers = answers(board), waivers(board)
	s.Predicate.Tool = Tool{Name: "flightpoll", Version: cmp.Or(rep.Tool.Version, "unknown")}

	beside, err := r.recordsOnDisk(b, s.Predicate.Base)
	if err != nil {
		return nil, err
	}
	for _, rec := range beside {
		if sameAnswers(rec.Statement, s) && stands(rec, s, now) {
			return rec.draft(), nil
		}
	}

	d := &Draft{}
	if d.ReportJSON, err = reportJSON(rep); err != nil {
		return nil, err
	}
	if d.Markdown, err = markdown(rep); err != nil {
		return nil, err
	}
	s.Predicate.Report.SHA256, s.Predicate.Markdown.SHA256 = sum(d.ReportJSON), sum(d.Markdown)
	if d.Statement, err = encode(s); err != nil {
		return nil, err
	}
	taken, err := r.takenFolders(b, s.Predicate.Base)
	if err != nil {
		return nil, err
	}
	d.Folder = Dir + "/" + folderFor(now, branchName(b), taken)
	return d, nil
}

// Existing is the record that the branch carries for this very code and that may still land: what another role, who
// answered nothing here, adds a signature to. It is nil when there is none.
func Existing(ctx context.Context, b *branch.Branch, p policy.Policy, now time.Time) (*Draft, error) {
	r, err := openRepository(ctx, b.Root)
	if err != nil {
		return nil, err
	}
	defer r.close()
	s, err := r.statement(ctx, b, p, now)
	if err != nil {
		return nil, err
	}
	beside, err := r.recordsOnDisk(b, s.Predicate.Base)
	if err != nil {
		return nil, err
	}
	for _, rec := range beside {
		if rec.Statement.Predicate.Verdict == checklist.VerdictGo && stands(rec, s, now) {
			return rec.draft(), nil
		}
	}
	return nil, nil
}

// statement is what git knows: the subject, where it goes, the delta, the times.
func (r *repository) statement(ctx context.Context, b *branch.Branch, p policy.Policy, now time.Time) (Statement, error) {
	head, err := r.commit(b.Head)
	if err != nil {
		return Statement{}, err
	}
	tree, err := r.pruned(head.tree)
	if err != nil {
		return Statement{}, err
	}
	d, err := r.branchDelta(b.Base, b.Head)
	if err != nil {
		return Statement{}, err
	}
	commits, err := r.count(ctx, b.Base, b.Head)
	if err != nil {
		return Statement{}, err
	}
	id, err := r.repositoryID(ctx, p, b.TargetTip)
	if err != nil {
		return Statement{}, err
	}
	age, err := maxAge(p)
	if err != nil {
		return Statement{}, err
	}
	issued := now.UTC().Truncate(time.Second)
	return Statement{
		Type:          StatementType,
		Subject:       []Subject{{Name: "git tree without " + Dir, Digest: Digests{GitTree: tree}}},
		PredicateType: PredicateType,
		Predicate: Predicate{
			Repository: id, Branch: valid(branchName(b)), Target: valid(b.Target),
			Base: b.Base, Head: b.Head, Commits: commits, Delta: d,
			IssuedAt: issued, ExpiresAt: issued.Add(age),
		},
	}, nil
}

// branchDelta is the delta of head against base, both pruned.
func (r *repository) branchDelta(base, head string) (Delta, error) {
	list, err := r.branchChanges(base, head)
	if err != nil {
		return Delta{}, err
	}
	return r.delta(list)
}

// branchChanges are the paths that differ between two commits, both pruned.
func (r *repository) branchChanges(base, head string) ([]change, error) {
	trees := [2]string{}
	for i, id := range []string{base, head} {
		c, err := r.commit(id)
		if err != nil {
			return nil, err
		}
		if trees[i], err = r.pruned(c.tree); err != nil {
			return nil, err
		}
	}
	return r.changes(trees[0], trees[1])
}

// repositoryID is the policy's repository id, or the first commit of the target.
func (r *repository) repositoryID(ctx context.Context, p policy.Policy, target string) (string, error) {
	if p.Repository != "" {
		return p.Repository, nil
	}
	return r.root(ctx, target)
}

// branchName is the branch's name, and a name made of the commit for a detached HEAD.
func branchName(b *branch.Branch) string {
	return cmp.Or(b.Name, "commit-"+b.Head[:min(12, len(b.Head))])
}

// maxAge reads the policy's max_age: "14d", "36h".
func maxAge(p policy.Policy) (time.Duration, error) {
	text := p.Require.MaxAge
	if text == "" {
		return defaultMaxAge, nil
	}
	var age time.Duration
	var err error
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		if n > 36500 {
			err = errors.New("too long")
		}
		age = time.Duration(n) * 24 * time.Hour
	} else {
		age, err = time.ParseDuration(text)
	}
	if err != nil || age <= 0 {
		return 0, fmt.Errorf("%s: require.max_age is %q, expected a time such as 14d or 36h", policy.Path, text)
	}
	return age, nil
}

// answers are the board's answered items.
func answers(board checklist.Board) []Answer {
	list := []Answer{}
	for _, station := range board.Stations {
		for _, item := range station.Items {
			if item.Answer == nil {
				continue
			}
			a := Answer{
				ID: valid(item.ID), Pattern: item.Pattern, Question: valid(item.Question), State: item.State,
				Evidence: evidence(item.Answer.Evidence), Note: valid(item.Answer.Note), By: valid(item.Answer.By),
				At:     item.Answer.At.UTC().Truncate(time.Second),
				Covers: []string{}, ScopeSHA256: cmp.Or(item.Answer.ScopeSHA256, item.ScopeSHA256),
				Reason: valid(item.Answer.Reason), Until: valid(item.Answer.Until),
			}
			covers := item.Answer.Covers
			if covers == nil {
				covers = item.Covers
			}
			for _, path := range covers {
				a.Covers = append(a.Covers, valid(path))
			}
			list = append(list, a)
		}
	}
	return list
}

func evidence(e checklist.Evidence) Evidence {
	out := Evidence{Kind: e.Kind, Text: valid(e.Text), Link: valid(e.Link), Person: valid(e.Person)}
	if c := e.Command; c != nil {
		out.Command = &Command{
			Line: valid(c.Line), Exit: c.Exit, Millis: c.Millis, OutputSHA256: c.OutputSHA256, OutputBytes: c.Bytes,
			Tree: c.Tree, Dirty: c.Dirty,
		}
	}
	return out
}

// waivers are the board's active waivers, sorted by what they let pass.
func waivers(board checklist.Board) []Waiver {
	list := []Waiver{}
	for _, target := range slices.Sorted(maps.Keys(board.Waivers)) {
		w := board.Waivers[target]
		list = append(list, Waiver{
			Target: valid(target), By: valid(w.By), Reason: valid(w.Reason), Until: valid(w.Until),
			At: w.At.UTC().Truncate(time.Second),
		})
	}
	return list
}

// valid is text as JSON can hold it.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func sum(content []byte) string {
	h := sha256.Sum256(content)
	return hex.EncodeToString(h[:])
}

func reportJSON(rep report.Report) ([]byte, error) {
	var out bytes.Buffer
	if err := report.JSON(&out, rep, false); err != nil {
		return nil, fmt.Errorf("report.json cannot be written: %w", err)
	}
	return out.Bytes(), nil
}

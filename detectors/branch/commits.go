package branch

// The branch's own commits.

import (
	"context"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"golang.org/x/text/encoding/ianaindex"
)

// maxCommits bounds how many commits of a branch are read.
const maxCommits = 5000

// commits are those that HEAD has and no merge base, newest first.
func (r *repository) commits(ctx context.Context, merges []string) ([]Commit, error) {
	if len(merges) == 1 && merges[0] == r.head {
		return nil, nil
	}
	args := append([]string{"rev-list", "--topo-order", "--max-count=" + strconv.Itoa(maxCommits), r.head, "--not"}, merges...)
	out, err := r.git.output(ctx, args...)
	if err != nil {
		return nil, err
	}
	var list []Commit
	for _, id := range strings.Fields(string(out)) {
		c, err := r.commit(id)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// commit reads one commit.
func (r *repository) commit(id string) (Commit, error) {
	raw, err := object.GetCommit(r.objects, plumbing.NewHash(id))
	if err != nil {
		return Commit{}, r.unreadable("commit "+id, err)
	}
	decodeMessage(raw)
	c := Commit{
		ID: id, Message: raw.Message, When: raw.Author.When,
		Author:   Person{Name: raw.Author.Name, Email: raw.Author.Email},
		Subject:  subject(raw.Message),
		Trailers: parseTrailers(raw.Message),
	}
	for _, p := range raw.ParentHashes {
		c.Parents = append(c.Parents, p.String())
	}
	c.AI = assistant(c, Person{Name: raw.Committer.Name, Email: raw.Committer.Email})
	return c, nil
}

// decodeMessage turns a message and its names into UTF-8 by the commit's encoding header; what cannot be read so is
// left to whoever shows it.
func decodeMessage(c *object.Commit) {
	if c.Encoding == "" || c.Encoding == "UTF-8" {
		return
	}
	enc, err := ianaindex.MIME.Encoding(string(c.Encoding))
	if err != nil || enc == nil {
		return
	}
	for _, text := range []*string{&c.Message, &c.Author.Name, &c.Committer.Name} {
		if utf8, err := enc.NewDecoder().String(*text); err == nil {
			*text = utf8
		}
	}
}

// subject is a message's first paragraph on one line, as git's %s.
func subject(message string) string {
	var words []string
	for line := range strings.Lines(strings.TrimLeft(message, "\n")) {
		line = strings.TrimSpace(line)
		if line == "" {
			break
		}
		words = append(words, line)
	}
	return strings.Join(words, " ")
}

package record

// Signs a draft: checks that it may be signed, signs, writes, commits.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hiddeco/sshsig"

	"flightpoll/checklist"
	"flightpoll/checklist/policy"
	"flightpoll/detectors/branch"
)

func sign(ctx context.Context, b *branch.Branch, d *Draft, o SignOptions) (Signed, error) {
	s, err := decode(d.Statement)
	if err != nil {
		return Signed{}, err
	}
	if s.Predicate.Verdict != checklist.VerdictGo {
		return Signed{}, fmt.Errorf("%w (it is %s): answer or waive what is open", ErrHold, s.Predicate.Verdict)
	}
	if o.Role == "" {
		o.Role = "author"
	}
	if !roleName.MatchString(o.Role) {
		return Signed{}, fmt.Errorf("the role %s is not made of a-z, 0-9 and dashes, as author and reviewer are", clean(o.Role))
	}
	if o.Principal, err = principal(b, o.Principal); err != nil {
		return Signed{}, err
	}
	r, err := openRepository(ctx, b.Root)
	if err != nil {
		return Signed{}, err
	}
	defer r.close()
	if err := r.unchanged(ctx, b.TargetTip, s); err != nil {
		return Signed{}, err
	}

	ring := newKeyring(o)
	defer ring.close()
	k, err := ring.locate(ctx, b, o)
	if err != nil {
		return Signed{}, err
	}
	namespace := namespacePrefix + o.Role
	signature, err := k.sign(ctx, d.Statement, namespace)
	if err != nil {
		return Signed{}, err
	}
	if signature, err = settle(ctx, signature, d.Statement, namespace, k); err != nil {
		return Signed{}, err
	}
	if err := ctx.Err(); err != nil {
		return Signed{}, err
	}

	name := signatureFile(o.Role, o.Principal)
	written, err := r.put(b, d, s, name, signature)
	if err != nil {
		return Signed{}, err
	}
	out := Signed{
		Folder: written.folder, Signature: written.folder + "/" + name, Principal: o.Principal, Role: o.Role,
		Fingerprint: k.info.Fingerprint, Warnings: r.foresee(ctx, b, k, o),
	}
	out.VerifyCommand = verifyCommand(b, out, namespace)
	if o.Commit {
		out.Commit, err = r.commitRecord(ctx, b, written, out)
	}
	return out, err
}

// principal is who signs: an address without spaces, commas or wildcards, as allowed_signers needs it.
func principal(b *branch.Branch, given string) (string, error) {
	p := given
	if p == "" {
		p = b.Config("user.email")
	}
	if p == "" {
		return "", errors.New("nobody signs: set git's user.email to your address")
	}
	if !isPrincipal(p) {
		return "", fmt.Errorf("%s cannot stand in allowed_signers: give an address without spaces, commas, quotes or wildcards", clean(p))
	}
	return p, nil
}

func isPrincipal(p string) bool {
	return printable(p) && len(p) <= 254 && !strings.ContainsAny(p, " \t,\"'*?!#\\") && p != ""
}

// unchanged refuses a work tree that is not clean, and a HEAD whose code is not what the statement speaks of.
func (r *repository) unchanged(ctx context.Context, target string, s Statement) error {
	if len(s.Predicate.Delta.Entries) == 0 {
		return ErrNothing
	}
	out, err := r.git.run(ctx, "-c", "status.relativePaths=false", "status", "--porcelain=v1", "-z", "--no-renames",
		"--untracked-files=all", "--ignore-submodules=dirty")
	if err != nil {
		return err
	}
	dirty := []string{}
	for line := range strings.SplitSeq(out, "\x00") {
		if len(line) > 3 && !strings.HasPrefix(line[3:], Dir+"/") {
			dirty = append(dirty, line[3:])
		}
	}
	if len(dirty) > 0 {
		return fmt.Errorf("%w (%s): commit, stash or ignore that first", ErrDirty, some(dirty, 3))
	}
	head, err := r.resolve(ctx, "HEAD")
	if err != nil {
		return err
	}
	c, err := r.commit(head)
	if err != nil {
		return err
	}
	tree, err := r.pruned(c.tree)
	if err != nil || tree == s.Subject[0].Digest.GitTree {
		return err
	}
	bases, err := r.mergeBases(ctx, target, head) // the target may have been taken in since another role signed
	if err != nil {
		return err
	}
	for _, base := range bases {
		d, err := r.branchDelta(base, head)
		if err != nil || d.SHA256 == s.Predicate.Delta.SHA256 {
			return err
		}
	}
	return ErrMoved
}

// settle checks a fresh signature as verify would and writes its armor the usual way.
func settle(ctx context.Context, signature, message []byte, namespace string, k key) ([]byte, error) {
	s, err := sshsig.Unarmor(signature)
	if err != nil {
		return nil, fmt.Errorf("the key %s gave no SSH signature: %w", k.info.Fingerprint, err)
	}
	if s, err = parseSignature(sshsig.Armor(s)); err != nil {
		return nil, fmt.Errorf("the signature by %s would be refused: %w", k.info.Fingerprint, err)
	}
	if s.Namespace != namespace || !bytes.Equal(s.PublicKey.Marshal(), k.public.Marshal()) {
		return nil, fmt.Errorf("the signature by %s names another key or namespace", k.info.Fingerprint)
	}
	if _, err := signs(ctx, s, message); err != nil {
		return nil, fmt.Errorf("the signature by %s does not verify: %w", k.info.Fingerprint, err)
	}
	return sshsig.Armor(s), nil
}

// written is what Sign put into the work tree.
type written struct {
	folder string
	files  map[string][]byte // by slash-separated path below the root
	gone   []string          // folders of older records of this branch
}

// put writes the record, or adds the signature to the one that is there, and then removes older records of this branch.
func (r *repository) put(b *branch.Branch, d *Draft, s Statement, name string, signature []byte) (written, error) {
	out := written{files: map[string][]byte{Dir + "/" + attributesFile: []byte(attributes)}}
	w, err := newWriter(b.Root)
	if err != nil {
		return out, err
	}
	beside, err := r.recordsOnDisk(b, s.Predicate.Base)
	if err != nil {
		return out, err
	}
	content := map[string][]byte{statementFile: d.Statement, reportFile: d.ReportJSON, markdownFile: d.Markdown, name: signature}
	i := slices.IndexFunc(beside, func(rec Record) bool { return bytes.Equal(rec.StatementJSON, d.Statement) })
	if i >= 0 {
		out.folder = beside[i].Folder
		err = w.file(strings.TrimPrefix(out.folder, Dir+"/")+"/"+name, signature)
	} else {
		var taken func(string) bool
		if taken, err = r.takenFolders(b, s.Predicate.Base); err != nil {
			return out, err
		}
		free := folderFor(s.Predicate.IssuedAt, s.Predicate.Branch, taken)
		out.folder = Dir + "/" + free
		err = w.folder(free, content)
	}
	if err != nil {
		return out, err
	}
	for file, text := range content {
		out.files[out.folder+"/"+file] = text
	}
	for _, rec := range beside {
		if rec.Folder == out.folder || rec.Statement.Predicate.Branch != s.Predicate.Branch {
			continue
		}
		if err := w.remove(strings.TrimPrefix(rec.Folder, Dir+"/")); err != nil {
			return out, err
		}
		out.gone = append(out.gone, rec.Folder)
	}
	return out, nil
}

// verifyCommand is a shell line by which OpenSSH itself verifies the signature, with the target's signers.
func verifyCommand(b *branch.Branch, s Signed, namespace string) string {
	ref := strings.TrimPrefix(strings.TrimPrefix(b.BaseRef, "refs/heads/"), "refs/remotes/")
	return fmt.Sprintf(`s=$(mktemp); git show %s >"$s"; ssh-keygen -Y verify -f "$s" -I %s -n %s -s %s <%s`,
		quote(ref+":"+policy.Signers), quote(s.Principal), quote(namespace), quote(s.Signature), quote(s.Folder+"/"+statementFile))
}

// quote makes a word of a POSIX shell.
func quote(s string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("@%+=:,./_-", c)
	}
	if s != "" && strings.IndexFunc(s, func(c rune) bool { return !plain(c) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

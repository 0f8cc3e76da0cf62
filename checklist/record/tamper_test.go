package record

// What verification must refuse: each attack on a valid record in a real repository ends with the outcome named.

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"flightpoll/checklist"
	"flightpoll/checklist/policy"
)

// attack is done to a fixture whose branch carries a valid record by dana, committed.
type attack struct {
	name     string
	row      int
	prepare  func(f *fixture) // on main, before the record is signed
	do       func(f *fixture, s Signed)
	with     VerifyOptions
	outcome  string
	mentions []string
}

func TestTampering(t *testing.T) {
	for _, list := range [][]attack{codeAttacks, folderAttacks, signatureAttacks, trustAttacks, documentAttacks, objectAttacks} {
		for _, a := range list {
			t.Run(fmt.Sprintf("%02d %s", a.row, a.name), func(t *testing.T) {
				t.Parallel()
				f := newFixture(t)
				if a.prepare != nil {
					f.onMain("Prepare", func() { a.prepare(f) })
					f.git("rebase", "-q", "main")
				}
				s := f.sign("dana", dana, "author")
				if a.prepare == nil {
					f.expect(Covered)
				}
				a.do(f, s)
				if a.with.Now.IsZero() {
					a.with.Now = f.now.Add(time.Minute)
				}
				f.expectOf(a.with, a.outcome, a.mentions...)
			})
		}
	}
}

var codeAttacks = []attack{
	{name: "code commit after signing", row: 2, outcome: Stale, mentions: []string{"price.go"}, do: func(f *fixture, _ Signed) {
		f.write("price.go", "package shop\n\nvar Price = 2\n")
		f.commit("Raise the price")
	}},
	{name: "mode changed", row: 3, outcome: Stale, mentions: []string{"cart.go"}, do: func(f *fixture, _ Signed) {
		f.git("update-index", "--chmod=+x", "cart.go")
		f.git("commit", "-q", "-m", "x")
	}},
	{name: "whitespace changed", row: 3, outcome: Stale, mentions: []string{"cart.go"}, do: func(f *fixture, _ Signed) {
		f.write("cart.go", "package shop\n\nvar Cart = 2 \n")
		f.commit("x")
	}},
	{name: "submodule added", row: 3, outcome: Stale, mentions: []string{"vendored"}, do: func(f *fixture, _ Signed) {
		f.git("update-index", "--add", "--cacheinfo", "160000,"+f.git("rev-parse", "main")+",vendored")
		f.git("commit", "-q", "-m", "x")
	}},
	{name: "file becomes a link of the same content", row: 3, outcome: Stale, mentions: []string{"cart.go"}, do: func(f *fixture, _ Signed) {
		f.git("update-index", "--cacheinfo", "120000,"+f.git("rev-parse", "HEAD:cart.go")+",cart.go")
		f.git("commit", "-q", "-m", "x")
	}},
	{name: "case variant of the records folder", row: 5, outcome: Stale, mentions: []string{".readiness/Records/x"}, do: func(f *fixture, _ Signed) {
		f.git("update-index", "--add", "--cacheinfo", "100644,"+f.git("rev-parse", "HEAD:cart.go")+",.readiness/Records/x")
		f.git("commit", "-q", "-m", "x")
	}},
	{name: "change hidden in the merge of the branch", row: 6, outcome: Stale, mentions: []string{"evil.go"}, do: func(f *fixture, _ Signed) {
		f.git("switch", "-q", "-c", "pull", "main")
		f.git("merge", "-q", "--no-ff", "--no-commit", "feature/cart")
		f.write("evil.go", "package shop\n")
		f.commit("Merge")
	}},
	{name: "path with a line break", row: 31, outcome: Stale, do: func(f *fixture, _ Signed) {
		f.git("update-index", "--add", "--cacheinfo", "100644,"+f.git("rev-parse", "HEAD:cart.go")+",a\nb")
		f.git("commit", "-q", "-m", "x")
	}},
	{name: "code beside an emptied folder", row: 31, outcome: Stale, mentions: []string{".readiness/x"}, do: func(f *fixture, _ Signed) {
		f.write(".readiness/x", "")
		f.commit("x")
	}},
	{name: "past its time", row: 28, outcome: Expired, with: VerifyOptions{Now: time.Now().Add(15 * 24 * time.Hour)}, do: func(*fixture, Signed) {}},
	{name: "reset to an older signed tree after its time", row: 28, outcome: Expired, with: VerifyOptions{Now: time.Now().Add(15 * 24 * time.Hour)}, do: func(f *fixture, _ Signed) {
		old := f.git("rev-parse", "HEAD")
		f.write("price.go", "package shop\n\nvar Price = 2\n")
		f.commit("Raise the price")
		f.git("reset", "-q", "--hard", old)
	}},
}

var folderAttacks = []attack{
	{name: "unknown file in the record", row: 4, outcome: Refused, mentions: []string{"notes.txt"}, do: func(f *fixture, s Signed) {
		f.write(s.Folder+"/notes.txt", "x")
		f.commit("x")
	}},
	{name: "unknown file beside the records", row: 4, outcome: Refused, mentions: []string{"records/run.sh"}, do: func(f *fixture, _ Signed) {
		f.write(Dir+"/run.sh", "x")
		f.commit("x")
	}},
	{name: "folder inside a record", row: 4, outcome: Refused, mentions: []string{"more/readiness.json"}, do: func(f *fixture, s Signed) {
		f.write(s.Folder+"/more/readiness.json", "{}")
		f.commit("x")
	}},
	{name: "symlink of a known name", row: 4, outcome: Refused, mentions: []string{"author-other@x.sig", "120000"}, do: func(f *fixture, s Signed) {
		f.must(os.Symlink("/etc/passwd", filepath.Join(f.root, s.Folder, "author-other@x.sig")))
		f.commit("x")
	}},
	{name: "executable signature", row: 4, outcome: Refused, mentions: []string{"100755"}, do: func(f *fixture, s Signed) {
		f.git("update-index", "--chmod=+x", s.Signature)
		f.git("commit", "-q", "-m", "x")
	}},
	{name: "other gitattributes", row: 4, outcome: Refused, mentions: []string{".gitattributes"}, do: func(f *fixture, _ Signed) {
		f.write(Dir+"/.gitattributes", attributes+"*.json filter=evil\n")
		f.commit("x")
	}},
	{name: "gitattributes inside a record", row: 4, outcome: Refused, mentions: []string{".gitattributes"}, do: func(f *fixture, s Signed) {
		f.write(s.Folder+"/.gitattributes", attributes)
		f.commit("x")
	}},
	{name: "another branch's record changed", row: 4, outcome: Refused, mentions: []string{"readiness.md", "is changed"}, do: func(f *fixture, s Signed) {
		nextBranch(f)
		f.write(s.Folder+"/readiness.md", "x")
		f.commit("x")
	}},
	{name: "another branch's record deleted", row: 4, outcome: Refused, mentions: []string{"is deleted"}, do: func(f *fixture, s Signed) {
		nextBranch(f)
		f.git("rm", "-q", "-r", s.Folder)
		f.commit("x")
	}},
	{name: "signature added to a record that landed", row: 4, outcome: Refused, mentions: []string{"landed before"}, do: func(f *fixture, s Signed) {
		nextBranch(f)
		f.write(s.Folder+"/author-more@x.sig", "x")
		f.commit("x")
	}},
	{name: "records are a file", row: 4, outcome: Refused, mentions: []string{Dir}, do: func(f *fixture, _ Signed) {
		f.git("rm", "-q", "-r", Dir)
		f.write(Dir, "x")
		f.commit("x")
	}},
	{name: "OpenPGP signature, which is not known", row: 20, outcome: Refused, mentions: []string{"author-dana@example.com.asc"}, do: func(f *fixture, s Signed) {
		f.write(s.Folder+"/author-dana@example.com.asc", "-----BEGIN PGP SIGNATURE-----\n")
		f.commit("x")
	}},
	{name: "DSSE envelope, which is not known", row: 26, outcome: Refused, mentions: []string{"readiness.dsse.json"}, do: func(f *fixture, s Signed) {
		f.write(s.Folder+"/readiness.dsse.json", "{}")
		f.commit("x")
	}},
	{name: "folder named with dots", row: 30, outcome: Malformed, do: func(f *fixture, _ Signed) {
		f.write(Dir+"/2026-11-23-a..b/readiness.json", "{}")
		f.commit("x")
	}},
	{name: "folder named with a control character", row: 30, outcome: Malformed, mentions: []string{`\x1b`}, do: func(f *fixture, _ Signed) {
		f.write(Dir+"/2026-11-23-\x1b[2J/readiness.json", "{}")
		f.commit("x")
	}},
	{name: "signer named with a line break", row: 30, outcome: Malformed, mentions: []string{`\n`}, do: func(f *fixture, s Signed) {
		f.write(s.Folder+"/author-a\nb.sig", "x")
		f.commit("x")
	}},
	{name: "10,000 signatures", row: 30, outcome: Malformed, mentions: []string{"signatures"}, do: func(f *fixture, s Signed) {
		blob := f.git("rev-parse", "HEAD:"+s.Signature)
		lines := strings.Builder{}
		for i := range 10_000 {
			fmt.Fprintf(&lines, "100644 %s\t%s/author-%05d.sig\n", blob, s.Folder, i)
		}
		f.gitIn(lines.String(), "update-index", "--index-info")
		f.git("commit", "-q", "-m", "x")
	}},
}

// nextBranch lands the branch and starts another one.
func nextBranch(f *fixture) {
	f.t.Helper()
	f.git("switch", "-q", "main")
	f.git("merge", "-q", "--no-ff", "-m", "Land", "feature/cart")
	f.git("switch", "-q", "-c", "feature/next")
	f.write("next.go", "package shop\n")
	f.commit("Next")
}

var signatureAttacks = []attack{
	{name: "byte of the statement changed", row: 1, outcome: BadSignature, do: func(f *fixture, s Signed) {
		f.write(s.Folder+"/readiness.json", strings.Replace(f.read(s.Folder+"/readiness.json"), "told on Monday", "told on Sunday", 1))
		f.commit("x")
	}},
	{name: "brace of the statement changed", row: 1, outcome: BadSignature, do: func(f *fixture, s Signed) {
		f.write(s.Folder+"/readiness.json", "["+f.read(s.Folder + "/readiness.json")[1:])
		f.commit("x")
	}},
	{name: "signature of a git commit", row: 10, outcome: WrongNamespace, mentions: []string{"git"}, do: func(f *fixture, s Signed) {
		f.resign(s, "dana", "git", s.Signature)
	}},
	{name: "author's namespace under a reviewer's name", row: 10, outcome: WrongNamespace, do: func(f *fixture, s Signed) {
		f.resign(s, "dana", "flightpoll/author", s.Folder+"/reviewer-dana@example.com.sig")
	}},
	{name: "author signs as reviewer", row: 11, outcome: RoleNotAllowed, mentions: []string{dana, "reviewer"}, do: func(f *fixture, _ Signed) {
		f.sign("dana", dana, "reviewer")
	}},
	{name: "key that is not listed", row: 12, outcome: Untrusted, do: func(f *fixture, s Signed) {
		f.resign(s, "eve", "flightpoll/author", s.Signature)
	}},
	{name: "listed key under another name", row: 12, outcome: Untrusted, mentions: []string{dana}, do: func(f *fixture, s Signed) {
		f.git("rm", "-q", s.Signature)
		f.resign(s, "dana", "flightpoll/author", s.Folder+"/author-eve@example.com.sig")
	}},
	{name: "version byte changed", row: 18, outcome: Malformed, mentions: []string{"version"}, do: func(f *fixture, s Signed) {
		f.rewriteSignature(s, func(raw []byte) []byte { raw[9] = 2; return raw })
	}},
	{name: "second armor block", row: 19, outcome: Malformed, do: func(f *fixture, s Signed) {
		f.write(s.Signature, f.read(s.Signature)+f.read(s.Signature))
		f.commit("x")
	}},
	{name: "text before the armor", row: 19, outcome: Malformed, do: func(f *fixture, s Signed) {
		f.write(s.Signature, "approved by all\n"+f.read(s.Signature))
		f.commit("x")
	}},
	{name: "bytes behind the signature", row: 18, outcome: Malformed, do: func(f *fixture, s Signed) {
		f.rewriteSignature(s, func(raw []byte) []byte { return append(raw, 0) })
	}},
	{name: "no signature left", row: 27, outcome: NotEnough, do: func(f *fixture, s Signed) {
		f.git("rm", "-q", s.Signature)
		f.commit("x")
	}},
	{name: "co-signature deleted", row: 27, outcome: NotEnough, mentions: []string{"0 of 1", "reviewer"},
		prepare: func(f *fixture) { f.requires("signers: {author: 1, reviewer: 1}") },
		do: func(f *fixture, _ Signed) {
			second := f.sign("rex", rex, "reviewer")
			f.expect(Covered, dana, rex)
			f.git("rm", "-q", second.Signature)
			f.commit("x")
		}},
	{name: "touch flag missing where presence is asked", row: 17, outcome: Refused, mentions: []string{"presence"},
		prepare: func(f *fixture) {
			f.requires("presence: true")
			f.write(policy.Signers, AllowedSignerLine(dana, newToken(f).PublicKey(), "author"))
		},
		do: func(f *fixture, s Signed) {
			f.token(s, 0)
		}},
	{name: "key file where presence is asked", row: 17, outcome: Refused, mentions: []string{"presence"},
		prepare: func(f *fixture) { f.requires("presence: true") }, do: func(*fixture, Signed) {}},
}

var trustAttacks = []attack{
	{name: "branch adds its own key", row: 6, outcome: Untrusted, do: func(f *fixture, _ Signed) {
		f.git("reset", "-q", "--hard", "HEAD~1")
		f.write(policy.Signers, f.signersFile()+AllowedSignerLine(eve, f.public("eve"), "author"))
		f.commit("Let eve in")
		f.sign("eve", eve, "author")
	}},
	{name: "merge commit brings its own target", row: 6, outcome: Untrusted, do: func(f *fixture, _ Signed) {
		f.git("reset", "-q", "--hard", "HEAD~1")
		f.git("switch", "-q", "-c", "own-main", "main")
		f.write(policy.Signers, AllowedSignerLine(eve, f.public("eve"), "author"))
		f.commit("Let eve in")
		f.git("switch", "-q", "feature/cart")
		f.git("merge", "-q", "-m", "Merge", "own-main")
		f.sign("eve", eve, "author")
	}},
	{name: "branch weakens the policy", row: 7, outcome: NotEnough, mentions: []string{"reviewer"},
		prepare: func(f *fixture) { f.requires("signers: {author: 1, reviewer: 1}") },
		do: func(f *fixture, _ Signed) {
			f.git("reset", "-q", "--hard", "HEAD~1")
			f.write(policy.Path, "version: 1\nrepository: shop-1\n")
			f.commit("Ask for less")
			f.sign("dana", dana, "author")
		}},
	{name: "record of another repository", row: 8, outcome: OtherRepository, do: func(f *fixture, _ Signed) {
		f.onMain("Become another", func() { f.write(policy.Path, "version: 1\nrepository: other-2\n") })
	}},
	{name: "record for another target", row: 9, outcome: OtherTarget, with: VerifyOptions{Base: "release"}, mentions: []string{"main", "release"}, do: func(f *fixture, _ Signed) {
		f.git("branch", "release", "main")
	}},
	{name: "expired key", row: 13, outcome: Expired, mentions: []string{dana}, do: func(f *fixture, _ Signed) {
		f.onMain("Expire", func() { f.limitDana(`valid-before="20200101"`) })
	}},
	{name: "key that is not valid yet", row: 13, outcome: Untrusted, mentions: []string{dana}, do: func(f *fixture, _ Signed) {
		f.onMain("Later", func() { f.limitDana(`valid-after="20990101Z"`) })
	}},
	{name: "key in the list of revoked keys", row: 13, outcome: Revoked, do: func(f *fixture, _ Signed) {
		f.onMain("Revoke", func() {
			f.write(RevokedSigners, "# left\n"+string(ssh.MarshalAuthorizedKey(f.public("dana"))))
		})
	}},
	{name: "key in a KRL", row: 13, outcome: Revoked, do: func(f *fixture, _ Signed) {
		f.onMain("Revoke", func() {
			f.must(exec.CommandContext(f.t.Context(), "ssh-keygen", "-q", "-k", "-f", filepath.Join(f.root, RevokedSigners), f.key("dana")+".pub").Run()) //nolint:gosec // paths of this test
		})
	}},
	{name: "issued when the key was still valid", row: 14, outcome: Expired, do: func(f *fixture, s Signed) {
		f.onMain("Expire", func() {
			f.limitDana(fmt.Sprintf(`valid-before="%s"`, f.now.Add(-24*time.Hour).Format("20060102150405Z")))
		})
		f.restate(s, func(st *Statement) { st.Predicate.IssuedAt = f.now.Add(-48 * time.Hour) })
	}},
	{name: "issued in the future", row: 14, outcome: Refused, mentions: []string{"still to come"}, do: func(f *fixture, s Signed) {
		f.restate(s, func(st *Statement) {
			st.Predicate.IssuedAt, st.Predicate.ExpiresAt = f.now.Add(24*time.Hour), f.now.Add(48*time.Hour)
		})
	}},
	{name: "expiry set beyond what the policy allows", row: 28, outcome: Expired, with: VerifyOptions{Now: time.Now().Add(15 * 24 * time.Hour)}, do: func(f *fixture, s Signed) {
		f.restate(s, func(st *Statement) { st.Predicate.ExpiresAt = f.now.Add(10000 * time.Hour) })
	}},
	{name: "one key under two principals", row: 15, outcome: NotEnough, mentions: []string{"1 of 2", "one key"},
		prepare: func(f *fixture) {
			f.requires("signers: {author: 2}")
			f.write(policy.Signers, AllowedSignerLine(dana, f.public("dana"), "author")+AllowedSignerLine(eve, f.public("dana"), "author"))
		},
		do: func(f *fixture, _ Signed) { f.sign("dana", eve, "author") }},
	{name: "wildcard principal", row: 16, outcome: Refused, mentions: []string{"wildcard"}, do: func(f *fixture, _ Signed) {
		f.onMain("Anybody", func() { f.write(policy.Signers, AllowedSignerLine("*@example.com", f.public("dana"), "author")) })
	}},
	{name: "certificate authority", row: 16, outcome: Refused, mentions: []string{"authority"}, do: func(f *fixture, _ Signed) {
		f.onMain("CA", func() { f.limitDana("cert-authority") })
	}},
	{name: "waived by hand by one who may not", row: 29, outcome: WaiverNotAllowed, mentions: []string{"reviewer"},
		prepare: func(f *fixture) { f.requires("waivers_by: [reviewer]") },
		do: func(f *fixture, s Signed) {
			f.restate(s, func(st *Statement) {
				st.Predicate.Answers[0].State = checklist.Waived
				st.Predicate.Answers[0].Reason, st.Predicate.Answers[0].Until = "later", "2099-01-01"
			})
		}},
}

// dup puts a second key into the statement's first object.
func dup(key string) func(*fixture, Signed) {
	return func(f *fixture, s Signed) {
		f.restateRaw(s, strings.Replace(f.read(s.Folder+"/readiness.json"), "{\n", "{\n  "+key+": \"x\",\n", 1))
	}
}

var documentAttacks = []attack{
	{name: "duplicate key", row: 22, outcome: Malformed, mentions: []string{"_type"}, do: dup(`"_type"`)},
	{name: "case variant of a key", row: 22, outcome: Malformed, mentions: []string{"PREDICATETYPE"}, do: dup(`"PREDICATETYPE"`)},
	{name: "Kelvin sign for a k", row: 22, outcome: Malformed, do: dup("\"\u212Aey\"")},
	{name: "unknown field", row: 22, outcome: Malformed, mentions: []string{"remarks"}, do: dup(`"remarks"`)},
	{name: "data after the document", row: 22, outcome: Malformed, mentions: []string{"behind"}, do: func(f *fixture, s Signed) {
		f.restateRaw(s, f.read(s.Folder+"/readiness.json")+"{}")
	}},
	{name: "other white space", row: 22, outcome: Malformed, do: func(f *fixture, s Signed) {
		var out bytes.Buffer
		f.must(json.Compact(&out, []byte(f.read(s.Folder+"/readiness.json"))))
		f.restateRaw(s, out.String())
	}},
	{name: "nested without end", row: 30, outcome: Malformed, do: func(f *fixture, s Signed) {
		f.restateRaw(s, strings.Repeat("[", 1_000_000))
	}},
	{name: "11 MB of JSON", row: 30, outcome: Malformed, mentions: []string{"larger"}, do: func(f *fixture, s Signed) {
		f.restateRaw(s, `{"_type":"`+strings.Repeat("x", 11<<20)+`"}`)
	}},
	{name: "delta that is not its entries'", row: 31, outcome: Malformed, do: func(f *fixture, s Signed) {
		f.restate(s, func(st *Statement) { st.Predicate.Delta.Entries = st.Predicate.Delta.Entries[:1] })
	}},
	{name: "readiness.md changed", row: 25, outcome: Refused, mentions: []string{"readiness.md"}, do: func(f *fixture, s Signed) {
		f.write(s.Folder+"/readiness.md", "All is well.\n")
		f.commit("x")
	}},
	{name: "report.json changed", row: 25, outcome: Refused, mentions: []string{"report.json"}, do: func(f *fixture, s Signed) {
		f.write(s.Folder+"/report.json", strings.Replace(f.read(s.Folder+"/report.json"), "100", "99", 1))
		f.commit("x")
	}},
	{name: "report.json missing", row: 25, outcome: Malformed, mentions: []string{"report.json"}, do: func(f *fixture, s Signed) {
		f.git("rm", "-q", s.Folder+"/report.json")
		f.commit("x")
	}},
	{name: "go over a no-go answer", row: 29, outcome: Refused, mentions: []string{"consumers-told"}, do: func(f *fixture, s Signed) {
		f.restate(s, func(st *Statement) { st.Predicate.Answers[0].State = checklist.NoGo })
	}},
	{name: "go by a failed command", row: 29, outcome: Refused, mentions: []string{"failed"}, do: func(f *fixture, s Signed) {
		f.restate(s, func(st *Statement) {
			st.Predicate.Answers[0].Evidence = Evidence{Kind: checklist.CommandEvidence, Command: &Command{Line: "make test", Exit: 2}}
		})
	}},
	{name: "hold, signed by hand", row: 29, outcome: Refused, do: func(f *fixture, s Signed) {
		f.restate(s, func(st *Statement) { st.Predicate.Verdict = checklist.VerdictHold })
	}},
}

var objectAttacks = []attack{
	{name: "replaced blob", row: 23, outcome: Stale, mentions: []string{"price.go"}, do: func(f *fixture, _ Signed) {
		old := f.git("rev-parse", "HEAD:price.go")
		f.write("price.go", "package shop\n\nvar Price = 2\n")
		f.commit("Raise the price")
		f.git("replace", f.git("rev-parse", "HEAD:price.go"), old)
	}},
	{name: "replaced commit", row: 23, outcome: Stale, mentions: []string{"price.go"}, do: func(f *fixture, _ Signed) {
		old := f.git("rev-parse", "HEAD")
		f.write("price.go", "package shop\n\nvar Price = 2\n")
		f.commit("Raise the price")
		f.git("replace", f.git("rev-parse", "HEAD"), old)
	}},
	{name: "grafted history", row: 23, outcome: Stale, mentions: []string{"evil.go"}, do: func(f *fixture, _ Signed) {
		f.write("evil.go", "package shop\n")
		evil := f.commit("Evil")
		f.git("rm", "-q", "evil.go")
		f.commit("Hide")
		f.git("revert", "--no-edit", "HEAD")
		f.must(os.WriteFile(filepath.Join(f.root, ".git/info/grafts"), []byte(f.git("rev-parse", "HEAD")+" "+evil+"\n"), 0o600))
	}},
	{name: "file twice in a tree", row: 24, outcome: Malformed, mentions: []string{"twice"}, do: func(f *fixture, _ Signed) {
		f.forgeTree(func(raw []byte) []byte {
			one := raw[:bytes.IndexByte(raw, 0)+21]
			return append(bytes.Clone(one), raw...)
		})
	}},
	{name: "tree out of order", row: 24, outcome: Malformed, mentions: []string{"not sorted"}, do: func(f *fixture, _ Signed) {
		f.forgeTree(func(raw []byte) []byte {
			cut := bytes.IndexByte(raw, 0) + 21
			return append(bytes.Clone(raw[cut:]), raw[:cut]...)
		})
	}},
	{name: "name that leaves the folder", row: 30, outcome: Malformed, mentions: []string{".."}, do: func(f *fixture, _ Signed) {
		blob, err := base64.StdEncoding.DecodeString("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
		f.must(err)
		f.forgeTree(func(raw []byte) []byte { return append([]byte("100644 ..\x00"), append(blob, raw...)...) })
	}},
}

// requires writes main's policy with something required.
func (f *fixture) requires(line string) {
	f.t.Helper()
	f.write(policy.Path, "version: 1\nrepository: shop-1\nrequire: {"+strings.TrimSuffix(line, "\n")+"}\n")
}

// limitDana gives dana's line of allowed_signers an option.
func (f *fixture) limitDana(option string) {
	f.t.Helper()
	f.write(policy.Signers, dana+" "+option+`,namespaces="flightpoll/author" `+string(ssh.MarshalAuthorizedKey(f.public("dana"))))
}

// resign puts a signature by a key in a namespace at a path.
func (f *fixture) resign(s Signed, key, namespace, path string) {
	f.t.Helper()
	text, err := os.ReadFile(f.key(key))
	f.must(err)
	signer, err := ssh.ParsePrivateKey(text)
	f.must(err)
	signature, err := armored(signer, []byte(f.read(s.Folder+"/readiness.json")), namespace)
	f.must(err)
	f.write(path, string(signature))
	f.commit("x")
}

// restate edits the statement and has dana sign it.
func (f *fixture) restate(s Signed, edit func(*Statement)) {
	f.t.Helper()
	var st Statement
	f.must(json.Unmarshal([]byte(f.read(s.Folder+"/readiness.json")), &st))
	edit(&st)
	text, err := encode(st)
	f.must(err)
	f.restateRaw(s, string(text))
}

func (f *fixture) restateRaw(s Signed, text string) {
	f.t.Helper()
	f.write(s.Folder+"/readiness.json", text)
	f.resign(s, "dana", "flightpoll/author", s.Signature)
}

// rewriteSignature edits the bytes inside the armor.
func (f *fixture) rewriteSignature(s Signed, edit func([]byte) []byte) {
	f.t.Helper()
	signature, err := sshsig.Unarmor([]byte(f.read(s.Signature)))
	f.must(err)
	body := base64.StdEncoding.EncodeToString(edit(signature.Marshal()))
	text := armorBegin + "\n"
	for ; len(body) > 70; body = body[70:] {
		text += body[:70] + "\n"
	}
	f.write(s.Signature, text+body+"\n"+armorEnd+"\n")
	f.commit("x")
}

// forgeTree commits a root tree that git itself would not write.
func (f *fixture) forgeTree(edit func(raw []byte) []byte) {
	f.t.Helper()
	cmd := exec.CommandContext(f.t.Context(), "git", "cat-file", "tree", "HEAD^{tree}")
	cmd.Dir = f.root
	raw, err := cmd.Output()
	f.must(err)
	tree := f.gitIn(string(edit(raw)), "hash-object", "-t", "tree", "-w", "--literally", "--stdin")
	f.git("update-ref", "HEAD", f.git("commit-tree", "-p", "HEAD", "-m", "x", tree))
}

// token is a FIDO key in software.
type token struct {
	public  ssh.PublicKey
	private ed25519.PrivateKey
	flags   byte
}

func (k *token) PublicKey() ssh.PublicKey { return k.public }

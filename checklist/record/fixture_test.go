package record

// A real repository with a main, allowed signers, a branch and keys, for the tests of this package.

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"flightpoll/checklist"
	"flightpoll/checklist/policy"
	"flightpoll/checklist/report"
	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// The people of the tests.
const (
	dana = "dana@example.com"
	rex  = "rex@example.com"
	eve  = "eve@example.com"
)

// fixture is a repository: main holds policy and signers, the branch "feature/cart" two code commits.
type fixture struct {
	t    *testing.T
	root string
	keys string
	now  time.Time
}

// TestMain keeps the machine's own git and ssh settings out of the tests, which run side by side.
func TestMain(m *testing.M) {
	if os.Getenv(killedSign) != "" {
		os.Exit(signForever())
	}
	home, err := os.MkdirTemp("", "flightpoll-record-")
	if err != nil {
		panic(err)
	}
	for k, v := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": home, "GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_SYSTEM": os.DevNull,
		"SSH_AUTH_SOCK": "", "SSH_ASKPASS": "", "TZ": "UTC",
	} {
		if err := os.Setenv(k, v); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	_ = os.RemoveAll(home)
	os.Exit(code)
}

// signersFile lists dana as author and rex as reviewer.
func (f *fixture) signersFile() string {
	return AllowedSignerLine(dana, f.public("dana"), "author") + AllowedSignerLine(rex, f.public("rex"), "reviewer")
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	home := t.TempDir()
	f := &fixture{t: t, root: filepath.Join(home, "shop"), keys: filepath.Join(home, "keys"), now: time.Now().UTC().Truncate(time.Second)}
	for _, dir := range []string{f.root, f.keys} {
		if err := os.Mkdir(dir, 0o750); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"dana", "rex", "eve"} {
		f.newKey(name)
	}
	f.git("init", "-q", "-b", "main")
	f.git("config", "user.name", "Dana")
	f.git("config", "user.email", dana)
	f.write("shop.go", "package shop\n")
	f.write("cart.go", "package shop\n\nvar Cart = 1\n")
	f.write("docs/guide.md", "# Guide\n")
	f.write(policy.Path, "version: 1\nrepository: shop-1\n")
	f.write(policy.Signers, f.signersFile())
	f.commit("Start the shop")
	f.git("switch", "-q", "-c", "feature/cart")
	f.write("cart.go", "package shop\n\nvar Cart = 2\n")
	f.commit("Change the cart")
	f.write("price.go", "package shop\n\nvar Price = 1\n")
	f.commit("Add a price")
	return f
}

func (f *fixture) newKey(name string) {
	f.t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	f.must(err)
	block, err := ssh.MarshalPrivateKey(private, name)
	f.must(err)
	f.must(os.WriteFile(f.key(name), pem.EncodeToMemory(block), 0o600))
	key, err := ssh.NewPublicKey(public)
	f.must(err)
	f.must(os.WriteFile(f.key(name)+".pub", ssh.MarshalAuthorizedKey(key), 0o600))
}

func (f *fixture) key(name string) string { return filepath.Join(f.keys, name) }

func (f *fixture) public(name string) ssh.PublicKey {
	f.t.Helper()
	text, err := os.ReadFile(f.key(name) + ".pub")
	f.must(err)
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	f.must(err)
	return key
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// git runs git as a person would.
func (f *fixture) git(args ...string) string {
	f.t.Helper()
	return f.gitIn("", args...)
}

func (f *fixture) gitIn(in string, args ...string) string {
	f.t.Helper()
	cmd := exec.CommandContext(f.t.Context(), "git", args...) // #nosec G204 -- the test's own
	cmd.Dir = f.root
	cmd.Stdin = strings.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

func (f *fixture) write(path, text string) {
	f.t.Helper()
	full := filepath.Join(f.root, filepath.FromSlash(path))
	f.must(os.MkdirAll(filepath.Dir(full), 0o750))
	f.must(os.WriteFile(full, []byte(text), 0o600)) //nolint:gosec // below the temporary folder
}

func (f *fixture) read(path string) string {
	f.t.Helper()
	text, err := os.ReadFile(filepath.Join(f.root, filepath.FromSlash(path)))
	f.must(err)
	return string(text)
}

func (f *fixture) commit(message string) string {
	f.t.Helper()
	f.git("add", "-A", "-f")
	f.git("commit", "-q", "--allow-empty", "-m", message)
	return f.git("rev-parse", "HEAD")
}

// onMain makes a commit on main and comes back.
func (f *fixture) onMain(message string, change func()) {
	f.t.Helper()
	here := f.git("branch", "--show-current")
	f.git("switch", "-q", "main")
	change()
	f.commit(message)
	f.git("switch", "-q", here)
}

func (f *fixture) open() *branch.Branch {
	f.t.Helper()
	b, err := branch.Open(context.Background(), branch.Options{Dir: f.root})
	f.must(err)
	return b
}

func (f *fixture) policy() policy.Policy {
	f.t.Helper()
	p, _, err := policy.Parse(policy.Path, []byte(f.git("show", "main:"+policy.Path)))
	f.must(err)
	return p
}

// board is a poll that ends with go, with one answer.
func (f *fixture) board() checklist.Board {
	return checklist.Board{Verdict: checklist.VerdictGo, Score: 100, Waivers: map[string]checklist.Waiver{}, Stations: []checklist.Station{{
		Pattern: detectors.Contracts, Weight: 27, Verdict: checklist.VerdictGo,
		Items: []checklist.Item{{
			ID: "consumers-told", Pattern: detectors.Contracts, Question: "Do all readers of Cart know <it>?", State: checklist.Go,
			Covers: []string{"cart.go"}, ScopeSHA256: strings.Repeat("a", 64),
			Answer: &checklist.Answer{
				State: checklist.Go, By: "Dana <" + dana + ">", At: f.now.Add(-time.Hour), Covers: []string{"cart.go"},
				Evidence: checklist.Evidence{Kind: checklist.TextEvidence, Text: "told on Monday"}, ScopeSHA256: strings.Repeat("a", 64),
			},
		}},
	}}}
}

func (f *fixture) build(b *branch.Branch, board checklist.Board) *Draft {
	f.t.Helper()
	rep := report.New("test", b, board, detectors.Result{})
	d, err := Build(b, f.policy(), board, rep, f.now)
	f.must(err)
	return d
}

// sign builds and signs with a key and commits.
func (f *fixture) sign(key, principal, role string) Signed {
	f.t.Helper()
	return f.signBoard(f.board(), SignOptions{Role: role, Key: f.key(key), Principal: principal, Commit: true})
}

func (f *fixture) signBoard(board checklist.Board, o SignOptions) Signed {
	f.t.Helper()
	b := f.open()
	s, err := Sign(context.Background(), b, f.build(b, board), o)
	f.must(err)
	return s
}

func (f *fixture) verify(o VerifyOptions) Verification {
	f.t.Helper()
	v, err := f.tryVerify(o)
	if err != nil {
		f.t.Fatalf("verify cannot tell: %v", err)
	}
	return v
}

func (f *fixture) tryVerify(o VerifyOptions) (Verification, error) {
	o.Dir = f.root
	if o.Now.IsZero() {
		o.Now = f.now.Add(time.Minute)
	}
	return Verify(context.Background(), o)
}

// expect verifies HEAD and compares the outcome.
func (f *fixture) expect(outcome string, mentions ...string) Verification {
	f.t.Helper()
	return f.expectOf(VerifyOptions{}, outcome, mentions...)
}

func (f *fixture) expectOf(o VerifyOptions, outcome string, mentions ...string) Verification {
	f.t.Helper()
	v := f.verify(o)
	if v.Outcome != outcome || v.Covered != (outcome == Covered) {
		f.t.Fatalf("outcome %q (covered %v), expected %q: %s", v.Outcome, v.Covered, outcome, v.Sentence)
	}
	for _, m := range mentions {
		if !strings.Contains(v.Sentence, m) {
			f.t.Errorf("the sentence does not mention %q: %s", m, v.Sentence)
		}
	}
	return v
}

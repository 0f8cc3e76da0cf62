package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"flightpoll/checklist"
	"flightpoll/checklist/record"
	"flightpoll/checklist/report"
)

const authorRole = "author"

// newSignCommand writes and signs the readiness file.
func newSignCommand(a *app) *cobra.Command {
	var base string
	o := record.SignOptions{}
	cmd := &cobra.Command{
		Use:     "sign",
		Short:   "Write and sign the readiness file; refused while anything holds",
		Example: "  flightpoll sign --commit\n  flightpoll sign --role reviewer --key ~/.ssh/id_ed25519",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := a.open(cmd.Context(), base)
			if err != nil {
				return err
			}
			// Another role adds its signature to the record that is there; the answers are in it.
			var draft *record.Draft
			if o.Role != authorRole {
				if draft, err = record.Existing(cmd.Context(), l.branch, l.policy, a.now()); err != nil {
					return err
				}
			}
			if draft == nil {
				r, board, err := l.poll(cmd.Context())
				if err != nil {
					return err
				}
				if board.Verdict != checklist.VerdictGo {
					return &exitError{status: exitHold, err: fmt.Errorf("nothing signed: %s; run `flightpoll` to see and answer it", blocking(r))}
				}
				if draft, err = l.draft(board, r); err != nil {
					return err
				}
			}
			o.Passphrase = a.passphrase
			if !o.Commit && a.terminal {
				o.Commit = a.confirm("Commit the record once it is signed?")
			}
			signed, err := record.Sign(cmd.Context(), l.branch, draft, o)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, "signed by %s as %s: %s\n", report.Clean(signed.Principal), signed.Role, report.Clean(signed.Signature))
			for _, w := range signed.Warnings {
				fmt.Fprintf(a.errOut, "flightpoll: %s\n", report.Clean(w))
			}
			if signed.Commit != "" {
				fmt.Fprintf(a.out, "committed: %s\n", signed.Commit)
			} else {
				fmt.Fprintf(a.out, "commit it: git add %s && git commit -m 'Add readiness record'\n", report.Clean(signed.Folder))
			}
			fmt.Fprintf(a.out, "OpenSSH verifies it without flightpoll:\n  %s\n", signed.VerifyCommand)
			return nil
		},
	}
	cmd.Flags().StringVar(&base, "base", "", "compare with this ref or commit instead of the one found")
	cmd.Flags().StringVar(&o.Role, "role", authorRole, "the role that you sign in")
	cmd.Flags().StringVar(&o.Key, "key", "", "key file; otherwise git's user.signingkey, then the ssh-agent")
	cmd.Flags().BoolVar(&o.Commit, "commit", false, "commit the record, and nothing else")
	return cmd
}

// blocking says in a few words what keeps a branch from being signed.
func blocking(r report.Report) string {
	blockers, open, nogo := 0, 0, 0
	for _, p := range r.Patterns {
		blockers += p.Findings.Blocker
		open += p.Items.Open
	}
	for _, i := range r.Items {
		if i.State == checklist.NoGo {
			nogo++
		}
	}
	var parts []string
	for _, n := range []struct {
		count     int
		one, many string
	}{{blockers, "blocker is open", "blockers are open"}, {nogo, "question says no-go", "questions say no-go"}, {open, "question is unanswered", "questions are unanswered"}} {
		switch {
		case n.count == 1:
			parts = append(parts, "1 "+n.one)
		case n.count > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n.count, n.many))
		}
	}
	return strings.Join(parts, ", ")
}

// passphrase reads a key's passphrase from the terminal without showing it.
func (a *app) passphrase(prompt string) ([]byte, error) {
	in, ok := a.in.(*os.File)
	if !a.terminal || !ok {
		return nil, fmt.Errorf("%s: the key needs a passphrase and there is no terminal to ask on; add it to an ssh-agent first", prompt)
	}
	fmt.Fprintf(a.errOut, "Passphrase for %s: ", report.Clean(prompt))
	defer fmt.Fprintln(a.errOut)
	return term.ReadPassword(int(in.Fd()))
}

// confirm asks a question that enter answers with yes.
func (a *app) confirm(question string) bool {
	fmt.Fprintf(a.errOut, "%s [Y/n] ", question)
	line, err := bufio.NewReader(a.in).ReadString('\n')
	line = strings.ToLower(strings.TrimSpace(line))
	return err == nil && (line == "" || strings.HasPrefix(line, "y"))
}

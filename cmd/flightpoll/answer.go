package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"flightpoll/checklist"
)

// commandTimeout bounds a command that is run as evidence.
const commandTimeout = 30 * time.Minute

// newAnswerCommand answers an item without the terminal program.
func newAnswerCommand(a *app) *cobra.Command {
	var base, text, link, person, command, note string
	cmd := &cobra.Command{
		Use:     "answer ID go|no-go|n/a",
		Short:   "Answer one question of the checklist",
		Example: "  flightpoll answer consumers-told go --person \"Ana Lima <ana@example.com>\"\n  flightpoll answer downstream-tested go --run \"make integration\"",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, state := args[0], checklist.State(args[1])
			if state != checklist.Go && state != checklist.NoGo && state != checklist.NA {
				return fmt.Errorf("%q is no answer; take go, no-go or n/a", args[1])
			}
			l, err := a.open(cmd.Context(), base)
			if err != nil {
				return err
			}
			if _, _, err := l.poll(cmd.Context()); err != nil {
				return err
			}
			if _, ok := l.session.Item(id); !ok {
				return fmt.Errorf("no question %q on this branch; `flightpoll` lists the open ones", id)
			}
			e := checklist.Evidence{}
			switch {
			case command != "":
				fmt.Fprintf(a.errOut, "running: %s\n(the line becomes public with the record)\n", command)
				res, err := l.session.RunCommand(cmd.Context(), command, commandTimeout, func(p []byte) { _, _ = a.errOut.Write(p) })
				if err != nil {
					return err
				}
				e = checklist.Evidence{Kind: checklist.CommandEvidence, Command: &res}
			case link != "":
				e = checklist.Evidence{Kind: checklist.LinkEvidence, Link: link}
			case person != "":
				e = checklist.Evidence{Kind: checklist.PersonEvidence, Person: person}
			case text != "":
				e = checklist.Evidence{Kind: checklist.TextEvidence, Text: text}
			}
			if err := l.session.Answer(id, state, e, note); err != nil {
				return err
			}
			fmt.Fprintf(a.out, "%s: %s, saved\n", id, state)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&base, "base", "", "compare with this ref or commit instead of the one found")
	f.StringVar(&text, "evidence", "", "what you saw, in words")
	f.StringVar(&link, "link", "", "an http(s) address that shows it")
	f.StringVar(&person, "person", "", "who it is: \"NAME <ADDRESS>\"")
	f.StringVar(&command, "run", "", "run this by sh -c in the repository's root and keep status, duration and digest")
	f.StringVar(&note, "note", "", "a remark that goes into the record")
	cmd.MarkFlagsMutuallyExclusive("evidence", "link", "person", "run")
	return cmd
}

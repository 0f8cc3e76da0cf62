package main

import (
	"fmt"

	"charm.land/glamour/v2"
	"github.com/spf13/cobra"

	"flightpoll/checklist"
	"flightpoll/content"
	"flightpoll/detectors"
	"flightpoll/detectors/all"
)

// newExplainCommand shows the guidance for a pattern, a detector or an item.
func newExplainCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "explain [ID]",
		Short:   "What a pattern, a detector or a question is about, and how to prevent it",
		Example: "  flightpoll explain\n  flightpoll explain contracts/stale-mock",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listGuides()
			}
			for _, id := range []string{args[0], "items/" + args[0]} {
				if text, ok := content.Guide(id); ok {
					return a.printGuide(text)
				}
			}
			return fmt.Errorf("there is no guide for %q; `flightpoll explain` lists them", args[0])
		},
	}
}

// listGuides lists patterns, their detectors and their questions.
func (a *app) listGuides() error {
	items, err := checklist.Catalogue()
	if err != nil {
		return err
	}
	for _, p := range detectors.Patterns {
		fmt.Fprintf(a.out, "%-40s %s\n", p, p.Title())
		for _, d := range all.Detectors {
			if d.Pattern() == p {
				fmt.Fprintf(a.out, "  %-38s %s\n", d.ID, d.Title)
			}
		}
		for _, i := range items {
			if i.Pattern == p {
				fmt.Fprintf(a.out, "  %-38s %s\n", i.ID, i.Ask)
			}
		}
		fmt.Fprintln(a.out)
	}
	return nil
}

// printGuide renders Markdown on a terminal and leaves it alone in a pipe.
func (a *app) printGuide(text string) error {
	if !a.color {
		_, err := fmt.Fprint(a.out, text)
		return err
	}
	r, err := glamour.NewTermRenderer(glamour.WithStandardStyle("dark"), glamour.WithWordWrap(min(a.width, 90)))
	if err != nil {
		return err
	}
	styled, err := r.Render(text)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(a.out, styled)
	return err
}

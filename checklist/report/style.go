package report

import "flightpoll/checklist"

// style is one of the few looks of the plain report, as an SGR sequence of the terminal's own sixteen colours.
// Colour never says anything alone: a word stands beside it.
type style string

const (
	none   style = ""
	bold   style = "\x1b[1m"
	dim    style = "\x1b[2m"
	good   style = "\x1b[34m"
	wait   style = "\x1b[33m"
	strong style = "\x1b[1;33m"
)

const reset = "\x1b[0m"

func (p *page) styled(st style, s string) string {
	if !p.options.Color || st == none || s == "" {
		return s
	}
	return string(st) + s + reset
}

// glyph picks a mark, or its ASCII stand-in.
func (p *page) glyph(mark, ascii string) string {
	if p.options.ASCII {
		return ascii
	}
	return mark
}

// look is a state's mark.
type look struct {
	glyph, ascii string
	style        style
}

func mark(v checklist.Verdict) look {
	switch v {
	case checklist.VerdictGo:
		return look{"✓", "+", good}
	case checklist.VerdictNoGo:
		return look{"✗", "x", strong}
	default:
		return look{"!", "!", wait}
	}
}

func stateMark(s checklist.State) look {
	switch s {
	case checklist.Go:
		return look{"✓", "+", good}
	case checklist.NoGo:
		return look{"✗", "x", strong}
	case checklist.NA:
		return look{"–", "-", dim}
	case checklist.Waived:
		return look{"~", "~", dim}
	default:
		return look{"·", "o", wait}
	}
}

package report

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// wrap breaks text at spaces into lines of at most width cells; a longer word has a line of its own, whole, so that a path
// or an address can still be copied.
func wrap(text string, width int) []string {
	var lines []string
	line, cells := "", 0
	for _, word := range strings.Fields(text) {
		n := ansi.StringWidth(word)
		if line != "" && cells+1+n > width {
			lines = append(lines, line)
			line, cells = "", 0
		}
		if line != "" {
			line, cells = line+" ", cells+1
		}
		line, cells = line+word, cells+n
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

package tui

// Composing lines: cleaning text from the repository, fitting it to a width, wrapping it.

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// clean makes text from the repository safe and exact in a cell grid: one line, tabs as four spaces, and no control,
// format (bidi, zero width) or variation character.
func clean(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "?") {
		switch {
		case r == '\t':
			b.WriteString("    ")
		case r == '\n' || r == '\u2028' || r == '\u2029':
			b.WriteByte(' ')
		case r == '\r' || r >= 0xfe00 && r <= 0xfe0f:
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cleanLines cleans a text line by line.
func cleanLines(s string) []string {
	lines := strings.Split(strings.TrimRight(s, "\r\n"), "\n")
	for i, l := range lines {
		lines[i] = clean(strings.TrimRight(l, "\r"))
	}
	return lines
}

// width is the number of cells that s takes.
func width(s string) int {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// fit makes s exactly w cells wide: cut with an ellipsis, or padded.
func fit(s string, w int) string {
	if w <= 0 {
		return ""
	}
	n := width(s)
	if n > w {
		s = ansi.Truncate(s, w, "…")
		n = width(s)
	}
	return s + blanks(w-n)
}

// ends puts two texts at the ends of a line of w cells; the left one gives way.
func ends(left, right string, w int) string {
	r := width(right)
	if r+2 > w {
		return fit(left, w)
	}
	return fit(left, w-r-1) + " " + right
}

const manyBlanks = "                                                                                                                                "

func blanks(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(manyBlanks):
		return manyBlanks[:n]
	}
	return strings.Repeat(" ", n)
}

// wrap breaks text into lines of at most w cells, between words where it can; a hyphen is no place to break, for names
// and paths have them.
func wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	if width(s) <= w {
		return []string{s}
	}
	const whole = "\u2011"
	s = ansi.Wrap(strings.ReplaceAll(s, "-", whole), w, "")
	return strings.Split(strings.ReplaceAll(s, whole, "-"), "\n")
}

// indent puts a prefix before the first line and as many blanks before the others.
func indent(prefix string, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		if i == 0 {
			out[i] = prefix + l
		} else {
			out[i] = blanks(width(prefix)) + l
		}
	}
	return out
}

// block makes exactly h lines of exactly w cells.
func block(lines []string, w, h int) []string {
	out := make([]string, max(0, h))
	for i := range out {
		if i < len(lines) {
			out[i] = fit(lines[i], w)
		} else {
			out[i] = blanks(w)
		}
	}
	return out
}

// plural is "1 file", "2 files".
func plural(n int, word string) string {
	s := itoa(n) + " " + word
	if n != 1 {
		s += "s"
	}
	return s
}

// asciiFor are the stand-ins for what the program itself draws.
var asciiFor = map[rune]byte{
	'─': '-', '│': '|', '┌': '+', '┐': '+', '└': '+', '┘': '+', '┬': '+', '┴': '+', '├': '+', '┤': '+', '┼': '+',
	'▾': 'v', '▸': '>', '▹': '+', '✓': '+', '✗': 'x', '–': '-', '—': '-', '·': '.', '▴': '^', '▫': '*', '…': '.', '→': '>',
	'•': '*', '“': '"', '”': '"', '‘': '\'', '’': '\'', '↑': '^', '↓': 'v', '×': 'x', '●': '*', '○': 'o',
}

// toASCII replaces every other character by as many ASCII ones as it has cells.
func toASCII(line string) string {
	var b strings.Builder
	for _, r := range line {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case asciiFor[r] != 0:
			b.WriteByte(asciiFor[r])
		case r >= 0x2800 && r <= 0x28ff:
			b.WriteByte('*')
		default:
			for range ansi.StringWidth(string(r)) {
				b.WriteByte('?')
			}
		}
	}
	return b.String()
}

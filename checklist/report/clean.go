package report

import (
	"strings"
	"unicode/utf8"
)

// Clean makes text from a repository fit for one line of a terminal: control characters (C0, C1, escape), bidirectional
// controls and invisible characters are taken out, line breaks and tabs become a space, invalid UTF-8 becomes U+FFFD.
func Clean(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			return ' '
		case unseen(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
}

// plain is the fast way for what nearly all text is.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// unseen says whether a character commands the reader's terminal, turns text around, or is there without being seen.
// The joiners U+200C and U+200D stay: scripts and emoji need them.
func unseen(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r < 0xa0,
		r == '\u00ad', r == '\u061c', r == '\u180e', r == '\u200b', r == '\u200e', r == '\u200f', r == '\ufeff',
		r >= '\u2028' && r <= '\u202e', r >= '\u2060' && r <= '\u206f', r >= '\ufff9' && r <= '\ufffb',
		r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

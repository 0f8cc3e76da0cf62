package report

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// apart is a zero-width space as a visible entity: it breaks what forges look for in the rendered text.
const apart = "&#8203;"

// Escape makes text from a repository or a person plain Markdown text, wherever in a line it stands: nothing in it is
// markup, HTML, a picture, a link, a mention, a reference or an emoji's name.
func Escape(s string) string {
	runes := []rune(strings.TrimSpace(Clean(s)))
	at := func(k int) rune {
		if k < 0 || k >= len(runes) {
			return ' '
		}
		return runes[k]
	}
	var b strings.Builder
	for i, r := range runes {
		inWord := isWord(at(i-1)) && isWord(at(i+1))
		switch {
		case strings.ContainsRune("\\`*[]<>|~$&", r), r == '_' && !inWord, i == 0 && strings.ContainsRune("#+-=", r),
			(r == '.' || r == ')') && allDigits(runes[:i]):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		switch {
		case r == '@' && !isWord(at(i-1)), // a mention
			r == '#' && unicode.IsDigit(at(i+1)), // an issue
			r == '-' && unicode.IsDigit(at(i+1)) && i >= 2 && strings.EqualFold(string(runes[i-2:i]), "gh"), // GH-1
			r == ':' && (at(i+1) == '/' && at(i+2) == '/' || isWord(at(i+1)) || at(i+1) == ':'),             // an address, an emoji, a command
			r == '.' && i >= 3 && strings.EqualFold(string(runes[i-3:i]), "www"):
			b.WriteString(apart)
		}
	}
	return b.String()
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// allDigits says whether text begins like the number of a list.
func allDigits(runes []rune) bool {
	for _, r := range runes {
		if r < '0' || r > '9' {
			return false
		}
	}
	return len(runes) > 0
}

// code is a code span, in which nothing is a mention or markup; in a table or not.
func code(s string) string {
	s = strings.TrimSpace(Clean(s))
	if s == "" {
		return "none"
	}
	longest, run := 0, 0
	for _, r := range s {
		if r == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		s = " " + s + " "
	}
	return fence + s + fence
}

// codeList names the first twenty of a list, and how many more there are; the JSON report has them all.
func codeList(list []string) string {
	const shown = 20
	spans := make([]string, 0, shown+1)
	for i, s := range list {
		if i == shown {
			spans = append(spans, fmt.Sprintf("and %d more", len(list)-shown))
			break
		}
		spans = append(spans, code(s))
	}
	return strings.Join(spans, ", ")
}

// link is an address that a person gave as evidence, as a link; anything but a plain http(s) address is text.
func link(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return Escape(address)
	}
	clean := strings.NewReplacer("<", "%3C", ">", "%3E", " ", "%20", "\\", "%5C", "`", "%60").Replace(Clean(u.String()))
	return "<" + clean + ">"
}

package contracts

import (
	"bytes"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

var anonymousObject = lazy.New(`\bnew\s*\{`)

// worthReading says whether a file of Java, Kotlin or C# has to be parsed for a change: one that is compiled with the changed class
// only matters where it has an old name in a string or in an anonymous object, which its text tells; one that is not may have a
// class like it, in a file that is called after it or that asks a server.
func (c *change) worthReading(b *branch.Branch, p string, wired map[string]bool) bool {
	if family(p) == "" || family(p) != family(c.new.path) {
		return true
	}
	text, err := b.ReadHead(p)
	if err != nil {
		return false
	}
	if _, known := wired[p]; !known {
		wired[p] = managedWire.Match(text)
	}
	if c.old.wired && (mentions([]string{p}, c.old.subject()) || wired[p]) && !c.sibling(p) {
		return true
	}
	anonymous := family(p) == "dotnet" && anonymousObject.Match(text)
	for _, g := range c.gone {
		if inString(text, g.wire) || anonymous && (assigned(text, g.wire) || assigned(text, upperFirst(g.wire))) {
			return true
		}
	}
	return false
}

// eachWord calls found with the place of each word of a text, until it says true.
func eachWord(text []byte, word string, found func(at int) bool) bool {
	for from := 0; word != ""; {
		i := bytes.Index(text[from:], []byte(word))
		if i < 0 {
			return false
		}
		i += from
		from = i + len(word)
		if (i == 0 || !wordByte(text[i-1])) && (from == len(text) || !wordByte(text[from])) && found(i) {
			return true
		}
	}
	return false
}

func wordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// inString says that a word stands right behind a quote, or behind an odd number of them on its line.
func inString(text []byte, word string) bool {
	return eachWord(text, word, func(at int) bool {
		return at > 0 && text[at-1] == '"' || bytes.Count(text[bytes.LastIndexByte(text[:at], '\n')+1:at], []byte(`"`))%2 == 1
	})
}

// assigned says that a value is assigned to a word.
func assigned(text []byte, word string) bool {
	return eachWord(text, word, func(at int) bool {
		rest := bytes.TrimLeft(text[at+len(word):min(len(text), at+len(word)+8)], " ")
		return len(rest) > 1 && rest[0] == '=' && rest[1] != '=' && rest[1] != '>'
	})
}

func upperFirst(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

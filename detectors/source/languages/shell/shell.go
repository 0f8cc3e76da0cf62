// Package shell reads shell text: scripts of the repository, and the pieces that stand in workflows, recipes and units.
// POSIX shell and bash are read by the grammar of mvdan.cc/sh; zsh is not read.
package shell

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/lazy"
)

const (
	// maxBytes is the size past which a text is not read.
	maxBytes = 256 << 10
	// maxOpeners bounds the signs that open something in one text. The parser recurses, a nested parenthesis costs it
	// some 5 KB of stack, and no program survives the end of that.
	maxOpeners = 10_000
)

var (
	firstLine = lazy.New(`^#!.*\b(?:ba|da|k)?sh\b`)
	posix     = lazy.New(`^#!.*\b(?:da)?sh\b`)
)

// Is says whether a file is a shell script: by its ending, or by its first line when it has none of a shell's.
func Is(p, text string) bool {
	switch path.Ext(p) {
	case ".sh", ".bash":
		return !strings.HasPrefix(text, "#!") || !strings.Contains(first(text), "zsh")
	}
	return firstLine.MatchString(first(text))
}

// File reads a script of the repository; nil for a file that is none, is too large or does not parse.
func File(p, text string) *syntax.File {
	if !Is(p, text) {
		return nil
	}
	return Read(text)
}

// Read reads a text that is known to be shell, comments kept; nil when it is too large or does not parse.
// It is bash unless its first line asks for a POSIX shell.
func Read(text string) *syntax.File { return read(text) }

// ReadLoose reads as much as it can of a text in which something else stands in places, such as a pipeline's
// own expressions; nil when nothing is left.
func ReadLoose(text string) *syntax.File { return read(text, syntax.RecoverErrors(5)) }

func read(text string, more ...syntax.ParserOption) (file *syntax.File) {
	if len(text) > maxBytes || strings.Count(text, "(")+strings.Count(text, "{") > maxOpeners {
		return nil
	}
	defer func() {
		if recover() != nil { // a text that the parser cannot take says nothing
			file = nil
		}
	}()
	variant := syntax.LangBash
	if posix.MatchString(first(text)) {
		variant = syntax.LangPOSIX
	}
	options := append([]syntax.ParserOption{syntax.Variant(variant), syntax.KeepComments(true)}, more...)
	file, err := syntax.NewParser(options...).Parse(strings.NewReader(text), "")
	if err != nil && len(more) == 0 {
		return nil
	}
	return file
}

func first(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// Text is a word's text as the command gets it, with hole for what is expanded at run time.
func Text(w *syntax.Word, hole string) string {
	var b strings.Builder
	var parts func([]syntax.WordPart)
	parts = func(list []syntax.WordPart) {
		for _, p := range list {
			switch p := p.(type) {
			case *syntax.Lit:
				b.WriteString(p.Value)
			case *syntax.SglQuoted:
				b.WriteString(p.Value)
			case *syntax.DblQuoted:
				parts(p.Parts)
			default:
				b.WriteString(hole)
			}
		}
	}
	if w != nil {
		parts(w.Parts)
	}
	return b.String()
}

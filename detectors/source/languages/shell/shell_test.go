package shell

import (
	"slices"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
)

func TestWhatIsShell(t *testing.T) {
	for _, c := range []struct {
		path, text string
		want       bool
	}{
		{"deploy.sh", "echo hi\n", true},
		{"bin/deploy", "#!/usr/bin/env bash\necho hi\n", true},
		{"bin/deploy", "#!/bin/sh -e\necho hi\n", true},
		{"bin/deploy", "#!/usr/bin/env python3\nprint('sh')\n", false},
		{"bin/deploy", "echo hi\n", false},
		{"setup.sh", "#!/bin/zsh\nprint -P hi\n", false},
		{"bin/flash", "#!/opt/flash\n", false},
	} {
		if got := Is(c.path, c.text); got != c.want {
			t.Errorf("%s %q: %v, want %v", c.path, c.text, got, c.want)
		}
	}
}

func TestTextOfWords(t *testing.T) {
	file := Read(`psql "$URL" -c 'select '"1 as n"`)
	if file == nil {
		t.Fatal("not read")
	}
	var got []string
	for _, w := range file.Stmts[0].Cmd.(*syntax.CallExpr).Args {
		got = append(got, Text(w, "?"))
	}
	if want := []string{"psql", "?", "-c", "select 1 as n"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestPipelineExpressionsAreReadAround(t *testing.T) {
	if Read("if [ 1 ]; then\n  echo a\n") != nil {
		t.Error("a text without its end was read")
	}
	if ReadLoose("if [ 1 ]; then\n  echo a\n") == nil {
		t.Error("a text without its end was not read loosely")
	}
}

// A parser that recurses must not be led to the end of its stack: nothing could catch that.
func TestNestingIsBounded(*testing.T) {
	for _, open := range []string{"(", "$(", "{ ", "`", "$(( (", "((", "if ", "${x:-", "! ", "\"$(", "while ", "case x in x) ", "time ", "<(", "$((~", "$((1?"} {
		for _, n := range []int{maxOpeners, maxBytes / len(open), 2 * maxBytes} {
			Read(strings.Repeat(open, n))
			ReadLoose(strings.Repeat(open, n))
		}
	}
	Read(strings.Repeat("(", maxOpeners) + ":" + strings.Repeat(")", maxOpeners))
}

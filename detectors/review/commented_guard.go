package review

// Lines that guarded something and that the branch turned into a comment, and marks of strictness that a file of code lost.

import (
	"fmt"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	// guarding are calls and marks that keep somebody or something out.
	guarding  = lazy.New(`(?i)\b(\w*(?:auth(?:n|z|_|[A-Z]|enticat|oriz)|login_required|permission|require_?(?:role|admin|login|user|scope|approval|auth)\w*|verify|validat|csrf|rate_?limit|throttle|sanitiz|escape_|signature|authenticate|authorize|ensure_|guard|consent|is_?allowed|can_access|check_?(?:access|limit|quota|scope|role|permission|owner|balance|stock|signature))\w*[!?]?)`)
	commentOf = lazy.New(`^\s*(?://+|#+|--|/\*+|;+|\{/\*)\s?(.*?)\s*(?:\*/\}?)?\s*$`)
	// fileMark are marks by which a file of code asks a compiler to be strict.
	fileMark = lazy.New(`^\s*(#!\[(?:deny|forbid)\([\w:, ]+\)\]|['"]use strict['"];?|declare\(strict_types\s*=\s*1\);|#\s*typed:\s*(?:strict|strong|true)|//\s*@ts-check|#nullable enable|#pragma warnings? error\b.*|#\s*mypy:\s*strict|@CheckReturnValue|@ParametersAreNonnullByDefault)\s*$`)
)

// commented finds such lines in product code.
func (g *guards) commented() error {
	for _, f := range g.product {
		if f.Status != branch.Modified && f.Status != branch.Renamed {
			continue
		}
		before, err := f.Before()
		if err != nil {
			return err
		}
		after, err := f.After()
		if err != nil {
			return err
		}
		was, now := strings.Split(string(before), "\n"), strings.Split(string(after), "\n")
		for _, h := range f.Hunks() {
			if h.OldLines == 0 || h.OldLines > 200 || h.NewLines > 400 {
				continue
			}
			if g.commentedIn(f, h, was, now) {
				break
			}
		}
	}
	return nil
}

func (g *guards) commentedIn(f *branch.File, h branch.Hunk, was, now []string) bool {
	for i := range h.OldLines {
		old := strings.TrimSpace(lineOf(was, h.OldStart+i))
		if len(old) < 6 || len(old) > maxCodeLine {
			continue
		}
		if m := fileMark.FindStringSubmatch(old); m != nil && !strings.Contains(strings.Join(now, "\n"), strings.TrimSpace(m[1])) && !stricter(m[1], now) {
			g.ran = true
			g.report(f.Path, max(1, f.NewLine(h.OldStart+i)), strings.TrimSpace(m[1]), fmt.Sprintf("the file no longer asks for %s", strings.TrimSpace(m[1])),
				"What the compiler would have refused in this very change is merged, and so is everything after it.",
				"Keep it and mend what it finds.")
			return true
		}
		if isComment(old) {
			continue
		}
		m := guarding.FindStringSubmatch(old)
		if m == nil {
			continue
		}
		for j := range h.NewLines {
			c := commentOf.FindStringSubmatch(lineOf(now, h.NewStart+j))
			if c == nil || strings.TrimSpace(c[1]) != old || source.IsTest(f.Path) {
				continue
			}
			g.ran = true
			g.report(f.Path, h.NewStart+j, m[1], fmt.Sprintf("%s no longer guards this: the line is a comment now", m[1]),
				"Whatever it kept out gets in from this change on, and it looks as if it were still there.",
				"Bring the line back, or delete it and say in the commit what guards instead.")
			return true
		}
	}
	return false
}

// stricter says whether the new lines ask for the same, or for more, in other words.
func stricter(mark string, now []string) bool {
	inside := mark
	if i := strings.IndexByte(mark, '('); i >= 0 {
		inside = strings.Trim(mark[i:], "()[];")
	}
	for _, l := range now {
		if fileMark.MatchString(l) && (strings.Contains(l, inside) || strings.Contains(mark, "typed:")) {
			return true
		}
	}
	return false
}

func isComment(line string) bool {
	return strings.HasPrefix(line, "//") || strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "#[") && !strings.HasPrefix(line, "#!") || strings.HasPrefix(line, "*") || strings.HasPrefix(line, "/*") || strings.HasPrefix(line, "--")
}

package review

// How often a test tries: cases of property tests, iterations of fuzzing and of races.

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// triesOf is a number of tries, by the names that libraries of property tests have for it.
var triesOf = lazy.New(`(?i)\b(with_cases\(|cases\s*[:=]|max_examples\s*=|numRuns["']?\s*:|max_?Success\s*=?|minSuccessful(?:Tests)?\s*=?\(?|PropTestConfig\(iterations\s*=|iterations\s*=|num_?tests\s*[:=(]|max_runs\s*[:=]|MaxTest\s*=|\bruns\s*=|tries\s*=|limitTo\(|-?fuzztime[= ])\s*(\d[\d_]*)`)

// fewerTries reports changed tests that try fewer cases than before.
func (w *weakening) fewerTries() error {
	for _, f := range w.pass.Branch.Files {
		if f.Status != branch.Modified || f.Binary || f.TooLarge || !source.IsTest(f.Path) && !foundryConfig(f.Path) && source.LanguageOf(f.Path) != source.Rust || !triesOf.Match(f.AddedText()) {
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
			for i := range min(h.OldLines, h.NewLines) {
				name, a := tries(lineOf(was, h.OldStart+i))
				again, b := tries(lineOf(now, h.NewStart+i))
				if name == "" || name != again || b >= a {
					continue
				}
				w.report(f, h.NewStart+i, testCase{name: name}, fmt.Sprintf("tries %d cases, it tried %d", b, a), "What only a rare input breaks stays unseen.", "Keep the number of cases, or say in the commit why fewer are enough.")
			}
		}
	}
	return w.pass.Context.Err()
}

func foundryConfig(p string) bool { return path.Base(p) == "foundry.toml" }

// tries is the number of tries that a line sets, with its name.
func tries(line string) (name string, n int) {
	m := triesOf.FindStringSubmatch(line)
	if m == nil || len(line) > maxCodeLine {
		return "", 0
	}
	n, err := strconv.Atoi(strings.ReplaceAll(m[2], "_", ""))
	if err != nil {
		return "", 0
	}
	return strings.Trim(m[1], "(=: \t\"'"), n
}

package contracts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
)

// leastNotice is the number of days that clients need at least between being told that something goes and its going. Without
// a policy of its own in the repository, only a date that nobody can meet is told.
const leastNotice = 10

// anyNotice is more days than there are to any date.
const anyNotice = 1 << 30

// sunsetRules are oasdiff's rules with the least notice: an operation, parameter or property that the branch marks as
// deprecated, with a date of its end (the extension x-sunset) that is past or as good as past.
func sunsetRules() *checker.Config {
	return checker.NewConfig(checker.GetAllChecks(), checker.WithDeprecation(leastNotice, leastNotice))
}

// broughtForward are the operations and parameters whose end the branch moved to an earlier date, however far away it is.
func broughtForward(d *diff.Diff, sources *diff.OperationsSourcesMap) checker.Changes {
	checks := checker.BackwardCompatibilityChecks{checker.APISunsetChangedCheck, checker.RequestParameterSunsetChangedCheck}
	rules := checker.NewConfig(checks, checker.WithDeprecation(anyNotice, anyNotice))
	changes := checker.CheckBackwardCompatibilityUntilLevel(rules, d, sources, checker.WARN)
	return slices.DeleteFunc(changes, func(c checker.Change) bool { return !earlier(c) })
}

func earlier(c checker.Change) bool {
	return strings.HasSuffix(c.GetId(), "sunset-date-changed-too-small")
}

// withoutDate says that something was marked as deprecated without a date, which only a policy forbids.
func withoutDate(c checker.Change) bool {
	return strings.HasSuffix(c.GetId(), "sunset-missing")
}

// aboutSunset says that a change is one of the date on which something ends, and not of the interface as it is today.
func aboutSunset(c checker.Change) bool {
	return strings.Contains(c.GetId(), "sunset")
}

// sunsetText words what oasdiff words in the terms of a policy; empty for every other change.
func sunsetText(c checker.Change) string {
	what, args := "it", c.GetArgs()
	switch {
	case strings.HasPrefix(c.GetId(), "request-parameter-sunset-date") && len(args) > 2:
		what, args = fmt.Sprintf("the %v parameter %q", args[0], args[1]), args[2:]
	case strings.Contains(c.GetId(), "-property-sunset-date") && len(args) > 1:
		what, args = fmt.Sprintf("the property %q", strings.Trim(fmt.Sprint(args[0]), "`'\"")), args[1:]
	}
	switch {
	case earlier(c) && len(args) > 1:
		return fmt.Sprintf("the day on which %s ends was brought forward from %v to %v", what, args[0], args[1])
	case strings.HasSuffix(c.GetId(), "sunset-date-too-small") && len(args) > 0:
		return fmt.Sprintf("%s is marked as deprecated only now and ends on %v already", what, args[0])
	}
	return ""
}

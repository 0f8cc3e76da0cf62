package scripts

import (
	"fmt"
	"regexp"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// LiveModelInMigration reports a migration that works with the application's own models.
var LiveModelInMigration = &detectors.Detector{
	ID:    "scripts/live-model-in-migration",
	Title: "A migration works with the application's models of today",
	Run:   quoting(runLiveModel),
}

var modelImport = lazy.New(`(?m)^\s*from\s+([\w.]*\bmodels?(?:\.\w+)*)\s+import\s+\(?\s*([A-Z]\w+)`)

func runLiveModel(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		return err
	}
	for _, s := range c.scripts {
		if s.file.Status == branch.Added {
			c.reportLive(s)
		}
		if s.runner.name != "Django" && s.runner.name != "Alembic" || s.file.Status != branch.Added {
			continue
		}
		for _, m := range modelImport.FindAllStringSubmatchIndex(s.text, -1) {
			module, class := s.text[m[2]:m[3]], s.text[m[4]:m[5]]
			if strings.HasPrefix(module, "django.") || !queriesWith(s.text[m[1]:], class) {
				continue
			}
			line := 1 + strings.Count(s.text[:m[4]], "\n")
			f := detectors.Finding{
				Severity: detectors.Warning, Path: s.path, Line: line, Symbol: class,
				Message:  fmt.Sprintf("The migration queries with the model %s as %s has it today (%s)", class, module, s.runner.name),
				Why:      "Once the model gains a column, this older migration asks for it before it exists, and new databases cannot be built.",
				Fix:      "Use the model of the migration's own time: apps.get_model(...) in Django, a table defined in the file in Alembic.",
				Evidence: []string{module, class},
			}
			pass.Report(f)
			break
		}
	}
	return nil
}

// reportLive reports the live model of the other frameworks. Where the model brings nothing along that is seen to change
// what the migration does, it is worth a note.
func (c *changes) reportLive(s *changed) {
	m := c.liveModelOf(s)
	if m == nil {
		return
	}
	f := detectors.Finding{
		Severity: detectors.Warning, Path: s.path, Line: m.line, Symbol: m.class,
		Message:  fmt.Sprintf("The migration works with the application's model %s as it is today (%s)", m.class, s.runner.name),
		Why:      "Once the model changes, this older migration breaks on new databases, or does something else there than it did in production.",
		Fix:      "Define what the migration needs of the model inside of it, or write SQL.",
		Evidence: []string{m.class},
	}
	switch m.why {
	case "":
		f.Severity = detectors.Note
	case "entity":
	default:
		f.Why = fmt.Sprintf("The model brings its %s along: rows are left out, or code runs, that the migration does not mean, and it changes with the model.", m.why)
	}
	if m.file != "" {
		f.Related = []detectors.Related{{Path: m.file, Line: 1, Message: "the model of today"}}
	}
	c.pass.Report(f)
}

// queriesWith says whether the text queries by the class, rather than taking a constant or a default from it.
func queriesWith(text, class string) bool {
	return regexp.MustCompile(`\b` + class + `\.objects\b|\b` + class + `\.\w+\.(all|filter|exclude|get|create|update|iterator|values\w*|in_bulk|bulk_\w+|select_related|only|order_by|first|last|count)\(|\bquery\(\s*` + class + `\b|\bselect\(\s*` + class + `\b|\bupdate\(\s*` + class + `\b|\binsert\(\s*` + class + `\b|\b` + class + `\(\s*\w+\s*=`).MatchString(text)
}

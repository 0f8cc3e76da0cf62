package scripts

import (
	"fmt"
	"regexp"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// LiveModelInMigration reports a Django or Alembic migration that imports the application's own models.
var LiveModelInMigration = &detectors.Detector{
	ID:    "scripts/live-model-in-migration",
	Title: "A migration works with the application's models of today",
	Run:   runLiveModel,
}

var modelImport = lazy.New(`(?m)^\s*from\s+([\w.]*\bmodels?(?:\.\w+)*)\s+import\s+\(?\s*([A-Z]\w+)`)

func runLiveModel(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		return err
	}
	for _, s := range c.scripts {
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

// queriesWith says whether the text queries by the class, rather than taking a constant or a default from it.
func queriesWith(text, class string) bool {
	return regexp.MustCompile(`\b` + class + `\.objects\b|\bquery\(\s*` + class + `\b|\bselect\(\s*` + class + `\b|\bupdate\(\s*` + class + `\b|\binsert\(\s*` + class + `\b|\b` + class + `\(\s*\w+\s*=`).MatchString(text)
}

package scripts

// Migrations of gormigrate in Go: composite literals with the functions Migrate and Rollback, several in one file.

import (
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	gormigrate   = runner{name: "gormigrate", tracked: true, reversible: true}
	gormSet      = lazy.New(`(?m)^\s*ID:\s*"([^"]+)"`)
	gormMigrate  = lazy.New(`\bMigrate:\s*func\([^)]*\)\s*error\s*\{`)
	gormRollback = lazy.New(`\bRollback:\s*func\([^)]*\)\s*error\s*\{`)
	gormExec     = lazy.New(`\.Exec\(\s*(?:"((?:[^"\\]|\\.)*)"|\x60([^\x60]*)\x60)`)
	gormTable    = lazy.New(`\.(DropTable|CreateTable|AutoMigrate|AddColumn|DropColumn|RenameColumn|CreateIndex|DropIndex)\(\s*&?(?:\w+\.)?"?(\w+)"?(?:\{\})?\s*(?:,\s*"(\w+)")?`)
	gormThrow    = lazy.New(`errors\.New\(|fmt\.Errorf\(|ErrRollbackImpossible|panic\(`)
)

// readGormigrate reads the migrations of a file, nil for other Go files. The way there and the way back are those of the newest one,
// which is the one that a change adds; those before it have been judged when they came.
func readGormigrate(p, text string) *script {
	if !strings.Contains(text, "gormigrate") {
		return nil
	}
	sets := gormSet.FindAllStringIndex(text, -1)
	if len(sets) == 0 {
		return nil
	}
	from := sets[len(sets)-1][0]
	last := text[from:]
	s := &script{path: p, text: text, downPath: p, runner: gormigrate}
	s.downLine = 1 + strings.Count(text[:from], "\n")
	if m := gormMigrate.FindStringIndex(last); m != nil {
		s.up = gormOperations(last[m[1]:m[1]+braced(last[m[1]:])], 1+strings.Count(text[:from+m[1]], "\n"))
	}
	if m := gormRollback.FindStringIndex(last); m != nil {
		body := last[m[1] : m[1]+braced(last[m[1]:])]
		s.hasDown, s.downLine = true, 1+strings.Count(text[:from+m[0]], "\n")
		s.down = gormOperations(body, s.downLine)
		s.refusal = gormThrow.FindString(body)
	}
	if len(s.up) == 0 {
		return nil
	}
	return s
}

// gormOperations reads the SQL and the migrator's calls of a function's body.
func gormOperations(body string, line int) []operation {
	var ops []operation
	at := func(offset int) int { return line + strings.Count(body[:offset], "\n") }
	for _, m := range gormExec.FindAllStringSubmatchIndex(body, 50) {
		for _, g := range []int{2, 4} {
			if m[g] >= 0 {
				found, _ := readSQL(body[m[g]:m[g+1]], at(m[g]))
				ops = append(ops, found...)
			}
		}
	}
	for _, m := range gormTable.FindAllStringSubmatchIndex(body, 50) {
		verb, name := body[m[2]:m[3]], body[m[4]:m[5]]
		o := operation{line: at(m[0]), last: at(m[0]), table: tableOf(name), text: normalise(body[m[0]:m[1]])}
		if m[6] >= 0 {
			o.name = fold(body[m[6]:m[7]])
		}
		switch verb {
		case "CreateTable", "AutoMigrate":
			o.do, o.object, o.guarded = makes, "table", verb == "AutoMigrate"
		case "DropTable":
			o.do, o.object, o.locks = removes, "table", dropped
		case "AddColumn":
			o.do, o.object = makes, "column"
		case "DropColumn":
			o.do, o.object, o.locks = removes, "column", dropped
		case "RenameColumn":
			o.do, o.object, o.locks = alters, "rename", renamed
		case "CreateIndex":
			o.do, o.object, o.locks = makes, "index", plainIndex
		case "DropIndex":
			o.do, o.object = removes, "index"
		}
		ops = append(ops, o)
	}
	return ops
}

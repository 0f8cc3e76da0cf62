package scripts

// The scripts that a branch adds or changes, and what the repository around them says.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// changes is what the detectors of this pattern see of one branch.
type changes struct {
	pass    *detectors.Pass
	scripts []*changed
	// made are the tables that the branch itself creates; added the columns, as "table.column".
	made, added map[string]bool
	// unreadable are changed SQL files in which no statement could be read.
	unreadable []string
	dialect    Dialect
	// sizes remembers what sizeOf found.
	sizes map[string]size
}

// changed is one script of the branch with its file.
type changed struct {
	*script
	file *branch.File
	// before are the operations at the base, for a script that was there.
	before []operation
}

// Dialect is the database that the repository speaks, as far as it shows; empty when it does not.
type Dialect string

// The dialects that can be told apart.
const (
	PostgreSQL Dialect = "PostgreSQL"
	MySQL      Dialect = "MySQL"
	SQLite     Dialect = "SQLite"

	unknown Dialect = ""
)

// gather reads all scripts of the branch. Its error is ErrNotApplicable when there are none.
func gather(pass *detectors.Pass) (*changes, error) {
	c := &changes{pass: pass, made: map[string]bool{}, added: map[string]bool{}}
	report := pass.Report
	pass.Report = func(f detectors.Finding) { report(c.asWritten(f)) }
	scripts, err := c.changedScripts()
	if err != nil {
		return nil, err
	}
	c.scripts = scripts
	if len(c.scripts) == 0 {
		return nil, detectors.ErrNotApplicable
	}
	c.dialect = c.inferDialect()
	for _, s := range c.scripts {
		if f := s.file; f.Status != branch.Added {
			continue
		}
		for t := range tablesMade(s.up) {
			c.made[t] = true
		}
		for _, o := range s.up {
			if o.do == makes && o.object == "column" {
				c.added[o.table+"."+o.name] = true
			}
		}
		if len(s.up) > 0 && s.unread == len(s.up) && path.Ext(s.path) == ".sql" {
			c.unreadable = append(c.unreadable, s.path)
		}
	}
	return c, nil
}

// scriptsOf and siblingOf are the keys under which what is read is kept for all detectors of this pattern.
type (
	scriptsOf struct{}
	siblingOf string
)

// changedScripts reads the scripts among the branch's files, once for all detectors.
func (c *changes) changedScripts() ([]*changed, error) {
	read := func() ([]*changed, error) {
		var list []*changed
		for _, f := range c.pass.Branch.Files {
			if err := c.pass.Context.Err(); err != nil {
				return nil, err
			}
			if f.Status == branch.Deleted || !judged(f) {
				continue
			}
			text, err := f.After()
			if err != nil || text == nil {
				continue
			}
			s := readScript(f.Path, string(text), c.readHead)
			if s == nil {
				continue
			}
			found := &changed{script: s, file: f}
			if old, err := f.Before(); err == nil && old != nil {
				if was := readScript(f.Path, string(old), c.readBase); was != nil {
					found.before = was.up
				}
			}
			list = append(list, found)
		}
		return list, nil
	}
	if c.pass.Source == nil {
		return read()
	}
	return source.Shared(c.pass.Source, scriptsOf{}, read)
}

// scriptAtBase reads a script of the merge base, once for all detectors; nil for what is none.
func (c *changes) scriptAtBase(p string) *script {
	read := func() (*script, error) { return readScript(p, string(c.readBase(p)), c.readBase), nil }
	if c.pass.Source == nil {
		s, _ := read()
		return s
	}
	s, _ := source.Shared(c.pass.Source, siblingOf(p), read)
	return s
}

// judged says whether a changed file is production code in text form.
func judged(f *branch.File) bool {
	return !f.Binary && !f.Generated && !f.Vendored && !f.TooLarge && f.NewMode != 0o120000 && f.NewMode != 0o160000 &&
		!source.IsTest(f.Path) && !source.IsExample(f.Path) && !source.IsDoc(f.Path) && !aside(f.Path)
}

var testish = lazy.New(`(?i)(^|/)(tests?|testdata|spec|specs|fixtures?|__tests__|e2e|mocks?|integration[-_]?tests?|examples?|samples?|demos?|playground|benchmarks?|docs)/|[._-](test|spec)\.\w+$|(^|/)test[_-][^/]+\.(py|sh|rb|js|ts)$`)

// packageRoots are folders below which the names are those of packages: com/example says nothing.
var packageRoots = lazy.New(`src/main/(java|kotlin|scala|groovy)/(.*/)?`)

// aside says whether a path is no product: tests, examples, documents.
func aside(p string) bool { return testish.MatchString(packageRoots.ReplaceAllString(p, "src/main/")) }

// end is nil, or why the detector could not decide.
func (c *changes) end() error {
	if !sqlReader && slices.ContainsFunc(c.scripts, func(s *changed) bool { return path.Ext(s.path) == ".sql" }) {
		return detectors.Inconclusive("built without cgo, so SQL is not read")
	}
	if len(c.unreadable) > 0 {
		return detectors.Inconclusive("no statement of %s could be read", c.unreadable[0])
	}
	return nil
}

func (c *changes) readHead(p string) []byte {
	text, err := c.pass.Branch.ReadHead(p)
	if err != nil {
		return nil
	}
	return text
}

func (c *changes) readBase(p string) []byte {
	text, err := c.pass.Branch.ReadBase(p)
	if err != nil {
		return nil
	}
	return text
}

// introduced says whether the branch wrote the operation.
func (s *changed) introduced(o operation) bool {
	if s.file.Status == branch.Added {
		return true
	}
	if !s.file.TouchedRange(o.line, max(o.line, o.last)) {
		return false
	}
	for _, b := range s.before { // formatted anew, moved, or reworded: the step was there
		if b.do == o.do && thing(b) == thing(o) && b.table == o.table && b.whole == o.whole && b.notNull == o.notNull && b.filled == o.filled && b.guarded == o.guarded {
			return false
		}
	}
	return true
}

// makesTables are the tables that the script makes by what the branch wrote of it.
func (s *changed) makesTables() map[string]bool {
	if s.file.Status == branch.Added {
		return tablesMade(s.up)
	}
	var own []operation
	for _, o := range s.up {
		if s.introduced(o) {
			own = append(own, o)
		}
	}
	return tablesMade(own)
}

// existed says whether the table was there before the branch.
func (c *changes) existed(table string) bool { return table != "" && !c.made[table] }

// maxSiblings bounds how many older migrations are read to learn a repository's habits.
const maxSiblings = 16

// siblings are the newest older scripts of the same kind in the same place, as they are at the base.
func (c *changes) siblings(s *changed) []*script {
	paths, err := c.pass.Branch.BasePaths()
	if err != nil {
		return nil
	}
	dir, ext := path.Dir(s.path), path.Ext(s.path)
	nested := path.Base(s.path) == "migration.sql" || path.Base(s.path) == "up.sql"
	if nested {
		dir = path.Dir(dir)
	}
	from, _ := slices.BinarySearch(paths, dir+"/")
	if dir == "." {
		from = 0
	}
	var near []string
	for _, p := range paths[from:] {
		if dir != "." && !strings.HasPrefix(p, dir+"/") {
			break
		}
		if p != s.path && path.Ext(p) == ext && (nested || path.Dir(p) == dir) && !strings.HasSuffix(p, "down.sql") {
			near = append(near, p)
		}
	}
	near = near[max(0, len(near)-2*maxSiblings):]
	var list []*script
	for _, p := range slices.Backward(near) {
		if len(list) >= maxSiblings || c.pass.Context.Err() != nil {
			break
		}
		if old := c.scriptAtBase(p); old != nil && old.runner.name == s.runner.name {
			list = append(list, old)
		}
	}
	return list
}

var (
	saysPostgres = lazy.New(`(?i)postgres|psycopg|asyncpg|\bpgx\b|lib/pq\b|"pg"|'pg'|\bpsql\b|supabase|cockroach`)
	saysMySQL    = lazy.New(`(?i)mysql|mariadb|planetscale`)
	saysSQLite   = lazy.New(`(?i)sqlite|libsql|turso|\bd1_databases\b`)
)

// inferDialect asks the paths of the scripts first, then the manifests at the repository's root and the scripts' text.
func (c *changes) inferDialect() Dialect {
	for _, s := range c.scripts {
		switch dir := strings.ToLower(s.path); {
		case strings.Contains(dir, "mysql"):
			return MySQL
		case strings.Contains(dir, "sqlite"):
			return SQLite
		case strings.Contains(dir, "postgres"), strings.Contains(dir, "/pg/"):
			return PostgreSQL
		}
	}
	seen := map[Dialect]int{}
	for _, p := range []string{"go.mod", "package.json", "requirements.txt", "pyproject.toml", "Gemfile", "composer.json", "Cargo.toml", "pom.xml",
		"build.gradle", "docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml", "config/database.yml", "README.md",
		"alembic.ini", "prisma/schema.prisma", ".env.example", "knexfile.js", "wrangler.toml"} {
		text := c.readHead(p)
		if text == nil {
			continue
		}
		for d, re := range map[Dialect]*lazy.Regexp{PostgreSQL: saysPostgres, MySQL: saysMySQL, SQLite: saysSQLite} {
			if re.Match(text) {
				seen[d]++
			}
		}
	}
	switch {
	case seen[PostgreSQL] > 0 && seen[PostgreSQL] >= seen[MySQL]:
		return PostgreSQL
	case seen[MySQL] > 0:
		return MySQL
	case seen[SQLite] > 0:
		return SQLite
	}
	return unknown
}

package scripts

// The order in which a runner would execute the SQL files of a branch: what is there at the base, and what comes on top.

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// Migration is one SQL migration or script as its runner executes it.
type Migration struct {
	// Path is the file, relative to the root with slashes; DownPath the one with its way back.
	Path, DownPath string
	// Up and Down are the SQL text of each way. HasDown says that the place for the way back exists.
	Up, Down string
	HasDown  bool
	// UpSteps and DownSteps are the single statements, nil where the text is too large to be cut.
	UpSteps, DownSteps []string
	// Runner is shown to people. Tracked: it does not run again what ran; Atomic: one transaction around one file;
	// Whole: sent to the server in one piece.
	Runner                 string
	Tracked, Atomic, Whole bool
}

// Sequence is the SQL migrations of one folder.
type Sequence struct {
	// Folder is where they lie, Runner what executes them.
	Folder, Runner string
	Dialect        Dialect
	// Base are those of the merge base, Added those that the branch brings, in the runner's order. Edited are paths that
	// were there at the base and differ now.
	Base, Added []Migration
	Edited      []string
	// Code are migrations of the same folder that are not SQL, as paths.
	Code []string
}

// Plan is everything of a branch that runs against a database.
type Plan struct {
	Sequences []Sequence
	// Loose are SQL scripts that no runner tracks; Foreign the migrations that only their framework can run.
	Loose   []Migration
	Foreign []Foreign
	// Schemas are schema dumps at the base, as paths, for a branch whose tables no migration makes.
	Schemas []string
	Dialect Dialect
}

// Foreign is a migration written for a framework.
type Foreign struct{ Path, Runner string }

// PlanOf reads which migrations and SQL scripts the branch adds, and what comes before them. The error is
// detectors.ErrNotApplicable when there are none.
func PlanOf(pass *detectors.Pass) (Plan, error) {
	c, err := gather(pass)
	if err != nil {
		return Plan{}, err
	}
	base, err := pass.Branch.BasePaths()
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{Dialect: c.dialect}
	found := map[string]*Sequence{}
	var order []string
	for _, s := range c.scripts {
		switch {
		case path.Ext(s.path) != ".sql":
			if s.runner.tracked {
				plan.Foreign = append(plan.Foreign, Foreign{s.path, s.runner.name})
			}
		case !s.runner.tracked && s.runner.name != repeatable.name:
			plan.Loose = append(plan.Loose, s.migration())
		default:
			key := folderOf(s.path)
			seq := found[key]
			if seq == nil {
				seq = &Sequence{Folder: key, Runner: s.runner.name}
				found[key] = seq
				order = append(order, key)
			}
			if s.file.Status == branch.Modified && s.runner.name != repeatable.name {
				seq.Edited = append(seq.Edited, s.path)
			} else {
				seq.Added = append(seq.Added, s.migration())
			}
		}
	}
	if len(plan.Loose) > 0 && len(found) == 0 {
		for _, key := range foldersAt(base) {
			found[key] = &Sequence{Folder: key}
			order = append(order, key)
		}
	}
	for _, key := range order {
		seq := found[key]
		c.fill(seq, base)
		if len(seq.Base)+len(seq.Added) > 0 {
			seq.Dialect = cmp.Or(spoken(seq), plan.Dialect)
			plan.Sequences = append(plan.Sequences, *seq)
		}
	}
	for _, p := range base {
		if path.Ext(p) == ".sql" && dumped.MatchString(path.Base(p)) {
			plan.Schemas = append(plan.Schemas, p)
		}
	}
	return plan, nil
}

// fill reads the sequence's files at the base.
func (c *changes) fill(seq *Sequence, base []string) {
	for _, p := range below(base, seq.Folder) {
		if folderOf(p) != seq.Folder {
			continue
		}
		if path.Ext(p) != ".sql" {
			if numberedCode.MatchString(path.Base(p)) {
				seq.Code = append(seq.Code, p)
			}
			continue
		}
		s := readScript(p, string(c.readBase(p)), c.readBase)
		if s == nil || !s.runner.tracked && s.runner.name != repeatable.name {
			continue
		}
		seq.Runner = cmp.Or(seq.Runner, s.runner.name)
		seq.Base = append(seq.Base, s.migration())
	}
	for _, list := range [][]Migration{seq.Base, seq.Added} {
		slices.SortFunc(list, func(a, b Migration) int { return inOrder(a.Path, b.Path) })
	}
}

var (
	numberedCode = lazy.New(`^\d{3,14}[_\-].*\.(go|py|js|ts|rb)$`)
	versionDigit = lazy.New(`\d+`)
)

func (s *script) migration() Migration {
	m := Migration{
		Path: s.path, DownPath: s.downPath, Up: s.upText, Down: s.downText, HasDown: s.hasDown,
		Runner: s.runner.name, Tracked: s.runner.tracked, Atomic: s.runner.atomic, Whole: s.runner.whole,
	}
	m.UpSteps, m.DownSteps = steps(m.Up), steps(m.Down)
	return m
}

// steps are the statements of a text, nil when cutting it would lose any.
func steps(text string) []string {
	if len(text) > maxStatement {
		return nil
	}
	var list []string
	for _, s := range split(text) {
		list = append(list, s.text)
	}
	if len(list) >= maxStatements {
		return nil
	}
	return list
}

// folderOf is the folder whose files run in one order: where each migration has a folder of its own, the one above.
func folderOf(p string) string {
	if base := path.Base(p); base == "migration.sql" || base == "up.sql" || base == "down.sql" {
		return path.Dir(path.Dir(p))
	}
	return path.Dir(p)
}

// foldersAt are the folders of SQL migrations.
func foldersAt(paths []string) []string {
	var list []string
	for _, p := range paths {
		if path.Ext(p) == ".sql" && migrationDir.MatchString(path.Dir(p)) && !aside(p) && !slices.Contains(list, folderOf(p)) {
			list = append(list, folderOf(p))
		}
	}
	return list
}

// below are the paths under a folder; paths is sorted.
func below(paths []string, dir string) []string {
	if dir == "." {
		return paths
	}
	from, _ := slices.BinarySearch(paths, dir+"/")
	to := from
	for to < len(paths) && strings.HasPrefix(paths[to], dir+"/") {
		to++
	}
	return paths[from:to]
}

// inOrder compares two migrations by the numbers at the start of their names, as runners do; repeatable ones come last.
func inOrder(a, b string) int {
	x, y := versionName(a), versionName(b)
	if d := cmp.Compare(repeats(x), repeats(y)); d != 0 {
		return d
	}
	m, n := versionNumbers(x), versionNumbers(y)
	if d := slices.Compare(m, n); d != 0 && len(m) > 0 && len(n) > 0 {
		return d
	}
	return strings.Compare(x, y)
}

func repeats(name string) int {
	if flywayRepeat.MatchString(name) {
		return 1
	}
	return 0
}

func versionName(p string) string {
	if base := path.Base(p); base == "migration.sql" || base == "up.sql" {
		return path.Base(path.Dir(p))
	}
	return path.Base(p)
}

func versionNumbers(name string) []uint64 {
	m := versionOf.FindStringSubmatch(name)
	if m == nil {
		return nil
	}
	var list []uint64
	for _, d := range versionDigit.FindAllString(m[1], -1) {
		n, err := strconv.ParseUint(d, 10, 64)
		if err != nil {
			return nil
		}
		list = append(list, n)
	}
	return list
}

var (
	onlyPostgres = lazy.New(`(?i)\b(bigserial|serial|jsonb|timestamptz|uuid_generate_v4|gen_random_uuid|plpgsql|concurrently|bytea)\b|::\w+|\$\$`)
	onlyMySQL    = lazy.New("(?i)\\bengine\\s*=|\\bauto_increment\\b|\\bunsigned\\b|`")
	onlySQLite   = lazy.New(`(?i)\bautoincrement\b|\bpragma\b|\bwithout rowid\b|\bunixepoch\(|\bdatetime\('now'`)
)

// spoken is the dialect that the sequence's own text shows, the most frequent of the traits that only one has.
func spoken(seq *Sequence) Dialect {
	count := map[Dialect]int{}
	for _, m := range slices.Concat(seq.Added, seq.Base) {
		for d, re := range map[Dialect]*lazy.Regexp{PostgreSQL: onlyPostgres, MySQL: onlyMySQL, SQLite: onlySQLite} {
			count[d] += len(re.FindAllString(m.Up, 20))
		}
	}
	best := unknown
	for _, d := range []Dialect{PostgreSQL, MySQL, SQLite} {
		if count[d] > count[best] {
			best = d
		}
	}
	return best
}

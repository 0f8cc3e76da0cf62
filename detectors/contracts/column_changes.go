package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// A columnChange is a column or a whole table (column is empty then) that the branch renamed or dropped; to is empty for a drop.
type columnChange struct {
	table, column, to string
	path              string
	line              int
	// migrated: a migration says so, and not only a model.
	migrated bool
	// spelled is the name in the migration's own case.
	spelled string
}

var (
	migrationPath = lazy.New(`(?i)(^|/)(migrations?|migrate|alembic|versions|changelog|flyway|liquibase|drizzle)(/|$)|(^|/)V\d+[._]\S*__\S+\.sql$|(^|/)(db|sql|schema|database|ddl)/\d{3,}[_-][^/]+\.sql$`)
	downPath      = lazy.New(`(?i)(\.down\.sql|[._-]down\.sql|/down\.sql|rollback|/down/|\.undo\.sql)$|(^|/)U\d+__`)
	downPart      = lazy.New(`(?m)^\s*(def downgrade\b|def down\b|exports\.down\b|export (async )?(function|const) down\b|(public )?async down\(|down\s*[:(]|public function down|protected override void Down|--\s*\+goose Down|--\s*migrate:down|--\s*\+migrate Down|module\.exports\.down\b|func [dD]own\w*\()`)

	ident         = `["'\x60\[:]?([A-Za-z_]\w*)["'\x60\]]?`
	qualified     = `(?:["\x60\[]?\w+["\x60\]]?\s*\.\s*)?["\x60\[]?([A-Za-z_]\w*)["\x60\]]?`
	alterHead     = lazy.New(`(?i)\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?` + qualified + `\s+([^;]+)`)
	sqlRename     = lazy.New(`(?i)\brename\s+(?:column\s+)?` + ident + `\s+to\s+` + ident)
	sqlRenameTo   = lazy.New(`(?i)^\s*rename\s+(?:to|as)\s+` + qualified)
	sqlChange     = lazy.New(`(?i)\bchange\s+(?:column\s+)?` + ident + `\s+` + ident + `\s+\w+`)
	sqlDrop       = lazy.New(`(?i)\bdrop\s+(?:column\s+)?(?:if\s+exists\s+)?` + ident)
	notColumns    = []string{"constraint", "index", "key", "primary", "foreign", "check", "default", "not", "column", "to", "if", "identity", "expression", "trigger", "partition", "unique"}
	sqlTables     = lazy.New(`(?i)\brename\s+table\s+` + qualified + `\s+to\s+` + qualified)
	spRename      = lazy.New(`(?i)\bsp_rename\s+N?'(?:\w+\.)?(\w+)\.(\w+)'\s*,\s*N?'(\w+)'\s*,\s*N?'COLUMN'`)
	dropTable     = lazy.New(`(?i)\bdrop\s+table\s+(?:if\s+exists\s+)?` + qualified)
	brings        = lazy.New(`(?i)\badd\s+(?:column\s+)?(?:if\s+not\s+exists\s+)?` + ident + `|\bcreate\s+(?:or\s+replace\s+)?(?:view|table)\s+(?:if\s+not\s+exists\s+)?` + qualified)
	callRename    = lazy.New(`(?i)\brename_?column\s*\(?\s*[:'"](\w+)['"]?\s*,\s*[:'"](\w+)['"]?\s*,\s*(?:to:\s*)?[:'"](\w+)`)
	callDrop      = lazy.New(`(?i)(?:^|[^>\w.]|\b(?:op|migration|schema|queryRunner|queryInterface)\.)(?:remove_?column|drop_?column)\s*\(?\s*[:'"](\w+)['"]?\s*,\s*[:'"](\w+)['"]?`)
	callDropTable = lazy.New(`(?i)(?:\b(?:drop_?table|drop_?table_?if_?exists)|Schema::drop(?:IfExists)?)\s*\(?\s*(?:name:\s*)?[:'"](\w+)['"]?`)
	inBlockDrop   = lazy.New(`(?:->dropColumn|\b(?:t|table|batch_op)\.(?:dropColumns?|drop_column|remove))\s*\(?\s*(\[?\s*[:'"]\w+['"]?(?:\s*,\s*[:'"]\w+['"]?)*)`)
	blockColumn   = lazy.New(`[:'"](\w+)`)
	efDrop        = lazy.New(`DropColumn\(\s*name:\s*"(\w+)",\s*(?:schema:\s*"\w*",\s*)?table:\s*"(\w+)"`)
	djangoRemove  = lazy.New(`RemoveField\(\s*model_name\s*=\s*['"](\w+)['"],\s*name\s*=\s*['"](\w+)['"]`)
	djangoDelete  = lazy.New(`DeleteModel\(\s*(?:name\s*=\s*)?['"](\w+)['"]`)
	alembicRename = lazy.New(`\balter_column\(\s*['"](\w+)['"]\s*,\s*['"](\w+)['"][^)]*?new_column_name\s*=\s*['"](\w+)['"]`)
	batchRename   = lazy.New(`\balter_column\(\s*['"](\w+)['"]\s*,[^)]*?new_column_name\s*=\s*['"](\w+)['"]`)
	inBlockRename = lazy.New(`\brenameColumn\(\s*['"](\w+)['"]\s*,\s*['"](\w+)['"]\s*\)`)
	blockHead     = lazy.New(`\b(?:alterTable|batch_alter_table|Schema::table|schema\.table|->table|change_table|table)\(?\s*[:'"](\w+)['"]?`)
	efRename      = lazy.New(`RenameColumn\(\s*name:\s*"(\w+)",\s*(?:schema:\s*"\w*",\s*)?table:\s*"(\w+)",\s*(?:schema:\s*"\w*",\s*)?newName:\s*"(\w+)"`)
	djangoRename  = lazy.New(`RenameField\(\s*model_name\s*=\s*['"](\w+)['"],\s*old_name\s*=\s*['"](\w+)['"],\s*new_name\s*=\s*['"](\w+)['"]`)
	tableRename   = lazy.New(`(?i)\brename_?table\s*\(?\s*[:'"](\w+)['"]?\s*,\s*[:'"](\w+)['"]?`)
)

// migratedColumns are the columns and tables that a migration of the branch renames or drops on its way up.
func migratedColumns(at side, p string) []columnChange {
	text, err := at.text(p)
	if err != nil || downPath.MatchString(p) || len(text) > branch.MaxFile {
		return nil
	}
	up := string(text)
	if m := downPart.FindStringIndex(up); m != nil {
		up = up[:m[0]]
	}
	m := &migration{path: p, text: up}
	m.statements()
	m.calls()
	return slices.DeleteFunc(m.list, func(c columnChange) bool { return m.made[c.table+"."+c.column] })
}

type migration struct {
	path, text string
	list       []columnChange
	// made are the columns ("table.column") and tables ("table.") that it makes, too.
	made map[string]bool
}

func (m *migration) put(at int, table, column, to string) {
	c := columnChange{strings.ToLower(table), strings.ToLower(column), strings.ToLower(to), m.path, 1 + strings.Count(m.text[:at], "\n"), true, cmpOr(column, table)}
	if c.table != "" && (c.column == "" || c.column != c.to) && !slices.Contains(notColumns, c.column) {
		m.list = append(m.list, c)
	}
}

// statements reads SQL, as a file or in the strings of a program.
func (m *migration) statements() {
	m.made = map[string]bool{}
	for _, a := range alterHead.FindAllStringSubmatchIndex(m.text, 200) {
		table, rest := m.text[a[2]:a[3]], m.text[a[4]:a[5]]
		if end := strings.IndexAny(rest, ";"); end >= 0 {
			rest = rest[:end]
		}
		for _, x := range brings.FindAllStringSubmatch(rest, 50) {
			m.made[strings.ToLower(table+"."+x[1])] = true
		}
		if r := sqlRenameTo.FindStringSubmatch(rest); r != nil {
			m.put(a[0], table, "", r[1])
			m.made[strings.ToLower(r[1])+"."] = true
			continue
		}
		for _, x := range sqlRename.FindAllStringSubmatchIndex(rest, 50) {
			m.put(a[4]+x[0], table, rest[x[2]:x[3]], rest[x[4]:x[5]])
		}
		for _, x := range sqlChange.FindAllStringSubmatchIndex(rest, 50) {
			m.put(a[4]+x[0], table, rest[x[2]:x[3]], rest[x[4]:x[5]])
		}
		for _, x := range sqlDrop.FindAllStringSubmatchIndex(rest, 50) {
			m.put(a[4]+x[0], table, rest[x[2]:x[3]], "")
		}
	}
	for _, x := range brings.FindAllStringSubmatch(m.text, 200) {
		if x[2] != "" {
			m.made[strings.ToLower(x[2])+"."] = true
		}
	}
	for _, x := range sqlTables.FindAllStringSubmatchIndex(m.text, 50) {
		m.put(x[0], m.text[x[2]:x[3]], "", m.text[x[4]:x[5]])
		m.made[strings.ToLower(m.text[x[4]:x[5]])+"."] = true
	}
	for _, x := range spRename.FindAllStringSubmatchIndex(m.text, 50) {
		m.put(x[0], m.text[x[2]:x[3]], m.text[x[4]:x[5]], m.text[x[6]:x[7]])
	}
	for _, x := range dropTable.FindAllStringSubmatchIndex(m.text, 50) {
		m.put(x[0], m.text[x[2]:x[3]], "", "")
	}
}

// calls reads the calls of migration frameworks.
func (m *migration) calls() {
	three := func(re *lazy.Regexp, table, column, to int) {
		for _, x := range re.FindAllStringSubmatchIndex(m.text, 100) {
			name := ""
			if to > 0 {
				name = m.text[x[2*to]:x[2*to+1]]
			}
			m.put(x[0], m.text[x[2*table]:x[2*table+1]], m.text[x[2*column]:x[2*column+1]], name)
		}
	}
	three(callRename, 1, 2, 3)
	three(callDrop, 1, 2, 0)
	three(alembicRename, 1, 2, 3)
	three(efRename, 2, 1, 3)
	three(efDrop, 2, 1, 0)
	for _, x := range callDropTable.FindAllStringSubmatchIndex(m.text, 50) {
		m.put(x[0], m.text[x[2]:x[3]], "", "")
	}
	for _, x := range inBlockDrop.FindAllStringSubmatchIndex(m.text, 50) {
		heads := blockHead.FindAllStringSubmatch(m.text[:x[0]], -1)
		for _, c := range blockColumn.FindAllStringSubmatch(m.text[x[2]:x[3]], 20) {
			if len(heads) > 0 {
				m.put(x[0], heads[len(heads)-1][1], c[1], "")
			}
		}
	}
	for _, x := range tableRename.FindAllStringSubmatchIndex(m.text, 50) {
		m.put(x[0], m.text[x[2]:x[3]], "", m.text[x[4]:x[5]])
	}
	for _, re := range []*lazy.Regexp{batchRename, inBlockRename} {
		for _, x := range re.FindAllStringSubmatchIndex(m.text, 100) {
			if heads := blockHead.FindAllStringSubmatch(m.text[:x[0]], -1); len(heads) > 0 && (re != batchRename || !alembicRename.MatchString(m.text[x[0]:x[1]])) {
				m.put(x[0], heads[len(heads)-1][1], m.text[x[2]:x[3]], m.text[x[4]:x[5]])
			}
		}
	}
	m.liquibase()
	if app := path.Base(path.Dir(path.Dir(m.path))); strings.HasSuffix(m.path, ".py") {
		if !strings.Contains(m.text, "SeparateDatabaseAndState") {
			for _, x := range djangoRemove.FindAllStringSubmatchIndex(m.text, 50) {
				m.put(x[0], app+"_"+m.text[x[2]:x[3]], m.text[x[4]:x[5]], "")
			}
			for _, x := range djangoDelete.FindAllStringSubmatchIndex(m.text, 50) {
				m.put(x[0], app+"_"+m.text[x[2]:x[3]], "", "")
			}
		}
		for _, x := range djangoRename.FindAllStringSubmatchIndex(m.text, 50) {
			was := m.text[x[4]:x[5]]
			if strings.Contains(m.text, `db_column="`+was+`"`) || strings.Contains(m.text, `db_column='`+was+`'`) {
				continue // only the model's name changes, the column keeps its own
			}
			m.put(x[0], app+"_"+m.text[x[2]:x[3]], was, m.text[x[6]:x[7]])
		}
	}
}

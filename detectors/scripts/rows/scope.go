package rows

// Which rows a chain is about, and what it sets in them.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	// about are the links whose argument names what the chain is about.
	about = lazy.New(`^(table|from|From|into|Into|collection|Collection|Model|model|Table|query|update|Update|delete|Delete|insert|Insert|InsertInto|insert_into|insertInto|updateTable|deleteFrom|insert_many|getRepository|get_repository|getCollection|GetCollection|NewUpdate|createUpdate)$`)
	// neutral are the links that leave no row out.
	neutral = lazy.New(`^(all|query|unscoped|objects|_default_manager|_base_manager|using|on|connection|newQuery|newModelQuery|createQueryBuilder|query_builder|queryBuilder|builder|WithContext|Session|Debug|Unscoped|Model|model|Table|table|collection|Collection|getCollection|GetCollection|database|Database|db|DB|from|From|into|set|Set\w*|values|Values|value|execute\w*|exec|Exec|ExecX|Save|SaveX|ExecContext|RunWith|ToSql|returning|Returning|select|async|IgnoreQueryFilters|AsNoTracking|AsQueryable|schema|withSchema|with|tx|transacting|session|getRepository|get_repository|manager|col_expr|SetProperty|update|Update|delete|Delete|Column|Returning|then|catch|lean|numUpdatedRows|sync|asQueryable|join|execution_options|values_list|then_by|order_by|order|orderBy|latest|withTrashed|withoutGlobalScopes?|toBase|run|no_cache|clone|await|unwrap|expect|map_err|context|rowcount|modifiedCount|error|Error|Err|count|RowsAffected|AllowGlobalUpdate|set_columns|addUpdateColumn|New\w+|On|Suffix|PlaceholderFormat|rows|self|this|conn|prisma|client|app|models|Op)$`)
	always  = lazy.New("(?i)^[\"'`]?\\s*(1\\s*=\\s*1|true)\\s*[\"'`]?$")
	// allRows are filters that hold for each row.
	allRows = lazy.New(`^(\{\s*\}|None|null|nil|undefined|(bson|mongo)\.(M|D)\{\s*\}|new\s+(Document|BsonDocument)\(\s*\)|Document\(\s*\)|BsonDocument\(\s*\)|\w+\s*=>\s*true|FilterDefinition<\w+>\.Empty|Builders<\w+>\.Filter\.Empty|Filters\.empty\(\s*\)|(primitive|options)\.(M|D)\{\s*\}|\[\s*\]|1)$`)
	// whereKey is the condition of an object of options, with what it holds.
	whereKey   = lazy.New(`\bwhere\s*:\s*`)
	shortWhere = lazy.New(`(^|[{,]\s*)where\s*([,}]|$)`)
)

// scopeOf is the text of a chain's conditions, and whether they leave no row out.
func scopeOf(m mapper, chain []link, verb int) (condition string, whole bool) {
	args := slices.DeleteFunc(arguments(chain[verb].args), func(a string) bool { return passed.MatchString(a) })
	switch m.scope {
	case always0:
		return "", true
	case byFilter, byFilter1:
		if m.scope == byFilter1 && len(args) > 0 {
			args = args[1:]
		}
		if len(args) > 0 && whereKey.MatchString(args[0]) || len(args) > 0 && shortWhere.MatchString(args[0]) {
			return whereIn(args[0])
		}
		if len(args) == 1 && m.do == Update && strings.HasPrefix(args[0], "{") && dataKey.MatchString(args[0]) {
			return "", true
		}
		if len(args) == 0 {
			return "", m.do == Delete
		}
		return args[0], allRows.MatchString(args[0])
	case byWhere:
		return whereIn(strings.Join(args, ", "))
	case byChain:
	}
	var text []string
	whole = true
	for i, l := range chain {
		switch {
		case i == verb, neutral.MatchString(l.name), l.called && always.MatchString(l.args):
		case m.lang == ruby && i < verb && !l.called && i > lastModel(chain[:verb]):
			text, whole = append(text, l.name), false
		case i < verb && !l.called, i < verb && l.args == "" && i == 0:
		case i == 0 && quotedName.MatchString(l.args):
		case i > verb && !l.called:
		case about.MatchString(l.name):
			if strings.ContainsAny(l.args, ".(") && scopedArg.MatchString(l.args) {
				text, whole = append(text, l.args), false
			}
		default:
			text, whole = append(text, l.name+" "+l.args), false
		}
	}
	if scopedArg.MatchString(chain[verb].args) && about.MatchString(chain[verb].name) {
		text, whole = append(text, chain[verb].args), false
	}
	if m.needs != nil && whole {
		whole = m.needs.MatchString(joined(chain))
	}
	return strings.Join(text, " "), whole
}

// joined is a chain with its arguments, for the mark without which a mapper refuses to write every row.
func joined(chain []link) string {
	var b strings.Builder
	for _, l := range chain {
		b.WriteString(l.name + "(" + l.args + ").")
	}
	return b.String()
}

var (
	// scopedArg is an argument that brings its own condition: diesel::update(t.filter(...)).
	scopedArg = lazy.New(`\.(filter|find|where|Where|Filter)\w*\(`)
	dataKey   = lazy.New(`\bdata\s*[:,}]`)
)

// whereIn is the condition behind where: of an object of options, and whether there is none.
func whereIn(args string) (string, bool) {
	at := whereKey.FindStringIndex(args)
	if at == nil {
		return "", !shortWhere.MatchString(args)
	}
	rest := args[at[1]:]
	end := 0
	if rest != "" && rest[0] == '{' {
		end = balanced(rest)
	} else if end = strings.IndexAny(rest, ",}"); end < 0 {
		end = len(rest)
	}
	value := strings.TrimSpace(rest[:end])
	return value, allRows.MatchString(value)
}

var (
	setKey = lazy.New(`(?:^|[\[{,(]\s*|\$\w+["']?\s*:\s*\{\s*)["':]?(\w+)["']?\s*(?:=>|:|=)[^=>:]`)
	setSQL = lazy.New(`(?:^|[,"'` + "`" + `]|\bset\s)\s*["'` + "`" + `]?\s*"?(\w+)"?\s*=[^=]`)
	// setCalls are links that name one column each: SetProperty(l => l.State, ...), SetState("x"), set(t.state, ...).
	setCalls  = lazy.New(`^(SetProperty|set|Set|value|col_expr|Update|UpdateColumn)$`)
	setMember = lazy.New(`^\(?\s*(?:\w+\s*=>\s*)?[\w:]+(?:\.|::)(\w+)\s*,|^["'](\w+)["']\s*,`)
	setMethod = lazy.New(`^Set([A-Z]\w+)$`)
	nested    = lazy.New(`SetProperty\(\s*\w+\s*=>\s*\w+\.(\w+)`)
	selves    = []*lazy.Regexp{
		lazy.New(`(\w+)["']?\s*(?:=>|:|=)\s*F\(\s*["'](\w+)["']\s*\)\s*[-+*/]`),
		lazy.New(`(\w+)["']?\s*(?:=>|:|=|,)\s*(?:\w+(?:\.|::))*(?:raw|Expr|literal|text|sql|fn)\b\W{1,3}\s*"?\x60?(?:\$\{)?(?:\w+\.)?(\w+)[\x60"}]*\s*(?:[-+*/]|\|\|)`),
		lazy.New(`(\w+)()["']?\s*:\s*\{\s*(?:increment|decrement|multiply|divide|push)\b`),
		lazy.New(`\$(?:inc|mul|push)["']?\s*[:,]\s*(?:bson\.[MD])?\{\s*["']?([\w.]+)()`),
		lazy.New(`["']\s*(\w+)\s*=\s*(?:\w+\(\s*)?(\w+)\s*(?:[-+*/]|\|\|)`),
		lazy.New(`(\w+)\s*=\s*\w+\.(\w+)\s*(?:[-+*/]|\.concat)`),
		lazy.New(`\.(\w+)\s*,\s*\w+\s*=>\s*\w+\.(\w+)\s*[-+*/]`),
		lazy.New(`\.(\w+)\s*,\s*\w+\.(\w+)\.(?:plus|minus|times|mul|add|multiply|sub)\(`),
		lazy.New(`(?:^|[\s(])(\w+)\.eq\(\s*(?:\w+::)?(\w+)\s*[-+*/]`),
		lazy.New(`(?:^|::)(\w+)\.eq\(\s*(?:\w+::)*(\w+)\s*[-+*/]`),
		lazy.New(`\[\s*(?:\w+\.)?(\w+)\s*\]\s*=\s*(?:\w+\.)?(\w+)\s*(?:[-+*/]|\.(?:plus|times|minus))`),
	}
	steps = lazy.New(`^(increment|decrement|increment!|decrement!|incrementEach|update_counters)$`)
)

// sets reads the columns that an update sets, which one of them is computed from itself, and whether the condition asks
// for any of them.
func (w *Write) sets(m mapper, chain []link, verb int, condition string) {
	if w.Do != Update {
		return
	}
	text := chain[verb].args
	for _, l := range chain[verb+1:] {
		if setCalls.MatchString(l.name) || l.name == "values" || l.name == "Updates" {
			text += "\n" + l.args
		}
		if n := setMethod.FindStringSubmatch(l.name); n != nil && l.called {
			w.Sets = append(w.Sets, n[1])
		}
	}
	if condition != "" {
		text = strings.Replace(text, condition, " ", 1)
	}
	for _, re := range []*lazy.Regexp{setKey, setSQL, nested} {
		if m.lang == csharp && re != nested {
			continue
		}
		for _, found := range re.FindAllStringSubmatch(text, 40) {
			w.Sets = append(w.Sets, found[1])
		}
	}
	for _, l := range chain[verb:] {
		if found := setMember.FindStringSubmatch(l.args); found != nil && setCalls.MatchString(l.name) {
			w.Sets = append(w.Sets, found[1]+found[2])
		}
	}
	if steps.MatchString(chain[verb].name) {
		for _, a := range arguments(chain[verb].args) {
			if n := thing(a); n != "" && !allRows.MatchString(a) && !strings.HasPrefix(a, "{") {
				w.Self = n
				w.Sets = append(w.Sets, n)
				break
			}
		}
	}
	for _, re := range selves {
		if w.Self != "" {
			break
		}
		for _, found := range re.FindAllStringSubmatch(text, 20) {
			if found[2] == "" || strings.EqualFold(found[1], found[2]) {
				w.Self = found[1]
				break
			}
		}
	}
	if w.Self != "" && !slices.Contains(w.Sets, w.Self) {
		w.Sets = append(w.Sets, w.Self)
	}
	w.Sets = slices.DeleteFunc(w.Sets, func(s string) bool { return s == "where" || s == "data" || s == "updated_at" || s == "updatedAt" })
	for _, s := range w.Sets {
		w.Marked = w.Marked || holds(condition, s)
	}
}

// holds says whether a text has a name as a word, in any case, with or without underscores.
func holds(text, name string) bool {
	text, name = strings.ToLower(text), strings.ToLower(name)
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(name)
		if (start == 0 || !letter(text[start-1])) && (end == len(text) || !letter(text[end])) {
			return true
		}
		from = end
	}
}

func letter(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_' }

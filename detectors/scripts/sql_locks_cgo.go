//go:build cgo

package scripts

// What PostgreSQL's statements lock, and for how long, beyond what their kind says.

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v6"
)

// columnLock is what adding a column costs on a table with rows: a default that is not one value for all of them, or a
// constraint, has the table rewritten or read.
func columnLock(c *pg.ColumnDef) lock {
	found := noLock
	for _, n := range c.GetTypeName().GetNames() {
		if strings.HasSuffix(n.GetString_().GetSval(), "serial") {
			found = rewritten
		}
	}
	for _, n := range c.GetConstraints() {
		con := n.GetConstraint()
		switch con.GetContype() {
		case pg.ConstrType_CONSTR_DEFAULT:
			if volatile(con.GetRawExpr()) {
				found = rewritten
			}
		case pg.ConstrType_CONSTR_GENERATED, pg.ConstrType_CONSTR_IDENTITY:
			found = rewritten
		case pg.ConstrType_CONSTR_PRIMARY, pg.ConstrType_CONSTR_UNIQUE:
			found = uniqueKey
		case pg.ConstrType_CONSTR_FOREIGN:
			if found == noLock {
				found = foreignKey
			}
		default:
		}
	}
	return found
}

// steady are the built-in functions whose value is one for the whole statement.
var steady = []string{"now", "current_timestamp", "transaction_timestamp", "statement_timestamp", "current_setting", "lower", "upper", "coalesce",
	"make_interval", "make_date", "to_timestamp", "jsonb_build_object", "jsonb_build_array", "array", "timezone", "concat", "length", "md5", "date_trunc", "replace", "abs"}

func volatile(e *pg.Node) bool {
	if e == nil {
		return false
	}
	found := false
	within(e.ProtoReflect(), func(m any) bool {
		if f, ok := m.(*pg.FuncCall); ok {
			name := strings.TrimPrefix(dotted(f.GetFuncname()), "pg_catalog.")
			found = found || !slices.Contains(steady, name)
		}
		return !found
	})
	return found
}

func constraintLock(con *pg.Constraint) lock {
	switch con.GetContype() {
	case pg.ConstrType_CONSTR_FOREIGN:
		return locksUnless(con.GetSkipValidation(), foreignKey)
	case pg.ConstrType_CONSTR_CHECK:
		return locksUnless(con.GetSkipValidation(), checked)
	case pg.ConstrType_CONSTR_UNIQUE, pg.ConstrType_CONSTR_PRIMARY:
		return locksUnless(con.GetIndexname() != "", uniqueKey)
	case pg.ConstrType_CONSTR_EXCLUSION:
		return excluded
	default:
		return noLock
	}
}

// provesNotNull recognises CHECK (column IS NOT NULL), and notes the column.
func provesNotNull(con *pg.Constraint, o *operation) bool {
	test := con.GetRawExpr().GetNullTest()
	if con.GetContype() != pg.ConstrType_CONSTR_CHECK || test == nil || test.GetNulltesttype() != pg.NullTestType_IS_NOT_NULL {
		return false
	}
	for name := range columnsIn(test.GetArg()) {
		o.columns = append(o.columns, name)
	}
	return true
}

// typeLock leaves out the two changes that PostgreSQL makes without a look at the rows whatever the column was: to text,
// and to varchar without a limit.
func typeLock(c *pg.ColumnDef) lock {
	names := c.GetTypeName().GetNames()
	if c.GetRawDefault() == nil && len(names) > 0 && len(c.GetTypeName().GetTypmods()) == 0 && len(c.GetTypeName().GetArrayBounds()) == 0 {
		switch names[len(names)-1].GetString_().GetSval() {
		case "text", "varchar", "citext":
			return noLock
		}
	}
	return retyped
}

// readMaintenance reads the statements that move or lock a whole table.
func readMaintenance(n *pg.Node) []operation {
	o := operation{do: harmless}
	switch s := n.GetNode().(type) {
	case *pg.Node_VacuumStmt:
		for _, option := range s.VacuumStmt.GetOptions() {
			if option.GetDefElem().GetDefname() == "full" {
				o.locks = moved
			}
		}
		for _, r := range s.VacuumStmt.GetRels() {
			o.table = relation(r.GetVacuumRelation().GetRelation())
		}
	case *pg.Node_ClusterStmt:
		o.locks, o.table = moved, relation(s.ClusterStmt.GetRelation())
	case *pg.Node_LockStmt:
		for _, r := range s.LockStmt.GetRelations() {
			o.table = relation(r.GetRangeVar())
		}
		if s.LockStmt.GetMode() >= 5 { // SHARE and above hold writers up; see LOCKMODE in storage/lockdefs.h
			o.locks = taken
		}
	case *pg.Node_RefreshMatViewStmt:
		o.table = relation(s.RefreshMatViewStmt.GetRelation())
		o.locks = locksUnless(s.RefreshMatViewStmt.GetConcurrent(), refreshed)
	}
	return one(o)
}

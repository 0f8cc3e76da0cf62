//go:build cgo

package scripts

// Reading what a PostgreSQL statement does to rows and to the columns of a table.

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v6"
)

func readAlter(s *pg.AlterTableStmt) []operation {
	table := relation(s.GetRelation())
	var ops []operation
	for _, node := range s.GetCmds() {
		c := node.GetAlterTableCmd()
		o := operation{table: table, name: fold(c.GetName()), guarded: c.GetMissingOk() || s.GetMissingOk() && c.GetSubtype() != pg.AlterTableType_AT_AddColumn}
		switch c.GetSubtype() {
		case pg.AlterTableType_AT_AddColumn:
			o.do, o.object = makes, "column"
			o.name = fold(c.GetDef().GetColumnDef().GetColname())
			o.notNull, o.filled = nullability(c.GetDef().GetColumnDef())
			o.guarded = c.GetMissingOk()
			o.locks = columnLock(c.GetDef().GetColumnDef())
		case pg.AlterTableType_AT_DropColumn:
			o.do, o.object, o.locks = removes, "column", dropped
		case pg.AlterTableType_AT_AddConstraint:
			con := c.GetDef().GetConstraint()
			o.do, o.object, o.name = makes, "constraint", fold(con.GetConname())
			for _, k := range append(con.GetKeys(), con.GetFkAttrs()...) {
				o.columns = append(o.columns, fold(k.GetString_().GetSval()))
			}
			o.locks, o.notValid = constraintLock(con), con.GetSkipValidation()
			o.notNull = provesNotNull(con, &o)
		case pg.AlterTableType_AT_ValidateConstraint:
			o.do, o.object, o.guarded = alters, "validation", true
		case pg.AlterTableType_AT_DetachPartition:
			o.do, o.object, o.guarded = alters, "partition", true
			o.locks = locksUnless(c.GetDef().GetPartitionCmd().GetConcurrent(), detached)
		case pg.AlterTableType_AT_DropConstraint:
			o.do, o.object = removes, "constraint"
		case pg.AlterTableType_AT_SetNotNull:
			o.do, o.object, o.guarded, o.locks = alters, "not null", true, setNotNull
		case pg.AlterTableType_AT_AlterColumnType:
			o.do, o.object, o.guarded, o.locks = alters, "column", true, typeLock(c.GetDef().GetColumnDef())
		default:
			o.do, o.object, o.guarded = alters, "setting", true
		}
		ops = append(ops, o)
	}
	return ops
}

// nullability says whether a new column refuses NULL and whether existing rows get a value.
func nullability(c *pg.ColumnDef) (notNull, filled bool) {
	for _, n := range c.GetConstraints() {
		switch n.GetConstraint().GetContype() {
		case pg.ConstrType_CONSTR_NOTNULL, pg.ConstrType_CONSTR_PRIMARY:
			notNull = true
		case pg.ConstrType_CONSTR_DEFAULT:
			filled = n.GetConstraint().GetRawExpr().GetAConst() == nil || !n.GetConstraint().GetRawExpr().GetAConst().GetIsnull()
		case pg.ConstrType_CONSTR_GENERATED, pg.ConstrType_CONSTR_IDENTITY:
			filled = true
		default:
		}
	}
	for _, n := range c.GetTypeName().GetNames() {
		filled = filled || strings.HasSuffix(n.GetString_().GetSval(), "serial")
	}
	return notNull, filled
}

func readDrop(s *pg.DropStmt) []operation {
	kinds := map[pg.ObjectType]string{
		pg.ObjectType_OBJECT_TABLE: "table", pg.ObjectType_OBJECT_VIEW: "view", pg.ObjectType_OBJECT_MATVIEW: "view",
		pg.ObjectType_OBJECT_INDEX: "index", pg.ObjectType_OBJECT_TYPE: "type", pg.ObjectType_OBJECT_DOMAIN: "type",
		pg.ObjectType_OBJECT_SEQUENCE: "sequence", pg.ObjectType_OBJECT_SCHEMA: "schema", pg.ObjectType_OBJECT_EXTENSION: "extension",
		pg.ObjectType_OBJECT_FUNCTION: "function", pg.ObjectType_OBJECT_PROCEDURE: "function", pg.ObjectType_OBJECT_TRIGGER: "trigger", pg.ObjectType_OBJECT_POLICY: "policy",
	}
	kind, ok := kinds[s.GetRemoveType()]
	if !ok {
		return one(operation{do: harmless})
	}
	var ops []operation
	for _, n := range s.GetObjects() {
		o := operation{do: removes, object: kind, guarded: s.GetMissingOk(), concurrent: s.GetConcurrent()}
		switch v := n.GetNode().(type) {
		case *pg.Node_List:
			o.name = dotted(v.List.GetItems())
		case *pg.Node_TypeName:
			o.name = dotted(v.TypeName.GetNames())
		case *pg.Node_ObjectWithArgs:
			o.name = dotted(v.ObjectWithArgs.GetObjname())
		case *pg.Node_String_:
			o.name = fold(v.String_.GetSval())
		}
		switch kind {
		case "table", "view":
			o.table, o.name = o.name, ""
			o.locks = locksUnless(kind == "view", dropped)
		case "index":
			o.locks = locksUnless(o.concurrent, plainDrop)
		case "trigger", "policy":
			if i := strings.LastIndexByte(o.name, '.'); i >= 0 {
				o.table, o.name = o.name[:i], o.name[i+1:]
			}
		}
		ops = append(ops, o)
	}
	return ops
}

func readInsert(s *pg.InsertStmt) operation {
	o := operation{do: inserts, table: relation(s.GetRelation()), guarded: s.GetOnConflictClause() != nil}
	sel := s.GetSelectStmt().GetSelectStmt()
	if sel == nil {
		return o
	}
	for _, c := range s.GetCols() {
		o.columns = append(o.columns, fold(c.GetResTarget().GetName()))
	}
	if sel.GetOp() == pg.SetOperation_SETOP_EXCEPT {
		o.guarded = true
	}
	// INSERT ... SELECT ... WHERE NOT EXISTS, NOT IN, or LEFT JOIN ... IS NULL
	if w := sel.GetWhereClause(); w != nil {
		within(w.ProtoReflect(), func(m any) bool {
			switch x := m.(type) {
			case *pg.BoolExpr:
				o.guarded = o.guarded || x.GetBoolop() == pg.BoolExprType_NOT_EXPR && x.GetArgs()[0].GetSubLink() != nil
			case *pg.NullTest:
				o.guarded = o.guarded || x.GetNulltesttype() == pg.NullTestType_IS_NULL
			}
			return !o.guarded
		})
	}
	within(sel.ProtoReflect(), func(m any) bool {
		if f, ok := m.(*pg.FuncCall); ok {
			name := dotted(f.GetFuncname())
			o.random = o.random || strings.HasPrefix(name, "gen_random_uuid") || strings.HasPrefix(name, "uuid_generate_v4") || name == "random"
		}
		return !o.random
	})
	return o
}

func readUpdate(s *pg.UpdateStmt) operation {
	o := operation{do: updates, table: relation(s.GetRelation())}
	o.whole = everything(s.GetWhereClause()) && len(s.GetFromClause()) == 0
	conditioned := marksIn(s.GetWhereClause())
	for _, t := range s.GetTargetList() {
		name := fold(t.GetResTarget().GetName())
		o.columns = append(o.columns, name)
		if refersToItself(t.GetResTarget().GetVal(), name, relation(s.GetRelation()), fold(s.GetRelation().GetAlias().GetAliasname())) && !conditioned[name] {
			o.selfReferring = true
		}
	}
	// A marker that the same statement sets and tests ends the second run: SET n = n + 1, done = true WHERE NOT done.
	for _, c := range o.columns {
		if conditioned[c] {
			o.selfReferring = false
		}
	}
	if o.selfReferring && onlyFresh(s) {
		o.selfReferring = false
	}
	return o
}

// onlyFresh says whether an update takes only the rows that its own statement has just recorded under a key, or taken from
// another table: WITH fresh AS (INSERT ... ON CONFLICT DO NOTHING RETURNING id) UPDATE ... WHERE id IN (SELECT id FROM fresh).
func onlyFresh(s *pg.UpdateStmt) bool {
	fresh := map[string]bool{}
	for _, n := range s.GetWithClause().GetCtes() {
		cte := n.GetCommonTableExpr()
		insert := cte.GetCtequery().GetInsertStmt()
		if insert.GetOnConflictClause().GetAction() == pg.OnConflictAction_ONCONFLICT_NOTHING || cte.GetCtequery().GetDeleteStmt() != nil {
			fresh[fold(cte.GetCtename())] = true
		}
	}
	found := false
	uses := func(m any) bool {
		if r, ok := m.(*pg.RangeVar); ok && r.GetSchemaname() == "" {
			found = found || fresh[fold(r.GetRelname())]
		}
		return !found
	}
	if w := s.GetWhereClause(); w != nil && len(fresh) > 0 && requires(w) {
		within(w.ProtoReflect(), uses)
	}
	for _, n := range s.GetFromClause() {
		within(n.ProtoReflect(), uses)
	}
	return found
}

// requires says whether a condition has no alternative, so that each part of it has to hold.
func requires(n *pg.Node) bool {
	ok := true
	within(n.ProtoReflect(), func(m any) bool {
		if b, is := m.(*pg.BoolExpr); is && b.GetBoolop() != pg.BoolExprType_AND_EXPR {
			ok = false
		}
		return ok
	})
	return ok
}

// marksIn are the columns that a condition asks for in a way that a new value may answer: IS NOT NULL and > 0 hold before and after.
func marksIn(n *pg.Node) map[string]bool {
	names := columnsIn(n)
	if n == nil {
		return names
	}
	for _, part := range conjuncts(n) {
		column := ""
		if t := part.GetNullTest(); t != nil && t.GetNulltesttype() == pg.NullTestType_IS_NOT_NULL {
			column = columnOf(t.GetArg())
		}
		if e := part.GetAExpr(); e != nil && (dotted(e.GetName()) == ">" || dotted(e.GetName()) == "<>") && e.GetRexpr().GetAConst() != nil && e.GetRexpr().GetAConst().GetIval().GetIval() == 0 && e.GetRexpr().GetAConst().GetSval().GetSval() == "" {
			column = columnOf(e.GetLexpr())
		}
		if column != "" && strings.Count(strings.Join(columnsEach(n), " ")+" ", column+" ") == 1 {
			delete(names, column)
		}
	}
	return names
}

// conjuncts are the parts of a condition that all have to hold.
func conjuncts(n *pg.Node) []*pg.Node {
	if b := n.GetBoolExpr(); b != nil && b.GetBoolop() == pg.BoolExprType_AND_EXPR {
		return b.GetArgs()
	}
	return []*pg.Node{n}
}

func columnOf(n *pg.Node) string {
	c := n.GetColumnRef()
	if c == nil || len(c.GetFields()) == 0 {
		return ""
	}
	return fold(c.GetFields()[len(c.GetFields())-1].GetString_().GetSval())
}

// columnsEach are the columns of an expression, each as often as it stands there.
func columnsEach(n *pg.Node) []string {
	var list []string
	within(n.ProtoReflect(), func(m any) bool {
		if c, ok := m.(*pg.ColumnRef); ok && len(c.GetFields()) > 0 {
			list = append(list, fold(c.GetFields()[len(c.GetFields())-1].GetString_().GetSval()))
		}
		return true
	})
	return list
}

// everything says that a condition holds for every row: there is none, TRUE, or two equal constants.
func everything(where *pg.Node) bool {
	if where == nil {
		return true
	}
	if b := where.GetAConst(); b != nil {
		return b.GetBoolval().GetBoolval() || b.GetIval().GetIval() != 0
	}
	e := where.GetAExpr()
	if e == nil || e.GetKind() != pg.A_Expr_Kind_AEXPR_OP || dotted(e.GetName()) != "=" {
		return false
	}
	l, r := e.GetLexpr().GetAConst(), e.GetRexpr().GetAConst()
	return l != nil && r != nil && l.GetIval().GetIval() == r.GetIval().GetIval() && l.GetSval().GetSval() == r.GetSval().GetSval()
}

// columnsIn are the last parts of all column names in an expression.
func columnsIn(n *pg.Node) map[string]bool {
	names := map[string]bool{}
	if n == nil {
		return names
	}
	within(n.ProtoReflect(), func(m any) bool {
		if c, ok := m.(*pg.ColumnRef); ok && len(c.GetFields()) > 0 {
			names[fold(c.GetFields()[len(c.GetFields())-1].GetString_().GetSval())] = true
		}
		return true
	})
	return names
}

// refersToItself says whether a new value adds to the column's own old one: arithmetic, concatenation or an append
// that names the column. Functions that give the same again (lower, trim, coalesce ...) do not count.
func refersToItself(value *pg.Node, column, table, alias string) bool {
	if value == nil {
		return false
	}
	names := func(n *pg.Node) bool { return addsTo(n, column, table, alias) }
	if e := value.GetAExpr(); e != nil && e.GetKind() == pg.A_Expr_Kind_AEXPR_OP {
		switch dotted(e.GetName()) {
		case "+", "-", "*", "/", "||":
			return names(e.GetLexpr()) || names(e.GetRexpr())
		}
	}
	if f := value.GetFuncCall(); f != nil {
		switch dotted(f.GetFuncname()) {
		case "concat", "concat_ws", "array_append", "array_prepend", "array_cat", "jsonb_insert":
			for _, a := range f.GetArgs() {
				if names(a) {
					return true
				}
			}
		case "round", "floor", "ceil", "coalesce", "greatest", "abs":
			return len(f.GetArgs()) > 0 && refersToItself(f.GetArgs()[0], column, table, alias)
		}
	}
	if c := value.GetTypeCast(); c != nil {
		return refersToItself(c.GetArg(), column, table, alias)
	}
	return false
}

// addsTo says whether the operand is the column itself, perhaps with COALESCE or a cast around it.
func addsTo(n *pg.Node, column, table, alias string) bool {
	switch {
	case n.GetColumnRef() != nil:
		fields := n.GetColumnRef().GetFields()
		if len(fields) == 0 || fold(fields[len(fields)-1].GetString_().GetSval()) != column {
			return false
		}
		owner := ""
		if len(fields) > 1 {
			owner = fold(fields[len(fields)-2].GetString_().GetSval())
		}
		return owner == "" || owner == table || owner == alias
	case n.GetTypeCast() != nil:
		return addsTo(n.GetTypeCast().GetArg(), column, table, alias)
	case n.GetCoalesceExpr() != nil:
		return addsTo(n.GetCoalesceExpr().GetArgs()[0], column, table, alias)
	case n.GetAExpr() != nil:
		return addsTo(n.GetAExpr().GetLexpr(), column, table, alias) || addsTo(n.GetAExpr().GetRexpr(), column, table, alias)
	}
	return false
}

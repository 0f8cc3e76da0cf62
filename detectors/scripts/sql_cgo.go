//go:build cgo

package scripts

// Reading one SQL statement with PostgreSQL's own parser.

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v6"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// sqlReader says that statements can be read in this build.
const sqlReader = true

// readPostgres reads one statement, false when PostgreSQL's grammar does not take it.
func readPostgres(text string) ([]operation, bool) {
	if deep(text) {
		return nil, false
	}
	tree, err := pg.Parse(text)
	if err != nil {
		return nil, false
	}
	var ops []operation
	for _, raw := range tree.GetStmts() {
		ops = append(ops, readNode(raw.GetStmt())...)
	}
	return ops, true
}

// deep keeps texts from the parser whose nesting would cost it its stack.
func deep(text string) bool {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		}
		if depth > 400 {
			return true
		}
	}
	return false
}

func readNode(n *pg.Node) []operation {
	switch s := n.GetNode().(type) {
	case *pg.Node_CreateStmt:
		r := s.CreateStmt.GetRelation()
		if r.GetRelpersistence() == "t" {
			return one(operation{do: harmless})
		}
		return one(operation{do: makes, object: "table", table: relation(r), guarded: s.CreateStmt.GetIfNotExists()})
	case *pg.Node_CreateTableAsStmt:
		r := s.CreateTableAsStmt.GetInto().GetRel()
		if r.GetRelpersistence() == "t" {
			return one(operation{do: harmless})
		}
		object := "table"
		if s.CreateTableAsStmt.GetObjtype() == pg.ObjectType_OBJECT_MATVIEW {
			object = "view"
		}
		return one(operation{do: makes, object: object, table: relation(r), guarded: s.CreateTableAsStmt.GetIfNotExists()})
	case *pg.Node_ViewStmt:
		return one(operation{do: makes, object: "view", table: relation(s.ViewStmt.GetView()), guarded: s.ViewStmt.GetReplace()})
	case *pg.Node_IndexStmt:
		return one(operation{do: makes, object: "index", table: relation(s.IndexStmt.GetRelation()), name: fold(s.IndexStmt.GetIdxname()),
			columns: indexColumns(s.IndexStmt), locks: locksUnless(s.IndexStmt.GetConcurrent(), plainIndex), guarded: s.IndexStmt.GetIfNotExists(), concurrent: s.IndexStmt.GetConcurrent()})
	case *pg.Node_ReindexStmt:
		concurrent := false
		for _, p := range s.ReindexStmt.GetParams() {
			concurrent = concurrent || p.GetDefElem().GetDefname() == "concurrently"
		}
		o := operation{do: harmless, object: "index", concurrent: concurrent, name: fold(s.ReindexStmt.GetName()), locks: locksUnless(concurrent, reindex)}
		if s.ReindexStmt.GetRelation() != nil {
			o.name = relation(s.ReindexStmt.GetRelation())
		}
		return one(o)
	case *pg.Node_AlterTableStmt:
		return readAlter(s.AlterTableStmt)
	case *pg.Node_DropStmt:
		return readDrop(s.DropStmt)
	case *pg.Node_RenameStmt:
		r := s.RenameStmt
		if r.GetRenameType() == pg.ObjectType_OBJECT_TABLE {
			return one(operation{do: alters, object: "rename", table: relation(r.GetRelation()), name: fold(r.GetNewname()), guarded: r.GetMissingOk(), locks: renamed})
		}
		locks := noLock
		if r.GetRenameType() == pg.ObjectType_OBJECT_COLUMN {
			locks = renamed
		}
		return one(operation{do: alters, object: "rename", table: relation(r.GetRelation()), guarded: r.GetMissingOk(), locks: locks,
			columns: []string{fold(r.GetSubname()), fold(r.GetNewname())}})
	case *pg.Node_InsertStmt:
		return one(readInsert(s.InsertStmt))
	case *pg.Node_UpdateStmt:
		return one(readUpdate(s.UpdateStmt))
	case *pg.Node_DeleteStmt:
		return one(operation{do: deletes, table: relation(s.DeleteStmt.GetRelation()),
			whole: len(s.DeleteStmt.GetUsingClause()) == 0 && everything(s.DeleteStmt.GetWhereClause())})
	case *pg.Node_TruncateStmt:
		var ops []operation
		for _, r := range s.TruncateStmt.GetRelations() {
			ops = append(ops, operation{do: truncate, table: relation(r.GetRangeVar()), whole: true})
		}
		return ops
	case *pg.Node_TransactionStmt:
		switch s.TransactionStmt.GetKind() {
		case pg.TransactionStmtKind_TRANS_STMT_BEGIN, pg.TransactionStmtKind_TRANS_STMT_START:
			return one(operation{do: begins})
		case pg.TransactionStmtKind_TRANS_STMT_COMMIT, pg.TransactionStmtKind_TRANS_STMT_ROLLBACK:
			return one(operation{do: commits})
		default:
			return one(operation{do: harmless})
		}
	case *pg.Node_SelectStmt:
		return readSelect(s.SelectStmt)
	case *pg.Node_CopyStmt:
		if s.CopyStmt.GetIsFrom() && s.CopyStmt.GetRelation().GetRelname() != "" {
			return one(operation{do: inserts, table: relation(s.CopyStmt.GetRelation())})
		}
		return one(operation{do: harmless})
	default:
		return readOther(n)
	}
}

// readOther reads the rarer definitions.
func readOther(n *pg.Node) []operation {
	switch s := n.GetNode().(type) {
	case *pg.Node_CreateSchemaStmt:
		return one(operation{do: makes, object: "schema", name: fold(s.CreateSchemaStmt.GetSchemaname()), guarded: s.CreateSchemaStmt.GetIfNotExists()})
	case *pg.Node_CreateExtensionStmt:
		return one(operation{do: makes, object: "extension", name: fold(s.CreateExtensionStmt.GetExtname()), guarded: s.CreateExtensionStmt.GetIfNotExists()})
	case *pg.Node_CreateEnumStmt:
		return one(operation{do: makes, object: "type", name: dotted(s.CreateEnumStmt.GetTypeName())})
	case *pg.Node_CompositeTypeStmt:
		return one(operation{do: makes, object: "type", name: relation(s.CompositeTypeStmt.GetTypevar())})
	case *pg.Node_CreateDomainStmt:
		return one(operation{do: makes, object: "type", name: dotted(s.CreateDomainStmt.GetDomainname())})
	case *pg.Node_CreateSeqStmt:
		return one(operation{do: makes, object: "sequence", name: relation(s.CreateSeqStmt.GetSequence()), guarded: s.CreateSeqStmt.GetIfNotExists()})
	case *pg.Node_CreateFunctionStmt:
		return one(operation{do: makes, object: "function", name: dotted(s.CreateFunctionStmt.GetFuncname()), guarded: s.CreateFunctionStmt.GetReplace()})
	case *pg.Node_CreateTrigStmt:
		return one(operation{do: makes, object: "trigger", table: relation(s.CreateTrigStmt.GetRelation()), name: fold(s.CreateTrigStmt.GetTrigname()), guarded: s.CreateTrigStmt.GetReplace()})
	case *pg.Node_CreatePolicyStmt:
		return one(operation{do: makes, object: "policy", table: relation(s.CreatePolicyStmt.GetTable()), name: fold(s.CreatePolicyStmt.GetPolicyName())})
	case *pg.Node_CreateRoleStmt:
		return one(operation{do: makes, object: "role", name: fold(s.CreateRoleStmt.GetRole())})
	case *pg.Node_DropdbStmt:
		return one(operation{do: removes, object: "database", name: fold(s.DropdbStmt.GetDbname()), guarded: s.DropdbStmt.GetMissingOk()})
	case *pg.Node_CreatedbStmt:
		return one(operation{do: makes, object: "database", name: fold(s.CreatedbStmt.GetDbname())})
	case *pg.Node_AlterEnumStmt:
		return one(operation{do: alters, object: "type", name: dotted(s.AlterEnumStmt.GetTypeName()), guarded: s.AlterEnumStmt.GetSkipIfNewValExists() || s.AlterEnumStmt.GetOldVal() != ""})
	case *pg.Node_MergeStmt:
		return one(operation{do: inserts, table: relation(s.MergeStmt.GetRelation()), guarded: true})
	case *pg.Node_VacuumStmt, *pg.Node_ClusterStmt, *pg.Node_LockStmt, *pg.Node_RefreshMatViewStmt:
		return readMaintenance(n)
	case *pg.Node_DoStmt, *pg.Node_CallStmt, *pg.Node_ExecuteStmt:
		return one(operation{do: opaque})
	}
	return one(operation{do: harmless})
}

// readSelect finds statements that change rows inside of a WITH, and calls that may do anything.
func readSelect(s *pg.SelectStmt) []operation {
	var ops []operation
	for _, cte := range s.GetWithClause().GetCtes() {
		inner := cte.GetCommonTableExpr().GetCtequery()
		if inner.GetSelectStmt() == nil {
			ops = append(ops, readNode(inner)...)
		}
	}
	return append(ops, operation{do: harmless})
}

// indexColumns are the plain columns of an index.
func indexColumns(s *pg.IndexStmt) []string {
	var names []string
	for _, p := range s.GetIndexParams() {
		if name := p.GetIndexElem().GetName(); name != "" {
			names = append(names, fold(name))
		}
	}
	return names
}

func relation(r *pg.RangeVar) string {
	if schema := r.GetSchemaname(); schema != "" && schema != "public" {
		return fold(schema + "." + r.GetRelname())
	}
	return fold(r.GetRelname())
}

func dotted(names []*pg.Node) string {
	var parts []string
	for _, n := range names {
		parts = append(parts, n.GetString_().GetSval())
	}
	return fold(strings.Join(parts, "."))
}

// within walks every message below m, m itself included, until visit says stop.
func within(m protoreflect.Message, visit func(any) bool) bool {
	if !visit(m.Interface()) {
		return false
	}
	going := true
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsList() && f.Message() != nil:
			for i := range v.List().Len() {
				if going = within(v.List().Get(i).Message(), visit); !going {
					return false
				}
			}
		case !f.IsList() && !f.IsMap() && f.Message() != nil:
			going = within(v.Message(), visit)
		}
		return going
	})
	return going
}

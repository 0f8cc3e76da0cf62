package scripts

// Migrations of MongoDB (migrate-mongo): what the calls on a collection make, remove and change.

import (
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	mongoOf    = lazy.New(`\.collection\(\s*["'\x60]([\w.-]+)["'\x60]\s*\)$`)
	mongoName  = lazy.New(`\bname\s*:\s*["'\x60]([\w.-]+)`)
	mongoField = lazy.New(`["']?([\w.]+)["']?\s*:`)
)

// mongoOperation reads one call; false for those of other things.
func mongoOperation(c *code, call *source.Call) ([]operation, bool) {
	collection := ""
	if m := mongoOf.FindStringSubmatch(call.Receiver); m != nil {
		collection = fold(m[1])
	}
	o := operation{table: collection}
	switch call.Name {
	case "createCollection":
		o.do, o.object, o.table = makes, "table", literal(call, 0, "")
	case "dropCollection":
		o.do, o.object, o.table, o.locks = removes, "table", literal(call, 0, ""), dropped
	case "drop":
		o.do, o.object, o.locks = removes, "table", dropped
	case "createIndex", "ensureIndex":
		o.do, o.object = makes, "index"
		if m := mongoName.FindStringSubmatch(argsText(call)); m != nil {
			o.name = fold(m[1])
		} else if m := mongoField.FindStringSubmatch(argsText(call)); m != nil {
			o.name, o.columns = fold(m[1]+"_1"), []string{fold(m[1])}
		}
	case "dropIndex":
		o.do, o.object, o.name = removes, "index", literal(call, 0, "")
		if o.name == "" {
			if m := mongoField.FindStringSubmatch(argsText(call)); m != nil {
				o.name = fold(m[1] + "_1")
			}
		}
	case "updateMany", "updateOne", "bulkWrite", "rename", "insertMany", "insertOne", "deleteMany", "deleteOne", "aggregate", "findOneAndUpdate":
		if collection == "" {
			return nil, false
		}
		for _, r := range rowOperations(c.File) {
			if r.line == call.Span.Line {
				return one(r), true
			}
		}
		o.do = updates
	default:
		return nil, false
	}
	if o.table == "" {
		return nil, false
	}
	return one(o), true
}

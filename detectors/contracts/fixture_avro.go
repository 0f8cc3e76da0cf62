package contracts

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hamba/avro/v2"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// avroRulings are the records of the Avro schemas that the branch changed.
func avroRulings(pass *detectors.Pass) []*ruling {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var list []*ruling
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Status == branch.Added || f.Status == branch.Deleted || !strings.HasSuffix(f.Path, ".avsc") {
			continue
		}
		old, err := avroAt(before, cmpOr(f.OldPath, f.Path))
		if err != nil {
			continue
		}
		now, err := avroAt(after, f.Path)
		if err != nil {
			continue
		}
		was := map[string]*avro.RecordSchema{}
		for _, r := range avroRecords(old) {
			was[r.FullName()] = r
		}
		for _, r := range avroRecords(now) {
			o := was[r.FullName()]
			if o == nil {
				continue
			}
			v := &ruling{name: r.Name(), path: f.Path, key: r.Name(), old: avroValidator(o), now: avroValidator(r)}
			for _, x := range o.Fields() {
				v.keys = append(v.keys, x.Name())
				if !x.HasDefault() {
					v.required = append(v.required, x.Name())
				}
			}
			for _, x := range r.Fields() {
				v.keys = union(v.keys, []string{x.Name()})
			}
			list = append(list, v)
		}
	}
	return list
}

func avroValidator(s avro.Schema) validator {
	return func(value any) error { return avroTakes(s, value, "", 0) }
}

// avroTakes judges a JSON value by an Avro schema: plainly, or with unions in Avro's own encoding ({"string": "x"}).
func avroTakes(s avro.Schema, value any, at string, depth int) error {
	wrong := func() error { return fmt.Errorf("'%s' is no %s", at, avroName(s)) }
	if depth > maxNesting {
		return nil
	}
	switch n := s.(type) {
	case *avro.RefSchema:
		return avroTakes(n.Schema(), value, at, depth+1)
	case *avro.UnionSchema:
		for _, t := range n.Types() {
			if avroTakes(t, value, at, depth+1) == nil {
				return nil
			}
			if m, ok := value.(map[string]any); ok && len(m) == 1 && t.Type() != avro.Null {
				for key, inner := range m {
					if (key == avroName(t) || strings.HasSuffix(key, "."+avroName(t))) && avroTakes(t, inner, at, depth+1) == nil {
						return nil
					}
				}
			}
		}
		return wrong()
	case *avro.RecordSchema:
		m, ok := value.(map[string]any)
		if !ok {
			return wrong()
		}
		for _, f := range n.Fields() {
			v, ok := m[f.Name()]
			switch {
			case !ok && !f.HasDefault():
				return fmt.Errorf("missing property '%s'", f.Name())
			case ok:
				if err := avroTakes(f.Type(), v, f.Name(), depth+1); err != nil {
					return err
				}
			}
		}
		return nil
	case *avro.ArraySchema:
		list, ok := value.([]any)
		if !ok {
			return wrong()
		}
		for _, item := range list {
			if err := avroTakes(n.Items(), item, at, depth+1); err != nil {
				return err
			}
		}
		return nil
	case *avro.MapSchema:
		m, ok := value.(map[string]any)
		if !ok {
			return wrong()
		}
		for _, v := range m {
			if err := avroTakes(n.Values(), v, at, depth+1); err != nil {
				return err
			}
		}
		return nil
	case *avro.EnumSchema:
		for _, symbol := range n.Symbols() {
			if value == symbol {
				return nil
			}
		}
		return fmt.Errorf("'%s' is none of the symbols of %s", at, n.Name())
	}
	ok := true
	switch s.Type() {
	case avro.Null:
		ok = value == nil
	case avro.Boolean:
		_, ok = value.(bool)
	case avro.String, avro.Bytes, avro.Fixed:
		_, ok = value.(string)
		if p, is := s.(*avro.PrimitiveSchema); is && p.Logical() != nil {
			ok = true // a decimal or a date is written in many ways
		}
	case avro.Int, avro.Long:
		n, is := value.(json.Number)
		_, err := n.Int64()
		ok = is && err == nil
		if p, logical := s.(*avro.PrimitiveSchema); logical && p.Logical() != nil {
			ok = value != nil
		}
	case avro.Float, avro.Double:
		_, ok = value.(json.Number)
	default:
	}
	if !ok {
		return wrong()
	}
	return nil
}

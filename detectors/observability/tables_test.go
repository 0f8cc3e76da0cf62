package observability

import (
	"reflect"
	"testing"

	"flightpoll/detectors/lazy"
)

// Every expression of the tables compiles; the program compiles one when it first needs it.
func TestExpressionsOfTablesCompile(t *testing.T) {
	table := func(value any, err error) any {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	found := 0
	for _, tables := range []any{
		table(known()), table(words()), table(labelling()), table(sensitivities()), table(logStyles()), table(spanKinds()), table(contextTable()),
		table(outbounds()), table(boundedCodes()), table(receiverTable()), table(tolerances()),
	} {
		expressions(reflect.ValueOf(tables), map[uintptr]bool{}, func(expression *lazy.Regexp) {
			found++
			_ = expression.String() // panics, and says which, for one that does not compile
		})
	}
	if found < 100 {
		t.Errorf("only %d expressions were looked at", found)
	}
}

// expressions walks what a value holds, each pointer once.
func expressions(v reflect.Value, seen map[uintptr]bool, visit func(*lazy.Regexp)) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return
		}
		seen[v.Pointer()] = true
		if v.Type() == reflect.TypeFor[*lazy.Regexp]() {
			visit((*lazy.Regexp)(v.UnsafePointer()))
			return
		}
		expressions(v.Elem(), seen, visit)
	case reflect.Struct:
		for i := range v.NumField() {
			expressions(v.Field(i), seen, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			expressions(v.Index(i), seen, visit)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			expressions(v.MapIndex(key), seen, visit)
		}
	default:
	}
}

package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// maxTypeFiles bounds the files that are read to find one type's declaration.
const maxTypeFiles = 40

// typeFiles are the files in which a type that a Java, Kotlin or C# file names may be declared: by its import, in its own
// package, in a package imported whole; in C#, where folders need not follow namespaces, by the file's name.
func (s side) typeFiles(f *source.File, name string) []string {
	if f.Lang == source.CSharp {
		return s.namedLike(f, name)
	}
	var list []string
	for _, imp := range f.Imports {
		for _, n := range imp.Names {
			switch {
			case n.Name == name || n.Alias == name && n.Alias != "":
				list = append(s.inPackage(imp.Path, n.Name), list...)
			case n.Name == "*":
				list = append(list, s.inPackage(imp.Path, name)...)
			}
		}
	}
	list = append(list, s.inPackage(f.Package, name)...)
	for _, p := range s.below(path.Dir(f.Path)) {
		if family(p) == "jvm" {
			list = append(list, p)
		}
	}
	return list[:min(len(list), maxTypeFiles)]
}

// inPackage are a package's files that are called like a type.
func (s side) inPackage(pkg, name string) []string {
	folder := strings.ReplaceAll(pkg, ".", "/")
	var list []string
	for _, p := range s.paths() {
		rest, ok := strings.CutSuffix(p, "/"+name+".java")
		if !ok {
			rest, ok = strings.CutSuffix(p, "/"+name+".kt")
		}
		if ok && (rest == folder || strings.HasSuffix(rest, "/"+folder)) {
			list = append(list, p)
		}
	}
	return list
}

// namedLike are the C# files that are called like a type, the nearest first, and those beside the file.
func (s side) namedLike(f *source.File, name string) []string {
	var list []string
	for _, p := range s.paths() {
		if path.Base(p) == name+".cs" {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b string) int { return commonPrefix(b, f.Path) - commonPrefix(a, f.Path) })
	for _, p := range s.below(path.Dir(f.Path)) {
		if strings.HasSuffix(p, ".cs") {
			list = append(list, p)
		}
	}
	return list[:min(len(list), maxTypeFiles)]
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// managedKinds are the serialised kinds of the types of Java, Kotlin and C#. Dates are written as text or as a number.
var managedKinds = map[valueKind][]string{
	kindString: {"String", "CharSequence", "UUID", "Guid", "string", "char", "Char", "Uri", "URI", "URL", "Currency", "Locale"},
	kindNumber: {
		"Int", "Int?", "Integer", "Long", "Short", "Byte", "Double", "Float", "BigDecimal", "BigInteger", "OptionalInt", "OptionalLong",
		"short", "byte", "decimal", "uint", "ulong", "ushort", "sbyte", "Int32", "Int64", "Decimal", "nint",
	},
	kindBool: {"Boolean", "Bool"},
}

// collections are the generic types that are written as a list, tables those that are written as an object.
var (
	collections = []string{
		"List", "Set", "Collection", "Iterable", "ArrayList", "LinkedList", "HashSet", "LinkedHashSet", "SortedSet", "ImmutableList", "ImmutableSet",
		"MutableList", "MutableSet", "Array", "PersistentList", "IEnumerable", "IList", "ICollection", "IReadOnlyList", "IReadOnlyCollection", "ISet",
		"ImmutableArray", "Sequence",
	}
	tables = []string{
		"Map", "HashMap", "LinkedHashMap", "TreeMap", "SortedMap", "MutableMap", "ImmutableMap", "Dictionary", "IDictionary", "IReadOnlyDictionary",
		"SortedDictionary", "ConcurrentDictionary",
	}
)

// managedKind reads the serialised kind off a type of Java, Kotlin or C#.
func managedKind(typ string) valueKind {
	typ = strings.TrimRight(typ, "?!")
	head, _, generic := strings.Cut(typ, "<")
	head = head[strings.LastIndexByte(head, '.')+1:]
	if generic {
		switch {
		case slices.Contains(collections, head):
			return kindArray
		case slices.Contains(tables, head):
			return kindObject
		}
		return ""
	}
	for kind, names := range managedKinds {
		if slices.Contains(names, head) {
			return kind
		}
	}
	return ""
}

var (
	jsonLibrary = lazy.New(`^(com\.fasterxml\.jackson|tools\.jackson|com\.google\.gson|com\.squareup\.moshi|kotlinx\.serialization|jakarta\.json|javax\.json|io\.micronaut\.serde|System\.Text\.Json|Newtonsoft\.Json|System\.Runtime\.Serialization)`)
	payloadType = lazy.New(`(Dto|DTO|Request|Response|Payload|Event|Resource|Json|JSON|Body|RequestModel|ResponseModel)$`)
)

// serialised says of a class of Java, Kotlin or C# that its imports or its name make it a payload.
func serialised(f *source.File, d *source.Decl) bool {
	return family(f.Path) != "" && (payloadType.MatchString(d.Name) ||
		managedWire.Match(f.Text) || slices.ContainsFunc(f.Imports, func(i *source.Import) bool { return jsonLibrary.MatchString(i.Path) }))
}

// wireKey is what a key of a literal is written as: ASP.NET Core writes the properties of C#'s anonymous objects in camel case.
func wireKey(f *source.File, o *source.Object, k source.Key) string {
	name := strings.Trim(k.Name, "\"'`")
	if f.Lang == source.CSharp && !strings.Contains(o.Type, "Dictionary") && name != "" {
		return source.CamelCase(name)
	}
	return name
}

// namingWire lists the files that name serialised names, as Source.Naming does; a file of Java, Kotlin or C# also where it
// names the property that an encoder's convention makes of one: RowLabel and rowLabel for row_label.
func namingWire(pass *detectors.Pass, wires []string) (map[string][]string, error) {
	spelled := map[string][]string{} // by property, the names that it is written as
	for _, w := range wires {
		property := source.CamelCase(unsnaked(w))
		for _, p := range []string{property, upperFirst(property)} {
			if p != w {
				spelled[p] = append(spelled[p], w)
			}
		}
	}
	naming, err := pass.Source.Naming(pass.Context, append(slices.Clone(wires), keysOf(spelled)...)...)
	if err != nil {
		return nil, err
	}
	found := map[string][]string{}
	for _, w := range wires {
		found[w] = slices.Clone(naming[w])
	}
	for property, names := range spelled {
		for _, p := range naming[property] {
			for _, w := range names {
				if family(p) != "" && !slices.Contains(found[w], p) {
					found[w] = append(found[w], p)
				}
			}
		}
	}
	for _, list := range found {
		slices.Sort(list)
	}
	return found, nil
}

// unsnaked is a snake_case name in camelCase.
func unsnaked(name string) string {
	var b strings.Builder
	for i, part := range strings.Split(name, "_") {
		if i > 0 && part != "" {
			part = strings.ToUpper(part[:1]) + part[1:]
		}
		b.WriteString(part)
	}
	return b.String()
}

package source

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// The serialised names of Java and Kotlin: Jackson, Gson, Moshi, kotlinx.serialization and JSON-B. Sources: the annotations'
// own documentation; a bean's property is found as java.beans.Introspector does, by its accessors.

var (
	beanNames   = words("JsonProperty SerializedName Json SerialName JsonbProperty JsonGetter JsonSetter")
	beanHiding  = words("JsonIgnore Transient JsonbTransient JsonBackReference")
	beanOpening = words("Data Value Getter Serializable JsonClass JsonSerialize JsonDeserialize JsonAutoDetect JsonPropertyOrder JsonNaming JsonInclude JsonIgnoreProperties ConfigurationProperties ConfigMapping Serdeable Introspected RegisterForReflection")
	// beanParts mark the classes that a program is made of.
	beanParts     = words("Service Component Configuration RestController Controller Repository ControllerAdvice RestControllerAdvice HiltViewModel Singleton AndroidEntryPoint Aspect Path Module SpringBootTest Composable")
	componentName = lazy.New(`(Exception|Error|Controller|Activity|Fragment|ViewModel|Adapter|Helper|Utils?|Tests?|Configuration|UseCase|Interactor|Presenter|Interceptor|Listener)(<.*>)?$`)
	componentBase = lazy.New(`(Exception|Error|Controller|Activity|Fragment|ViewModel|Adapter|Worker|Job|Filter|Plugin|Module|Context|Thread|View|Listener|Throwable)(<.*>)?(\(.*)?$`)
	singleton     = lazy.New(`^(\w+\s+)*(companion\s+)?object\b`)
	// readsFields are libraries that take fields, whatever accessors there are.
	readsFields = lazy.New(`^(com\.google\.gson|com\.squareup\.moshi|kotlinx\.serialization)`)
	// dependency is the type of a member that a program is made of, which no data holds.
	dependency = lazy.New(`(Service|Repository|Client|Mapper|Logger|Factory|Manager|Provider|Handler|Dao|Template|Executor|Lock|Clock)(<.*>)?\??$`)
)

// nameBeans names the fields of a file's classes.
func nameBeans(f *File) {
	gson := slices.ContainsFunc(f.Imports, func(i *Import) bool { return readsFields.MatchString(i.Path) })
	for _, d := range slices.Clone(f.Decls) {
		switch d.Kind {
		case Class, Interface:
			nameBean(f, d, gson)
		case EnumValue:
			nameValue(d)
		default: // nothing else has a serialised form
		}
	}
}

func nameBean(f *File, class *Decl, gson bool) {
	record := f.Lang == Java && len(class.Params) > 0 // only a record has a head with parameters
	opened := gson || record || annotated(class, beanOpening)
	closed := !annotated(class, beanOpening) && (component(f, class) || annotated(class, beanParts))
	convention := beanConvention(class)
	for _, m := range slices.Clone(class.Members) {
		if m.Kind == Method {
			nameAccessor(f, class, m)
		}
		if m.Kind != Field {
			continue
		}
		m.Optional = m.Optional || m.Default != "" || !demanded(f, m)
		switch {
		case hidden(class, m):
			m.Wire, m.WireSet = "-", true
		case m.pinned(m.Decorators):
		case closed || dependency.MatchString(m.Type) || !opened && !open(f, m) && !accessed(f, class, m):
			m.Wire = "-"
		case convention != nil:
			m.Wire, m.WireSet = convention(m.Name), true
		default:
			m.Wire = m.Name
		}
	}
}

// component says of a class that a program is made of it: by its name, as an object of its own, or as an error.
func component(f *File, class *Decl) bool {
	head := string(f.Text[class.Span.Start:min(class.Span.End, class.Span.Start+80)])
	return dependency.MatchString(class.Name) || componentName.MatchString(class.Name) || singleton.MatchString(head) ||
		slices.ContainsFunc(class.Bases, componentBase.MatchString)
}

// demanded says whether a reader refuses a record without the field.
func demanded(f *File, field *Decl) bool {
	if annotated(field, words("NotNull NotBlank NotEmpty NonNull")) {
		return true
	}
	return f.Lang == Kotlin && !strings.HasSuffix(field.Type, "?") && !slices.Contains(field.modifiers, "lateinit") && field.Type != ""
}

// pinned takes the name that one of the annotations fixes.
func (d *Decl) pinned(annotations []*Call) bool {
	for _, c := range annotations {
		if name := pinnedBy(c); beanNames[c.Name] && name != "" {
			d.Wire, d.WireSet = name, true
			return true
		}
	}
	return false
}

// pinnedBy is the name that an annotation states: its only value, or the one called value or name.
func pinnedBy(c *Call) string {
	for _, a := range c.Args {
		if a.IsString && (a.Keyword == "" || a.Keyword == "value" || a.Keyword == "name") {
			return a.Str
		}
	}
	return ""
}

// nameAccessor lets an annotation on an accessor name the field behind it; a property without a field of its own becomes one.
func nameAccessor(f *File, class, method *Decl) {
	property := propertyOf(method)
	if property == "" {
		return
	}
	i := slices.IndexFunc(class.Members, func(m *Decl) bool { return m.Kind == Field && m.Name == property })
	if i >= 0 {
		field := class.Members[i]
		switch {
		case annotated(method, beanHiding):
			field.Wire, field.WireSet = "-", true
		case field.Wire != "-":
			field.pinned(method.Decorators)
		}
		return
	}
	virtual := &Decl{Kind: Field, Name: property, Exported: true, Parent: class, Span: method.Span, Decorators: method.Decorators}
	if len(method.Results) > 0 {
		virtual.Type = method.Results[0]
	}
	if virtual.pinned(method.Decorators) {
		class.Members = append(class.Members, virtual)
		f.Decls = append(f.Decls, virtual)
	}
}

// propertyOf is the property that an accessor is for, "" for another method.
func propertyOf(method *Decl) string {
	for prefix, params := range map[string]int{"get": 0, "is": 0, "set": 1} {
		rest, ok := strings.CutPrefix(method.Name, prefix)
		if ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' && len(method.Params) == params {
			return strings.ToLower(rest[:1]) + rest[1:]
		}
	}
	return ""
}

// accessed says whether a class has an accessor for a field.
func accessed(f *File, class, field *Decl) bool {
	if annotated(field, words("Getter JsonProperty JsonInclude JsonFormat JsonSerialize JsonDeserialize JsonAlias")) {
		return true
	}
	return slices.ContainsFunc(class.Members, func(m *Decl) bool {
		return m.Kind == Method && open(f, m) && (propertyOf(m) == field.Name || propertyOf(m) == strings.TrimPrefix(field.Name, "is"))
	})
}

// open says whether a member is seen from outside of its class, whoever sees the class.
func open(f *File, member *Decl) bool {
	if f.Lang == Kotlin {
		return !slices.Contains(member.modifiers, "private") && !slices.Contains(member.modifiers, "protected")
	}
	return slices.Contains(member.modifiers, "public")
}

func annotated(d *Decl, names map[string]bool) bool {
	return slices.ContainsFunc(d.Decorators, func(c *Call) bool { return names[c.Name] })
}

// hidden says whether a field is never serialised.
func hidden(class, field *Decl) bool {
	if annotated(field, beanHiding) || slices.Contains(field.modifiers, "transient") {
		return true
	}
	return slices.ContainsFunc(class.Decorators, func(c *Call) bool {
		return c.Name == "JsonIgnoreProperties" && slices.ContainsFunc(c.Args, func(a Arg) bool { return strings.Contains(a.Text, `"`+field.Name+`"`) })
	})
}

// beanConvention is the naming that a class declares for its fields by @JsonNaming or @JsonNamingStrategy, nil for none.
func beanConvention(class *Decl) func(string) string {
	for _, c := range class.Decorators {
		if c.Name != "JsonNaming" || len(c.Args) == 0 {
			continue
		}
		switch text := c.Args[0].Text; {
		case strings.Contains(text, "UpperSnakeCase"):
			return func(name string) string { return strings.ToUpper(separated(name, '_')) }
		case strings.Contains(text, "SnakeCase"), strings.Contains(text, "LowerCaseWithUnderscores"):
			return func(name string) string { return separated(name, '_') }
		case strings.Contains(text, "KebabCase"):
			return func(name string) string { return separated(name, '-') }
		case strings.Contains(text, "LowerDotCase"):
			return func(name string) string { return separated(name, '.') }
		case strings.Contains(text, "UpperCamelCase"), strings.Contains(text, "PascalCase"):
			return func(name string) string { return strings.ToUpper(name[:1]) + name[1:] }
		case strings.Contains(text, "LowerCase"):
			return strings.ToLower
		}
	}
	return nil
}

// separated is a camelCase name in lower case with a separator between its words.
func separated(name string, by byte) string {
	var b strings.Builder
	for i := range len(name) {
		upper := name[i] >= 'A' && name[i] <= 'Z'
		if upper && i > 0 && (name[i-1] < 'A' || name[i-1] > 'Z' || i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z') {
			b.WriteByte(by)
		}
		b.WriteByte(name[i])
	}
	return strings.ToLower(b.String())
}

// nameValue names an enum's value: by its annotation, by the string that it is made of where the enum says that this is its
// value, else by itself.
func nameValue(d *Decl) {
	if d.Parent == nil || d.pinned(d.Decorators) {
		return
	}
	d.Wire = d.Name
	valued := slices.ContainsFunc(d.Parent.Members, func(m *Decl) bool { return annotated(m, words("JsonValue JsonCreator")) })
	if start := strings.IndexByte(d.Default, '"'); valued && start >= 0 {
		if end := strings.IndexByte(d.Default[start+1:], '"'); end >= 0 {
			d.Wire, d.WireSet = d.Default[start+1:start+1+end], true
		}
	}
}

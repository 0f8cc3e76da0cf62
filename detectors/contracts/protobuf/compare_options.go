package protobuf

import (
	"fmt"
	"math"
	"strings"

	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// fileOption is one option of a file that generated code depends on.
type fileOption struct {
	rule, name string
	get        func(*descriptorpb.FileOptions) any
}

var fileOptions = []fileOption{
	{"FILE_SAME_CC_ENABLE_ARENAS", "cc_enable_arenas", func(o *descriptorpb.FileOptions) any { return o.GetCcEnableArenas() }},
	{"FILE_SAME_CC_GENERIC_SERVICES", "cc_generic_services", func(o *descriptorpb.FileOptions) any { return o.GetCcGenericServices() }},
	{"FILE_SAME_CSHARP_NAMESPACE", "csharp_namespace", func(o *descriptorpb.FileOptions) any { return o.GetCsharpNamespace() }},
	{"FILE_SAME_GO_PACKAGE", "go_package", func(o *descriptorpb.FileOptions) any { return o.GetGoPackage() }},
	{"FILE_SAME_JAVA_GENERIC_SERVICES", "java_generic_services", func(o *descriptorpb.FileOptions) any { return o.GetJavaGenericServices() }},
	{"FILE_SAME_JAVA_MULTIPLE_FILES", "java_multiple_files", func(o *descriptorpb.FileOptions) any { return o.GetJavaMultipleFiles() }},
	{"FILE_SAME_JAVA_OUTER_CLASSNAME", "java_outer_classname", func(o *descriptorpb.FileOptions) any { return o.GetJavaOuterClassname() }},
	{"FILE_SAME_JAVA_PACKAGE", "java_package", func(o *descriptorpb.FileOptions) any { return o.GetJavaPackage() }},
	{"FILE_SAME_OBJC_CLASS_PREFIX", "objc_class_prefix", func(o *descriptorpb.FileOptions) any { return o.GetObjcClassPrefix() }},
	{"FILE_SAME_OPTIMIZE_FOR", "optimize_for", func(o *descriptorpb.FileOptions) any { return o.GetOptimizeFor() }},
	{"FILE_SAME_PHP_CLASS_PREFIX", "php_class_prefix", func(o *descriptorpb.FileOptions) any { return o.GetPhpClassPrefix() }},
	{"FILE_SAME_PHP_METADATA_NAMESPACE", "php_metadata_namespace", func(o *descriptorpb.FileOptions) any { return o.GetPhpMetadataNamespace() }},
	{"FILE_SAME_PHP_NAMESPACE", "php_namespace", func(o *descriptorpb.FileOptions) any { return o.GetPhpNamespace() }},
	{"FILE_SAME_PY_GENERIC_SERVICES", "py_generic_services", func(o *descriptorpb.FileOptions) any { return o.GetPyGenericServices() }},
	{"FILE_SAME_RUBY_PACKAGE", "ruby_package", func(o *descriptorpb.FileOptions) any { return o.GetRubyPackage() }},
	{"FILE_SAME_SWIFT_PREFIX", "swift_prefix", func(o *descriptorpb.FileOptions) any { return o.GetSwiftPrefix() }},
}

// Numbers of FileDescriptorProto's fields, for places in the source (descriptor.proto).
const (
	numberPackage = 2
	numberOptions = 8
	numberSyntax  = 12
	numberEdition = 14
)

func (c *comparer) fileOptions(was, now protoreflect.FileDescriptor) {
	a, _ := was.Options().(*descriptorpb.FileOptions)
	b, _ := now.Options().(*descriptorpb.FileOptions)
	for _, o := range fileOptions {
		if x, y := o.get(a), o.get(b); x != y {
			number := (*descriptorpb.FileOptions)(nil).ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(o.name)).Number()
			c.tellFile(Source, now, protoreflect.SourcePath{numberOptions, int32(number)}, o.name, fmt.Sprintf("%s is %v now, it was %v", o.name, shown(y), shown(x)), o.rule)
		}
	}
	if x, y := was.Syntax(), now.Syntax(); x != y {
		number := int32(numberSyntax)
		if y == protoreflect.Editions {
			number = numberEdition
		}
		c.tellFile(Source, now, protoreflect.SourcePath{number}, "syntax", fmt.Sprintf("syntax is %v now, it was %v", y, x), "FILE_SAME_SYNTAX")
	}
	if x, y := was.Package(), now.Package(); x != y {
		c.tellFile(Names, now, protoreflect.SourcePath{numberPackage}, string(x), fmt.Sprintf("package %s became %s: the names of its services and types change", shown(x), shown(y)), "FILE_SAME_PACKAGE")
	}
}

func shown(v any) any {
	if text := fmt.Sprint(v); text == "" {
		return "unset"
	}
	return v
}

func (c *comparer) tellFile(class Class, now protoreflect.FileDescriptor, at protoreflect.SourcePath, element, message, rule string) {
	before := len(c.result.Breaks)
	c.tell(class, nil, element, message, rule)
	if len(c.result.Breaks) > before {
		if place := now.SourceLocations().ByPath(at); place.Path != nil {
			c.result.Breaks[before].Line = place.StartLine + 1
		}
	}
}

func (c *comparer) fieldOptions(was, now protoreflect.FieldDescriptor, symbol string) {
	a, _ := was.Options().(*descriptorpb.FieldOptions)
	b, _ := now.Options().(*descriptorpb.FieldOptions)
	if wide(was) && wide(now) && a.GetJstype() != b.GetJstype() {
		c.tell(Source, now, symbol, fmt.Sprintf("jstype of %s is %v now, it was %v", symbol, b.GetJstype(), a.GetJstype()), "FIELD_SAME_JSTYPE")
	}
	text := func(f protoreflect.FieldDescriptor) bool {
		return f.Kind() == protoreflect.StringKind || f.Kind() == protoreflect.BytesKind
	}
	if text(was) && text(now) {
		x, y := cppString(was, a), cppString(now, b)
		if x != y && (x != "STRING_PIECE" || y != "STRING") {
			c.tell(Source, now, symbol, fmt.Sprintf("the C++ string type of %s is %s now, it was %s", symbol, y, x), "FIELD_SAME_CPP_STRING_TYPE")
		}
	}
	if was.Kind() == protoreflect.StringKind && now.Kind() == protoreflect.StringKind {
		if x, y := feature(was, "utf8_validation"), feature(now, "utf8_validation"); x != y {
			c.tell(Source, now, symbol, fmt.Sprintf("UTF-8 validation of %s changed", symbol), "FIELD_SAME_UTF8_VALIDATION")
		}
		if javaUTF8(was) != javaUTF8(now) {
			c.tell(Source, now, symbol, fmt.Sprintf("UTF-8 validation of %s in Java changed", symbol), "FIELD_SAME_JAVA_UTF8_VALIDATION")
		}
	}
	if hasDefault(was) && hasDefault(now) && !sameDefault(was, now) {
		c.tell(Names, now, symbol, fmt.Sprintf("the default of %s is %v now, it was %v", symbol, defaultText(now), defaultText(was)), "FIELD_SAME_DEFAULT")
	}
}

func wide(f protoreflect.FieldDescriptor) bool {
	return strings.HasSuffix(f.Kind().String(), "64")
}

// feature resolves a feature of editions, which proto2 and proto3 have fixed values of; 0 where it cannot be.
func feature(d protoreflect.Descriptor, name protoreflect.Name) protoreflect.EnumNumber {
	field := (*descriptorpb.FeatureSet)(nil).ProtoReflect().Descriptor().Fields().ByName(name)
	v, err := protoutil.ResolveFeature(d, field)
	if err != nil {
		return 0
	}
	return v.Enum()
}

func jsonFormat(d protoreflect.Descriptor) descriptorpb.FeatureSet_JsonFormat {
	return descriptorpb.FeatureSet_JsonFormat(feature(d, "json_format"))
}

// bestEffort tells where JSON was promised and is only tried now.
func (c *comparer) bestEffort(was, now protoreflect.Descriptor, rule string) {
	if jsonFormat(was) == descriptorpb.FeatureSet_ALLOW && jsonFormat(now) != descriptorpb.FeatureSet_ALLOW {
		c.tell(Names, now, nested(was), "JSON is only best effort for "+nested(was)+" now", rule)
	}
}

// cppString is the type that strings and bytes have in C++: the option ctype, or the feature string_type of pb.cpp.
func cppString(f protoreflect.FieldDescriptor, o *descriptorpb.FieldOptions) string {
	if o != nil && o.Ctype != nil {
		return o.GetCtype().String()
	}
	if v := languageFeature(f, "pb.cpp", "string_type"); v != "" {
		return v
	}
	return "STRING"
}

// javaUTF8 says whether Java code verifies that a string is UTF-8.
func javaUTF8(f protoreflect.FieldDescriptor) bool {
	byDefault := descriptorpb.FeatureSet_Utf8Validation(feature(f, "utf8_validation")) == descriptorpb.FeatureSet_VERIFY
	o, _ := f.ParentFile().Options().(*descriptorpb.FileOptions)
	if f.ParentFile().Syntax() != protoreflect.Editions || o != nil && o.JavaStringCheckUtf8 != nil {
		return o.GetJavaStringCheckUtf8() || byDefault
	}
	return languageFeature(f, "pb.java", "utf8_validation") == "VERIFY" || byDefault
}

// languageFeature is the value of a feature of one language, such as features.(pb.cpp).string_type, set on an element or on
// what it stands in. These are custom options and stay as they were written.
func languageFeature(d protoreflect.Descriptor, extension, name string) string {
	for ; d != nil; d = d.Parent() {
		o, ok := d.Options().(interface {
			GetUninterpretedOption() []*descriptorpb.UninterpretedOption
		})
		if !ok {
			continue
		}
		for _, u := range o.GetUninterpretedOption() {
			parts := u.GetName()
			if len(parts) == 3 && parts[0].GetNamePart() == "features" && parts[1].GetNamePart() == extension && parts[2].GetNamePart() == name {
				return u.GetIdentifierValue()
			}
		}
	}
	return ""
}

func hasDefault(f protoreflect.FieldDescriptor) bool {
	return f.Kind() != 0 && !f.IsList() && !f.IsMap() && f.Message() == nil
}

// sameDefault compares by value: a number's type may change without its default doing so.
func sameDefault(a, b protoreflect.FieldDescriptor) bool {
	x, y := defaultValue(a), defaultValue(b)
	if p, ok := x.(float64); ok {
		if q, ok := y.(float64); ok {
			if a.Kind() == protoreflect.FloatKind || b.Kind() == protoreflect.FloatKind {
				p, q = float64(float32(p)), float64(float32(q))
			}
			return p == q || math.IsNaN(p) && math.IsNaN(q)
		}
	}
	if zero(x) && zero(y) {
		return true
	}
	return fmt.Sprint(x) == fmt.Sprint(y)
}

func zero(v any) bool { return v == "" || v == int64(0) || v == uint64(0) || v == float64(0) }

// defaultValue is a string, an int64, a uint64 or a float64; booleans and enums are numbers.
func defaultValue(f protoreflect.FieldDescriptor) any {
	if f.Enum() != nil {
		// A default is read before it is known that the field's type is an enum, and so stays as it was written.
		if v := f.Enum().Values().ByName(protoreflect.Name(unreadDefault(f))); v != nil {
			return int64(v.Number())
		}
	}
	v := f.Default()
	if !v.IsValid() {
		return ""
	}
	switch x := v.Interface().(type) {
	case bool:
		if x {
			return int64(1)
		}
		return int64(0)
	case int32:
		return int64(x)
	case uint32:
		return int64(x)
	case uint64:
		return x
	case float32:
		return float64(x)
	case protoreflect.EnumNumber:
		return int64(x)
	case []byte:
		return string(x)
	default:
		return x
	}
}

func unreadDefault(f protoreflect.FieldDescriptor) string {
	o, _ := f.Options().(*descriptorpb.FieldOptions)
	for _, u := range o.GetUninterpretedOption() {
		if len(u.GetName()) == 1 && u.GetName()[0].GetNamePart() == "default" {
			return u.GetIdentifierValue()
		}
	}
	return ""
}

func defaultText(f protoreflect.FieldDescriptor) string {
	if v, ok := defaultValue(f).(string); ok {
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(defaultValue(f))
}

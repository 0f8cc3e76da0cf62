package source

import (
	"context"
	"errors"
	"go/ast"
	"go/token"

	"flightpoll/detectors/branch"
)

// Language is a programming language that this package reads.
type Language string

// The languages; a .tsx file is TypeScript, a .jsx file JavaScript.
const (
	Go         Language = "go"
	TypeScript Language = "typescript"
	JavaScript Language = "javascript"
	Python     Language = "python"
	Java       Language = "java"
	Kotlin     Language = "kotlin"
	CSharp     Language = "csharp"
	Ruby       Language = "ruby"
	PHP        Language = "php"
	Rust       Language = "rust"
)

var (
	// ErrUnknownLanguage is the answer for a file in a language that is not read.
	ErrUnknownLanguage = errors.New("no reader for this language")
	// ErrNoGrammar is the answer for a language whose grammar needs cgo, in a build without it.
	ErrNoGrammar = errors.New("built without cgo")
)

// Span is a place in a file: lines count from 1, columns and bytes from 0, ends are exclusive in bytes and
// inclusive in lines.
type Span struct {
	Line, EndLine int
	Column        int
	Start, End    int
}

// File is one parsed file. Everything is in source order. A file with syntax errors still has what could be read;
// Errors counts the broken places.
type File struct {
	Path string
	Lang Language
	Text []byte

	// Package is the package, namespace or module clause, empty where the language has none.
	Package string
	Imports []*Import
	// Decls are all declarations, members and nested ones included; top-level ones have no Parent.
	Decls    []*Decl
	Calls    []*Call
	Accesses []*Access
	Objects  []*Object
	Strings  []*String
	Comments []*Comment
	// Catches are the places that receive an error: catch, except, rescue, `if err != nil`, `_ = f()`, .catch(...).
	Catches []*Catch
	Errors  int

	// GoFile and GoSet are set for Go only.
	GoFile *ast.File
	GoSet  *token.FileSet

	root Node
}

// Root is the syntax tree's root for languages read by tree-sitter, nil for Go.
func (f *File) Root() Node { return f.root }

// Kind is what a declaration declares.
type Kind string

// The kinds of declaration. A field is a member of a struct, class, interface or schema; a schema is a value that
// declares a shape (zod's z.object, a TypedDict, a Pydantic model is a Class with Schema set).
const (
	Function  Kind = "function"
	Method    Kind = "method"
	Type      Kind = "type"
	Struct    Kind = "struct"
	Interface Kind = "interface"
	Class     Kind = "class"
	Enum      Kind = "enum"
	EnumValue Kind = "enum value"
	Field     Kind = "field"
	Const     Kind = "const"
	Var       Kind = "var"
	Schema    Kind = "schema"
)

// Decl is one declaration.
type Decl struct {
	Kind Kind
	Name string
	// Wire is the name in JSON, YAML ... when the declaration fixes one (json tag, Field(alias=...), serialized key of
	// a schema), else for a field of a shape that goes by its own name (a TypeScript property, a Pydantic field) that
	// name, else "". WireSet says that it was fixed explicitly. "-" means never serialised.
	Wire    string
	WireSet bool
	// Exported by the language's own rule: upper case in Go, `export` in TypeScript, no leading underscore in Python.
	Exported bool
	// Optional: omitempty, `?:`, a default, Optional[...].
	Optional bool
	// Embedded: a Go struct's embedded field; Type then names the type whose fields it brings along.
	Embedded bool
	// Type is the declared type's text, white space folded; for an alias or a named type what it stands for.
	Type string
	// Default is the default value's text.
	Default string
	Params  []Param
	Results []string
	// Bases are base classes, implemented and extended types.
	Bases []string
	// Receiver is the type of a method, without pointer and type parameters.
	Receiver   string
	Decorators []*Call
	Doc        string
	Parent     *Decl
	Members    []*Decl
	Async      bool
	Span       Span
	// Body is the function's or the type's body, zero without one.
	Body Span

	// modifiers are the words before it, in languages where they decide what is seen and serialised.
	modifiers []string
}

// Param is one parameter.
type Param struct {
	Name, Type, Default string
	Optional            bool
	// Variadic: ...T, *args, **kwargs ("keywords" in KeywordVariadic), rest parameters.
	Variadic, KeywordVariadic bool
	// KeywordOnly is Python's and Ruby's, PositionalOnly Python's.
	KeywordOnly, PositionalOnly bool
}

// Call is one call or decorator: `Receiver.Name(Args)`.
type Call struct {
	// Receiver is the text before the last dot ("http", "s.repo", "app.get('/x')"), empty for a plain call.
	Receiver string
	Name     string
	Args     []Arg
	// New says that it is a constructor: `new X(...)`.
	New bool
	// Awaited says that the call stands right behind await.
	Awaited bool
	// Decorates says that it is a decorator, an annotation or an attribute of a declaration.
	Decorates bool
	// In is the innermost named function, method or class around it, or the variable that is given a function wrapped in
	// a call (`const GET = withAuth(async () => ...)`); nil at the top level.
	In   *Decl
	Span Span
}

// maxReceiver bounds how much of a receiver Full repeats, in bytes: in a chain of n calls the receivers alone have
// n² / 2 links.
const maxReceiver = 256

// Full is "Receiver.Name", or Name. Of a long receiver it has the beginning.
func (c *Call) Full() string {
	switch {
	case c.Receiver == "":
		return c.Name
	case len(c.Receiver) > maxReceiver:
		return c.Receiver[:maxReceiver] + "…." + c.Name
	}
	return c.Receiver + "." + c.Name
}

// Arg is one argument: its text, its keyword when it has one (name=...), and its value when it is a plain string literal.
type Arg struct {
	Keyword  string
	Text     string
	Str      string
	IsString bool
	// IsFunc says that it is a function literal or an arrow function, whose body is Span.
	IsFunc bool
	Span   Span
}

// Access is a read or write of a member: `Receiver.Name`, or with a literal key `Receiver["Name"]` (Key is true then;
// also r.get("x") in Python). Destructuring `const {a, b: c} = recv` gives one access for each key.
type Access struct {
	Receiver, Name string
	Key            bool
	Write          bool
	In             *Decl
	Span           Span
}

// Object is an object, dict, map or keyed composite literal. Name is the variable, field or keyword it is given to, or
// the function it is an argument of; Type the literal's type where it has one (Go's User{...}, `const x: User = {...}`,
// `{...} as User`, `satisfies User`).
type Object struct {
	Name, Type string
	Keys       []Key
	// Spread says that it takes over other keys (...base, **base).
	Spread bool
	In     *Decl
	Span   Span
}

// Key is one key of an Object: name, the value's text, its place, and the nested object when the value is one.
type Key struct {
	Name, Value string
	Child       *Object
	Span        Span
}

// String is one string literal, without quotes and with simple escapes resolved; Interpolated ones keep their
// placeholders as text.
type String struct {
	Value        string
	Interpolated bool
	In           *Decl
	Span         Span
}

// Import is one import: Path is the module, Names what is taken from it (with Alias for the module itself).
// A re-export counts as one.
type Import struct {
	Path, Alias string
	Names       []ImportedName
	Span        Span
}

// ImportedName is one name taken from a module, under Alias when that differs.
type ImportedName struct{ Name, Alias string }

// Comment is one comment without its markers.
type Comment struct {
	Text string
	Span Span
}

// Catch is one place that receives an error.
type Catch struct {
	// Kind is "catch" (try/catch, except, rescue), "promise" (.catch(...)), "check" (if err != nil) or "discard" (_ = f()).
	Kind string
	// Types are the error types it is narrowed to; empty means everything. Name is the error's variable.
	Types []string
	Name  string
	// Empty: the body holds no statement but pass, a comment or nothing. Rethrows: the body raises or returns the error.
	Empty, Rethrows bool
	// UsesError says that the body names the error's variable.
	UsesError bool
	// Calls are the calls inside the body.
	Calls []*Call
	// Returns is the text of a return's value inside the body, e.g. "nil", "[]"; empty without one.
	Returns string
	// Comment is a comment inside the body.
	Comment string
	// Try is the guarded block (or the failing call); Body the handler's body.
	Try  Span
	Body Span
	In   *Decl
	Span Span
}

// Node is a node of a syntax tree, for what the facts above do not say. Kinds are those of the tree-sitter grammar.
type Node interface {
	Kind() string
	Text() string
	Span() Span
	Parent() Node
	// Children are the named ones; Field is nil when there is none of that name.
	Children() []Node
	Field(name string) Node
}

// Source reads the files of one branch, each side once.
type Source struct {
	branch *branch.Branch
	state  *state
}

// New reads nothing yet.
func New(b *branch.Branch) *Source { return newSource(b) }

// Head is the parsed file as it is now, Base as it was at the merge base; both are cached. Errors: fs.ErrNotExist,
// ErrUnknownLanguage, ErrNoGrammar, or what reading it said.
func (s *Source) Head(path string) (*File, error) { return s.head(path) }

// Base is the other side of Head.
func (s *Source) Base(path string) (*File, error) { return s.base(path) }

// Parse reads text as the file path would be read, without a cache.
func Parse(path string, text []byte) (*File, error) { return parse(path, text) }

// LanguageOf says which language a path is in, "" for one that is not read.
func LanguageOf(path string) Language { return languageOf(path) }

// Naming lists the files of the work tree that name each of the words, sorted, by word. A word is an identifier, or a
// run of letters, digits, '_', '-', '.' and '/' (so that keys like "bulk-export" and "session.idle" are found too).
// Every text file counts, whatever its language; vendored, generated, minified, binary and huge files do not.
// The index behind it is built once, in parallel, at the first call.
func (s *Source) Naming(ctx context.Context, words ...string) (map[string][]string, error) {
	return s.naming(ctx, words)
}

// IsTest says by path and name whether a file is for tests: tests, fixtures and mocks.
func IsTest(path string) bool { return isTest(path) }

// IsExample says whether the path belongs to an example, a sample or a demo.
func IsExample(path string) bool { return isExample(path) }

// IsDoc says whether the path is a document: Markdown, reStructuredText, AsciiDoc, anything below docs/.
func IsDoc(path string) bool { return isDoc(path) }

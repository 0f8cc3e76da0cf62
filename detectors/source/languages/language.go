// Package languages says what a language is to detectors/source: a name, the endings of its files and the queries
// that find its facts. Each language is a folder of data below this one.
package languages

// Language is one language that tree-sitter reads.
type Language struct {
	// Name is source.Language's value; Extensions are the endings of its files, with the dot.
	Name       string
	Extensions []string
	// Facts is the text of its queries.
	Facts string
	// Public says whether a top-level name is exported without any marker; nil means never.
	Public func(name string) bool
	// Visible says whether a declaration with these modifiers is exported; nil where modifiers do not decide it.
	Visible func(modifiers []string) bool
}

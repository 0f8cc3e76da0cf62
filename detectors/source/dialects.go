package source

// readDialect adds what a language says by other means than its grammar: visibility that a word switches, fields that
// calls declare, serialised names.
func (x *extraction) readDialect() {
	switch x.file.Lang {
	case Ruby:
		x.readRuby()
	case Rust:
		x.readRust()
	default:
	}
}

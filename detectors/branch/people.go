package branch

// People and assistants, as other rooms ask for them.

// ParsePerson reads "Name <address>", as trailers have it.
func ParsePerson(value string) Person { return person(value) }

// Assistant is the tool that an identity belongs to ("claude", "cursor" ...), empty for a person.
func (p Person) Assistant() string { return byIdentity(p) }

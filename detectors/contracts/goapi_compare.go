package contracts

import (
	"slices"
	"strings"
	"unicode"
)

// An apiBreak is one incompatible change of an exported name, in the sense of golang.org/x/exp/apidiff.
type apiBreak struct {
	symbol goSymbol
	// how is what happened ("removed", "changed from A to B"), line is where at the head (0 when it is gone).
	how  string
	path string
	line int
	// arity: callers have to change, whatever they pass.
	arity bool
	// mild: callers go on as they are; only who implements the interface, or keeps the function as a value, has to change.
	mild bool
	// value: a constant of another value; added: a method that an interface did not have.
	value, added bool
}

// compareGo lists what an importer of the package can no longer do.
func compareGo(old, now *goPackage) []apiBreak {
	var list []apiBreak
	for _, name := range keysOf(old.symbols) {
		if !exported(name) {
			continue
		}
		was := old.symbols[name][0]
		if owner, _, ok := strings.Cut(name, "."); ok {
			if _, typeGone := old.symbols[owner]; typeGone && len(now.symbols[owner]) == 0 {
				continue // told with the type
			}
		}
		is := now.symbols[name]
		if len(is) == 0 {
			if promoted := now.promoted(name, 0); len(promoted) > 0 {
				is = promoted
			}
		}
		if b, broken := breakOf(old.symbols[name], is); broken {
			b.symbol = was
			list = append(list, b)
		}
	}
	for _, name := range keysOf(now.symbols) {
		s := now.symbols[name][0]
		owner, _, _ := strings.Cut(name, ".")
		if s.what != "interface method" || !exported(name) || len(old.symbols[name]) > 0 || len(old.symbols[owner]) == 0 ||
			s.sealed || sealedBefore(old, owner) || !strings.HasPrefix(old.symbols[owner][0].sign, "interface") || len(old.promoted(name, 0)) > 0 {
			continue
		}
		list = append(list, apiBreak{
			symbol: s, how: "was added to an interface that others may implement", path: s.path, line: s.line, mild: now.handedOut(owner),
		})
	}
	return list
}

func sealedBefore(p *goPackage, owner string) bool {
	for name, list := range p.symbols {
		if strings.HasPrefix(name, owner+".") && list[0].sealed {
			return true
		}
	}
	return false
}

// breakOf compares the declarations of one name; several stand for several builds.
func breakOf(old, now []goSymbol) (apiBreak, bool) {
	was := old[0]
	if len(now) == 0 {
		return apiBreak{how: "was removed", arity: true}, true
	}
	is := now[0]
	b := apiBreak{path: is.path, line: is.line}
	if is.what == "unknown" {
		return b, false
	}
	for _, o := range old {
		if slices.ContainsFunc(now, func(n goSymbol) bool { return compatible(o, n) }) {
			return b, false
		}
	}
	switch {
	case was.what != is.what:
		b.how, b.arity = "was a "+was.what+" and is a "+is.what+" now", true
	case was.what == "method" && !was.pointer && is.pointer && was.sign == is.sign:
		b.how = "has a pointer receiver now, so that values no longer have it"
	default:
		b.how = "changed from " + brief(was) + " to " + brief(is)
		b.mild = optionsAdded(was, is)
		b.arity = !b.mild && (was.params != is.params || was.variadic != is.variadic)
	}
	return b, true
}

func brief(s goSymbol) string {
	if s.what == "function" || s.what == "method" || s.what == "interface method" {
		return briefText("func" + s.sign)
	}
	return briefText(s.sign)
}

func briefText(text string) string {
	if runes := []rune(text); len(runes) > 90 {
		text = string(runes[:90]) + "…"
	}
	return text
}

// compatible says whether who uses the old declaration can use the new one.
func compatible(old, now goSymbol) bool {
	if old.what != now.what {
		return old.what == "type" && now.what == "type"
	}
	switch old.what {
	case "method":
		return old.sign == now.sign && (old.pointer || !now.pointer)
	case "constant", "variable":
		// A type that the initial value gives is not known by syntax.
		return old.sign == now.sign || old.sign == "" || now.sign == ""
	case "type":
		// A type that became an alias lives on under another name.
		return old.sign == now.sign || strings.HasPrefix(now.sign, "= ")
	}
	return old.sign == now.sign
}

// promoted are the declarations of Owner.Name that embedding brings along.
func (p *goPackage) promoted(name string, depth int) []goSymbol {
	owner, member, ok := strings.Cut(name, ".")
	if !ok || depth > 5 {
		return nil
	}
	for _, e := range p.embeds[owner] {
		e, _, _ = strings.Cut(e, "[")
		if list := p.symbols[e+"."+member]; len(list) > 0 {
			return list
		}
		if list := p.promoted(e+"."+member, depth+1); len(list) > 0 {
			return list
		}
		if strings.Contains(e, ".") {
			// Another package's type: what it promotes is not known here, so nothing is claimed.
			return []goSymbol{{what: "unknown"}}
		}
	}
	return nil
}

// optionsAdded says that a signature only gained a variadic last parameter, so that every call of it still compiles.
func optionsAdded(old, now goSymbol) bool {
	if old.variadic || !now.variadic || now.params != old.params+1 {
		return false
	}
	before, rest, ok := strings.Cut(now.sign, "...")
	if !ok {
		return false
	}
	_, results, _ := strings.Cut(rest, ")")
	return strings.TrimSuffix(before, ", ")+")"+results == old.sign
}

// handedOut says that the package gives values of an interface to its users and never takes one: nobody else implements it.
func (p *goPackage) handedOut(name string) bool {
	word := func(text string) bool {
		return slices.Contains(strings.FieldsFunc(text, func(r rune) bool {
			return !strings.ContainsRune("_", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.'
		}), name)
	}
	given := false
	for _, list := range p.symbols {
		for _, s := range list {
			switch s.what {
			case "function", "method", "interface method":
				params, results := splitSignature(s.sign)
				if word(params) {
					return false
				}
				given = given || word(results)
			case "field":
				given = given || word(s.sign) && strings.HasPrefix(s.sign, "func")
			}
		}
	}
	if given {
		return true
	}
	for owner, embedded := range p.embeds {
		if slices.Contains(embedded, name) && owner != name && len(p.symbols[owner]) > 0 && strings.HasPrefix(p.symbols[owner][0].sign, "interface") && p.handedOut(owner) {
			return true
		}
	}
	return false
}

// splitSignature cuts "(A, func(B) C) D" into its parameters and its results.
func splitSignature(sign string) (params, results string) {
	open := 0
	for i, r := range sign {
		switch r {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return sign[:i+1], sign[i+1:]
			}
		}
	}
	return sign, ""
}

package effective

// systemd: the environment of a service unit with its drop-ins (systemd.exec(5)): Environment=, EnvironmentFile=, PassEnvironment=.

import (
	"context"
	"path"
	"strings"
)

// KindSystemd is the kind of a unit that is a systemd service.
const KindSystemd = "systemd service"

func loadSystemd(ctx context.Context, t *Tree) []Unit {
	var units []Unit
	for _, p := range t.paths {
		if !serviceUnit(p) || notConfiguration(p) || ctx.Err() != nil {
			continue
		}
		u := namedUnit(KindSystemd, p)
		t.serviceUnit(p, &u)
		for _, more := range t.Below(p + ".d") {
			if path.Ext(more) == ".conf" {
				u.Files = append(u.Files, more)
				t.serviceUnit(more, &u)
			}
		}
		if len(u.Variables) > 0 {
			units = append(units, u)
		}
	}
	return units
}

// serviceUnit says whether a path is a unit of a service, or of a container that Podman makes one of.
func serviceUnit(p string) bool {
	base := strings.TrimSuffix(path.Base(p), ".j2")
	return path.Ext(base) == ".service" || path.Ext(base) == ".container"
}

func (t *Tree) serviceUnit(p string, u *Unit) {
	text, err := t.Read(p)
	if err != nil {
		return
	}
	for i, line := range strings.Split(string(text), "\n") {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || i > maxLines {
			continue
		}
		at := Place{p, i + 1}
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "Environment":
			if value == "" {
				u.Variables = map[string]Variable{}
			}
			for _, word := range quotedWords(value) {
				if name, text, ok := strings.Cut(word, "="); ok && envName(name) {
					u.Variables[name] = set(text, at)
				}
			}
		case "PassEnvironment":
			for name := range strings.FieldsSeq(value) {
				u.Variables[name] = passed(at, name)
			}
		case "EnvironmentFile":
			t.environmentFile(strings.TrimPrefix(value, "-"), p, u)
		}
	}
}

// environmentFile adds the file of the repository that is installed where the unit reads it: the one beside the unit with the same
// name, or the only one.
func (t *Tree) environmentFile(installed, p string, u *Unit) {
	found := ""
	if !strings.ContainsAny(installed, "%*{") {
		for _, other := range t.Below(path.Dir(p)) {
			if path.Base(other) == path.Base(installed) {
				found = other
				break
			}
		}
	}
	if found == "" {
		u.open("its environment file " + installed + " is not in the repository by that name")
		return
	}
	lines, ok := t.envFile(found)
	if !ok {
		u.open(found + " could not be read")
		return
	}
	u.Files = append(u.Files, found)
	for _, l := range lines {
		v := set(l.value, Place{found, l.line})
		v.Via = []Place{u.At}
		u.Variables[l.name] = v
	}
}

// quotedWords cuts a line at spaces outside of quotes, and takes the quotes away.
func quotedWords(text string) []string {
	var words []string
	var word strings.Builder
	quote, open := byte(0), false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			quote, open = c, true
		case c == ' ' || c == '\t':
			if word.Len() > 0 || open {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteByte(c)
		}
	}
	if word.Len() > 0 || open {
		words = append(words, word.String())
	}
	return words
}

package effective

// Kamal: config/deploy.yml with the file of a destination on top (kamal-deploy.org/docs/configuration/environment-variables). A
// container gets exactly what env lists; the values of secret ones come from .kamal/secrets.

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/source/document"
)

// KindKamal is the kind of a unit that is one role of a Kamal service.
const KindKamal = "kamal role"

func loadKamal(ctx context.Context, t *Tree) []Unit {
	var units []Unit
	for _, p := range t.paths {
		if path.Base(p) != "deploy.yml" || path.Base(path.Dir(p)) != "config" || notConfiguration(p) || ctx.Err() != nil {
			continue
		}
		base := t.kamalFile(p)
		if base == nil || base.Get("service") == nil || base.Get("servers") == nil && base.Get("env") == nil {
			continue
		}
		home := path.Dir(path.Dir(p))
		destinations := map[string]string{}
		for _, other := range t.Below(path.Dir(p)) {
			if word, ok := strings.CutPrefix(path.Base(other), "deploy."); ok && strings.HasSuffix(word, ".yml") && path.Dir(other) == path.Dir(p) && word != "yml" {
				destinations[strings.TrimSuffix(word, ".yml")] = other
			}
		}
		if len(destinations) == 0 {
			units = append(units, t.kamal(home, Everywhere, "", []string{p}, []*document.Node{base})...)
			continue
		}
		for _, word := range slices.Sorted(maps.Keys(destinations)) {
			if n := t.kamalFile(destinations[word]); n != nil {
				units = append(units, t.kamal(home, EnvironmentOf(word), word, []string{p, destinations[word]}, []*document.Node{base, n})...)
			}
		}
	}
	return units
}

func (t *Tree) kamalFile(p string) *document.Node {
	if list := t.nodes(p); len(list) == 1 {
		return list[0]
	}
	return nil
}

// kamal are the roles of a service in one destination; layers are the documents, the destination's last.
func (t *Tree) kamal(home string, e Environment, destination string, files []string, layers []*document.Node) []Unit {
	roles := []string{"web"}
	for _, n := range layers {
		for _, pair := range n.Get("servers").Entries() {
			if !slices.Contains(roles, pair.Key) {
				roles = append(roles, pair.Key)
			}
		}
	}
	secrets, known := t.kamalSecrets(home, destination)
	var units []Unit
	for _, role := range roles {
		u := Unit{Name: layers[0].Text("service") + "/" + role, Kind: KindKamal, Environment: e, Root: home, Files: files, Variables: map[string]Variable{}, Image: layers[0].Text("image"), At: place(layers[len(layers)-1], "env")}
		for _, n := range layers {
			u.kamalVariables(n.Get("env"))
			u.kamalVariables(n.Get("servers", role, "env"))
		}
		for _, name := range u.Names() {
			v := u.Variables[name]
			if v.State != Elsewhere || !known {
				continue
			}
			if at, ok := secrets[v.value]; ok {
				v.Via = append(v.Via, at)
			} else {
				u.Gaps = append(u.Gaps, Gap{Name: v.value, At: v.At, Stops: true})
			}
			v.value = ""
			u.Variables[name] = v
		}
		units = append(units, u)
	}
	return units
}

// kamalVariables adds the env of a service or a role: clear and secret, or a plain mapping.
func (u *Unit) kamalVariables(n *document.Node) {
	if n == nil {
		return
	}
	plain := n.Get("clear")
	if plain == nil && n.Get("secret") == nil {
		plain = n
	}
	for _, pair := range plain.Entries() {
		if pair.Key != "tags" && pair.Value.Scalar() {
			u.Variables[pair.Key] = set(pair.Value.Value, Place{n.File, pair.Line})
		}
	}
	for _, item := range n.List("secret") {
		// NAME:KEY takes the value of another secret.
		name, key, aliased := strings.Cut(item.Value, ":")
		if !aliased {
			key = name
		}
		u.Variables[name] = Variable{State: Elsewhere, At: Place{n.File, item.Line}, value: key}
	}
}

// kamalSecrets are the names that the files of secrets give; known is false where there is none, or where one takes in more than
// it shows.
func (t *Tree) kamalSecrets(home, destination string) (names map[string]Place, known bool) {
	names = map[string]Place{}
	files := []string{"secrets-common", "secrets"}
	if destination != "" {
		files = []string{"secrets-common", "secrets." + destination}
	}
	for _, file := range files {
		lines, ok := t.envFile(path.Join(home, ".kamal", file))
		known = known || ok
		for _, l := range lines {
			names[l.name] = Place{path.Join(home, ".kamal", file), l.line}
		}
	}
	return names, known && len(names) > 0
}

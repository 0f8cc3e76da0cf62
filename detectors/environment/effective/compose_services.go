package effective

// The services of one Compose project: include, extends, merge, env_file and interpolation.

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/override"

	"flightpoll/detectors/source/document"
)

// The bounds of one project: files that it includes, and how deep includes and extends go.
const (
	maxIncludes = 60
	maxExtends  = 12
	maxServices = 400
	maxEntries  = 50000
)

// model is a project on its way: services as compose-go merges them. Texts carry where they come from.
type model struct {
	tree  *Tree
	files []string
	// open is why more comes from where the repository does not show it, for all services.
	open    string
	reading []string
	count   int
	// entries counts the variables that were taken over, so that aliases and extends cannot multiply them.
	entries int
}

// composeUnits are the services of one project.
func (t *Tree) composeUnits(pr project) []Unit {
	m := &model{tree: t}
	services := map[string]any{}
	for _, p := range pr.files {
		services = m.merge(services, p, m.file(p, path.Dir(pr.files[0])))
	}
	env := t.projectEnv(path.Dir(pr.files[0]))
	var units []Unit
	for name, s := range services {
		service, ok := s.(map[string]any)
		if !ok || len(units) >= maxServices {
			continue
		}
		units = append(units, m.unit(pr, name, service, env))
	}
	return units
}

// projectEnv are the variables of the .env beside a project, which interpolation knows.
func (t *Tree) projectEnv(dir string) map[string]Variable {
	env := map[string]Variable{}
	p := path.Join(dir, ".env")
	lines, _ := t.envFile(p)
	for _, l := range lines {
		if !l.bare {
			env[l.name] = interpolate(l.value, Place{p, l.line}, func(n string) (Variable, bool) { v, ok := env[n]; return v, ok })
		}
	}
	return env
}

// file reads one Compose file with what it includes and extends, as services by name.
func (m *model) file(p, dir string) map[string]any {
	if slices.Contains(m.reading, p) {
		m.tree.problem(p, "includes itself")
		return nil
	}
	if m.count++; m.count > maxIncludes {
		m.tree.problem(p, "includes more files than are read")
		return nil
	}
	m.reading = append(m.reading, p)
	defer func() { m.reading = m.reading[:len(m.reading)-1] }()
	if !slices.Contains(m.files, p) {
		m.files = append(m.files, p)
	}
	if !m.tree.Has(p) {
		m.open = p + " is not in the repository"
		return nil
	}
	all := map[string]any{}
	for _, doc := range m.tree.nodes(p) {
		for _, inc := range doc.List("include") {
			all = m.merge(all, p, m.included(inc, p))
		}
		services := doc.Get("services")
		if services == nil {
			continue
		}
		own := map[string]any{}
		for i, s := range services.Pairs {
			if i >= maxServices {
				m.tree.problem(p, "has more services than are read")
				break
			}
			if strings.HasPrefix(s.Value.Tag, "!reset") {
				delete(all, s.Key)
				continue
			}
			if service := m.service(services, s.Key, p, dir, nil); service != nil {
				service["\x00at"] = mark(Place{p, s.Line}, "")
				own[s.Key] = service
			}
		}
		all = m.merge(all, p, own)
	}
	return all
}

// included reads the files of one entry of include.
func (m *model) included(inc *document.Node, from string) map[string]any {
	var paths []string
	switch {
	case inc.Scalar():
		paths = []string{inc.Value}
	case inc.Text("path") != "":
		paths = []string{inc.Text("path")}
	default:
		for _, n := range inc.List("path") {
			paths = append(paths, n.Value)
		}
	}
	all := map[string]any{}
	for _, p := range paths {
		if remote(p) || strings.Contains(p, "$") {
			m.open = "it includes a file that is not in the repository"
			continue
		}
		file := path.Join(path.Dir(from), p)
		dir := path.Dir(file)
		if d := inc.Text("project_directory"); d != "" {
			dir = path.Join(path.Dir(from), d)
		}
		all = m.merge(all, from, m.file(file, dir))
	}
	return all
}

// remote says whether a path names something outside of the repository.
func remote(p string) bool {
	return strings.Contains(p, "://") || strings.HasPrefix(p, "git@") || strings.HasPrefix(p, "oci:") || strings.HasPrefix(p, "/") || strings.HasPrefix(p, "~") ||
		strings.HasPrefix(p, "github.com/") || strings.HasPrefix(path.Clean(p), "../") && strings.Count(p, "../") > 20
}

// service is one service with what it extends, in the few fields that matter here.
func (m *model) service(services *document.Node, name, p, dir string, seen []string) map[string]any {
	n := services.Get(name)
	if n == nil || len(n.Pairs) == 0 && n.Kind != document.Null {
		return map[string]any{}
	}
	own := m.fields(n, p, dir)
	ext := n.Get("extends")
	if ext == nil {
		return own
	}
	base, file := ext.Text("service"), ext.Text("file")
	if ext.Scalar() {
		base = ext.Value
	}
	key := p + "\x00" + name
	if slices.Contains(seen, key) || len(seen) >= maxExtends {
		m.tree.problem(p, "a service extends itself")
		return own
	}
	seen = append(seen, key)
	var below map[string]any
	switch {
	case file == "":
		below = m.service(services, base, p, dir, seen)
	case remote(file) || strings.Contains(file, "$"):
		own["\x00open"] = "it extends a service of a file that is not in the repository"
	default:
		target := path.Join(path.Dir(p), file)
		if !m.tree.Has(target) {
			own["\x00open"] = "it extends a service of " + target + ", which is not in the repository"
			break
		}
		if !slices.Contains(m.files, target) {
			m.files = append(m.files, target)
		}
		for _, doc := range m.tree.nodes(target) {
			if s := doc.Get("services"); s.Get(base) != nil {
				below = m.service(s, base, target, path.Dir(target), seen)
			}
		}
	}
	if below == nil {
		return own
	}
	merged, err := override.ExtendService(below, own)
	if err != nil {
		m.tree.problem(p, reason(err))
		return own
	}
	return merged
}

// mark joins a text with its place; unmark takes them apart. Compose-go merges texts, so that the place travels in them.
func mark(at Place, text string) string {
	return "\x01" + at.Path + "\x01" + strconv.Itoa(at.Line) + "\x01" + text
}

func unmark(s string) (at Place, text string, ok bool) {
	parts := strings.SplitN(s, "\x01", 4)
	if len(parts) != 4 || parts[0] != "" {
		return Place{}, s, false
	}
	line, _ := strconv.Atoi(parts[2])
	return Place{parts[1], line}, parts[3], true
}

// bare marks a variable that Compose passes on from its own environment.
const bare = "\x02"

// reset marks a variable that an overlay takes away.
const reset = "\x03"

// fields are what matters of one service. Paths become relative to the repository's root.
func (m *model) fields(n *document.Node, p, dir string) map[string]any {
	out := map[string]any{}
	for _, f := range n.Pairs {
		v := f.Value
		if m.entries += len(v.Pairs) + len(v.Items); m.entries > maxEntries {
			m.tree.problem(p, "has more variables than are read")
			return out
		}
		switch f.Key {
		case "environment":
			var list []any
			for _, e := range v.Pairs {
				text := e.Value.Value
				switch {
				case e.Value.Tag == "!reset":
					text = reset
				case e.Value.Kind == document.Null:
					text = bare
				}
				list = append(list, e.Key+"="+mark(Place{p, e.Line}, text))
			}
			for _, e := range v.Items {
				name, value, ok := strings.Cut(e.Value, "=")
				if !ok {
					value = bare
				}
				list = append(list, name+"="+mark(Place{p, e.Line}, value))
			}
			out["environment"] = list
		case "env_file":
			out["env_file"] = envFiles(v, p, dir, f.Line)
		case "build":
			build := map[string]any{}
			context := v.Text("context")
			if v.Scalar() {
				context = v.Value
			}
			if context != "" && !remote(context) {
				build["context"] = path.Join(dir, context)
			}
			if d := v.Text("dockerfile"); d != "" {
				build["dockerfile"] = d
			}
			out["build"] = build
		case "image":
			out["image"] = v.Value
		case "secrets", "configs":
		default:
			continue
		}
		if v.Tag != "" {
			out["\x00"+f.Key] = v.Tag
		}
	}
	return out
}

// envFiles are the entries of env_file, each with its place and whether it has to be there.
func envFiles(v *document.Node, p, dir string, line int) []any {
	var list []any
	add := func(n *document.Node) {
		name, required := n.Value, "required"
		if !n.Scalar() {
			name = n.Text("path")
			if n.Text("required") == "false" {
				required = "optional"
			}
		}
		at := n.Line
		if at == 0 {
			at = line
		}
		switch {
		case name == "":
		case remote(name):
			list = append(list, mark(Place{p, at}, required+"\x01"+name))
		default:
			list = append(list, mark(Place{p, at}, required+"\x01"+path.Join(dir, name)))
		}
	}
	if v.Scalar() {
		add(v)
	}
	for _, n := range v.Items {
		add(n)
	}
	return list
}

// merge lays services over others by the rules of Compose, with !reset and !override.
func (m *model) merge(base map[string]any, p string, over map[string]any) map[string]any {
	for name, s := range over {
		service, ok := s.(map[string]any)
		if !ok {
			continue
		}
		below, ok := base[name].(map[string]any)
		if !ok {
			continue
		}
		for _, field := range []string{"environment", "env_file", "build", "image"} {
			if tag, ok := service["\x00"+field].(string); ok {
				delete(below, field)
				if tag == "!reset" {
					delete(service, field)
				}
			}
		}
		delete(service, "\x00at")
	}
	if len(base) == 0 {
		if over == nil {
			return base
		}
		return over
	}
	merged, err := override.Merge(map[string]any{"services": base}, map[string]any{"services": over})
	if err != nil {
		m.tree.problem(p, reason(err))
		return base
	}
	services, _ := merged["services"].(map[string]any)
	return services
}

// reason is an error of compose-go in one line and without what it quotes of values.
func reason(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\x01")
	return fmt.Sprintf("does not merge: %.80s", text)
}

// unit makes a service of a merged project.
func (m *model) unit(pr project, name string, service map[string]any, env map[string]Variable) Unit {
	u := Unit{Name: name, Kind: KindCompose, Environment: pr.environment, Root: pr.root, Files: slices.Clone(m.files), Variables: map[string]Variable{}}
	if at, ok := service["\x00at"].(string); ok {
		u.At, _, _ = unmark(at)
	}
	if image, ok := service["image"].(string); ok {
		u.Image = imageName(image)
	}
	if build, ok := service["build"].(map[string]any); ok {
		if context, ok := build["context"].(string); ok && !strings.Contains(context, "$") {
			u.Code = context
		}
	}
	if m.open != "" {
		u.open(m.open)
	}
	if why, ok := service["\x00open"].(string); ok {
		u.open(why)
	}
	lookup := func(n string) (Variable, bool) { v, ok := env[n]; return v, ok }
	files, _ := service["env_file"].([]any)
	for _, f := range files {
		m.envFile(&u, f, lookup)
	}
	list, _ := service["environment"].([]any)
	for _, e := range list {
		text, _ := e.(string)
		key, rest, _ := strings.Cut(text, "=")
		at, value, ok := unmark(rest)
		if !ok || !envName(key) {
			continue
		}
		if value == reset {
			delete(u.Variables, key)
			continue
		}
		if value != bare {
			u.Variables[key] = interpolate(value, at, lookup)
			continue
		}
		v, known := env[key]
		if !known {
			v = passed(at, key)
		}
		v.Via = append([]Place{at}, v.Via...)
		u.Variables[key] = v
	}
	return u
}

// envFile reads one env_file of a service; one that is not committed opens the unit.
func (m *model) envFile(u *Unit, entry any, lookup func(string) (Variable, bool)) {
	text, _ := entry.(string)
	at, rest, ok := unmark(text)
	if !ok {
		return
	}
	_, file, _ := strings.Cut(rest, "\x01")
	if strings.Contains(file, "$") {
		v := interpolate(file, at, lookup)
		if !v.Known() {
			u.open("its env_file depends on a variable")
			return
		}
		file = path.Clean(v.value)
	}
	lines, ok := m.tree.envFile(file)
	if !ok {
		u.open("its env_file " + file + " is not in the repository")
		return
	}
	if !slices.Contains(u.Files, file) {
		u.Files = append(u.Files, file)
	}
	for _, l := range lines {
		v := passed(Place{file, l.line}, l.name)
		if !l.bare {
			v = interpolate(l.value, Place{file, l.line}, lookup)
		}
		v.Via = []Place{at}
		u.Variables[l.name] = v
	}
}

// imageName is an image without tag and digest; what is interpolated in it stands as "$".
func imageName(image string) string {
	for {
		from := strings.Index(image, "${")
		if from < 0 {
			break
		}
		end := matching(image, from+2)
		if end < 0 {
			break
		}
		image = image[:from] + "$" + image[end+1:]
	}
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		image = image[:i]
	}
	return image
}

package environment

// The repository's own readers of flags, learnt from their definitions: functions that hand their argument to an SDK, to
// another such function, or look it up in a manifest or a registry.

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// flagReader is a function that evaluates the flag that it is given.
type flagReader struct {
	name, path, owner, kind string
	// served: it hands the key on to an SDK.
	served bool
	// key is the index of the argument with the flag's key.
	key int
}

var (
	flagWord     = lazy.New(`(?i)flag|feature|toggle|experiment|gate(d|way)?$|variation|rollout`)
	readerWords  = []string{"flags", "features", "toggles", "isEnabled", "is_enabled", "IsEnabled", "isFeatureEnabled", "feature_enabled", "get_boolean_value", "getBooleanValue", "BooleanValue", "BoolVariation", "boolVariation", "variation", "unleash", "Flipper", "posthog", "FLAGS", "FEATURES", "featureFlags", "feature_flags", "FeatureFlags", "IsEnabledAsync"}
	manifestPath = lazy.New(`(?i)[\w./@-]*[\w-]+\.(ya?ml|json|toml)$`)
	// flagModule are files about switches; a folder "features" holds parts of a program of any kind.
	flagModule = lazy.New(`(?i)(^|[/_.-])(flags?|toggles?|switches|feature[-_]?(flags?|toggles?)|features\.\w+$)([/_.-]|$)`)
	// writes are functions that change flags or replace them for a test; commandLine are the flags of programs.
	writes      = lazy.New(`^_*(?i:add|set|remove|delete|create|update|register|enable|disable|define|override|mock|stub|reset|toggle|parse|save|put|store|sync)(?:[A-Z_0-9!]|$)`)
	commandLine = lazy.New(`(?i)flag_?sets?$|^(FLAGS|flags)\.(Lookup|NArg)`)
	configFor   = lazy.New(`config_for\(\s*:(\w+)`)
)

// maxFlagBody is the length in bytes of a function past which it is no mere reader.
const maxFlagBody = 2500

// learn finds the readers, the manifests that they load and the registries in code that they look up.
func (f *flags) learn(paths []string) {
	naming, err := f.pass.Source.Naming(f.pass.Context, readerWords...)
	if err != nil {
		return
	}
	files := f.flagFiles(naming)
	for _, p := range files {
		f.learnFrom(p, paths, true)
	}
	for range 2 { // readers of readers
		var names []string
		for name := range f.readers {
			names = append(names, name)
		}
		if len(names) == 0 || len(names) > 40 || f.pass.Context.Err() != nil {
			return
		}
		slices.Sort(names)
		if naming, err = f.pass.Source.Naming(f.pass.Context, names...); err != nil {
			return
		}
		for _, p := range f.flagFiles(naming) {
			f.learnFrom(p, paths, false)
		}
	}
}

// flagFiles are the code files among those found, the ones whose paths speak of flags first, bounded.
func (f *flags) flagFiles(naming map[string][]string) []string {
	var list []string
	for _, paths := range naming {
		list = append(list, paths...)
	}
	slices.Sort(list)
	list = slices.DeleteFunc(slices.Compact(list), func(p string) bool { return !readable(p) })
	slices.SortStableFunc(list, func(a, b string) int { return speaks(a) - speaks(b) })
	return list[:min(len(list), maxDefinitions)]
}

func speaks(p string) int {
	if flagWord.MatchString(p) {
		return 0
	}
	return 1
}

func (f *flags) learnFrom(p string, paths []string, lookups bool) {
	file, err := f.pass.Source.Head(p)
	if err != nil || file == nil || len(file.Text) > 200_000 {
		return
	}
	sdk := sdkOf(file)
	asking := f.askingCalls(file, sdk)
	if len(asking) == 0 && (!lookups || !flagWord.Match(file.Text)) {
		return
	}
	for _, d := range file.Decls {
		if d.Kind != source.Function && d.Kind != source.Method || len(d.Params) == 0 || d.Body.End-d.Body.Start > maxFlagBody || d.Body.End > len(file.Text) || d.Body.End <= d.Body.Start || len(d.Name) < 2 || writes.MatchString(d.Name) {
			continue
		}
		for i, param := range d.Params[:min(len(d.Params), 3)] {
			if name := strings.TrimLeft(param.Name, "$&*"); name != "" && !notKeys[strings.ToLower(name)] {
				if kind, ok := evaluates(asking, d, name); ok {
					f.reads(flagReader{name: d.Name, path: p, owner: d.Receiver, kind: kind, key: i, served: true})
					break
				}
				if lookups && f.looksUp(file, d, name, paths) {
					f.reads(flagReader{name: d.Name, path: p, owner: d.Receiver, key: i})
					break
				}
			}
		}
	}
}

var notKeys = wordSet(`ctx context req request res next user actor client self cls this t default defaultvalue fallback value enabled`)

func (f *flags) reads(r flagReader) {
	for _, known := range f.readers[r.name] {
		if known.path == r.path && known.owner == r.owner {
			return
		}
	}
	f.readers[r.name] = append(f.readers[r.name], r)
	clear(f.uses)
	clear(f.known)
}

// askingCall is a call that evaluates a flag: by the argument at, or where that is -1 by one of the first two.
type askingCall struct {
	*source.Call
	kind string
	at   int
}

// askingCalls are a file's calls of SDKs and of readers that are known already.
func (f *flags) askingCalls(file *source.File, sdk string) []askingCall {
	var list []askingCall
	for _, c := range file.Calls {
		if r := f.readerOf(file, c); r != nil {
			list = append(list, askingCall{c, r.kind, r.key})
			continue
		}
		a, asks := askingOf(c.Name)
		if !asks {
			continue
		}
		speaks := flagReceiver.MatchString(c.Receiver) || f.importsClient(file, c.Receiver)
		if sdk == "" && !speaks || a.weak && (!speaks || a.bare) && !f.fromSDK(file, c) {
			continue
		}
		call := askingCall{c, "", -1}
		if typedName(c.Name, sdk) {
			call.kind = a.kind
		}
		list = append(list, call)
	}
	return list
}

// evaluates says whether a function hands a parameter on as the key of a flag, and the type that it then asks for.
func evaluates(asking []askingCall, d *source.Decl, param string) (kind string, ok bool) {
	for _, c := range asking {
		if c.Span.Start < d.Body.Start || c.Span.End > d.Body.End || c.Name == d.Name && c.at >= 0 {
			continue
		}
		for i, a := range c.Args {
			if (c.at < 0 && i < 2 || i == c.at || a.Keyword != "" && slices.Contains(keyWords, a.Keyword)) && passes(a.Text, param) {
				return c.kind, true
			}
		}
	}
	return "", false
}

// passes says whether an argument is the parameter, converted or as the key of an object.
func passes(text, param string) bool {
	text = strings.TrimLeft(strings.TrimSpace(text), "$&*")
	if m := conversion.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	for _, end := range []string{".value", ".to_s", ".to_sym", ".as_str()", ".toString()", ".key", ".name", "!!", "!"} {
		text = strings.TrimSuffix(text, end)
	}
	if text == param {
		return true
	}
	return strings.HasPrefix(text, "{") && regexp.MustCompile(`(?i)\b(flagKey|flag_key|key)\s*:\s*`+regexp.QuoteMeta(param)+`\b`).MatchString(text)
}

// looksUp says whether a function looks a parameter up among flags, and notes where those come from.
func (f *flags) looksUp(file *source.File, d *source.Decl, param string, paths []string) bool {
	body := string(file.Text[d.Body.Start:d.Body.End])
	if !strings.Contains(body, param) || !strings.ContainsAny(body, "[.") && !strings.Contains(body, " in ") || !flagWord.MatchString(body) && !flagModule.MatchString(file.Path) {
		return false
	}
	quoted := regexp.QuoteMeta(param)
	found := regexp.MustCompile(`([\w.$@]+?)(?:\?\.|!)?(?:\.(?:get|fetch|has|includes|contains|Contains|ContainsKey|TryGetValue|getOrDefault|key\?|dig|include\?)\(|\[)\s*(?:string\(|String\()?\$?` + quoted + `\b|\$?` + quoted + `\s+in\s+([\w.]+)`).FindStringSubmatch(body)
	if found == nil {
		return false
	}
	from := found[1] + found[2]
	name := strings.TrimLeft(from[strings.LastIndexByte(from, '.')+1:], "$@_")
	if !flagWord.MatchString(name) && !flagModule.MatchString(file.Path) || commandLine.MatchString(name) || strings.Contains(strings.ToLower(from), "environ") || strings.HasSuffix(from, ".env") || name == "ENV" {
		return false
	}
	return f.sources(file, name, paths) || flagWord.MatchString(name) && (flagWord.MatchString(d.Name) || flagModule.MatchString(file.Path))
}

// sources notes the manifests and registries behind a name of a file.
func (f *flags) sources(file *source.File, name string, paths []string) bool {
	if m := registryOf(file, name, f); m != nil {
		f.registries[file.Path+"#"+name] = m
		return true
	}
	found := false
	note := func(spelt string) {
		spelt = strings.TrimLeft(spelt, "./@~")
		for _, p := range paths {
			if spelt != "" && (p == spelt || strings.HasSuffix(p, "/"+spelt)) && !aside(p) && !toolNames.MatchString(path.Base(p)) {
				f.learned[p], found = true, true
			}
		}
	}
	for _, i := range file.Imports {
		if !manifestPath.MatchString(i.Path) {
			continue
		}
		if spelt := path.Join(path.Dir(file.Path), i.Path); slices.Contains(paths, spelt) {
			f.learned[spelt], found = true, true
			continue
		}
		note(i.Path)
	}
	for _, i := range file.Imports {
		for _, n := range i.Names {
			if n.Name != name && n.Alias != name || !strings.ContainsAny(i.Path, "./@~") && file.Lang != source.Python {
				continue
			}
			found = f.registryElsewhere(file, n.Name) || found
		}
	}
	for _, s := range file.Strings {
		if !s.Interpolated && len(s.Value) < 200 && manifestPath.MatchString(s.Value) && (flagWord.MatchString(s.Value) || flagModule.MatchString(file.Path)) {
			note(s.Value)
		}
	}
	if m := configFor.FindStringSubmatch(string(file.Text)); m != nil {
		note("config/" + m[1] + ".yml")
	}
	return found
}

func (f *flags) registryElsewhere(file *source.File, name string) bool {
	naming, err := f.pass.Source.Naming(f.pass.Context, name)
	if err != nil {
		return false
	}
	for _, p := range naming[name][:min(len(naming[name]), 30)] {
		if !readable(p) || p == file.Path {
			continue
		}
		if other, err := f.pass.Source.Head(p); err == nil && other != nil && other.Lang == file.Lang {
			if m := registryOf(other, name, f); m != nil {
				f.registries[p+"#"+name] = m
				return true
			}
		}
	}
	return false
}

// registryOf reads an object of code as a manifest: keys to switches or definitions. Nil where it is none, or where it
// takes keys over from elsewhere.
func registryOf(file *source.File, name string, f *flags) *manifest {
	for _, o := range file.Objects {
		if o.Name != name || len(o.Keys) == 0 || o.Spread {
			continue
		}
		if o.In != nil && (o.In.Kind == source.Function || o.In.Kind == source.Method) {
			continue
		}
		m := &manifest{path: file.Path, format: "code", complete: true, flags: map[string]*flag{}}
		for _, k := range o.Keys {
			key := strings.Trim(k.Name, "\"'`")
			if file.Lang == source.Go || strings.ContainsAny(key, "[].") || strings.HasPrefix(key, ":") {
				if v := f.resolve(file, strings.Trim(key, "[]")); v != "" {
					key = v
				}
			}
			if !flagKey.MatchString(key) {
				return nil
			}
			d := &flag{key: key, line: k.Span.Line, shape: k.Value, operational: operational.MatchString(key)}
			value := k.Value
			if k.Child != nil {
				value = ""
				for _, below := range k.Child.Keys {
					if slices.Contains([]string{"default", "enabled", "defaultValue", "Default", "Enabled", "value"}, below.Name) {
						value = below.Value
					}
					d.operational = d.operational || strings.EqualFold(below.Name, "description") && operational.MatchString(below.Value)
				}
			}
			switch strings.ToLower(value) {
			case "true", "false":
				d.kind, d.on, d.off = "boolean", strings.EqualFold(value, "true"), strings.EqualFold(value, "false")
			}
			m.flags[key] = d
		}
		return m
	}
	return nil
}

// readerOf is the reader that a call calls, nil when it is another function of the name.
func (f *flags) readerOf(file *source.File, c *source.Call) *flagReader {
	for i := range f.readers[c.Name] {
		r := &f.readers[c.Name][i]
		switch {
		case len(c.Args) == 0, source.LanguageOf(r.path) != file.Lang && (!isScript(r.path) || !isScript(file.Path)):
		case file.Path == r.path, flagWord.MatchString(r.name), flagReceiver.MatchString(c.Receiver), f.imports(file, c, r):
			return r
		}
	}
	return nil
}

func isScript(p string) bool {
	l := source.LanguageOf(p)
	return l == source.TypeScript || l == source.JavaScript
}

// imports says whether a call's function, or the package or class before it, comes from the reader's file.
func (f *flags) imports(file *source.File, c *source.Call, r *flagReader) bool {
	last := c.Receiver[strings.LastIndexAny(c.Receiver, ".:>")+1:]
	if last != "" && last == r.owner {
		return true
	}
	module := strings.TrimSuffix(path.Base(r.path), path.Ext(r.path))
	if module == "index" || module == "__init__" || file.Lang == source.Go {
		module = path.Base(path.Dir(r.path))
	}
	for _, i := range file.Imports {
		end := i.Path[strings.LastIndexAny(i.Path, "/.")+1:]
		if end != module {
			continue
		}
		if c.Receiver == "" && slices.ContainsFunc(i.Names, func(n source.ImportedName) bool { return n.Name == c.Name || n.Alias == c.Name }) {
			return true
		}
		if last != "" && (last == end || last == i.Alias || slices.ContainsFunc(i.Names, func(n source.ImportedName) bool { return n.Name == last || n.Alias == last })) {
			return true
		}
	}
	return c.Receiver == "" && path.Dir(file.Path) == path.Dir(r.path) && file.Lang == source.Go
}

package environment

// Flags that a program registers itself, at its start or in a migration: Laravel Pennant's define, Flipper's add, django-waffle's rows.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/document"
)

// registrar is how one library's flags come to be.
type registrar struct {
	// word stands in the files that register; lang is their language.
	word string
	lang source.Language
	// receiver and calls tell the calls; keyword is the argument with the key, empty for the first one.
	receiver *lazy.Regexp
	calls    map[string]bool
	keyword  string
	// lists: keys stand in lists that such a call is given one by one.
	lists *lazy.Regexp
}

var registrars = []registrar{
	{word: "Pennant", lang: source.PHP, receiver: lazy.New(`(^|\\)Feature$`), calls: wordSet("define")},
	{word: "Flipper", lang: source.Ruby, receiver: lazy.New(`^Flipper$`), calls: wordSet("add"), lists: lazy.New(`%[iIwW]\[([^\]]*)\]|\[((?:\s*:\w+\s*,?)+)\]`)},
	{word: "waffle", lang: source.Python, receiver: lazy.New(`(Flag|Switch|Sample)\w*["']?\)?\.objects$|(?i)^(flag|switch|sample)\w*\.objects$`), calls: wordSet("create get_or_create update_or_create"), keyword: "name"},
}

var registeredName = lazy.New(`[\w.:-]+`)

// registered are the flags that one file registers, nil without any.
func registered(file *source.File) *manifest {
	m := &manifest{path: file.Path, format: "registered", flags: map[string]*flag{}}
	put := func(key string, line int) {
		key = strings.TrimLeft(key, ":")
		if flagKey.MatchString(key) && m.flags[key] == nil {
			m.flags[key] = &flag{key: key, line: line, kind: "boolean", operational: operational.MatchString(key), shape: key}
		}
	}
	text := string(file.Text)
	for _, r := range registrars {
		if file.Lang != r.lang || !strings.Contains(text, r.word) {
			continue
		}
		for _, c := range file.Calls {
			if !r.calls[c.Name] || !r.receiver.MatchString(c.Receiver) || len(c.Args) == 0 {
				continue
			}
			arg := c.Args[0]
			if r.keyword != "" {
				i := slices.IndexFunc(c.Args, func(a source.Arg) bool { return a.Keyword == r.keyword })
				if i < 0 {
					continue
				}
				arg = c.Args[i]
			}
			switch {
			case arg.IsString || strings.HasPrefix(arg.Text, ":"):
				put(strings.Trim(arg.Text, "\"':"), c.Span.Line)
			case r.lists != nil:
				for _, list := range r.lists.FindAllStringSubmatchIndex(text, 40) {
					line := 1 + strings.Count(text[:list[0]], "\n")
					for _, key := range registeredName.FindAllString(text[max(list[2], list[4]):max(list[3], list[5])], 200) {
						put(key, line)
					}
				}
			}
		}
	}
	if len(m.flags) == 0 {
		return nil
	}
	return m
}

// registeredFlags adds what the files of both sides register.
func (f *flags) registeredFlags() {
	var words []string
	for _, r := range registrars {
		words = append(words, r.word)
	}
	naming, err := f.pass.Source.Naming(f.pass.Context, words...)
	if err != nil {
		return
	}
	var paths []string
	for _, list := range naming {
		paths = append(paths, list...)
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	for _, p := range paths[:min(len(paths), 4*maxDefinitions)] {
		if aside(p) || source.LanguageOf(p) == "" {
			continue
		}
		if file, err := f.pass.Source.Head(p); err == nil && file != nil {
			if m := registered(file); m != nil {
				f.now = append(f.now, m)
			}
			f.registeredList(file)
		}
	}
	for _, changed := range f.pass.Branch.Files {
		p := changed.Path
		if changed.OldPath != "" {
			p = changed.OldPath
		}
		if aside(p) || source.LanguageOf(p) == "" || changed.TooLarge {
			continue
		}
		if text, err := changed.Before(); err != nil || !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(string(text), w) }) {
			continue
		}
		if file, err := f.pass.Source.Base(p); err == nil && file != nil {
			if m := registered(file); m != nil {
				f.before = append(f.before, m)
			}
		}
	}
}

// configList is a list in a file of Rails' config folder: the file's name, then the key.
var configList = lazy.New(`config_for\(\s*:(\w+)\s*\)(?:\[:(\w+)\]|\.(?:fetch\(:)?(\w+))`)

// registeredList adds the flags of both sides that a file of Rails registers one by one from a list in the config folder.
func (f *flags) registeredList(file *source.File) {
	if file.Lang != source.Ruby || !slices.ContainsFunc(file.Calls, func(c *source.Call) bool {
		return c.Receiver == "Flipper" && c.Name == "add" && len(c.Args) == 1 && flagVariable.MatchString(c.Args[0].Text)
	}) {
		return
	}
	for _, m := range configList.FindAllStringSubmatch(string(file.Text), 5) {
		p := "config/" + m[1] + ".yml"
		if text, err := f.pass.Branch.ReadHead(p); err == nil {
			f.now = append(f.now, listedFlags(p, text, m[2]+m[3])...)
		}
		if f.pass.Branch.File(p) != nil {
			if text, err := f.pass.Branch.ReadBase(p); err == nil {
				f.before = append(f.before, listedFlags(p, text, m[2]+m[3])...)
			}
		}
	}
}

// flagVariable is an argument that is a variable, no text and no symbol.
var flagVariable = lazy.New(`^[a-z_]\w*$`)

// listedFlags are the names of a list of all environments; a list that an environment has of its own is not judged.
func listedFlags(p string, text []byte, key string) []*manifest {
	docs, err := readDocuments(p, text)
	if err != nil || len(docs) != 1 || docs[0] == nil {
		return nil
	}
	m := &manifest{path: p, format: "registered", flags: map[string]*flag{}}
	for _, section := range docs[0].Pairs {
		list := section.Value.Get(key)
		if list == nil {
			continue
		}
		if section.Key != "shared" && section.Key != "default" || list.Kind != "list" {
			return nil
		}
		for _, item := range list.Items {
			if name := item.Value; item.Kind == "string" && flagKey.MatchString(name) && m.flags[name] == nil {
				m.flags[name] = &flag{key: name, line: item.Line, kind: "boolean", operational: operational.MatchString(name), shape: name}
			}
		}
	}
	if len(m.flags) == 0 {
		return nil
	}
	return []*manifest{m}
}

// registersOnly says whether all definitions are registrations, beside which others may be made by hand.
func (f *flags) registersOnly() bool {
	return !slices.ContainsFunc(f.now, func(m *manifest) bool { return m.format != "registered" })
}

// waffleManifest reads a fixture of django-waffle: rows of flags, switches and samples.
func waffleManifest(doc *document.Node) *manifest {
	m := &manifest{format: "waffle", flags: map[string]*flag{}}
	for _, item := range doc.Items {
		model := item.Text("model")
		if model != "waffle.flag" && model != "waffle.switch" && model != "waffle.sample" {
			continue
		}
		name := item.Get("fields", "name")
		if name == nil {
			continue
		}
		m.add(name.Value, name.Line, item.Get("fields"), func(d *flag, n *document.Node) {
			d.kind = "boolean"
			d.on = n.Text("everyone") == "true" || n.Text("active") == "true"
			d.off = n.Text("everyone") == "false" || n.Text("active") == "false"
		})
	}
	if len(m.flags) == 0 {
		return nil
	}
	return m
}
